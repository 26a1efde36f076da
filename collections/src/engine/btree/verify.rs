//! A check of a whole tree, for tests and tools. It reads every page.

use std::collections::HashMap;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

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
    layouts: HashMap<LayoutId, u32>,
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
    if state.top.get().is_some() {
        let level = state
            .height
            .get()
            .checked_sub(1)
            .ok_or_else(|| tree.root().damaged(state.top.get(), Damage::NoTree))?;
        check(tree, state.top.get(), level, None, None, &mut sums)?;
    }
    let root = tree.root().page();
    if sums.entries != state.len.get() {
        return Err(tree.root().damaged(root, Damage::EntryCount));
    }
    if sums.bytes != state.bytes.get() {
        return Err(tree.root().damaged(root, Damage::ByteCount));
    }
    if sums.pages != state.pages.get() {
        return Err(tree.root().damaged(root, Damage::PageCount));
    }
    let counted = |index: LayoutId| tree.root().pages_of(index);
    if tree
        .root()
        .layouts()
        .iter()
        .any(|layout| counted(layout.index) != sums.layouts.get(&layout.index).copied().unwrap_or(0))
    {
        return Err(tree.root().damaged(root, Damage::LayoutPages));
    }
    Ok(())
}

fn check<M: Memory>(
    tree: &Tree<M>,
    page: PageNumber,
    level: u32,
    low: Option<&[u8]>,
    high: Option<&[u8]>,
    sums: &mut Sums,
) -> Result<()> {
    let bytes = tree.root().pager().read_page(page)?;
    let header = node::header(&bytes[..]).on_page(tree.root(), page)?;
    let ours = header.kind == Kind::Node as u8 && u32::from(header.level) == level;
    if !ours || header.owner.get() != tree.root().page() {
        return Err(tree.root().damaged(page, Damage::WrongLevel));
    }
    let items = tree.context.items(page, &bytes)?;
    let cells = items.iter().map(|item| item.cell.len()).sum();
    check_space(&bytes, &header, cells).on_page(tree.root(), page)?;
    if items.is_empty() {
        return Err(tree.root().damaged(page, Damage::EmptyNode));
    }
    if items.iter().filter(|item| item.owns).count() != header.overflows.get() as usize {
        return Err(tree.root().damaged(page, Damage::OverflowCount));
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
        return Err(tree.root().damaged(page, Damage::KeysOutOfOrder));
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
fn check_space(bytes: &PageBytes, header: &NodeHeader, cells: usize) -> Result<(), Damage> {
    let (lowest, fragmented) = (header.cells.get() as usize, header.fragmented.get() as usize);
    let slots_end = HEADER_SIZE + SLOT * header.count.get() as usize;
    let gaps = PAGE_SIZE.checked_sub(lowest + cells).ok_or(Damage::CellsOverlap)?;
    if slots_end > lowest || gaps < fragmented {
        return Err(Damage::CellsOverlap);
    }
    let (mut freeblock, mut left) = (header.freeblock.get() as usize, fragmented);
    while freeblock != 0 {
        let record = bytes.get(freeblock..).and_then(<[u8]>::first_chunk).filter(|_| freeblock >= lowest);
        let record = record.ok_or(Damage::FreeblockOutOfRange)?;
        let [next, len] = freeblock_of(*record).map(usize::from);
        left = left.checked_sub(len.max(1)).ok_or(Damage::FragmentedBytes)?;
        let covers = |slot: Slot| slot.place() < freeblock + len && freeblock <= slot.place();
        if (0..header.count.get() as usize).filter_map(|i| Slot::at(bytes, i)).any(covers) {
            return Err(Damage::CellsOverlap);
        }
        freeblock = next;
    }
    Ok(())
}
