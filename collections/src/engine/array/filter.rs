//! Removal of values that a function chooses, leaf by leaf. The function decides about the values
//! of a leaf before the leaf is written once.

use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::store::{Budget, OnPage};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::children::{Changes, ChildSpan};
use crate::engine::array::edit::{NewLeaf, Rewrite};
use crate::engine::array::leaf;
use crate::engine::array::leaf::{ARRAY_AT, LeafKind, Piece, capacity};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::leaf::node;

/// A decision about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    Goes,
    /// The value stays, and so do those after it, which are not decided about.
    Undecided,
}

/// The result of [`Sequence::filter_leaf`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filtered {
    /// Number of values that were decided about.
    pub(crate) seen: u64,
    /// Number of these that were removed.
    pub(crate) removed: u64,
}

/// A function that decides about values, one after the other.
type Decide<'a> = &'a mut dyn FnMut(StoredValue<'_>) -> Result<Fate>;

impl<M: Memory> Sequence<M> {
    /// Decides about the values from `index` on, up to `end` or the end of the leaf, and removes
    /// those that go. Needs no pages, so it works when memory is exhausted. The first value is
    /// always decided about.
    pub(crate) fn filter_leaf(&self, index: u64, end: u64, decide: Decide<'_>) -> Result<Filtered> {
        let end = end.min(self.len());
        if index >= end {
            return Ok(Filtered::default());
        }
        let first = self.first.get();
        let (path, leaf) = self.path(first.saturating_add(index))?;
        let leaf_page = leaf.page;
        let bytes = self.root().pager().read_page(leaf_page)?;
        let slots = first.saturating_add(index) - leaf.start..first.saturating_add(end) - leaf.start;
        let filtered = match self.leaf_kind(leaf.page)? {
            LeafKind::Array { layout, width } => {
                let array = Array { layout, width, slots };
                self.filter_array(path, leaf, bytes, array, decide)?
            }
            LeafKind::Node => self.filter_node(path, leaf, &bytes, slots, decide)?,
        };
        // A caller that continues after the seen values would never end.
        if filtered.seen == 0 {
            return Err(self.root().damaged(leaf_page, Damage::LengthMismatch));
        }
        if filtered.removed > 0 && self.len() > 0 {
            self.tidy(first.saturating_add(index).min(self.end().saturating_sub(1)).max(self.first.get()))?;
        }
        Ok(filtered)
    }

    #[expect(clippy::indexing_slicing, reason = "live slots are at most `capacity`, checked above")]
    fn filter_array(
        &self,
        path: Vec<Step>,
        leaf: Leaf,
        mut bytes: Box<PageBytes>,
        array: Array,
        decide: Decide<'_>,
    ) -> Result<Filtered> {
        let (page, live, width) = (leaf.page, self.live(&leaf), array.width);
        if live.end > capacity(width) {
            return Err(self.root().damaged(page, Damage::LengthMismatch));
        }
        let at = |slot: u64| ARRAY_AT + slot as usize * width;
        let (mut to, mut slot, mut filtered) = (array.slots.start, array.slots.start, Filtered::default());
        let mut changed = None;
        while slot < array.slots.end.min(live.end) {
            let value = &bytes[at(slot)..at(slot + 1)];
            match decide(StoredValue { page, layout: array.layout, value: ValueRef::Inline(value) })? {
                Fate::Undecided => break,
                Fate::Goes => {
                    changed = changed.or(Some(slot));
                    filtered.removed += 1;
                }
                Fate::Stays => {
                    bytes.copy_within(at(slot)..at(slot + 1), at(to));
                    to += 1;
                }
            }
            filtered.seen += 1;
            slot += 1;
        }
        let Some(changed) = changed else { return Ok(filtered) };
        if filtered.removed == live.end - live.start {
            let kind = LeafKind::Array { layout: array.layout, width };
            return self.drop_leaf(path, leaf, kind).map(|()| filtered);
        }
        bytes.copy_within(at(slot)..at(live.end), at(to));
        let end = live.end - filtered.removed;
        let mut state = self.root().state();
        state.remove_entries(filtered.removed, filtered.removed.saturating_mul(width as u64));
        let mut changes = Changes::default();
        let shrunk = ChildSpan { page, len: leaf.len().saturating_sub(filtered.removed) };
        self.splice(&mut state, path, 1, vec![shrunk], &mut changes)?;
        self.root().pager().write(page, at(changed), &bytes[at(changed)..at(end).min(PAGE_SIZE)])?;
        self.write(changes)?;
        self.root().set_state(state)?;
        Ok(filtered)
    }

    fn filter_node(
        &self,
        path: Vec<Step>,
        leaf: Leaf,
        bytes: &PageBytes,
        slots: core::ops::Range<u64>,
        decide: Decide<'_>,
    ) -> Result<Filtered> {
        let (items, dead) = (self.items(&leaf, bytes)?, self.live(&leaf).start);
        let slots = slots.start.saturating_sub(dead)..slots.end.saturating_sub(dead);
        let (mut stays, mut goes) = (Vec::with_capacity(items.len()), Vec::new());
        let (mut filtered, mut decides) = (Filtered::default(), true);
        for (slot, item) in items.into_iter().enumerate() {
            let mut fate = Fate::Undecided;
            if decides && slots.contains(&(slot as u64)) {
                let head = self.context.item_head(0, &item)?;
                fate = decide(
                    StoredValue::in_cell(leaf.page, item.layout, &item.cell, item.owns, &head)
                        .on_page(self.root(), leaf.page)?,
                )?;
                decides = fate != Fate::Undecided;
                filtered.seen += u64::from(decides);
            }
            if fate == Fate::Goes { goes.push(item) } else { stays.push(item) }
        }
        filtered.removed = goes.len() as u64;
        if goes.is_empty() {
            return Ok(filtered);
        }
        if stays.is_empty() {
            return self.drop_leaf(path, leaf, LeafKind::Node).map(|()| filtered);
        }
        let (mut state, chains) = self.without(self.root().state(), &goes)?;
        state.remove_entries(filtered.removed, 0);
        let (first, state) = self.without_gap(&leaf, LeafKind::Node, state);
        let piece = Piece { bytes: node::build(&stays, 0, self.root().page()), len: stays.len() as u64 };
        self.rewrite(Rewrite {
            path,
            removed: 1,
            pages: vec![leaf.page],
            listed: leaf::listed(bytes.as_slice()).on_page(self.root(), leaf.page)?,
            leaves: vec![NewLeaf::Written(piece)],
            first,
            state,
        })?;
        self.root().pager().free_overflows(chains)?;
        Ok(filtered)
    }

    /// Removes the values of a range, leaf by leaf, until the budget is spent. Returns what is left
    /// of the range.
    pub(crate) fn remove_range(
        &self,
        mut range: core::ops::Range<u64>,
        budget: &mut Budget<'_>,
    ) -> Result<core::ops::Range<u64>> {
        while range.start < range.end && !budget.is_spent() {
            budget.charge_read();
            budget.charge_write();
            let removed = self.filter_leaf(range.start, range.end, &mut |_| Ok(Fate::Goes))?.removed;
            range.end -= removed;
            if removed == 0 {
                return Err(self.broken(Damage::MissingEntry));
            }
        }
        Ok(range)
    }
}

/// An array, with the slots that are visited.
struct Array {
    layout: u16,
    width: usize,
    slots: core::ops::Range<u64>,
}
