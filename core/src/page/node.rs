//! The header of tree nodes and their slots.
//!
//! A node is a header, then an array of slots that grows upwards, and cells that grow downwards
//! from the end of the page. The slots are in the order of the keys. A slot is the offset of a
//! cell, two bits that select one of the page's layouts for the value, and a bit that is set if the
//! cell begins with the number of a page that it owns.
//!
//! A leaf whose cells all have one length may have a table instead of slots. Collections know its
//! form; its cells own no pages.

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber, StoredLayout, StoredPage};

/// The number of bytes before the slots.
pub const HEADER_SIZE: usize = size_of::<NodeHeader>();

/// The number of header bytes before the owner. Only these change with the entries.
pub const HEADER_COUNTS: usize = 12;

/// The offset of [`NodeHeader::owner`].
pub(super) const OWNER_AT: usize = HEADER_COUNTS;

/// The offset of [`NodeHeader::link`].
pub(super) const LINK_AT: usize = 24;

/// The offset of [`NodeHeader::next`].
pub(super) const NEXT_AT: usize = 28;

/// The number of layouts that the values of one page may have at the same time.
pub const PAGE_LAYOUTS: usize = 4;

/// The header of a node.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct NodeHeader {
    /// [`Kind::Node`] or [`Kind::Bucket`].
    pub kind: u8,
    /// 0 for leaves. Inner nodes are one above their children.
    pub level: u8,
    /// The number of slots.
    pub count: U16,
    /// The offset of the lowest cell, or 4,096 if there is none.
    pub cells: U16,
    /// The number of bytes of freed cells.
    pub fragmented: U16,
    /// The offset of the first freed cell, or 0.
    pub freeblock: U16,
    /// The number of slots whose cells own a page.
    pub overflows: U16,
    /// The page of the root that the node belongs to.
    pub owner: StoredPage,
    /// The layouts of this page's values, by their index in the registry.
    pub layouts: [StoredLayout; PAGE_LAYOUTS],
    /// The next page in the list of detached trees, if the node is in it.
    pub link: StoredPage,
    /// In a bucket, the next one for the same hashes, or 0. In a node, the length of its cells if
    /// it is a leaf of fixed cells, else 0.
    pub next: StoredPage,
}

impl NodeHeader {
    /// Returns the header of a node.
    #[must_use]
    #[inline(always)]
    #[expect(clippy::unreachable, reason = "a page is longer than a header")]
    pub fn of(page: &PageBytes) -> &NodeHeader {
        let Some((header, _)) = page.split_first_chunk::<HEADER_SIZE>() else { unreachable!() };
        zerocopy::transmute_ref!(header)
    }

    /// Returns the header of a node for changes.
    #[must_use]
    #[inline(always)]
    #[expect(clippy::unreachable, reason = "a page is longer than a header")]
    pub fn of_mut(page: &mut PageBytes) -> &mut NodeHeader {
        let Some((header, _)) = page.split_first_chunk_mut::<HEADER_SIZE>() else { unreachable!() };
        zerocopy::transmute_mut!(header)
    }

    /// Returns the layout of the value in a slot, by its index in the registry.
    #[must_use]
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a tag has two bits, and there are four layouts")]
    pub const fn layout_of(&self, slot: Slot) -> LayoutId {
        self.layouts[slot.tag()].get()
    }

    /// Returns the length of the cells of a node if it is a leaf of fixed cells, else 0.
    #[must_use]
    #[inline(always)]
    pub const fn cell_len(&self) -> usize {
        self.next.get().get() as usize
    }

    /// Returns the header of an empty leaf of fixed cells. `cells` is the offset of the last one.
    #[must_use]
    pub fn fixed(owner: PageNumber, layout: LayoutId, cell_len: usize, cells: usize) -> Self {
        let mut header = NodeHeader::new(0, owner);
        header.layouts[0] = layout.into();
        header.next = PageNumber::new(cell_len as u32).into();
        header.cells = (cells as u16).into();
        header
    }

    /// Returns the header of an empty node.
    #[must_use]
    pub fn new(level: u8, owner: PageNumber) -> Self {
        NodeHeader {
            kind: Kind::Node as u8,
            level,
            count: 0.into(),
            cells: (PAGE_SIZE as u16).into(),
            fragmented: 0.into(),
            freeblock: 0.into(),
            overflows: 0.into(),
            owner: owner.into(),
            layouts: [LayoutId::NONE.into(); PAGE_LAYOUTS],
            link: StoredPage::default(),
            next: StoredPage::default(),
        }
    }
}

/// The offset of a cell, the tag of its layout, and a bit that is set if it owns a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(pub u16);

impl Slot {
    const PLACE: u16 = 0x0fff;
    const OWNS: u16 = 0x4000;

    /// Returns the slot for the cell at offset `place`, whose value is in layout `tag` of the page.
    #[must_use]
    #[inline]
    pub const fn new(place: usize, tag: usize, owns: bool) -> Slot {
        Slot(place as u16 | (tag as u16) << 12 | if owns { Slot::OWNS } else { 0 })
    }

    /// Returns the offset of the cell in the page.
    #[must_use]
    #[inline]
    pub const fn place(self) -> usize {
        (self.0 & Slot::PLACE) as usize
    }

    /// Returns the position of the value's layout in [`NodeHeader::layouts`].
    #[must_use]
    #[inline]
    pub const fn tag(self) -> usize {
        (self.0 >> 12 & 3) as usize
    }

    /// Returns `true` if the cell begins with the number of a page that it owns.
    #[must_use]
    #[inline]
    pub const fn owns(self) -> bool {
        self.0 & Slot::OWNS != 0
    }

    /// Returns the slot at `index` of a page, or `None` if it is outside of the page.
    #[must_use]
    #[inline(always)]
    pub fn at(page: &PageBytes, index: usize) -> Option<Slot> {
        let (slots, _) = page[HEADER_SIZE..].as_chunks();
        slots.get(index).map(|slot| Slot(u16::from_le_bytes(*slot)))
    }
}
