//! Branches: pages that hold nothing but references to other pages, for collections that find their
//! pages by number or position. A reference is an entry of a constant width that begins with the
//! page's number, or 0.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE};

/// Bytes in front of the entries.
pub const BRANCH_HEADER: usize = size_of::<BranchHeader>();

/// Bytes for entries.
pub const BRANCH_ROOM: usize = PAGE_SIZE - BRANCH_HEADER;

/// The header of branches and arrays. Kind, level, owner and link have the offsets that they have
/// in nodes, so that a tree of any kinds of pages can be taken apart.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct BranchHeader {
    /// [`Kind::Branch`] or [`Kind::Array`].
    pub kind: u8,
    /// 0 for arrays; branches are one above their children.
    pub level: u8,
    /// Entries of a branch; the index in the registry of the layout of an array's values.
    pub count: U16,
    /// Bytes of an entry or value.
    pub width: U16,
    /// Zero.
    pub reserved: [u8; 6],
    /// The page of the root that the page belongs to.
    pub owner: U32,
    /// Zero.
    pub unused: [u8; 8],
    /// In a tree that waits to be taken apart: the next page of that list.
    pub link: U32,
    /// Zero.
    pub last: U32,
}

impl BranchHeader {
    /// That of a new page.
    #[must_use]
    pub fn new(kind: Kind, level: u8, count: u16, width: u16, owner: u32) -> Self {
        BranchHeader {
            kind: kind as u8,
            level,
            count: count.into(),
            width: width.into(),
            reserved: [0; 6],
            owner: owner.into(),
            unused: [0; 8],
            link: 0.into(),
            last: 0.into(),
        }
    }
}

const _: () = assert!(BRANCH_HEADER == 32);
