//! A page of a bucket: the layout of its table and cells, its entries on the heap, and the packing
//! of entries into as many pages as they need.
//!
//! ```text
//! fixed    header | groups of control bytes   ...   cells, one after another from the page's end
//! slotted  header | slots | groups of control bytes   gap | cells and freeblocks
//! ```
//! A page is fixed if all cells that it can hold have one size: key and value of constant sizes, in
//! one layout. All other pages are slotted.

use std::borrow::Cow;
use std::ops::Range;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, PAGE_LAYOUTS, Slot};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber, StoredLayout};
use graven_core::simd;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::FromBytes;

use crate::engine::cell::{CellFormat, CellHead, Form, MAX_CELL, MIN_CELL, ROOM, SLOT, Sizes};
use crate::engine::fixed::group;
use crate::engine::fixed::group::{FREE, STRIDE, control_byte_at, most_places};
use crate::engine::fixed::{FixedBuilder, FixedCells, SlotTable, fixed_cell};
use crate::engine::hash::table::Table;

/// The most bytes that the entries of two buckets may take together for a merge. As many again have
/// to be inserted before the merged bucket is split.
pub(crate) const FULL: usize = ROOM / 2;

/// Offset of the next page's number in a page's header.
pub(crate) const NEXT_AT: usize = 28;

/// The layout of a page's table: its slots and cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BucketLayout {
    /// The number of slots.
    pub(crate) places: usize,
    /// The bytes of each cell, if the page is fixed.
    pub(crate) cell: Option<usize>,
}

impl BucketLayout {
    /// Returns the offset of the first control byte.
    #[inline(always)]
    pub(crate) const fn marks(self) -> usize {
        HEADER_SIZE + if self.cell.is_some() { 0 } else { SLOT * self.places }
    }

    /// Returns the offset of the control byte of a slot.
    #[inline(always)]
    pub(crate) const fn control_byte(self, index: usize) -> usize {
        self.marks() + control_byte_at(index)
    }

    /// Returns the table of control bytes.
    #[inline(always)]
    pub(crate) const fn table(self) -> SlotTable {
        SlotTable { at: self.marks(), places: self.places }
    }

    /// Returns the offset of the first byte after the table.
    #[inline(always)]
    pub(crate) const fn end(self) -> usize {
        self.table().end()
    }
}

/// Returns the cell size of the current layout, if it is constant and values are inline.
#[inline(always)]
pub(crate) const fn fixed_len(sizes: Sizes) -> Option<usize> {
    match (sizes.key, sizes.value) {
        (Some(key), Some(value)) if key + value <= MAX_CELL => {
            Some(if key + value > MIN_CELL { key + value } else { MIN_CELL })
        }
        _ => None,
    }
}

/// Returns the number of slots of a fixed page.
#[inline(always)]
pub(crate) const fn fixed_slots(len: usize) -> usize {
    most_places(ROOM, len)
}

/// Returns the bytes of a table with the given number of slots.
const fn table_len(places: usize, is_fixed: bool) -> usize {
    STRIDE * group::groups(places) + if is_fixed { 0 } else { SLOT * places }
}

/// Returns the format of a cell with a value of the current layout.
#[inline(always)]
pub(crate) fn new_format(sizes: Sizes, key: usize, value: usize) -> CellFormat {
    let inline = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
    if inline.len(key, value) <= MAX_CELL {
        inline
    } else {
        CellFormat { key_size: sizes.key, form: Form::Overflow }
    }
}

/// An entry, with the layout and the overflow flag of its slot.
#[derive(Debug, Clone)]
pub(crate) struct OwnedEntry<'a> {
    pub(crate) hash: u64,
    pub(crate) cell: Cow<'a, [u8]>,
    /// Index of the value's layout in the registry.
    pub(crate) layout: LayoutId,
    pub(crate) owns: bool,
}

/// A page that was read to the heap.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) page: PageNumber,
    pub(crate) header: NodeHeader,
    pub(crate) layout: BucketLayout,
    pub(crate) bytes: Box<PageBytes>,
}

/// A page to be written, complete except for the number of the next page.
pub(crate) struct BuiltPage {
    pub(crate) header: NodeHeader,
    pub(crate) layout: BucketLayout,
    pub(crate) bytes: Box<PageBytes>,
}

/// Returns the layouts that a page lists.
pub(crate) fn listed(header: &NodeHeader) -> impl Iterator<Item = LayoutId> + use<> {
    header.layouts.map(StoredLayout::get).into_iter().filter(|layout| *layout != LayoutId::NONE)
}

impl<M: Memory> Table<M> {
    /// Checks the header of a bucket's page. Returns it with the layout of the page's table.
    pub(crate) fn layout(&self, page: PageNumber, head: &[u8]) -> Result<(NodeHeader, BucketLayout)> {
        let header =
            NodeHeader::read_from_prefix(head).map_err(|_| self.root.damaged(page, Damage::BeyondEnd))?.0;
        if header.kind != Kind::Bucket as u8 || header.owner.get() != self.root.page() || header.level != 0 {
            return Err(self.root.damaged(page, Damage::DirectoryMismatch));
        }
        let layout = match header.count.get() {
            0 => self.fixed_layout(page, &header)?,
            count => BucketLayout { places: count.into(), cell: None },
        };
        let cells = layout.cell.unwrap_or_default() * layout.places;
        if layout.places == 0 || layout.end() + cells > PAGE_SIZE {
            return Err(self.root.damaged(page, Damage::TableSize));
        }
        Ok((header, layout))
    }

    /// Returns `true` if the header of a page confirms that the page may be cached: it is fixed, of
    /// the current layout, of full size and not linked to another one.
    pub(crate) fn is_cacheable(&self, header: &NodeHeader, layout: BucketLayout) -> bool {
        let expected = FixedCells::of_bucket(self.sizes).map(FixedCells::layout);
        let is_current = header.layouts[0].get() == self.root.current();
        expected == Some(layout) && is_current && header.next.get().is_none()
    }

    fn fixed_layout(&self, page: PageNumber, header: &NodeHeader) -> Result<BucketLayout> {
        let value = self.root.size_of(header.layouts[0].get(), page)?;
        let len = fixed_len(Sizes { key: self.sizes.key, value });
        let len = len.ok_or_else(|| self.root.damaged(page, Damage::TableSize))?;
        let cells = PAGE_SIZE.saturating_sub(header.cells.get().into());
        Ok(BucketLayout { places: cells / len, cell: Some(len) })
    }

    pub(crate) fn load(&self, page: PageNumber) -> Result<Loaded> {
        self.load_into(page, Box::new([0; PAGE_SIZE]))
    }

    /// Reads a page into an existing buffer, and checks its header.
    pub(crate) fn load_into(&self, page: PageNumber, mut bytes: Box<PageBytes>) -> Result<Loaded> {
        self.root.pager().read(page, 0, bytes.as_mut_slice())?;
        let (header, layout) = self.layout(page, &bytes[..])?;
        Ok(Loaded { page, header, layout, bytes })
    }

    /// Returns the format of a cell.
    #[inline(always)]
    pub(crate) fn format(&self, sizes: Sizes, owns: bool, layout: LayoutId) -> Result<CellFormat, Damage> {
        let form = if owns {
            Form::Overflow
        } else if layout == self.root.current() {
            Form::Inline(sizes.value)
        } else {
            let old = self.root.layouts().iter().find(|old| old.index == layout);
            Form::Inline(old.ok_or(Damage::UnlistedLayout)?.plan.size)
        };
        Ok(CellFormat { key_size: sizes.key, form })
    }

    /// Returns the header of the cell of an entry.
    pub(crate) fn head(&self, item: &OwnedEntry<'_>) -> Result<CellHead> {
        let page = self.root.page();
        let format = self.format(self.sizes, item.owns, item.layout).on_page(&self.root, page)?;
        format.head(&item.cell).ok_or_else(|| self.root.damaged(page, Damage::CellTooShort))
    }

    /// Returns a new entry with a value of the current layout.
    pub(crate) fn item(&self, hash: u64, key: &[u8], chain: PageNumber, value: &[u8]) -> OwnedEntry<'static> {
        let format = new_format(self.sizes, key.len(), value.len());
        let mut cell = vec![0; format.len(key.len(), value.len())];
        format.write(&mut cell, key, chain, value);
        OwnedEntry {
            hash,
            cell: cell.into(),
            layout: self.root.current(),
            owns: format.form == Form::Overflow,
        }
    }

    /// Packs entries into as many pages as they need, at least one, and returns these.
    #[expect(clippy::indexing_slicing, reason = "the runs are ranges of these items")]
    pub(crate) fn pack(&self, items: &mut [OwnedEntry<'_>]) -> Vec<BuiltPage> {
        if !self.are_fixed(items) && self.root.layouts().len() > PAGE_LAYOUTS {
            items.sort_by_key(|item| item.layout);
        }
        self.runs(items).into_iter().map(|run| self.pack_page(&items[run])).collect()
    }

    /// Returns the entries of each page that entries are packed into.
    pub(crate) fn runs(&self, items: &[OwnedEntry<'_>]) -> Vec<Range<usize>> {
        let mut runs = vec![];
        let (mut start, mut cells) = (0, 0);
        let mut layouts: Vec<LayoutId> = Vec::new();
        let fixed = self.are_fixed(items);
        for (at, item) in items.iter().enumerate() {
            let is_listed = layouts.contains(&item.layout);
            let size = cells + item.cell.len() + table_len(at + 1 - start, fixed);
            if size > ROOM || (!is_listed && layouts.len() == PAGE_LAYOUTS) {
                runs.push(start..at);
                (start, cells) = (at, 0);
                layouts.clear();
            }
            cells += item.cell.len();
            if !layouts.contains(&item.layout) {
                layouts.push(item.layout);
            }
        }
        runs.push(start..items.len());
        runs
    }

    /// Returns `true` if entries are packed into fixed pages.
    fn are_fixed(&self, items: &[OwnedEntry<'_>]) -> bool {
        let is_current = |item: &OwnedEntry<'_>| item.layout == self.root.current() && !item.owns;
        fixed_len(self.sizes).is_some() && items.iter().all(is_current)
    }

    /// Packs entries into one page, which has room for them.
    pub(crate) fn pack_page(&self, items: &[OwnedEntry<'_>]) -> BuiltPage {
        match FixedCells::of_bucket(self.sizes).filter(|_| self.are_fixed(items)) {
            Some(fixed) => {
                let mut page =
                    FixedBuilder::new(Box::new([0; PAGE_SIZE]), &self.new_header(fixed.len), fixed);
                for item in items {
                    page.put(item.hash, fixed, &item.cell);
                }
                BuiltPage {
                    header: *NodeHeader::of_mut(&mut page.bytes),
                    layout: fixed.layout(),
                    bytes: page.bytes,
                }
            }
            None => self.pack_slotted(items),
        }
    }

    /// Returns the header of a fixed page.
    pub(crate) fn new_header(&self, len: usize) -> NodeHeader {
        let mut header = NodeHeader::new(0, self.root.page());
        header.kind = Kind::Bucket as u8;
        header.layouts[0] = self.root.current().into();
        header.cells = ((PAGE_SIZE - fixed_slots(len) * len) as u16).into();
        header
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "a bucket's table is in its page, and the items fit after it"
    )]
    fn pack_slotted(&self, items: &[OwnedEntry<'_>]) -> BuiltPage {
        let layout = BucketLayout { places: self.mixed_places(items), cell: None };
        let mut bytes = Box::new([0; PAGE_SIZE]);
        let mut header = NodeHeader::new(0, self.root.page());
        header.kind = Kind::Bucket as u8;
        header.count = (layout.places as u16).into();
        let mut lowest = PAGE_SIZE;
        for item in items {
            let is_known = |listed: &&mut StoredLayout| [item.layout, LayoutId::NONE].contains(&listed.get());
            let Some(place) = header.layouts.iter_mut().find(is_known) else { continue };
            *place = item.layout.into();
            let tag = header.layouts.iter().position(|listed| listed.get() == item.layout).unwrap_or(0);
            let Some(index) = group::take(&mut bytes[layout.marks()..layout.end()], layout.places, item.hash)
            else {
                continue;
            };
            lowest -= item.cell.len();
            simd::copy(&mut bytes[lowest..lowest + item.cell.len()], &item.cell);
            let slot = Slot::new(lowest, tag, item.owns);
            let at = HEADER_SIZE + SLOT * index;
            bytes[at..at + SLOT].copy_from_slice(&slot.0.to_le_bytes());
            header.overflows = (header.overflows.get() + u16::from(item.owns)).into();
        }
        header.cells = (lowest as u16).into();
        *NodeHeader::of_mut(&mut bytes) = header;
        BuiltPage { header, layout, bytes }
    }

    /// Returns the number of slots for entries like these: as many as may fit, at least one for
    /// each.
    fn mixed_places(&self, items: &[OwnedEntry<'_>]) -> usize {
        let cells: usize = items.iter().map(|item| item.cell.len()).sum();
        let state = self.root.state();
        let average = match (items.len(), state.len.get()) {
            (0, 0) => 64,
            (0, len) => (self.inline_bytes() / len) as usize,
            (len, _) => cells.div_ceil(len),
        };
        let places = most_places(ROOM, average.clamp(MIN_CELL, MAX_CELL) + SLOT);
        places.min(most_places(ROOM - cells, SLOT)).max(items.len()).max(1)
    }

    /// Returns the entries of a page.
    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    pub(crate) fn items<'a>(&self, loaded: &'a Loaded) -> Result<Vec<OwnedEntry<'a>>> {
        let mut items = Vec::with_capacity(loaded.layout.places);
        for index in 0..loaded.layout.places {
            if loaded.bytes[loaded.layout.control_byte(index)] != FREE {
                items.push(self.item_at(loaded, index)?.0);
            }
        }
        Ok(items)
    }

    /// Returns the entry of a taken slot, with the header of its cell.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a slot's offset has twelve bits, so it is in the page")]
    pub(crate) fn item_at<'a>(&self, loaded: &'a Loaded, index: usize) -> Result<(OwnedEntry<'a>, CellHead)> {
        let page = loaded.page;
        let (slot, layout, format) = self
            .slot(self.sizes, &loaded.bytes, (&loaded.header, loaded.layout), index)
            .on_page(&self.root, page)?;
        let rest = &loaded.bytes[slot.place()..];
        let head = format.head(rest).ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?;
        let cell =
            rest.get(..head.cell_len()).ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?;
        let hash = self.hash(self.sizes, head.key_in(cell));
        Ok((OwnedEntry { hash, cell: Cow::Borrowed(cell), layout, owns: slot.owns() }, head))
    }

    /// Returns the slot of a cell, with the layout of its value and its format.
    #[inline(always)]
    pub(crate) fn slot(
        &self,
        sizes: Sizes,
        bytes: &PageBytes,
        (header, page): (&NodeHeader, BucketLayout),
        index: usize,
    ) -> Result<(Slot, LayoutId, CellFormat), Damage> {
        let slot = match page.cell {
            Some(len) => Slot::new(fixed_cell(index, len), 0, false),
            None => Slot::at(bytes, index)
                .filter(|slot| slot.place() >= page.end())
                .ok_or(Damage::SlotOutOfRange)?,
        };
        let layout = header.layout_of(slot);
        Ok((slot, layout, self.format(sizes, slot.owns(), layout)?))
    }
}
