//! Whole nodes on the heap: reading their headers and cells, and packing cells into as many nodes
//! as they need.

use std::borrow::Cow;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, PAGE_LAYOUTS, Slot};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber, StoredLayout};
use graven_core::simd::copy;
use graven_core::{Damage, Result};
use zerocopy::{FromBytes, IntoBytes};

use crate::engine::cell::{CellFormat, CellHead, ROOM, SLOT};

/// A cell with the layout and the overflow flag of its slot.
#[derive(Debug, Clone)]
pub(crate) struct OwnedCell<'a> {
    pub(crate) cell: Cow<'a, [u8]>,
    /// The index of the value's layout in the registry, or [`LayoutId::NONE`] in inner nodes.
    pub(crate) layout: LayoutId,
    pub(crate) owns: bool,
}

impl OwnedCell<'_> {
    fn size(&self) -> usize {
        self.cell.len() + SLOT
    }
}

/// Returns the header of a node.
#[inline(always)]
pub(crate) fn header(bytes: &[u8]) -> Result<NodeHeader, Damage> {
    NodeHeader::read_from_prefix(bytes).map(|(header, _)| header).map_err(|_| Damage::BeyondEnd)
}

/// Returns the number of bytes that cells and slots of a node take, without fragmented bytes.
pub(crate) fn used(header: &NodeHeader) -> usize {
    if header.cell_len() > 0 {
        return header.count.get() as usize * (header.cell_len() + SLOT);
    }
    let cells = PAGE_SIZE.saturating_sub(header.cells.get() as usize);
    cells.saturating_sub(header.fragmented.get() as usize) + SLOT * header.count.get() as usize
}

/// Checks a slot of a node and returns it.
#[inline(always)]
pub(crate) fn slot(bytes: &PageBytes, index: usize, count: usize) -> Result<Slot, Damage> {
    let slot = Slot::at(bytes, index).filter(|slot| slot.place() >= HEADER_SIZE + SLOT * count);
    slot.ok_or(Damage::SlotOutOfRange)
}

/// Returns a cell of a whole node and its header.
#[inline]
#[expect(clippy::indexing_slicing, reason = "a slot's offset has twelve bits, so it is in the page")]
pub(crate) fn cell(bytes: &PageBytes, slot: Slot, format: CellFormat) -> Result<(CellHead, &[u8]), Damage> {
    let cell = &bytes[slot.place()..];
    let head = format.head(cell);
    let whole = head.and_then(|head| Some((head, cell.get(..head.cell_len())?)));
    whole.ok_or(Damage::CellOutOfRange)
}

/// Returns `true` if the layouts of these items fit into one node's table.
pub(crate) fn layouts_fit(items: &[OwnedCell<'_>]) -> bool {
    layouts_of(items).is_some()
}

fn layouts_of(items: &[OwnedCell<'_>]) -> Option<Vec<LayoutId>> {
    let mut layouts: Vec<LayoutId> = Vec::with_capacity(PAGE_LAYOUTS);
    // Neighbours often have one layout.
    let mut last = LayoutId::NONE;
    for item in items {
        if item.layout != last && item.layout != LayoutId::NONE && !lists(&layouts, item.layout) {
            if layouts.len() == PAGE_LAYOUTS {
                return None;
            }
            layouts.push(item.layout);
        }
        last = item.layout;
    }
    Some(layouts)
}

/// Returns `true` if `layouts` contains `layout`.
#[allow(clippy::manual_contains, reason = "std's `contains` is a call, of 57 instructions for two")]
#[inline(always)]
fn lists(layouts: &[LayoutId], layout: LayoutId) -> bool {
    layouts.iter().any(|known| *known == layout)
}

/// Returns the number of bytes that items take in a node.
pub(crate) fn size_of(items: &[OwnedCell<'_>]) -> usize {
    items.iter().map(OwnedCell::size).sum()
}

/// The way to split cells that do not fit into one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// Into halves.
    Even,
    /// The last item alone into a new node: keys come in ascending order.
    Ascending,
    /// Before this item in any case, and each side into halves if needed.
    At(usize),
    /// Into nodes as full as possible, from the left: many keys come in ascending order.
    Full,
}

/// Cuts items into runs of at most `most` that each fit into a node.
#[expect(clippy::indexing_slicing, reason = "`start` and `at` are numbers of items, in that order")]
pub(crate) fn partition<'r, 'a>(
    items: &'r [OwnedCell<'a>],
    split: Split,
    most: usize,
) -> Vec<&'r [OwnedCell<'a>]> {
    if let Split::At(at) = split {
        let (left, right) = items.split_at(at);
        return [partition(left, Split::Even, most), partition(right, Split::Even, most)].concat();
    }
    if split == Split::Full {
        return partition_full(items, most);
    }
    let total = size_of(items);
    if total <= ROOM && items.len() <= most {
        return vec![items];
    }
    if split == Split::Ascending
        && let Some((_, before)) = items.split_last()
        && size_of(before) <= ROOM
        && before.len() <= most
    {
        let (left, right) = items.split_at(before.len());
        return vec![left, right];
    }
    let target = total.div_ceil(total.div_ceil(ROOM).max(items.len().div_ceil(most)));
    let mut runs = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        let over = size + item.size() > ROOM || at - start >= most;
        let enough = size + item.size() / 2 > target;
        if at > start && (over || enough) {
            runs.push(&items[start..at]);
            (start, size) = (at, 0);
        }
        size += item.size();
    }
    runs.push(&items[start..]);
    runs
}

/// Cuts items into runs of as many as a node holds, but at most `most`. A layout that does not fit
/// into a node's table also begins a new run.
#[expect(clippy::indexing_slicing, reason = "`start` and `at` are numbers of items, in that order")]
fn partition_full<'r, 'a>(items: &'r [OwnedCell<'a>], most: usize) -> Vec<&'r [OwnedCell<'a>]> {
    let mut runs = Vec::new();
    let (mut start, mut size) = (0, 0);
    let mut layouts: Vec<LayoutId> = Vec::with_capacity(PAGE_LAYOUTS);
    for (at, item) in items.iter().enumerate() {
        let is_new = item.layout != LayoutId::NONE && !lists(&layouts, item.layout);
        let fits =
            size + item.size() <= ROOM && at - start < most && !(is_new && layouts.len() == PAGE_LAYOUTS);
        if at > start && !fits {
            runs.push(&items[start..at]);
            (start, size) = (at, 0);
            layouts.clear();
        }
        if item.layout != LayoutId::NONE && !lists(&layouts, item.layout) {
            layouts.push(item.layout);
        }
        size += item.size();
    }
    runs.push(&items[start..]);
    runs
}

/// Returns the page of a node with the given items, which must fit.
#[expect(clippy::indexing_slicing, reason = "the items fit, so their cells and slots are in the page")]
pub(crate) fn build(items: &[OwnedCell<'_>], level: u8, owner: PageNumber) -> Box<PageBytes> {
    debug_assert!(size_of(items) <= ROOM, "the cells of a node fit into a page");
    debug_assert!(layouts_fit(items), "the layouts of a node fit into its header");
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let mut header = NodeHeader::new(level, owner);
    let layouts = layouts_of(items).unwrap_or_default();
    for (place, layout) in header.layouts.iter_mut().zip(&layouts) {
        *place = (*layout).into();
    }
    let (mut at, mut last, mut tag) = (PAGE_SIZE, LayoutId::NONE, 0);
    for (index, item) in items.iter().enumerate() {
        at -= item.cell.len();
        copy(&mut bytes[at..at + item.cell.len()], &item.cell);
        if item.layout != last {
            tag = layouts.iter().position(|layout| *layout == item.layout).unwrap_or(0);
            last = item.layout;
        }
        let slot = Slot::new(at, tag, item.owns);
        let place = HEADER_SIZE + SLOT * index;
        bytes[place..place + SLOT].copy_from_slice(&slot.0.to_le_bytes());
    }
    header.count = (items.len() as u16).into();
    header.cells = (at as u16).into();
    header.overflows = (items.iter().filter(|item| item.owns).count() as u16).into();
    bytes[..HEADER_SIZE].copy_from_slice(header.as_bytes());
    bytes
}

/// Returns `true` if a leaf can hold values of a layout besides those that it has.
pub(crate) fn has_room_for(header: &NodeHeader, layout: LayoutId) -> bool {
    header.layouts.iter().any(|listed| [layout, LayoutId::NONE].contains(&listed.get()))
}

/// Returns an iterator over the layouts that a node lists.
pub(crate) fn listed(header: &NodeHeader) -> impl Iterator<Item = LayoutId> + use<> {
    header.layouts.map(StoredLayout::get).into_iter().filter(|layout| *layout != LayoutId::NONE)
}
