//! The collections of a `Nested` or `Records` by their numbers, for entries that are found without
//! the tree.

use std::collections::HashMap;

use graven_core::{Damage, Memory, Result};

use super::body::Body;
use super::entry::StoredEntry;
use super::root::StoredRoot;
use crate::engine::verify::LeafPage;
use crate::nested::row::{Row, key_of};

/// The collections of a root by number.
#[derive(Default)]
pub(super) struct Collections {
    /// The key and the row of each collection in use, or `None` for a removed one.
    rows: HashMap<u64, Option<(Vec<u8>, Row)>>,
    /// The keys of records by their numbers.
    records: HashMap<u64, Vec<u8>>,
}

impl Collections {
    /// Reads the rows in these leaves.
    pub(super) fn of<M: Memory>(root: &StoredRoot<M>, leaves: impl Iterator<Item = LeafPage>) -> Self {
        let mut collections = Collections::default();
        let Body::Nested(trees) = &root.body else { return collections };
        for leaf in leaves.filter(|leaf| leaf.tree == 2) {
            let Ok(page) = trees.index.read_leaf(leaf.page) else { continue };
            for index in 0..page.count {
                let row = page.read_at(&trees.index, trees.index.context.sizes, index, |key, found| {
                    let damaged = |reason: Damage| trees.index.root().damaged(found.page, reason);
                    Ok((key.to_vec(), Row::read(found).map_err(damaged)?))
                });
                if let Ok((key, row)) = row {
                    collections.add(key_of(&key), row);
                }
            }
        }
        collections
    }

    fn add(&mut self, key: Option<&[u8]>, row: Row) {
        if let Some(key) = key {
            self.records.insert(row.record, key.to_vec());
        }
        self.rows.insert(row.number, key.map(|key| (key.to_vec(), row)));
    }

    /// Returns an entry of the tree with the key of its collection or, if the row of that is lost,
    /// with its number. Returns `None` for an entry of a removed collection.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the entry has no number.
    pub(super) fn find<M: Memory>(
        &self,
        root: &StoredRoot<M>,
        entry: StoredEntry,
    ) -> Result<Option<(StoredEntry, Option<u64>)>> {
        let broken = || root.root().damaged(entry.page, Damage::EntryKeyLength);
        let (number, own) = entry.key.split_first_chunk().ok_or_else(broken)?;
        let number = u64::from_be_bytes(*number);
        let orphan = |item: Option<Vec<u8>>| Ok(Some((StoredEntry { item, ..entry.clone() }, Some(number))));
        if own.is_empty() && root.kind().has_records() {
            return match self.records.get(&number) {
                Some(key) => Ok(Some((StoredEntry { key: key.clone(), ..entry }, None))),
                None => orphan(None),
            };
        }
        match self.rows.get(&number) {
            Some(Some((key, row))) => root.nested(key, *row, entry).map(|entry| Some((entry, None))),
            Some(None) => Ok(None),
            None => orphan(Some(own.to_vec())),
        }
    }
}
