//! Makes an index of rows that were there before it, in the order of their keys and a few at a
//! time.

use std::ops::Bound;

use graven_core::error::{OrFail, Violation};
use graven_core::key::KeyBuf;
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::table::batch::{Batch, RowEntries};
use crate::table::body::{AddedEntries, Body};
use crate::table::entries::Entry;
use crate::table::index::{IndexTree, Indexed};
use crate::table::record::AnyIndex;
use crate::table::{Record, Table};

/// The number of rows whose entries are computed before any of them is written. They count as a
/// page of a budget.
pub(super) const BATCH: usize = 32;

/// How far an index is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum IndexState {
    /// All rows have their entries.
    Complete,
    /// The sweep has not reached the end of the rows.
    Incomplete {
        /// The number of entries so far.
        done: u64,
        /// The number of rows of the table.
        rows: u64,
    },
    /// A row breaks the rule of the index. The index is unique and another row has the same value,
    /// or it is that of a reference and the row refers to one that does not exist. The sweep
    /// continues once one of the rows is changed, removed or inserted.
    Blocked(Violation),
}

/// Indexes of rows that were there before them.
impl<R: Record, M: Memory> Table<R, M> {
    /// Returns how far an index is. For an incomplete unique index, reads the next rows.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_index_state`] does not.
    #[must_use]
    #[track_caller]
    pub fn index_state(&self, index: impl AnyIndex<R>) -> IndexState {
        self.try_index_state(index).or_fail()
    }

    /// Like [`Table::index_state`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_index_state(&self, index: impl AnyIndex<R>) -> Result<IndexState> {
        let at = index.position();
        let body = &self.body;
        let Some(tree) = body.indexes.get(at).filter(|tree| !tree.is_complete()) else {
            return Ok(IndexState::Complete);
        };
        if (tree.is_unique || Body::<R, M>::reference_of(at).is_some())
            && let batch = body.batch(at, &tree.indexed(), 1)?
            && let Some(row) = batch.rows.first()
            && let Some(violation) = body.broken_by(at, row, batch.entries_of(row))?
        {
            return Ok(IndexState::Blocked(violation));
        }
        let done = tree.tree.root().state().len.get();
        Ok(IndexState::Incomplete { done, rows: self.len() })
    }
}

/// The work of the sweep.
impl<R: Record, M: Memory> Body<R, M> {
    /// Returns the rule of the index at a position that a row without entries breaks.
    pub(super) fn broken_by(
        &self,
        at: usize,
        row: &RowEntries,
        entries: &[Entry],
    ) -> Result<Option<Violation>> {
        let Some(tree) = self.indexes.get(at) else { return Ok(None) };
        if let (Some(reference), Some(target)) = (Self::reference_of(at), &row.target)
            && let Some(violation) = self.broken_reference(reference, &row.key, target)?
        {
            return Ok(Some(violation));
        }
        for entry in entries.iter().filter(|_| tree.is_unique) {
            let owner = tree.find(entry.key.as_slice(), |owner| Ok(KeyBuf::from(owner)))?;
            if let Some(owner) = owner.filter(|owner| *owner != row.key) {
                return Ok(Some(self.taken(at, &owner)));
            }
        }
        Ok(None)
    }

    /// Adds entries to indexes that are not complete, while the budget lasts. Returns `true` if
    /// another call would add none: all are complete, or blocked by two rows with the same value.
    pub(super) fn build(&self, budget: &mut Budget<'_>) -> Result<bool> {
        let (mut is_finished, mut batch) = (true, Batch::default());
        for (at, index) in self.indexes.iter().enumerate() {
            let mut indexed = index.indexed();
            while !matches!(indexed, Indexed::All) {
                if budget.is_spent() {
                    is_finished = false;
                    break;
                }
                self.refill(&mut batch, at, &indexed, BATCH, &mut || budget.is_spent_within_page())?;
                if !self.index_batch(at, index, &mut indexed, &batch)? {
                    // Not charged: other indexes are not to wait for this one.
                    break;
                }
                budget.charge_read();
                budget.charge_write();
            }
        }
        Ok(is_finished)
    }

    /// Returns the next rows without entries in the index at a position, at most `most` of them.
    pub(super) fn batch(&self, at: usize, indexed: &Indexed, most: usize) -> Result<Batch> {
        let mut batch = Batch::default();
        self.refill(&mut batch, at, indexed, most, &mut || false)?;
        Ok(batch)
    }

    /// Replaces the rows of a batch by the next ones without entries in the index at a position:
    /// one, and more of them until there are `most` or the budget is spent.
    pub(super) fn refill(
        &self,
        batch: &mut Batch,
        at: usize,
        indexed: &Indexed,
        most: usize,
        is_spent: &mut dyn FnMut() -> bool,
    ) -> Result<()> {
        batch.clear();
        let start = match indexed {
            Indexed::Nothing => Bound::Unbounded,
            Indexed::UpTo(key) => Bound::Excluded(key.clone()),
            Indexed::All => return Ok(()),
        };
        let mut walk = self.rows.tree.cursor(start, Bound::Unbounded);
        while batch.rows.len() < most && self.next_row(&mut walk, at, batch)? {
            // Rows of a damaged tree that do not ascend would be found for ever.
            let ascends = match (batch.rows.as_slice(), indexed) {
                ([.., before, row], _) => before.key.as_slice() < row.key.as_slice(),
                ([row], Indexed::UpTo(before)) => before.as_slice() < row.key.as_slice(),
                _ => true,
            };
            if !ascends {
                return Err(self.root().damaged(self.root().page(), Damage::KeysOutOfOrder));
            }
            // The functions of an index may take long.
            if is_spent() {
                break;
            }
        }
        Ok(())
    }

    /// Adds the entries of a batch to the index at a position, and records how far that is. An
    /// empty batch completes the index. Returns `false` if the first row breaks the index's rule.
    fn index_batch(
        &self,
        at: usize,
        index: &IndexTree<M>,
        indexed: &mut Indexed,
        batch: &Batch,
    ) -> Result<bool> {
        let (mut last, mut result) = (None, Ok(true));
        let mut added = AddedEntries::new(&self.indexes);
        for row in &batch.rows {
            result = self.index_row(at, row, batch.entries_of(row), &mut added);
            if !matches!(result, Ok(true)) {
                break;
            }
            last = Some(&row.key);
        }
        let is_added = last.is_some() || batch.rows.is_empty();
        match last {
            Some(key) => *indexed = Indexed::UpTo(key.clone()),
            None if batch.rows.is_empty() => *indexed = Indexed::All,
            None => {}
        }
        // Also after an error, since rows up to here have their entries.
        index.set_indexed(indexed.clone())?;
        result.map(|_| is_added)
    }

    /// Adds the entries of a row that has none yet. Returns `false` and adds none if another row
    /// has one of its values, or if it refers to a row that does not exist. `added` is empty before
    /// and after, and is passed to spare an allocation for each row.
    pub(super) fn index_row<'a>(
        &self,
        at: usize,
        row: &RowEntries,
        entries: &'a [Entry],
        added: &mut AddedEntries<'a, M>,
    ) -> Result<bool> {
        if let (Some(reference), Some(target)) = (Self::reference_of(at), &row.target)
            && self.broken_reference(reference, &row.key, target)?.is_some()
        {
            return Ok(false);
        }
        for entry in entries {
            match added.add(entry, &row.key) {
                Ok(None) => {}
                other => {
                    added.undo();
                    return other.map(|_| false);
                }
            }
        }
        added.keep();
        Ok(true)
    }
}
