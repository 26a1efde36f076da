//! The header of tree nodes and their slots.
//!
//! A node is a header, then an array of slots that grows upwards, and cells that grow downwards
//! from the end of the page. A slot is the place of a cell, in order of the keys, with two bits
//! that say in which of the page's layouts the value was written, and one that says whether the
//! cell begins with the number of a page that it owns.

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE, PageBytes};

/// Bytes in front of the slots.
pub const HEADER_SIZE: usize = size_of::<NodeHeader>();

/// Bytes of a header up to the owner: all that changes when entries come and go.
pub const HEADER_COUNTS: usize = 12;

/// Offset of [`NodeHeader::owner`].
pub(super) const OWNER_AT: usize = HEADER_COUNTS;

/// Offset of [`NodeHeader::link`].
pub(super) const LINK_AT: usize = 24;

/// Offset of [`NodeHeader::next`].
pub(super) const NEXT_AT: usize = 28;

/// Layouts that the values of one page may be in at the same time.
pub const PAGE_LAYOUTS: usize = 4;

/// A place in [`NodeHeader::layouts`] that is not used.
pub const NO_LAYOUT: u16 = 0xffff;

/// The header of a node.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct NodeHeader {
    /// [`Kind::Node`] or [`Kind::Bucket`].
    pub kind: u8,
    /// 0 for leaves; inner nodes are one above their children.
    pub level: u8,
    /// Slots.
    pub count: U16,
    /// Offset of the lowest cell; 4,096 if there is none.
    pub cells: U16,
    /// Bytes of cells that were freed.
    pub fragmented: U16,
    /// The first freed cell, or 0.
    pub freeblock: U16,
    /// Slots whose cells own a page.
    pub overflows: U16,
    /// The page of the root that the node belongs to.
    pub owner: U32,
    /// Indices in the registry: the layouts of this page's values.
    pub layouts: [U16; PAGE_LAYOUTS],
    /// In a tree that waits to be taken apart: the next node of that list.
    pub link: U32,
    /// In a bucket: the next one of the same hashes, or 0. Zero in a node.
    pub next: U32,
}

impl NodeHeader {
    /// The header of a node.
    #[must_use]
    #[inline(always)]
    pub fn of(page: &PageBytes) -> &NodeHeader {
        let Some((header, _)) = page.split_first_chunk::<HEADER_SIZE>() else { unreachable!() };
        zerocopy::transmute_ref!(header)
    }

    /// Returns the header of a node, to be changed.
    #[must_use]
    #[inline(always)]
    pub fn of_mut(page: &mut PageBytes) -> &mut NodeHeader {
        let Some((header, _)) = page.split_first_chunk_mut::<HEADER_SIZE>() else { unreachable!() };
        zerocopy::transmute_mut!(header)
    }

    /// An empty node.
    #[must_use]
    pub fn new(level: u8, owner: u32) -> Self {
        NodeHeader {
            kind: Kind::Node as u8,
            level,
            count: 0.into(),
            cells: (PAGE_SIZE as u16).into(),
            fragmented: 0.into(),
            freeblock: 0.into(),
            overflows: 0.into(),
            owner: owner.into(),
            layouts: [NO_LAYOUT.into(); PAGE_LAYOUTS],
            link: 0.into(),
            next: 0.into(),
        }
    }
}

/// The offset of a cell, the tag of its layout, and a bit that says whether it owns a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub u16);

impl Slot {
    const PLACE: u16 = 0x0fff;
    const OWNS: u16 = 0x4000;

    /// A slot for the cell at `place`, whose value is in layout `tag` of the page.
    #[must_use]
    #[inline]
    pub const fn new(place: usize, tag: usize, owns: bool) -> Slot {
        Slot(place as u16 | (tag as u16) << 12 | if owns { Slot::OWNS } else { 0 })
    }

    /// Offset of the cell in the page.
    #[must_use]
    #[inline]
    pub const fn place(self) -> usize {
        (self.0 & Slot::PLACE) as usize
    }

    /// Position of the value's layout in [`NodeHeader::layouts`].
    #[must_use]
    #[inline]
    pub const fn tag(self) -> usize {
        (self.0 >> 12 & 3) as usize
    }

    /// Returns whether the cell begins with the number of a page that it owns.
    #[must_use]
    #[inline]
    pub const fn owns(self) -> bool {
        self.0 & Slot::OWNS != 0
    }

    /// The slot at `index` of a page.
    #[must_use]
    #[inline(always)]
    pub fn at(page: &PageBytes, index: usize) -> Option<Slot> {
        let (slots, _) = page[HEADER_SIZE..].as_chunks();
        slots.get(index).map(|slot| Slot(u16::from_le_bytes(*slot)))
    }
}
