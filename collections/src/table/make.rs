//! Makes indexes while a store is opened. The store undoes everything if a row breaks a rule.

use std::fmt::Write;

use graven_core::error::Violation;
use graven_core::evolution::{Problem, Rule};
use graven_core::key::KeyBuf;
use graven_core::store::Collection;
use graven_core::{Memory, Result};

use crate::table::batch::Batch;
use crate::table::body::{AddedEntries, Body};
use crate::table::build::BATCH;
use crate::table::index::{IndexTree, Indexed};
use crate::table::record::IndexSpec;
use crate::table::{Record, Table};

/// The number of rows that a report names.
const MOST: usize = 5;

/// Returns `true` if one of the indexes is made when a store is opened.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "constant evaluation has no iterators, and the position is below the length"
)]
pub(super) const fn makes_indexes<R>(indexes: &[IndexSpec<R>]) -> bool {
    let mut at = 0;
    while at < indexes.len() {
        if indexes[at].is_made_at_upgrade {
            return true;
        }
        at += 1;
    }
    false
}

impl<R: Record, M: Memory> Body<R, M> {
    /// Makes each index that is not complete and that opening makes, and reports those whose rule
    /// is broken.
    pub(super) fn make_indexes(&self, problems: &mut Vec<Problem>) -> Result<()> {
        for (at, (spec, index)) in R::INDEXES.iter().zip(&self.indexes).enumerate() {
            if spec.is_made_at_upgrade && !index.is_complete() {
                let (count, broken) = self.make(at, index)?;
                problems.extend((count > 0).then(|| self.broken(spec.name, count, &broken)));
            }
        }
        Ok(())
    }

    /// Adds the entries of all rows that have none. Returns how many rows break the rule of the
    /// index, and some of them.
    fn make(&self, at: usize, index: &IndexTree<M>) -> Result<(u64, Vec<(KeyBuf, Violation)>)> {
        let (mut indexed, mut count, mut broken) = (index.indexed(), 0_u64, Vec::new());
        let mut batch = Batch::default();
        loop {
            self.refill(&mut batch, at, &indexed, BATCH, &mut || false)?;
            let mut added = AddedEntries::new(&self.indexes);
            for row in &batch.rows {
                let entries = batch.entries_of(row);
                if !self.index_row(at, row, entries, &mut added)? {
                    count = count.saturating_add(1);
                    if broken.len() < MOST {
                        broken.extend(self.broken_by(at, row, entries)?.map(|why| (row.key.clone(), why)));
                    }
                }
            }
            match batch.rows.last() {
                Some(row) => indexed = Indexed::UpTo(row.key.clone()),
                None => break,
            }
        }
        index.set_indexed(Indexed::All)?;
        Ok((count, broken))
    }

    fn broken(&self, index: &str, count: u64, broken: &[(KeyBuf, Violation)]) -> Problem {
        let (table, rows) = (self.root().name(), if count == 1 { "row breaks" } else { "rows break" });
        let mut what = format!("{count} {rows} the rule of the index `{index}`");
        for (row, why) in broken {
            // Writing to a string does not fail.
            let _ = write!(what, "\n      {}", why.by(row.as_slice()));
        }
        if count > broken.len() as u64 {
            what.push_str("\n      …");
        }
        let root = <Table<R, M> as Collection>::SPEC.named("").declaration();
        Problem {
            rule: Rule::IndexBroken,
            path: vec![table.to_owned()],
            root: format!("{table}{root}"),
            what,
            because: format!("`{index}` is to be complete when the store is opened (`at_upgrade`)"),
            fix: "change these rows with the old code first, or leave out `at_upgrade`: then the sweep makes the \
                  index, and stops at such a row until it is changed"
                .to_owned(),
        }
    }
}
