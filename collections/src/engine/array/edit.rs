//! Changes of values, and replacement of leaves. Whatever can fail comes first: reading, running
//! the user's conversions, making room. Then all is written.

use graven_core::page::{LayoutId, PageBytes, PageNumber, extent};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::children::{Changes, ChildSpan};
use crate::engine::array::leaf;
use crate::engine::array::leaf::{LeafKind, Piece};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::Form;
use crate::engine::cell::StoredValue;
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::node;
use crate::engine::leaf::node::{OwnedCell, Split};
use crate::engine::leaf::reader::NodeReader as Page;

/// A leaf that takes part in a rewrite.
pub(crate) enum NewLeaf {
    /// A leaf that stays as it is.
    Kept(ChildSpan),
    /// A leaf that is written.
    Written(Piece),
}

/// A replacement of adjacent leaves.
pub(crate) struct Rewrite {
    /// The path to the first leaf that is replaced.
    pub(crate) path: Vec<Step>,
    /// The number of leaves that are replaced, all below one branch.
    pub(crate) removed: usize,
    /// The pages of these leaves, except those that are kept. New leaves are written to them.
    pub(crate) pages: Vec<PageNumber>,
    /// The layouts that these pages list.
    pub(crate) listed: Vec<LayoutId>,
    pub(crate) leaves: Vec<NewLeaf>,
    /// The number of dead positions before the first value afterwards.
    pub(crate) first: u64,
    /// The root's state afterwards, before `rewrite` counts leaves and branches and sets the top.
    pub(crate) state: RootState,
}

/// A value that is to be put into a node.
pub(crate) struct Incoming {
    pub(crate) item: OwnedCell<'static>,
    /// The first of its overflow pages and their number, if it has any.
    pub(crate) chain: Option<(PageNumber, u32)>,
}

impl<M: Memory> Sequence<M> {
    /// Sets the value at an index. Calls `replaced` with the old one before anything is written.
    /// Returns `None` if there is no such index.
    pub(crate) fn set<R>(
        &self,
        index: u64,
        value: &[u8],
        replaced: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let Some(old) = self.get(index, replaced)? else { return Ok(None) };
        match self.width.map_or(Ok(None), |width| self.locate(index, width))? {
            Some(at) => self.root().pager().write_value(at, value),
            None => self.put(index, value, true)?,
        }
        Ok(Some(old))
    }

    /// Puts a value into a leaf of any kind, in place of the one at an index or before it.
    pub(crate) fn put(&self, index: u64, value: &[u8], replace: bool) -> Result<()> {
        loop {
            // Migrating removes dead positions, so the position may differ in each round.
            let position = self.position(index);
            let (path, leaf) = self.path(position)?;
            let kind = self.leaf_kind(leaf.page)?;
            if let Some(width) = self.current_width(kind) {
                if !replace {
                    return self.insert_in_array(path, leaf, position, width, value);
                }
                let at = leaf::place(&leaf, position, width).on_page(self.root(), leaf.page)?;
                return self.root().pager().write(leaf.page, at, value);
            }
            let slot = self.slot_of(&leaf, position);
            if kind == LeafKind::Node && self.put_in_node(path, &leaf, slot, replace, value)? {
                return Ok(());
            }
            self.migrate(position, &mut || false)?;
        }
    }

    /// Puts a value into a node, in place of the one in a slot or before it. Returns `false` if the
    /// node cannot list the current layout.
    pub(crate) fn put_in_node(
        &self,
        path: Vec<Step>,
        leaf: &Leaf,
        slot: usize,
        replace: bool,
        value: &[u8],
    ) -> Result<bool> {
        let pager = self.root().pager();
        let state = self.root().state();
        let format = LeafContext::<M>::new_format(self.context.sizes, 0, value.len());
        let grown = ChildSpan { page: leaf.page, len: leaf.len().saturating_add(u64::from(!replace)) };
        let (room, old, done) = pager.with_scratch(|bytes| {
            let mut page = Page::open(pager, self.root().page(), leaf.page, bytes)?;
            if page.count() as u64 != self.live(leaf).end - self.live(leaf).start {
                return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
            }
            let old = if replace { Some(page.entry(&self.context, slot)?) } else { None };
            let chain = match old {
                Some(head) if page.slot(slot)?.owns() => {
                    // Checked before anything is written, since it is freed afterwards.
                    Some((head.page, pager.check_overflow_of(head.page, head.value_len)?))
                }
                _ => None,
            };
            let bytes_before = old.map_or(0, |head| head.value_len as u64);
            if !node::has_room_for(page.header(), self.root().current()) {
                return Ok((false, (chain, bytes_before), None));
            }
            let mut changes = Changes::default();
            let mut after = state;
            self.splice(&mut after, path.clone(), 1, vec![grown], &mut changes)?;
            let fast = matches!(format.form, Form::Inline(_))
                && self.context.put_in_place(&mut page, slot, old, format, &[], value)?;
            Ok((true, (chain, bytes_before), fast.then_some((changes, after))))
        })?;
        if !room {
            return Ok(false);
        }
        let (chain, bytes_before) = old;
        let mut after = match &done {
            Some((_, after)) => *after,
            None => state,
        };
        after.remove_bytes(bytes_before);
        after.add_entries(u64::from(!replace), value.len() as u64);
        if let Some((_, pages)) = chain {
            after.remove_pages(pages);
        }
        match done {
            Some((changes, _)) => {
                self.leaf_was_written(false)?;
                self.write(changes)?;
                self.root().set_state(after)?;
            }
            None => {
                // Making room comes before reading, since on damaged memory it may free this leaf.
                let Incoming { item, chain } = self.incoming(value, 3)?;
                let after = with_pages(after, chain.map_or(0, |chain| chain.1.into()));
                self.settle(self.pack_among(path, *leaf, (slot, replace), item, after), chain)?;
            }
        }
        chain.map_or(Ok(true), |(chain, _)| pager.free_overflow(chain).map(|()| true))
    }

    /// Builds a leaf anew, as several leaves if needed, with a value in place of another one or
    /// between others. `state` counts the value.
    pub(crate) fn pack_among(
        &self,
        path: Vec<Step>,
        leaf: Leaf,
        (slot, replace): (usize, bool),
        item: OwnedCell<'static>,
        state: RootState,
    ) -> Result<()> {
        let bytes = self.root().pager().read_page(leaf.page)?;
        let kind = self.kind_of(leaf.page, bytes.as_slice())?;
        let mut items = self.items(&leaf, &bytes)?;
        let at_end = slot == items.len();
        match items.get_mut(slot).filter(|_| replace) {
            Some(old) => *old = item,
            None => items.insert(slot.min(items.len()), item),
        }
        let (first, state) = self.without_gap(&leaf, kind, state);
        let split = if at_end { Split::Ascending } else { Split::Even };
        self.replace_leaf(path, leaf.page, &bytes, self.pieces(&items, split), first, state)
    }

    /// Replaces one leaf, whose page has the given bytes, with others.
    pub(crate) fn replace_leaf(
        &self,
        path: Vec<Step>,
        page: PageNumber,
        bytes: &PageBytes,
        pieces: Vec<Piece>,
        first: u64,
        state: RootState,
    ) -> Result<()> {
        let listed = leaf::listed(bytes.as_slice()).on_page(self.root(), page)?;
        let leaves = pieces.into_iter().map(NewLeaf::Written).collect();
        self.rewrite(Rewrite { path, removed: 1, pages: vec![page], listed, leaves, first, state })
    }

    /// Frees the overflow pages of a new value if writing its leaf failed, and returns the result.
    pub(crate) fn settle(&self, done: Result<()>, chain: Option<(PageNumber, u32)>) -> Result<()> {
        if let (Err(_), Some((chain, _))) = (&done, chain) {
            self.root().pager().free_overflow(chain)?;
        }
        done
    }

    /// Returns a value as a cell. If it needs overflow pages, also writes these and reserves pages
    /// for `pieces` leaves.
    pub(crate) fn incoming(&self, value: &[u8], pieces: usize) -> Result<Incoming> {
        let format = LeafContext::<M>::new_format(self.context.sizes, 0, value.len());
        if format.form != Form::Overflow {
            return Ok(Incoming {
                item: self.context.item(format, &[], PageNumber::NONE, value),
                chain: None,
            });
        }
        let pager = self.root().pager();
        pager.reserve(extent::pages_for(value.len()).saturating_add(self.spare_pages(pieces)))?;
        let (chain, pages) = pager.write_overflow(value)?;
        Ok(Incoming { item: self.context.item(format, &[], chain, value), chain: Some((chain, pages)) })
    }

    /// Replaces leaves.
    pub(crate) fn rewrite(&self, rewrite: Rewrite) -> Result<()> {
        let Rewrite { path, removed, pages, listed, leaves, first, mut state } = rewrite;
        let pager = self.root().pager();
        let written = leaves.iter().filter(|leaf| matches!(leaf, NewLeaf::Written(_))).count();
        // Only more leaves need pages, so values can be removed when memory is exhausted.
        if leaves.len() > removed || written > pages.len() {
            let may_reclaim = pager.heads().detached.get().is_some();
            pager.reserve(self.spare_pages(leaves.len()))?;
            if may_reclaim {
                // On damaged memory, making room may have freed these leaves.
                pages.iter().try_for_each(|page| self.leaf_kind(*page).map(drop))?;
            }
        }
        let (mut changes, mut pages) = (Changes::default(), pages.into_iter());
        let (mut parts, mut layouts) = (Vec::with_capacity(leaves.len()), Vec::new());
        let mut uniform = true;
        for new in leaves {
            let Piece { bytes, len } = match new {
                NewLeaf::Kept(part) => {
                    parts.push(part);
                    continue;
                }
                NewLeaf::Written(piece) => piece,
            };
            let page = match pages.next() {
                Some(page) => page,
                None => {
                    state.add_pages(1);
                    pager.allocate()?
                }
            };
            uniform &= leaf::kind(bytes.as_slice()).on_page(self.root(), page)?
                == (LeafKind::Array { layout: self.root().current(), width: self.width.unwrap_or(0) });
            layouts.extend(leaf::listed(bytes.as_slice()).on_page(self.root(), page)?);
            changes.writes.push((page, bytes));
            parts.push(ChildSpan { page, len });
        }
        for page in pages {
            state.remove_pages(1);
            changes.freed.push(page);
        }
        self.splice(&mut state, path, removed, parts, &mut changes)?;
        listed.into_iter().try_for_each(|layout| self.root().count_pages(layout, -1))?;
        layouts.into_iter().try_for_each(|layout| self.root().count_pages(layout, 1))?;
        self.leaf_was_written(uniform)?;
        self.set_first(first)?;
        let freed = core::mem::take(&mut changes.freed);
        self.write(changes)?;
        self.root().set_state(state)?;
        freed.into_iter().try_for_each(|page| pager.free_node(page, self.root().page()))
    }

    /// Writes all changes and clears the caches of leaves.
    pub(crate) fn write(&self, changes: Changes) -> Result<()> {
        self.forget_leaves();
        let pager = self.root().pager();
        changes
            .writes
            .into_iter()
            .try_for_each(|(page, bytes)| self.context.nodes.write_page(page, bytes))?;
        changes
            .patches
            .into_iter()
            .try_for_each(|(page, at, bytes)| self.context.nodes.patch(page, at, &bytes))?;
        changes.freed.into_iter().try_for_each(|page| pager.free_node(page, self.root().page()))
    }
}

/// Returns a state with more or fewer pages.
pub(crate) fn with_pages(mut state: RootState, change: i64) -> RootState {
    state.change_pages(change);
    state
}
