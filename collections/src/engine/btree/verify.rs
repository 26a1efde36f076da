//! A check of a whole tree, for tests and tools. It reads every page.

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{Kind, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{SLOT, Sizes, compare};
use crate::engine::fixed::{FixedCells, TableCheck};
use crate::engine::leaf::build::FixedLeaf;
use crate::engine::leaf::node;
use crate::engine::leaf::node::OwnedCell;
use crate::engine::verify::{Audit, Space, check_space};

/// The keys that a node may have: those from `low` on and below `high`.
#[derive(Clone, Copy, Default)]
struct Bounds<'a> {
    low: Option<&'a [u8]>,
    high: Option<&'a [u8]>,
}

impl Bounds<'_> {
    fn have(&self, key: &[u8]) -> bool {
        self.low.is_none_or(|low| compare(low, key).is_le())
            && self.high.is_none_or(|high| compare(key, high).is_lt())
    }
}

impl<M: Memory> Tree<M> {
    /// Checks every page of the tree and the counters of its root.
    pub(crate) fn verify(&self) -> Result<()> {
        self.check(&mut Audit::first())
    }

    /// Checks a leaf that no node leads to, and records it.
    pub(crate) fn check_leaf(&self, page: PageNumber, audit: &mut Audit<'_>) -> Result<()> {
        check(self, page, 0, Bounds::default(), None, audit)
    }

    /// Checks every page of the tree, as a part of a larger check. After a fault the counters are
    /// not compared.
    pub(crate) fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        let (state, root, before) = (self.root().state(), self.root(), audit.count());
        let from = audit.begin_tree();
        if state.top.get().is_some() {
            let level = state.height.get().checked_sub(1);
            let level = level.ok_or_else(|| root.damaged(state.top.get(), Damage::NoTree))?;
            let walked = check(self, state.top.get(), level, Bounds::default(), from.as_deref(), audit);
            audit.note(walked)?;
        }
        if audit.count() > before || audit.is_stopped() {
            return Ok(());
        }
        audit.compare(|counts| {
            counts.compare(root, &[(counts.entries == state.len.get(), Damage::EntryCount)])
        })
    }
}

/// Checks a node and those below it. Earlier steps have checked all leaves whose keys are below
/// `from`.
fn check<M: Memory>(
    tree: &Tree<M>,
    page: PageNumber,
    level: u32,
    bounds: Bounds<'_>,
    from: Option<&[u8]>,
    audit: &mut Audit<'_>,
) -> Result<()> {
    let bytes = tree.root().pager().read_page(page)?;
    let header = node::header(&bytes[..]).on_page(tree.root(), page)?;
    let ours = header.kind == Kind::Node as u8 && u32::from(header.level) == level;
    if !ours || header.owner.get() != tree.root().page() {
        return Err(tree.root().damaged(page, Damage::WrongLevel));
    }
    let claimed = audit.claim(page);
    if level == 0 && claimed.is_ok() {
        audit.leaf(page, (0, 0));
    }
    let items = tree.context.items(page, &bytes)?;
    let cells = items.iter().map(|item| item.cell.len()).sum();
    match header.cell_len() {
        0 => check_slots(&bytes, &header, cells).on_page(tree.root(), page)?,
        _ => check_fixed(tree, page, &bytes)?,
    }
    if items.is_empty() {
        return Err(tree.root().damaged(page, Damage::EmptyNode));
    }
    if items.iter().filter(|item| item.owns).count() != header.overflows.get() as usize {
        return Err(tree.root().damaged(page, Damage::OverflowCount));
    }
    // A node whose first leaf an earlier step has checked was counted there.
    if from.is_none_or(|from| bounds.low.is_some_and(|low| compare(low, from).is_ge())) {
        audit.counts.add_page(node::listed(&header));
    }
    let keys =
        items.iter().map(|item| tree.context.item_key(header.level, item)).collect::<Result<Vec<_>>>()?;
    let compared = keys.get(usize::from(level > 0)..).unwrap_or_default();
    let ordered = compared.iter().zip(compared.iter().skip(1)).all(|(a, b)| compare(a, b).is_lt());
    if !ordered || !compared.iter().all(|key| bounds.have(key)) {
        return Err(tree.root().damaged(page, Damage::KeysOutOfOrder));
    }
    claimed.on_page(tree.root(), page)?;
    if level == 0 {
        check_values(tree, &items, audit)?;
        // The last leaf needs no next step.
        let _ = bounds.high.is_some_and(|high| audit.stops_before(high));
        return Ok(());
    }
    for (i, item) in items.iter().enumerate() {
        let low = if i == 0 { bounds.low } else { keys.get(i).copied() };
        let high = keys.get(i + 1).copied().or(bounds.high);
        let is_checked = from.zip(high).is_some_and(|(from, high)| compare(high, from).is_le());
        if is_checked {
            continue;
        }
        let head = tree.context.item_head(header.level, item)?;
        let below = check(tree, head.page, level - 1, Bounds { low, high }, from, audit);
        audit.note(below)?;
        if audit.is_stopped() {
            break;
        }
    }
    Ok(())
}

/// Counts the entries of a leaf, and checks their values in overflow pages.
fn check_values<M: Memory>(tree: &Tree<M>, items: &[OwnedCell<'_>], audit: &mut Audit<'_>) -> Result<()> {
    for item in items {
        let head = tree.context.item_head(0, item)?;
        audit.counts.entries = audit.counts.entries.saturating_add(1);
        audit.counts.bytes = audit.counts.bytes.saturating_add(head.entry_bytes());
        if item.owns {
            let pages = audit.overflow(tree.root().pager(), head.page, head.value_len);
            audit.add_pages(pages)?;
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
fn check_slots(bytes: &PageBytes, header: &NodeHeader, cells: usize) -> Result<(), Damage> {
    let end = HEADER_SIZE + SLOT * header.count.get() as usize;
    let space = Space {
        end,
        lowest: header.cells.get().into(),
        fragmented: header.fragmented.get().into(),
        freeblock: header.freeblock.get().into(),
        cells,
        slots: bytes.get(HEADER_SIZE..end).unwrap_or_default(),
    };
    check_space(bytes, &space)
}
