//! Inserts, changes and removes rows with their entries.
//!
//! A row is encoded, and its entries computed, before anything is written, because that is user
//! code. A new row is written before its entries, and a changed one between the new entries and the
//! removal of the old ones. If an entry or the row cannot be written, what was written before is
//! taken back: removals need no memory.

use graven_core::error::{Broken, OrFail, Violation};
use graven_core::key::{KeyBuf, KeyRef, decode_key};
use graven_core::store::{Collection, OnPage};
use graven_core::{Error, Memory, Result};

use crate::codec::keys::{check_len, written};
use crate::codec::value::{Encoded, decode_found};
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::{Sizes, StoredValue};
use crate::engine::verify::check_top;
use crate::map::btree::BTreeMap;
use crate::table::entries::{Entry, Values};
use crate::table::index::{Added, IndexTree, Indexed};
use crate::table::{NEXT_AT, Record, Table};

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
        match index.add(&entry.key, row)? {
            Added::New => self.entries.push(entry),
            Added::Known => {}
            Added::Taken(owner) => return Ok(Some(owner)),
        }
        Ok(None)
    }

    pub(super) fn keep(mut self) {
        self.entries.clear();
    }
}

impl<M: Memory> Drop for AddedEntries<'_, M> {
    fn drop(&mut self) {
        for entry in self.entries.drain(..) {
            // On damaged memory an entry may stay. `verify` finds it.
            let _ = self.indexes.get(entry.index).map(|index| index.remove(&entry.key));
        }
    }
}

/// Inserts and changes rows.
impl<R: Record, M: Memory> Table<R, M> {
    /// Inserts a row and returns its key. If the table numbers its rows, the row gets the next
    /// number.
    ///
    /// # Errors
    /// [`Violation`] if a row with this key exists, or one with the same value in a unique index.
    /// The table is unchanged then.
    ///
    /// # Panics
    /// When out of memory, for a key or an entry of more than 992 bytes, or on damaged memory;
    /// [`Table::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, row: R) -> Result<R::Key, Violation> {
        expected(self.try_insert(row))
    }

    /// Like [`Table::insert`], but returns all failures as an error.
    ///
    /// # Errors
    /// [`Error::Violation`], [`Error::OutOfMemory`], [`Error::KeyTooLong`],
    /// [`Error::ValueTooLong`] or [`Error::Damaged`]. The table is unchanged then.
    pub fn try_insert(&mut self, mut row: R) -> Result<R::Key> {
        if R::IS_NUMBERED {
            row.set_number(self.next.get());
        }
        let (key, entries) = self.keys_of(&row)?;
        let value = Encoded::new(&row)?;
        // Decoded before anything is written, since that is user code, too.
        let decoded = decode_key(key.as_slice()).on_page(self.root(), self.root().page())?;
        let exists = |_: StoredValue<'_>| Err(Error::Violation(Box::new(self.violation(Broken::Key, &key))));
        self.rows
            .tree
            .insert(Self::SIZES, key.as_slice(), value.as_slice(), exists)
            .map(drop::<Option<()>>)?;
        self.complete(&key, &entries).map(|()| decoded)
    }

    /// Inserts a row, or replaces the one with the same key. Returns the old row.
    ///
    /// # Errors
    /// [`Violation`] if another row has the same value in a unique index. The table is unchanged
    /// then.
    ///
    /// # Panics
    /// As [`Table::insert`]; [`Table::try_upsert`] does not.
    #[track_caller]
    pub fn upsert(&mut self, row: R) -> Result<Option<R>, Violation> {
        expected(self.try_upsert(row))
    }

    /// Like [`Table::upsert`], but returns all failures as an error.
    ///
    /// # Errors
    /// As [`Table::try_insert`].
    pub fn try_upsert(&mut self, row: R) -> Result<Option<R>> {
        let (key, entries) = self.keys_of(&row)?;
        self.put(&row, &key, &entries)
    }

    /// Changes the row of a key in place. Returns the result of `change`, or `None` if there is no
    /// such row.
    ///
    /// # Errors
    /// [`Violation`] if another row has the same value in a unique index, or if the key was
    /// changed. The table is unchanged then.
    ///
    /// # Panics
    /// As [`Table::insert`]; [`Table::try_update`] does not.
    #[track_caller]
    pub fn update<T, Q: KeyRef<R::Key> + ?Sized>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<Option<T>, Violation> {
        expected(self.try_update(key, change))
    }

    /// Like [`Table::update`], but returns all failures as an error.
    ///
    /// # Errors
    /// As [`Table::try_insert`].
    pub fn try_update<T, Q: KeyRef<R::Key> + ?Sized>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<Option<T>> {
        let Some(mut row) = self.try_get(key)? else { return Ok(None) };
        let changed = change(&mut row);
        let (after, entries) = self.keys_of(&row)?;
        let before = written(key);
        if after != before {
            return Err(Error::Violation(Box::new(self.violation(Broken::KeyChanged, &before))));
        }
        self.put(&row, &after, &entries)?;
        Ok(Some(changed))
    }

    /// Removes a row and returns it.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<R::Key> + ?Sized>(&mut self, key: &Q) -> Option<R> {
        self.try_remove(key).or_fail()
    }

    /// Like [`Table::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<R::Key> + ?Sized>(&mut self, key: &Q) -> Result<Option<R>> {
        let (key, mut gone) = (written(key), Vec::new());
        let removed = self.rows.tree.remove(Self::SIZES, key.as_slice(), |found| {
            let row: R = decode_found(self.rows.tree.root(), found)?;
            gone = self.entries_of(&row, &key)?;
            Ok(row)
        })?;
        self.remove_entries(&key, gone.iter())?;
        Ok(removed)
    }

    /// Removes all rows. Takes constant time at any size. Numbers that were given are not given
    /// again.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Table::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`]. The table is unchanged then.
    pub fn try_clear(&mut self) -> Result<()> {
        self.indexes.iter().try_for_each(|index| check_top(index.tree.root()))?;
        self.rows.try_clear()?;
        for index in &self.indexes {
            index.tree.clear()?;
            index.set_indexed(Indexed::All)?;
        }
        Ok(())
    }

    /// Writes a row over the one with the same key, if there is one, and returns that.
    fn put(&self, row: &R, key: &KeyBuf, entries: &[Entry]) -> Result<Option<R>> {
        let value = Encoded::new(row)?;
        let (tree, mut before) = (&self.rows.tree, None);
        let put = tree.insert(Self::SIZES, key.as_slice(), value.as_slice(), |found| {
            let old: R = decode_found(tree.root(), found)?;
            let old_entries = self.entries_of(&old, key)?;
            if old_entries == entries {
                return Ok(old);
            }
            before = Some((old, old_entries));
            // Any error keeps the row as it is.
            Err(Error::OutOfMemory { pages: 0 })
        });
        let Some((old, old_entries)) = before else {
            let replaced = put?;
            if replaced.is_none() {
                self.complete(key, entries)?;
            }
            return Ok(replaced);
        };
        let added = self.add_entries(key, entries.iter().filter(|entry| !old_entries.contains(entry)))?;
        tree.insert(Self::SIZES, key.as_slice(), value.as_slice(), |_| Ok(()))?;
        added.keep();
        self.remove_entries(key, old_entries.iter().filter(|entry| !entries.contains(entry)))?;
        Ok(Some(old))
    }

    /// Adds the entries of a new row. Removes the row if that fails.
    fn complete(&self, key: &KeyBuf, entries: &[Entry]) -> Result<()> {
        let added = self.add_entries(key, entries.iter()).and_then(|added| {
            self.note_number(key)?;
            added.keep();
            Ok(())
        });
        added.inspect_err(|_| {
            let _ = self.rows.tree.remove(Self::SIZES, key.as_slice(), |_| Ok(()));
        })
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

    fn remove_entries<'a>(&self, row: &KeyBuf, mut entries: impl Iterator<Item = &'a Entry>) -> Result<()> {
        entries.try_for_each(|entry| match self.indexes.get(entry.index) {
            Some(index) if index.covers(row) => index.remove(&entry.key),
            _ => Ok(()),
        })
    }

    /// Returns the key of a row, and its entries in all indexes.
    fn keys_of(&self, row: &R) -> Result<(KeyBuf, Vec<Entry>)> {
        let mut key = KeyBuf::new();
        row.write_key(&mut key);
        check_len(key.len())?;
        let entries = self.entries_of(row, &key)?;
        Ok((key, entries))
    }

    fn entries_of(&self, row: &R, key: &KeyBuf) -> Result<Vec<Entry>> {
        let mut entries = Vec::with_capacity(self.indexes.len());
        for index in 0..self.indexes.len() {
            add_entries(index, row, key, &mut entries)?;
        }
        Ok(entries)
    }

    /// Steps to the next row. Returns its key, and its entries in the index at a position.
    pub(super) fn next_entries(
        &self,
        walk: &mut RangeIter<'_, M>,
        index: usize,
    ) -> Result<Option<(KeyBuf, Vec<Entry>)>> {
        walk.next(Self::SIZES, |key, found| {
            let row: R = decode_found(self.rows.tree.root(), found)?;
            let (key, mut entries) = (KeyBuf::from(key), Vec::new());
            add_entries(index, &row, &key, &mut entries)?;
            Ok((key, entries))
        })
    }

    #[cold]
    fn violation(&self, rule: Broken, row: &KeyBuf) -> Violation {
        Violation { table: self.root().name().to_owned(), rule, row: row.as_slice().to_vec() }
    }

    /// Returns the violation by a value that another row has in the unique index at a position.
    #[cold]
    pub(super) fn taken(&self, index: usize, owner: &KeyBuf) -> Violation {
        let index = R::INDEXES.get(index).map_or("", |spec| spec.name).to_owned();
        self.violation(Broken::Unique { index }, owner)
    }

    const SIZES: Sizes = BTreeMap::<R::Key, R, M>::SIZES;
}

/// Returns a result in which only violations are errors.
#[track_caller]
fn expected<T>(result: Result<T>) -> Result<T, Violation> {
    match result {
        Err(Error::Violation(violation)) => Err(*violation),
        other => Ok(other.or_fail()),
    }
}

/// Adds the entries of a row in the index at a position to `entries`. `key` is that of the row.
///
/// # Errors
/// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
fn add_entries<R: Record>(index: usize, row: &R, key: &KeyBuf, entries: &mut Vec<Entry>) -> Result<()> {
    let Some(spec) = R::INDEXES.get(index) else { return Ok(()) };
    let first = entries.len();
    (spec.values)(row, &mut Values::new(index, entries));
    for entry in entries.iter_mut().skip(first) {
        if !spec.is_unique {
            entry.key.extend(key.as_slice());
        }
        check_len(entry.key.len())?;
    }
    // A list may have a value twice.
    let mut at = first.saturating_add(1);
    while let Some((before, [entry, ..])) = entries.split_at_checked(at) {
        if before.iter().skip(first).any(|known| known == entry) {
            entries.swap_remove(at);
        } else {
            at = at.saturating_add(1);
        }
    }
    Ok(())
}
