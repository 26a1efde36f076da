//! Branches: pages of references to other pages, for collections that find their pages by number or
//! position. A reference is an entry of a constant width that begins with the page's number, or 0.

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE, PageNumber, StoredPage};

/// The number of bytes before the entries.
pub const BRANCH_HEADER: usize = size_of::<BranchHeader>();

/// The number of bytes for entries.
pub const BRANCH_ROOM: usize = PAGE_SIZE - BRANCH_HEADER;

/// The header of branches and arrays. Kind, level, owner and link have the same offsets as in
/// nodes, so that a tree of any kinds of pages can be reclaimed.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct BranchHeader {
    /// [`Kind::Branch`] or [`Kind::Array`].
    pub kind: u8,
    /// 0 for arrays. Branches are one above their children.
    pub level: u8,
    /// The number of entries of a branch, or the registry index of the layout of an array's values.
    pub count: U16,
    /// The size of an entry or value in bytes.
    pub width: U16,
    /// Zero.
    pub reserved: [u8; 6],
    /// The page of the root that the page belongs to.
    pub owner: StoredPage,
    /// Zero.
    pub unused: [u8; 8],
    /// The next page in the list of detached trees, if the page is in it.
    pub link: StoredPage,
    /// Zero.
    pub last: StoredPage,
}

impl BranchHeader {
    /// Returns the header of a new page.
    #[must_use]
    pub fn new(kind: Kind, level: u8, count: u16, width: u16, owner: PageNumber) -> Self {
        BranchHeader {
            kind: kind as u8,
            level,
            count: count.into(),
            width: width.into(),
            reserved: [0; 6],
            owner: owner.into(),
            unused: [0; 8],
            link: StoredPage::default(),
            last: StoredPage::default(),
        }
    }
}

const _: () = assert!(BRANCH_HEADER == 32);
