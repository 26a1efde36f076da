//! Dropping of many values at the front. They are gone at once, and later operations free their
//! leaves, a few at a time.

use graven_core::page::{LayoutId, PageNumber};
use graven_core::store::{Budget, OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::edit::{Rewrite, with_pages};
use crate::engine::array::leaf;
use crate::engine::array::leaf::LeafKind;
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::{Counting, Leaf};
use crate::engine::leaf::node::OwnedCell;

/// Number of dead leaves that are freed when a leaf is added. It is more than one, so their number
/// falls.
pub(crate) const AT_ONCE: u32 = 2;

impl<M: Memory> Sequence<M> {
    /// Drops the given number of values at the front. Costs the same for any number, since it looks
    /// into one leaf only.
    pub(crate) fn drop_front(&self, count: u64) -> Result<()> {
        let len = self.len();
        if count >= len {
            self.clear()?;
            return self.set_dropped(self.dropped().saturating_add(len));
        }
        if count == 0 {
            return Ok(());
        }
        self.may_be_dead.set(true);
        let first = self.position(count);
        let (path, leaf) = self.path(first)?;
        match self.leaf_kind(leaf.page)? {
            LeafKind::Node => {
                let bytes = self.root().pager().read_page(leaf.page)?;
                let items = self.items(&leaf, &bytes)?;
                let (goes, stays) = items.split_at(self.slot_of(&leaf, first).min(items.len()));
                let state = RootState { len: (len - count).into(), ..self.root().state() };
                self.keep_in_leaf(path, leaf, &bytes, (stays, goes), leaf.start, state)?;
            }
            LeafKind::Array { .. } => {
                self.forget_leaves();
                self.set_first(first)?;
                self.count((count as i64).wrapping_neg(), 0)?;
            }
        }
        self.set_dropped(self.dropped().saturating_add(count))
    }

    /// Returns the root's state without the bytes and overflow pages of some cells, and the first
    /// overflow page of each.
    pub(crate) fn without(
        &self,
        mut state: RootState,
        items: &[OwnedCell<'_>],
    ) -> Result<(RootState, Vec<PageNumber>)> {
        let mut chains = Vec::new();
        for item in items {
            let head = self.context.item_head(0, item)?;
            state.remove_bytes(head.value_len as u64);
            if item.owns {
                let pages = self.root().pager().check_overflow_of(head.page, head.value_len)?;
                state = with_pages(state, -i64::from(pages));
                chains.push(head.page);
            }
        }
        Ok((state, chains))
    }

    /// Returns the root's state without the values of a leaf, the first overflow page of each, and
    /// the layouts that the leaf lists.
    pub(crate) fn without_leaf(
        &self,
        mut state: RootState,
        leaf: &Leaf,
        kind: LeafKind,
    ) -> Result<(RootState, Vec<PageNumber>, Vec<LayoutId>)> {
        if let LeafKind::Array { layout, width } = kind {
            state.remove_bytes(leaf.len().saturating_mul(width as u64));
            return Ok((state, Vec::new(), vec![layout]));
        }
        let bytes = self.root().pager().read_page(leaf.page)?;
        let (items, live) = (self.context.items(leaf.page, &bytes)?, self.live(leaf));
        // A leaf without live values still has its cells.
        if live.end > live.start && items.len() as u64 != live.end - live.start {
            return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
        }
        let (state, chains) = self.without(state, &items)?;
        Ok((state, chains, leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)?))
    }

    /// Returns the first leaf and the path to it, if no value in it is left.
    fn dead_leaf(&self) -> Result<Option<(Vec<Step>, Leaf)>> {
        if self.len() == 0 || self.first.get() == 0 || !self.may_be_dead.get() {
            return Ok(None);
        }
        let found = self.path(0)?;
        let is_dead = found.1.end <= self.first.get();
        self.may_be_dead.set(is_dead);
        Ok(is_dead.then_some(found))
    }

    /// Frees leaves without values, at most `most` of them.
    pub(crate) fn free_dead_leaves(&self, most: u32) -> Result<()> {
        for _ in 0..most {
            let Some((path, leaf)) = self.dead_leaf()? else { break };
            self.free_dead_leaf(path, leaf)?;
        }
        Ok(())
    }

    /// Frees leaves without values until the budget of a sweep is spent, since they may have
    /// previous layouts.
    pub(crate) fn sweep_dead_leaves(&self, budget: &mut Budget<'_>) -> Result<()> {
        while !budget.is_spent()
            && let Some((path, leaf)) = self.dead_leaf()?
        {
            budget.charge_read();
            self.free_dead_leaf(path, leaf)?;
        }
        Ok(())
    }

    fn free_dead_leaf(&self, path: Vec<Step>, leaf: Leaf) -> Result<()> {
        let (state, counting) = (with_pages(self.root().state(), -1), self.counting.get());
        // The chains are freed with the leaf.
        let (state, _, listed) = self.without_leaf(state, &leaf, self.leaf_kind(leaf.page)?)?;
        self.rewrite(Rewrite {
            path,
            removed: 1,
            pages: Vec::new(),
            listed,
            leaves: Vec::new(),
            first: self.first.get().saturating_sub(leaf.end),
            state,
        })?;
        if counting.page.is_some() {
            // Nothing was written there, but positions begin later.
            self.set_counting(Counting { start: counting.start.saturating_sub(leaf.end), ..counting })?;
        }
        self.root().pager().free_tree(leaf.page)
    }
}
