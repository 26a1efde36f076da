//! The rows and indexes of a table, as its short and its `try_` forms change them.
//!
//! A new row is written before its entries, and a changed one between the new entries and the
//! removal of the old ones. If an entry or the row cannot be written, or if a function of an index
//! panics, what was written before is taken back: removals need no memory.

use std::cell::Cell;

use graven_core::error::{Broken, Violation};
use graven_core::key::{KeyBuf, decode_key};
use graven_core::page::extent::pages_for;
use graven_core::store::{Collection, OnPage, Root};
use graven_core::{Error, Memory, Result};

use crate::codec::keys::check_len;
use crate::codec::value::{Encoded, decode_found};
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::{Sizes, StoredValue, ValueRef};
use crate::map::btree::BTreeMap;
use crate::table::batch::Batch;
use crate::table::entries::{Entry, Values};
use crate::table::index::{Added, IndexTree};
use crate::table::links::BodyLinks;
use crate::table::{NEXT_AT, Record};

/// Entries that were added, and are taken back unless they are kept: also if the user's code panics
/// in a conversion.
pub(super) struct AddedEntries<'a, M: Memory> {
    indexes: &'a [IndexTree<M>],
    entries: Vec<&'a Entry>,
}

impl<'a, M: Memory> AddedEntries<'a, M> {
    pub(super) const fn new(indexes: &'a [IndexTree<M>]) -> Self {
        AddedEntries { indexes, entries: Vec::new() }
    }

    /// Adds an entry of a row. If another row has its value in a unique index, returns the key of
    /// that row and adds nothing.
    pub(super) fn add(&mut self, entry: &'a Entry, row: &KeyBuf) -> Result<Option<KeyBuf>> {
        let Some(index) = self.indexes.get(entry.index) else { return Ok(None) };
        match index.add(entry, row)? {
            Added::New => self.entries.push(entry),
            Added::Known => {}
            Added::Taken(owner) => return Ok(Some(owner)),
        }
        Ok(None)
    }

    /// Keeps what was added so far.
    pub(super) fn keep(&mut self) {
        self.entries.clear();
    }

    /// Takes back what was added and not kept.
    pub(super) fn undo(&mut self) {
        for entry in self.entries.drain(..) {
            // On damaged memory an entry may stay. `verify` finds it.
            let _ = self.indexes.get(entry.index).map(|index| index.remove(&entry.key));
        }
    }
}

impl<M: Memory> Drop for AddedEntries<'_, M> {
    fn drop(&mut self) {
        self.undo();
    }
}

/// A row that was added, and is removed unless it is kept: also if the user's code panics in a
/// function of an index.
struct AddedRow<'a, R: Record, M: Memory> {
    body: &'a Body<R, M>,
    key: &'a KeyBuf,
}

impl<R: Record, M: Memory> AddedRow<'_, R, M> {
    #[expect(clippy::mem_forget, reason = "it borrows, and owns nothing")]
    fn keep(self) {
        core::mem::forget(self);
    }
}

impl<R: Record, M: Memory> Drop for AddedRow<'_, R, M> {
    fn drop(&mut self) {
        // On damaged memory the row may stay. `verify` finds it.
        let _ = self.body.rows.tree.remove(Body::<R, M>::SIZES, self.key.as_slice(), |_| Ok(()));
    }
}

/// The rows of a table, its indexes, and the tables that it is linked with.
pub(super) struct Body<R: Record, M: Memory> {
    pub(super) rows: BTreeMap<R::Key, R, M>,
    pub(super) indexes: Vec<IndexTree<M>>,
    /// The number of the next row, where rows are numbered.
    pub(super) next: Cell<u64>,
    pub(super) links: BodyLinks,
}

impl<R: Record, M: Memory> Body<R, M> {
    pub(super) const SIZES: Sizes = BTreeMap::<R::Key, R, M>::SIZES;

    pub(super) fn root(&self) -> &Root<M> {
        self.rows.root()
    }

    /// Writes a row over the one with the same key, if there is one, and returns that.
    pub(super) fn put(&self, row: &R, key: &KeyBuf) -> Result<Option<R>> {
        let value = Encoded::new(row)?;
        let (tree, mut before) = (&self.rows.tree, None);
        let put = tree.insert(Self::SIZES, key.as_slice(), value.as_slice(), |found| {
            let is_same = self.is_same(&found, value.as_slice());
            let old: R = decode_found(tree.root(), found)?;
            if is_same {
                return Ok(old);
            }
            let (old_entries, entries) = (self.entries_of(&old, key)?, self.entries_of(row, key)?);
            if old_entries == entries {
                return Ok(old);
            }
            before = Some((old, old_entries, entries));
            // Any error keeps the row as it is.
            Err(Error::OutOfMemory { pages: 0 })
        });
        let Some((old, old_entries, entries)) = before else {
            let replaced = put?;
            if replaced.is_none() {
                self.complete(row, key)?;
            }
            return Ok(replaced);
        };
        self.replace(key, &value, &old_entries, &entries)?;
        Ok(Some(old))
    }

    /// Writes a row over an old one, of which only these bytes are left if it was in the current
    /// layout.
    pub(super) fn put_over(&self, row: &R, key: &KeyBuf, old: Option<&[u8]>) -> Result<()> {
        let Some(old) = old else { return self.put(row, key).map(drop) };
        let value = Encoded::new(row)?;
        if R::has_same_values(old, value.as_slice()) {
            return self
                .rows
                .tree
                .insert(Self::SIZES, key.as_slice(), value.as_slice(), |_| Ok(()))
                .map(drop);
        }
        let old = R::decode(old).on_page(self.root(), self.root().page())?;
        let (old_entries, entries) = (self.entries_of(&old, key)?, self.entries_of(row, key)?);
        self.replace(key, &value, &old_entries, &entries)
    }

    /// Writes the bytes of a row over an old one, and changes its entries.
    fn replace(
        &self,
        key: &KeyBuf,
        value: &Encoded<'_>,
        old_entries: &[Entry],
        entries: &[Entry],
    ) -> Result<()> {
        let mut changed = Vec::new();
        let new = entries.iter().filter(|entry| match old_entries.iter().find(|old| old.is_at(entry)) {
            None => true,
            Some(old) => {
                if entry.included.is_some() && old.included != entry.included {
                    changed.push(*entry);
                }
                false
            }
        });
        let mut added = self.add_entries(key, new)?;
        self.reserve_for(value, &changed)?;
        self.rows.tree.insert(Self::SIZES, key.as_slice(), value.as_slice(), |_| Ok(()))?;
        added.keep();
        for entry in changed {
            self.overwrite_entry(key, entry)?;
        }
        self.remove_entries(
            key,
            old_entries.iter().filter(|old| !entries.iter().any(|entry| entry.is_at(old))),
        )
    }

    /// Makes sure that memory does not end between the overwriting of a row and that of entries,
    /// which nothing would take back.
    fn reserve_for(&self, value: &Encoded<'_>, changed: &[&Entry]) -> Result<()> {
        if changed.is_empty() {
            return Ok(());
        }
        let mut pages =
            pages_for(value.as_slice().len()).saturating_add(self.rows.tree.context.spare_pages(2));
        for index in changed.iter().filter_map(|entry| self.indexes.get(entry.index)) {
            pages = pages.saturating_add(index.tree.context.spare_pages(2));
        }
        self.root().pager().reserve(pages)
    }

    /// Writes the included fields of an entry anew.
    fn overwrite_entry(&self, row: &KeyBuf, entry: &Entry) -> Result<()> {
        match self.indexes.get(entry.index) {
            Some(index) if index.covers(row) => index.add(entry, row).map(drop),
            _ => Ok(()),
        }
    }

    /// Returns `true` if a stored row has the same entries as a new one by the bytes of the fields
    /// from which they follow. Those by functions may be the same all the same.
    fn is_same(&self, found: &StoredValue<'_>, new: &[u8]) -> bool {
        let ValueRef::Inline(old) = found.value else { return false };
        found.layout == self.root().current() && R::has_same_values(old, new)
    }

    /// Adds the entries of a new row. Removes the row if that fails, or if the user's code panics.
    pub(super) fn complete(&self, row: &R, key: &KeyBuf) -> Result<()> {
        let row_added = AddedRow { body: self, key };
        let entries = self.entries_of(row, key)?;
        let mut added = self.add_entries(key, entries.iter())?;
        self.note_number(key)?;
        added.keep();
        row_added.keep();
        Ok(())
    }

    /// Makes sure that the number of a new row is not given again.
    fn note_number(&self, key: &KeyBuf) -> Result<()> {
        if !R::IS_NUMBERED {
            return Ok(());
        }
        let number: u64 = decode_key(key.as_slice()).on_page(self.root(), self.root().page())?;
        if number < self.next.get() {
            return Ok(());
        }
        let next = number.saturating_add(1);
        self.root().write_extra(NEXT_AT, &next.to_le_bytes())?;
        self.next.set(next);
        Ok(())
    }

    fn add_entries<'a>(
        &'a self,
        row: &KeyBuf,
        entries: impl Iterator<Item = &'a Entry>,
    ) -> Result<AddedEntries<'a, M>> {
        let mut added = AddedEntries::new(&self.indexes);
        let covers = |entry: &&Entry| self.indexes.get(entry.index).is_some_and(|index| index.covers(row));
        for entry in entries.filter(covers) {
            if let Some(owner) = added.add(entry, row)? {
                return Err(Error::Violation(Box::new(self.taken(entry.index, &owner))));
            }
        }
        Ok(added)
    }

    pub(super) fn remove_entries<'a>(
        &self,
        row: &KeyBuf,
        mut entries: impl Iterator<Item = &'a Entry>,
    ) -> Result<()> {
        entries.try_for_each(|entry| match self.indexes.get(entry.index) {
            Some(index) if index.covers(row) => index.remove(&entry.key),
            _ => Ok(()),
        })
    }

    /// Returns the key of a row.
    pub(super) fn key_of(&self, row: &R) -> Result<KeyBuf> {
        let mut key = KeyBuf::new();
        self.write_key(row, &mut key)?;
        Ok(key)
    }

    /// Writes the key of a row to an empty buffer. Moving one takes as much as encoding a number.
    #[expect(clippy::unused_self, reason = "it names the type of the row")]
    #[inline]
    pub(super) fn write_key(&self, row: &R, key: &mut KeyBuf) -> Result<()> {
        row.write_key(key);
        check_len(key.len())
    }

    pub(super) fn entries_of(&self, row: &R, key: &KeyBuf) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.indexes.len());
        for index in 0..self.indexes.len() {
            add_entries(index, row, key, &mut entries)?;
        }
        Ok(entries)
    }

    /// Steps to the next row, and adds it to `batch` as the index at a position sees it. Returns
    /// `false` if there is none.
    pub(super) fn next_row(
        &self,
        walk: &mut RangeIter<'_, M>,
        index: usize,
        batch: &mut Batch,
    ) -> Result<bool> {
        let found = walk.next(Self::SIZES, |key, found| {
            let row: R = decode_found(self.rows.tree.root(), found)?;
            let (added, entries) = batch.add(key);
            add_entries(index, &row, &added.key, entries)?;
            added.entries.end = entries.len();
            added.target = Self::reference_of(index).and_then(|reference| self.target_of(&row, reference));
            Ok(())
        })?;
        Ok(found.is_some())
    }

    #[cold]
    pub(super) fn violation(&self, rule: Broken, row: &KeyBuf) -> Violation {
        Violation { table: self.root().name().to_owned(), rule, row: row.as_slice().to_vec() }
    }

    /// Returns the violation by a value that another row has in the unique index at a position.
    #[cold]
    pub(super) fn taken(&self, index: usize, owner: &KeyBuf) -> Violation {
        let index = R::INDEXES.get(index).map_or("", |spec| spec.name).to_owned();
        self.violation(Broken::Unique { index }, owner)
    }
}

/// Adds the entries of a row in the index at a position to `entries`. `key` is that of the row.
///
/// # Errors
/// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
pub(super) fn add_entries<R: Record>(
    index: usize,
    row: &R,
    key: &KeyBuf,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let Some(spec) = R::INDEXES.get(index) else { return Ok(()) };
    let first = entries.len();
    (spec.values)(row, &mut Values::new(index, entries));
    for entry in entries.iter_mut().skip(first) {
        if !spec.is_unique {
            entry.key.extend(key.as_slice());
        }
        check_len(entry.key.len())?;
        if let Some(included) = spec.included {
            let mut record = Vec::new();
            (included.write)(row, &mut record);
            check_len(record.len().saturating_add(if spec.is_unique { key.len() } else { 0 }))?;
            entry.included = Some(record.into());
        }
    }
    // A list may have a value twice.
    let mut at = first.saturating_add(1);
    while let Some((before, [entry, ..])) = entries.split_at_checked(at) {
        if before.iter().skip(first).any(|known| known.is_at(entry)) {
            entries.swap_remove(at);
        } else {
            at = at.saturating_add(1);
        }
    }
    Ok(())
}
