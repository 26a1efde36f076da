//! A check of a whole tree, for tests and tools. It reads every page.

use std::collections::HashMap;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{SLOT, Sizes, compare, freeblock_of};
use crate::engine::fixed::{FixedCells, TableCheck};
use crate::engine::leaf::build::FixedLeaf;
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
    match header.cell_len() {
        0 => check_space(&bytes, &header, cells).on_page(tree.root(), page)?,
        _ => check_fixed(tree, page, &bytes)?,
    }
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

/// Checks that the order of a leaf of fixed cells names each cell once whose control byte is taken,
/// and that searches find it.
#[expect(clippy::indexing_slicing, reason = "the table is in the page, and `number` is that of a cell")]
fn check_fixed<M: Memory>(tree: &Tree<M>, page: PageNumber, bytes: &PageBytes) -> Result<()> {
    let header = NodeHeader::of(bytes);
    let value = tree.root().size_of(header.layouts[0].get(), page)?;
    let fixed = FixedCells::of_leaf(Sizes { key: tree.context.sizes.key, value });
    let is_so = |fixed: &FixedCells| {
        let expected = fixed.leaf_header(tree.root().page(), header.layouts[0].get());
        NodeHeader { count: header.count, link: header.link, ..expected }.as_bytes() == header.as_bytes()
    };
    let fixed = fixed.filter(is_so).ok_or_else(|| tree.root().damaged(page, Damage::CellTooShort))?;
    let mut check = TableCheck::new(&bytes[HEADER_SIZE..fixed.table_end()], fixed.places);
    let leaf = FixedLeaf { bytes: &mut bytes.clone(), fixed };
    let mut is_named = vec![false; fixed.places];
    for index in 0..leaf.count() {
        let cell = leaf.cell(index).ok_or_else(|| tree.root().damaged(page, Damage::SlotOutOfRange));
        let (number, cell) = cell?;
        check.entry(fixed.leaf_hash(cell.split_at(fixed.key).0), number).on_page(tree.root(), page)?;
        if std::mem::replace(&mut is_named[number], true) {
            return Err(tree.root().damaged(page, Damage::CellsOverlap));
        }
    }
    if (0..fixed.places).any(|number| check.is_free(number) == is_named[number]) {
        return Err(tree.root().damaged(page, Damage::ControlBytes));
    }
    check.finish().on_page(tree.root(), page)
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
