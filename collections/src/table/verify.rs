//! A check of a table: the pages of its rows and indexes, every row's entries, and that no index
//! has more.

use std::ops::Bound;

use graven_core::{Damage, Memory, Result};

use crate::codec::value::decode_found;
use crate::engine::cell::StoredValue;
use crate::table::body::Body;
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
        self.body.verify()
    }
}

impl<R: Record, M: Memory> Body<R, M> {
    fn verify(&self) -> Result<()> {
        self.rows.verify()?;
        if self.indexes.len() != R::INDEXES.len() {
            return Err(self.root().damaged(self.root().page(), Damage::MissingEntry));
        }
        for (at, index) in self.indexes.iter().enumerate() {
            index.tree.verify()?;
            let mut entries = Vec::new();
            let (mut walk, mut count) = (self.rows.tree.cursor(Bound::Unbounded, Bound::Unbounded), 0_u64);
            while let Some(row) = self.next_entries(&mut walk, at, &mut entries)? {
                let entries = core::mem::take(&mut entries);
                if !index.covers(&row.key) {
                    continue;
                }
                for entry in &entries {
                    if !index.has(entry, &row.key)? {
                        return Err(index.broken(Damage::MissingEntry));
                    }
                }
                if let (Some(reference), Some(target)) = (Self::reference_of(at), &row.target)
                    && self.broken_reference(reference, &row.key, target)?.is_some()
                {
                    return Err(index.broken(Damage::MissingEntry));
                }
                count = count.saturating_add(entries.len() as u64);
            }
            if count != index.tree.root().state().len.get() {
                return Err(index.broken(Damage::EntryCount));
            }
        }
        self.verify_keys()
    }

    /// Checks that each row is stored under its key.
    fn verify_keys(&self) -> Result<()> {
        let (root, mut walk) = (self.root(), self.rows.tree.cursor(Bound::Unbounded, Bound::Unbounded));
        let same = |key: &[u8], found: StoredValue<'_>| {
            let page = found.page;
            let row: R = decode_found(root, found)?;
            if self.key_of(&row)?.as_slice() == key {
                Ok(())
            } else {
                Err(root.damaged(page, Damage::RowKey))
            }
        };
        while walk.next(Self::SIZES, same)?.is_some() {}
        Ok(())
    }
}
