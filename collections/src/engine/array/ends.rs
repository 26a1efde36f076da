//! Pushing and popping at both ends. Usually only a value is written, with the count behind it or
//! the root's state.

use graven_core::page::PageNumber;
use graven_core::store::{Budget, OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::arrays::Arrays;
use crate::engine::array::children::ChildSpan;
use crate::engine::array::detached::AT_ONCE;
use crate::engine::array::edit::{NewLeaf, Rewrite, with_pages};
use crate::engine::array::leaf;
use crate::engine::array::leaf::{LeafKind, Piece, capacity};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::{Sequence, mark_of};
use crate::engine::array::span::Leaf;
use crate::engine::cell::Form;
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::node::Split;
use crate::engine::leaf::reader::NodeReader as Page;

/// Number of positions of a new first node, which leave room for values before its first one.
const NODE_POSITIONS: u64 = 4096;

/// An end of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Front,
    Back,
}

impl<M: Memory> Sequence<M> {
    /// Adds a value after all others. `size` is its size, if all values have the same.
    #[inline(always)]
    pub(crate) fn push_sized(&self, value: &[u8], size: Option<usize>) -> Result<()> {
        match size {
            Some(size) if self.push_last(size, value) => Ok(()),
            _ => self.push_slowly(value),
        }
    }

    /// Adds a value after all others.
    pub(crate) fn push_back(&self, value: &[u8]) -> Result<()> {
        self.push_sized(value, self.width.filter(|width| *width == value.len()))
    }

    #[inline(never)]
    fn push_slowly(&self, value: &[u8]) -> Result<()> {
        if self.len() == 0 {
            return self.plant(value);
        }
        loop {
            let (path, leaf) = self.path(self.end().saturating_sub(1))?;
            let kind = self.leaf_kind(leaf.page)?;
            if let Some(width) = self.current_width(kind).filter(|width| leaf.len() < capacity(*width)) {
                if self.shall_count(&leaf, 1) {
                    self.count_in(&leaf, width)?;
                    let is_pushed = self.push_last(width, value);
                    return is_pushed.then_some(()).ok_or_else(|| self.broken(Damage::LengthMismatch));
                }
                let at = leaf::place(&leaf, self.end(), width).on_page(self.root(), leaf.page)?;
                self.root().pager().write(leaf.page, at, value)?;
                return self.count(1, width as i64);
            }
            if kind != LeafKind::Node || self.width.is_some() {
                return self.add_leaf(path, leaf, End::Back, value);
            }
            let slot = self.slot_of(&leaf, self.end());
            if self.put_in_node(path, &leaf, slot, false, value)? {
                return Ok(());
            }
            self.migrate(leaf.end.saturating_sub(1), &mut || false)?;
        }
    }

    /// Adds a value before all others.
    pub(crate) fn push_front(&self, value: &[u8]) -> Result<()> {
        if self.len() == 0 {
            return self.plant(value);
        }
        loop {
            let first = self.first.get();
            let (path, leaf) = self.path(first)?;
            let kind = self.leaf_kind(leaf.page)?;
            match (kind, first.checked_sub(1).filter(|before| *before >= leaf.start)) {
                (LeafKind::Array { width, .. }, Some(before)) if self.current_width(kind).is_some() => {
                    let at = leaf::place(&leaf, before, width).on_page(self.root(), leaf.page)?;
                    self.root().pager().write(leaf.page, at, value)?;
                    self.set_first(before)?;
                    // The bytes of dead positions in arrays are already counted.
                    return self.count(1, 0);
                }
                (LeafKind::Array { .. }, Some(_)) => drop(self.migrate(first, &mut || false)?),
                (LeafKind::Node, Some(before)) if self.width.is_none() => {
                    if self.put_before_node(&leaf, before, value)? {
                        return Ok(());
                    }
                    self.migrate(first, &mut || false)?;
                }
                (_, None) if leaf.start > 0 => self.free_dead_leaves(u32::MAX)?,
                _ => return self.add_leaf(path, leaf, End::Front, value),
            }
        }
    }

    /// Puts a value into the dead position before a node's first value. Returns `false` if it does
    /// not fit.
    fn put_before_node(&self, leaf: &Leaf, before: u64, value: &[u8]) -> Result<bool> {
        let pager = self.root().pager();
        let format = LeafContext::<M>::new_format(self.context.sizes, 0, value.len());
        if !matches!(format.form, Form::Inline(_)) {
            return Ok(false);
        }
        let put = pager.with_scratch(|bytes| {
            let mut page = Page::open(pager, self.root().page(), leaf.page, bytes)?;
            self.context.put_in_place(&mut page, 0, None, format, &[], value)
        })?;
        if put {
            self.leaf_was_written(false)?;
            self.forget_leaves();
            self.set_first(before)?;
            self.count(1, value.len() as i64)?;
        }
        Ok(put)
    }

    /// Creates the first leaf, with one value.
    fn plant(&self, value: &[u8]) -> Result<()> {
        self.clear()?;
        if self.width.is_some() {
            self.set_mark(mark_of(self.root().current()))?;
        }
        let (leaf, chain) = self.leaf_of(value, End::Back)?;
        let state = self.counted(1, value.len() as i64, chain);
        let rewrite = Rewrite {
            path: Vec::new(),
            removed: 0,
            pages: Vec::new(),
            listed: Vec::new(),
            leaves: vec![NewLeaf::Written(leaf)],
            first: 0,
            state,
        };
        self.settle(self.rewrite(rewrite), chain)
    }

    /// Adds a leaf of one value after the last leaf or before the first one.
    fn add_leaf(&self, path: Vec<Step>, leaf: Leaf, end: End, value: &[u8]) -> Result<()> {
        if end == End::Back
            && let Some(step) = path.last()
            && self.add_array(step, &leaf, value)?
        {
            return self.free_dead_leaves(AT_ONCE);
        }
        let (new, chain) = self.leaf_of(value, end)?;
        let dead_bytes =
            if self.width.is_some() { (new.len - 1).saturating_mul(value.len() as u64) } else { 0 };
        let mut state = self.counted(1, value.len() as i64, chain);
        state.add_bytes(dead_bytes);
        let mut first = self.first.get();
        let gap = if end == End::Front { first.saturating_sub(leaf.start) } else { 0 };
        let kept = NewLeaf::Kept(ChildSpan { page: leaf.page, len: leaf.len().saturating_sub(gap) });
        let leaves = match end {
            End::Back => vec![kept, NewLeaf::Written(new)],
            End::Front => {
                first = leaf.start.saturating_add(new.len - 1);
                vec![NewLeaf::Written(new), kept]
            }
        };
        let rewrite =
            Rewrite { path, removed: 1, pages: Vec::new(), listed: Vec::new(), leaves, first, state };
        self.settle(self.rewrite(rewrite), chain)?;
        self.free_dead_leaves(AT_ONCE)
    }

    /// Returns a leaf of one value, and the value's overflow pages. At the front the leaf also
    /// covers dead positions before the value.
    fn leaf_of(&self, value: &[u8], end: End) -> Result<(Piece, Option<(PageNumber, u32)>)> {
        let owner = self.root().page();
        if let Some(width) = self.width {
            let len = if end == End::Front { capacity(width) } else { 1 };
            let bytes = leaf::array(value, len as usize - 1, width, self.root().current(), owner);
            return Ok((Piece { bytes, len }, None));
        }
        let incoming = self.incoming(value, 2)?;
        let pieces = self.pieces(&[incoming.item], Split::Even);
        let Some(piece) = pieces.into_iter().next() else { return Err(self.broken(Damage::EmptyNode)) };
        let len = if end == End::Front { NODE_POSITIONS } else { 1 };
        Ok((Piece { len, ..piece }, incoming.chain))
    }

    /// Returns the root's state with changed numbers of values and bytes, and with a value's
    /// overflow pages.
    pub(crate) fn counted(&self, values: i64, bytes: i64, chain: Option<(PageNumber, u32)>) -> RootState {
        let mut state = with_pages(self.root().state(), chain.map_or(0, |chain| i64::from(chain.1)));
        state.len = state.len.get().saturating_add_signed(values).into();
        state.bytes = state.bytes.get().saturating_add_signed(bytes).into();
        state
    }

    #[inline]
    pub(crate) fn count(&self, values: i64, bytes: i64) -> Result<()> {
        if bytes == 0 && self.counting.get().page.is_some() {
            // The first position alone has changed.
            self.root().count_on_heap(values, 0);
        } else {
            self.uncount()?;
            self.root().count_values(values, bytes)?;
            self.arrays.cut_run(self.end(), self.zero());
        }
        Ok(())
    }

    /// Removes the last value. `size` is its size, if all values have the same.
    #[inline(always)]
    pub(crate) fn pop_back(&self, size: Option<usize>) -> Result<()> {
        match size.and_then(|size| Some((self.last_value(size)?, size))) {
            Some((last, size)) => {
                self.drop_last(last, size);
                Ok(())
            }
            None => self.pop(End::Back),
        }
    }

    /// Removes the first or the last value.
    #[inline(never)]
    pub(crate) fn pop(&self, end: End) -> Result<()> {
        let position = match end {
            End::Front => self.first.get(),
            End::Back => self.end().saturating_sub(1),
        };
        let (path, leaf) = self.path(position)?;
        let (live, kind) = (self.live(&leaf), self.leaf_kind(leaf.page)?);
        if live.end - live.start == 1 {
            return self.drop_leaf(path, leaf, kind);
        }
        let LeafKind::Array { width, .. } = kind else {
            let slot = self.slot_of(&leaf, position);
            self.take_out(&leaf, slot)?;
            return if end == End::Front { self.set_first(position + 1) } else { Ok(()) };
        };
        if end == End::Front {
            self.set_first(position + 1)?;
            return self.count(-1, 0);
        }
        if self.current_width(kind).is_some() && self.shall_count(&leaf, -1) {
            self.count_in(&leaf, width)?;
            self.open_top(&leaf);
            let last = self.last_value(width).ok_or_else(|| self.broken(Damage::LengthMismatch))?;
            self.drop_last(last, width);
            return Ok(());
        }
        self.count(-1, -(width as i64))
    }

    /// Removes values at the end, a leaf at a time, until the budget is spent. Returns `true` when
    /// at most `len` are left.
    pub(crate) fn truncate(&self, len: u64, budget: &mut Budget<'_>) -> Result<bool> {
        if len == 0 {
            self.clear()?;
        }
        while self.len() > len {
            if budget.is_spent() {
                return Ok(false);
            }
            budget.charge_read();
            budget.charge_write();
            let last = self.end().saturating_sub(1);
            let (path, leaf) = self.path(last)?;
            let (kind, keep) = (self.leaf_kind(leaf.page)?, self.position(len));
            if keep <= leaf.start.max(self.first.get()) {
                self.drop_leaf(path, leaf, kind)?;
            } else if let LeafKind::Array { width, .. } = kind {
                leaf::place(&leaf, last, width).on_page(self.root(), leaf.page)?;
                let cut = self.end().saturating_sub(keep) as i64;
                self.forget_leaves();
                self.count(-cut, -cut * width as i64)?;
            } else {
                self.pop(End::Back)?;
            }
        }
        Ok(true)
    }

    /// Removes one value from a node.
    pub(crate) fn take_out(&self, leaf: &Leaf, slot: usize) -> Result<()> {
        let pager = self.root().pager();
        self.uncount()?;
        self.forget_leaves();
        pager.with_scratch(|bytes| {
            let mut page = Page::open(pager, self.root().page(), leaf.page, bytes)?;
            let head = page.entry(&self.context, slot)?;
            self.context.take_out(&mut page, slot, &head)
        })
    }

    /// Frees a leaf with the values that are left in it.
    pub(crate) fn drop_leaf(&self, path: Vec<Step>, leaf: Leaf, kind: LeafKind) -> Result<()> {
        let live = self.live(&leaf);
        if self.len() <= live.end - live.start {
            return self.clear();
        }
        let mut state = self.root().state();
        state.len = (self.len() - (live.end - live.start)).into();
        let (state, chains, listed) = self.without_leaf(state, &leaf, kind)?;
        // The others stay cached, unless their positions change.
        let others = match kind {
            LeafKind::Array { width, .. } => {
                self.arrays.without_last(leaf.start, self.zero(), capacity(width))
            }
            LeafKind::Node => Arrays::default(),
        };
        let first = self.first.get();
        self.rewrite(Rewrite {
            path,
            removed: 1,
            pages: vec![leaf.page],
            listed,
            leaves: Vec::new(),
            first: self.first.get().min(leaf.start),
            state,
        })?;
        if self.first.get() == first && self.uniform.get() {
            self.arrays.replace(others);
        }
        self.root().pager().free_overflows(chains)
    }
}
