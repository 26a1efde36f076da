//! A check of a table: the pages of its rows and indexes, every row's entries, and that no index
//! has more.

use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::{Damage, Memory, Result};

use crate::codec::value::decode_found;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::engine::verify::Audit;
use crate::table::batch::Batch;
use crate::table::body::Body;
use crate::table::index::IndexTree;
use crate::table::{Record, Table};

impl<R: Record, M: Memory> Table<R, M> {
    /// Checks all pages of the rows and of the indexes, that each row is stored under its key and
    /// has its entries in each index, that there are no others, and that the rows exist to which
    /// rows refer. Reads every page, and looks up every entry, so a large table may not fit in one
    /// message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        self.body.check(&mut Audit::first())
    }
}

impl<R: Record, M: Memory> Body<R, M> {
    /// Checks the rows, each index, and the entries of each index.
    pub(super) fn check(&self, audit: &mut Audit<'_>) -> Result<()> {
        audit.part(|audit| self.rows.tree.check(audit))?;
        if self.indexes.len() != R::INDEXES.len() {
            return Err(self.root().damaged(self.root().page(), Damage::MissingEntry));
        }
        for (at, index) in self.indexes.iter().enumerate() {
            audit.part(|audit| index.tree.check(audit))?;
            audit.part(|audit| self.check_entries(at, index, audit))?;
        }
        audit.part(|audit| self.check_keys(audit))
    }

    /// Checks that an index has the entries of all rows, and no others.
    fn check_entries(&self, at: usize, index: &IndexTree<M>, audit: &mut Audit<'_>) -> Result<()> {
        let mut walk = self.rows_after(audit.resume());
        let mut batch = Batch::default();
        while self.next_row(&mut walk, at, &mut batch)? {
            let Some(row) = batch.rows.first() else { break };
            let entries = batch.entries_of(row);
            if !index.covers(&row.key) {
                // No later row is covered either.
                break;
            }
            for entry in entries {
                if !index.has(entry, &row.key)? {
                    return Err(index.broken(Damage::MissingEntry));
                }
            }
            if let (Some(reference), Some(target)) = (Self::reference_of(at), &row.target)
                && self.broken_reference(reference, &row.key, target)?.is_some()
            {
                return Err(index.broken(Damage::MissingEntry));
            }
            audit.counts.entries = audit.counts.entries.saturating_add(entries.len() as u64);
            if audit.stops_before(row.key.as_slice()) {
                return Ok(());
            }
            batch.clear();
        }
        audit.compare(|counts| {
            if counts.entries == index.tree.root().state().len.get() {
                Ok(())
            } else {
                Err(index.broken(Damage::EntryCount))
            }
        })
    }

    /// Checks that each row is stored under its key.
    fn check_keys(&self, audit: &mut Audit<'_>) -> Result<()> {
        let (root, mut walk) = (self.root(), self.rows_after(audit.resume()));
        let same = |key: &[u8], found: StoredValue<'_>| {
            let page = found.page;
            let row: R = decode_found(root, found)?;
            if self.key_of(&row)?.as_slice() == key {
                Ok(KeyBuf::from(key))
            } else {
                Err(root.damaged(page, Damage::RowKey))
            }
        };
        while let Some(key) = walk.next(Self::SIZES, same)? {
            if audit.stops_before(key.as_slice()) {
                break;
            }
        }
        Ok(())
    }

    /// Returns an iterator over the rows after the one with a key, or over all.
    fn rows_after(&self, key: Option<Vec<u8>>) -> RangeIter<'_, M> {
        let start = key.map_or(Bound::Unbounded, |key| Bound::Excluded(KeyBuf::from(key.as_slice())));
        self.rows.tree.cursor(start, Bound::Unbounded)
    }
}
