//! Makes an index of rows that were there before it, in the order of their keys and a few at a
//! time.

use std::ops::Bound;

use graven_core::error::{Broken, OrFail, Violation};
use graven_core::key::KeyBuf;
use graven_core::store::Budget;
use graven_core::{Error, Memory, Result};

use crate::codec::value::decode_found;
use crate::map::btree::BTreeMap;
use crate::table::edit::add_entries;
use crate::table::entries::Entry;
use crate::table::index::{Added, IndexTree, Indexed};
use crate::table::record::AnyIndex;
use crate::table::{Record, Table};

/// The number of rows whose entries are computed before any of them is written. They count as a
/// page of a budget.
const BATCH: usize = 32;

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
    /// The index is unique, and two rows have the same value. The sweep continues once one of them
    /// is changed or removed.
    Blocked(Violation),
}

/// The rows of a batch, each with its entries.
type Batch = Vec<(KeyBuf, Vec<Entry>)>;

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
    /// [`Error::Damaged`].
    pub fn try_index_state(&self, index: impl AnyIndex<R>) -> Result<IndexState> {
        let at = index.position();
        let Some(tree) = self.indexes.get(at).filter(|tree| !tree.is_complete()) else {
            return Ok(IndexState::Complete);
        };
        let done = tree.tree.root().state().len.get();
        if let Some((row, entries)) = self.batch(at, &tree.indexed(), 1, &mut || false)?.pop() {
            for entry in entries {
                let owner = match tree.is_unique {
                    true => tree.find(entry.key.as_slice(), |owner| Ok(KeyBuf::from(owner)))?,
                    false => None,
                };
                if let Some(owner) = owner.filter(|owner| owner.as_slice() != row.as_slice()) {
                    let index = R::INDEXES.get(at).map_or("", |spec| spec.name).to_owned();
                    let Error::Violation(violation) = self.violation(Broken::Unique { index }, &owner) else {
                        continue;
                    };
                    return Ok(IndexState::Blocked(*violation));
                }
            }
        }
        Ok(IndexState::Incomplete { done, rows: self.len() })
    }

    /// Adds entries to indexes that are not complete, while the budget lasts. Returns `true` if
    /// another call would add none: all are complete, or blocked by two rows with the same value.
    pub(super) fn build(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        let mut is_finished = true;
        for (at, index) in self.indexes.iter().enumerate() {
            let mut indexed = index.indexed();
            while !matches!(indexed, Indexed::All) {
                if budget.is_spent() {
                    is_finished = false;
                    break;
                }
                let batch = self.batch(at, &indexed, BATCH, &mut || budget.is_spent_within_page())?;
                if !add(index, &mut indexed, batch)? {
                    // Not charged: other indexes are not to wait for this one.
                    break;
                }
                budget.charge_read();
                budget.charge_write();
            }
        }
        Ok(is_finished)
    }

    /// Returns the next rows without entries in the index at a position: one, and more of them
    /// until there are `most` or the budget is spent.
    fn batch(
        &self,
        at: usize,
        indexed: &Indexed,
        most: usize,
        is_spent: &mut dyn FnMut() -> bool,
    ) -> Result<Batch> {
        let start = match indexed {
            Indexed::Nothing => Bound::Unbounded,
            Indexed::UpTo(key) => Bound::Excluded(key.clone()),
            Indexed::All => return Ok(Vec::new()),
        };
        let (mut walk, mut batch) = (self.rows.tree.cursor(start, Bound::Unbounded), Vec::new());
        while batch.len() < most {
            let next = walk.next(BTreeMap::<R::Key, R, M>::SIZES, |key, found| {
                let row: R = decode_found(self.rows.tree.root(), found)?;
                let (key, mut entries) = (KeyBuf::from(key), Vec::new());
                add_entries(at, &row, &key, &mut entries)?;
                Ok((key, entries))
            })?;
            match next {
                Some(row) => batch.push(row),
                None => break,
            }
            // The functions of an index may take long.
            if is_spent() {
                break;
            }
        }
        Ok(batch)
    }
}

/// Adds the entries of a batch, and records how far that is. An empty batch completes the index.
/// Returns `false` if the first row has the value of another one.
fn add<M: Memory>(index: &IndexTree<M>, indexed: &mut Indexed, batch: Batch) -> Result<bool> {
    let (is_last, mut count) = (batch.is_empty(), 0_usize);
    let added = batch.into_iter().try_for_each(|(row, entries)| {
        add_row(index, &row, &entries)?;
        *indexed = Indexed::UpTo(row);
        count = count.saturating_add(1);
        Ok(())
    });
    if is_last {
        *indexed = Indexed::All;
    }
    // Also after an error, since rows up to here have their entries.
    index.set_indexed(indexed.clone())?;
    match added {
        Err(Stop::Blocked) => Ok(count > 0),
        Err(Stop::Failed(error)) => Err(error),
        Ok(()) => Ok(true),
    }
}

/// The reason why a row has no entries.
enum Stop {
    Blocked,
    Failed(Error),
}

/// Adds the entries of a row, all or none.
fn add_row<M: Memory>(index: &IndexTree<M>, row: &KeyBuf, entries: &[Entry]) -> Result<(), Stop> {
    for (count, entry) in entries.iter().enumerate() {
        let stop = match index.add(&entry.key, row) {
            Ok(Added::New | Added::Known) => continue,
            Ok(Added::Taken(_)) => Stop::Blocked,
            Err(error) => Stop::Failed(error),
        };
        for entry in entries.iter().take(count) {
            let _ = index.remove(&entry.key);
        }
        return Err(stop);
    }
    Ok(())
}
