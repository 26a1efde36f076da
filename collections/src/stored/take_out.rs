//! Entries that are taken out of the way of a sweep, in a copy of a memory. In this way a rehearsal
//! finds out which record cannot be converted.

use graven_core::store::CollectionKind;
use graven_core::{Damage, Memory, Result};

use super::body::Body;
use super::entry::StoredEntry;
use super::root::StoredRoot;
use crate::nested::row::border;

impl<M: Memory> StoredRoot<M> {
    /// Takes an entry out of the way of a sweep, which then converts the others. Runs no
    /// conversion. Entries of maps, tables and lists are removed, so the entries of a list after it
    /// move up. Others get a value of zeros in the current layout. Do this in a copy of a memory:
    /// the indexes of a table keep their entries. Returns `false` if the entry is not there, or is
    /// the collection's own. Takes O(log n) page reads.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), or a failure to write.
    pub fn take_out(&mut self, entry: &StoredEntry) -> Result<bool> {
        let zeros = vec![0; self.root().current_size().unwrap_or(0)];
        let nested = self.nested_key(entry)?;
        let kind = self.kind();
        Ok(match (&mut self.body, nested) {
            (Body::Cell(cell), _) => {
                cell.set_bytes(&zeros)?;
                true
            }
            (Body::Ranked(tree, _), _) => {
                tree.insert(tree.context.sizes, &entry.key, &zeros, |_| Ok(()))?.is_some()
            }
            (Body::Tree(tree), _) => tree.remove(tree.context.sizes, &entry.key, |_| Ok(()))?.is_some(),
            (Body::Hash(table), _) => table.remove(table.sizes, &entry.key)?,
            (Body::Sequence(sequence), _) => {
                let dropped = if kind == CollectionKind::Log { sequence.dropped() } else { 0 };
                let number = entry.key.first_chunk().map(|number| u64::from_be_bytes(*number));
                let index = number.and_then(|number| number.checked_sub(dropped));
                match index.filter(|index| *index < sequence.len()) {
                    Some(index) => sequence.remove_at(index).map(|()| true)?,
                    None => false,
                }
            }
            (Body::Nested(trees), Some(key)) => {
                let tree = &trees.entries;
                tree.insert(tree.context.sizes, &key, &zeros, |_| Ok(()))?.is_some()
            }
            (Body::Nested(_) | Body::Queue(..), _) => false,
        })
    }

    /// Returns the key that an entry of a `Nested` or `Records` has in the tree of all entries.
    fn nested_key(&self, entry: &StoredEntry) -> Result<Option<Vec<u8>>> {
        let Body::Nested(trees) = &self.body else { return Ok(None) };
        let mut key = border();
        key.extend(&entry.key);
        let Some((row, _)) = trees.row(&key)? else { return Ok(None) };
        let Some(item) = &entry.item else { return Ok(Some(row.record.to_be_bytes().to_vec())) };
        let mut key = row.number.to_be_bytes().to_vec();
        if self.kind().has_lists() {
            let broken = || self.root().damaged(entry.page, Damage::EntryKeyLength);
            let index = item.first_chunk().map(|index| u64::from_be_bytes(*index)).ok_or_else(broken)?;
            key.extend(index.wrapping_add(row.first).to_be_bytes());
        } else {
            key.extend(item);
        }
        Ok(Some(key))
    }
}
