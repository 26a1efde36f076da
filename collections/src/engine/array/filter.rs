//! Removal of values that a function chooses, leaf by leaf. The function decides about the values
//! of a leaf before the leaf is written once.

use graven_core::page::PageBytes;
use graven_core::store::{Budget, OnPage, RootState};
use graven_core::{Damage, Memory, Result};

use crate::engine::array::leaf::{LeafKind, Piece};
use crate::engine::array::path::Step;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;
use crate::engine::cell::StoredValue;
use crate::engine::leaf::node;
use crate::engine::leaf::node::OwnedCell;

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
        let bytes = self.root().pager().read_page(leaf.page)?;
        let (items, start) = (self.items(&leaf, &bytes)?, leaf.start.max(first));
        let slots = first.saturating_add(index) - start..first.saturating_add(end) - start;
        let (mut stays, mut goes) = (Vec::with_capacity(items.len()), Vec::new());
        let (mut seen, mut decides) = (0, true);
        for (slot, item) in items.into_iter().enumerate() {
            let mut fate = Fate::Undecided;
            if decides && slots.contains(&(slot as u64)) {
                let head = self.context.item_head(0, &item)?;
                let found = StoredValue::in_cell(leaf.page, item.layout, &item.cell, item.owns, &head);
                fate = decide(found.on_page(self.root(), leaf.page)?)?;
                decides = fate != Fate::Undecided;
                seen += u64::from(decides);
            }
            if fate == Fate::Goes { goes.push(item) } else { stays.push(item) }
        }
        // A caller that continues after the seen values would never end.
        if seen == 0 {
            return Err(self.root().damaged(leaf.page, Damage::LengthMismatch));
        }
        let removed = goes.len() as u64;
        if removed > 0 {
            let mut state = self.root().state();
            state.remove_entries(removed, 0);
            let (first, state) = self.without_gap(&leaf, self.kind_of(leaf.page, bytes.as_slice())?, state);
            self.keep_in_leaf(path, leaf, &bytes, (&stays, &goes), first, state)?;
        }
        if removed > 0 && self.len() > 0 {
            let position = first.saturating_add(index).min(self.end().saturating_sub(1));
            self.tidy(position.max(self.first.get()))?;
        }
        Ok(Filtered { seen, removed })
    }

    /// Writes a leaf anew with the values that stay, or frees it if there are none. `state` counts
    /// these, and still the bytes and pages of those that go. `first` is the number of dead
    /// positions before the first value afterwards.
    pub(crate) fn keep_in_leaf(
        &self,
        path: Vec<Step>,
        leaf: Leaf,
        bytes: &PageBytes,
        (stays, goes): (&[OwnedCell<'_>], &[OwnedCell<'_>]),
        first: u64,
        state: RootState,
    ) -> Result<()> {
        let kind = self.kind_of(leaf.page, bytes.as_slice())?;
        if stays.is_empty() {
            return self.drop_leaf(path, leaf, kind);
        }
        let (state, chains) = self.without(state, goes)?;
        let piece = match kind {
            LeafKind::Array { layout, width } => self.array_of(stays, width, layout),
            LeafKind::Node => {
                Piece { bytes: node::build(stays, 0, self.root().page()), len: stays.len() as u64 }
            }
        };
        self.replace_leaf(path, leaf.page, bytes, vec![piece], first, state)?;
        self.root().pager().free_overflows(chains)
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
