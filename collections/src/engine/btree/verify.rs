//! A check of a whole tree, for tests and tools. It reads every page.

use std::collections::HashMap;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes};
use graven_core::{Error, Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{SLOT, compare, freeblock_of};
use crate::engine::leaf::node;
use crate::engine::verify::OverflowChecks;

/// The sums over all nodes.
#[derive(Default)]
struct Sums {
    overflow: OverflowChecks,
    entries: u64,
    bytes: u64,
    pages: u32,
    layouts: HashMap<u16, u32>,
}

impl<M: Memory> Tree<M> {
    /// Checks every page of the tree and the counters of its root.
    pub(crate) fn verify(&self) -> Result<()> {
        verify(self)
    }
}

fn verify<M: Memory>(tree: &Tree<M>) -> Result<()> {
    let state = tree.root().state();
    let mut sums = Sums { pages: 1, ..Sums::default() };
    if state.top.get() != 0 {
        let level = state
            .height
            .get()
            .checked_sub(1)
            .ok_or_else(|| wrong(state.top.get(), "a tree has no height"))?;
        check(tree, state.top.get(), level, None, None, &mut sums)?;
    }
    let root = tree.root().page();
    if sums.entries != state.len.get() {
        return Err(wrong(root, "its entries are not as many as counted"));
    }
    if sums.bytes != state.bytes.get() {
        return Err(wrong(root, "its bytes are not as many as counted"));
    }
    if sums.pages != state.pages.get() {
        return Err(wrong(root, "its pages are not as many as counted"));
    }
    let counted = |index: u16| tree.root().pages_of(index);
    if tree
        .root()
        .layouts()
        .iter()
        .any(|layout| counted(layout.index) != sums.layouts.get(&layout.index).copied().unwrap_or(0))
    {
        return Err(wrong(root, "the pages of a layout are not as many as counted"));
    }
    Ok(())
}

const fn wrong(page: u32, why: &'static str) -> Error {
    Error::Damaged { page, why }
}

fn check<M: Memory>(
    tree: &Tree<M>,
    page: u32,
    level: u32,
    low: Option<&[u8]>,
    high: Option<&[u8]>,
    sums: &mut Sums,
) -> Result<()> {
    let bytes = tree.root().pager().read_page(page)?;
    let header = node::header(page, &bytes[..])?;
    let ours = header.kind == Kind::Node as u8 && u32::from(header.level) == level;
    if !ours || header.owner.get() != tree.root().page() {
        return Err(wrong(page, "it is not a node of this tree and level"));
    }
    let items = tree.context.items(page, &bytes)?;
    check_space(page, &bytes, &header, items.iter().map(|item| item.cell.len()).sum())?;
    if items.is_empty() || items.iter().filter(|item| item.owns).count() != header.overflows.get() as usize {
        return Err(wrong(page, "it is empty or owns more or fewer pages than it counts"));
    }
    sums.pages += 1;
    for layout in node::listed(&header) {
        *sums.layouts.entry(layout).or_default() += 1;
    }
    let keys =
        items.iter().map(|item| tree.context.item_key(header.level, item)).collect::<Result<Vec<_>>>()?;
    let compared = keys.get(usize::from(level > 0)..).unwrap_or_default();
    let ordered = compared.iter().zip(compared.iter().skip(1)).all(|(a, b)| compare(a, b).is_lt());
    let inside = compared.iter().all(|key| {
        low.is_none_or(|low| compare(low, key).is_le()) && high.is_none_or(|high| compare(key, high).is_lt())
    });
    if !ordered || !inside {
        return Err(wrong(page, "its keys are not in order"));
    }
    for (i, item) in items.iter().enumerate() {
        let head = tree.context.item_head(header.level, item)?;
        if level > 0 {
            let low = if i == 0 { low } else { keys.get(i).copied() };
            let high = keys.get(i + 1).copied().or(high);
            check(tree, head.page, level - 1, low, high, sums)?;
            continue;
        }
        sums.entries += 1;
        sums.bytes += head.entry_bytes();
        if item.owns {
            sums.pages += sums.overflow.check(tree.root().pager(), head.page, head.value_len)?;
        }
    }
    Ok(())
}

/// Checks that the cells, freeblocks and slots of a node do not overlap.
fn check_space(page: u32, bytes: &PageBytes, header: &NodeHeader, cells: usize) -> Result<()> {
    let (lowest, fragmented) = (header.cells.get() as usize, header.fragmented.get() as usize);
    let slots_end = HEADER_SIZE + SLOT * header.count.get() as usize;
    let gaps = PAGE_SIZE.checked_sub(lowest + cells).ok_or_else(|| wrong(page, "its cells overlap"))?;
    if slots_end > lowest || gaps < fragmented {
        return Err(wrong(page, "its slots, cells and freeblocks overlap"));
    }
    let (mut freeblock, mut left) = (header.freeblock.get() as usize, fragmented);
    while freeblock != 0 {
        let record = bytes.get(freeblock..).and_then(<[u8]>::first_chunk).filter(|_| freeblock >= lowest);
        let record = record.ok_or_else(|| wrong(page, "a freeblock is not among the cells"))?;
        let [next, len] = freeblock_of(*record).map(usize::from);
        left = left
            .checked_sub(len.max(1))
            .ok_or_else(|| wrong(page, "its freeblocks have more bytes than counted"))?;
        let covers = |slot: Slot| slot.place() < freeblock + len && freeblock <= slot.place();
        if (0..header.count.get() as usize).filter_map(|i| Slot::at(bytes, i)).any(covers) {
            return Err(wrong(page, "a freeblock covers a cell"));
        }
        freeblock = next;
    }
    Ok(())
}
