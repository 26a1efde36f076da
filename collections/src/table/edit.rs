//! Inserts, changes and removes rows with their entries.

use graven_core::error::{Broken, OrFail, Violation};
use graven_core::key::{KeyBuf, KeyRef, decode_key};
use graven_core::store::{Budget, OnPage};
use graven_core::{Error, Memory, Result};

use crate::codec::keys::written;
use crate::codec::value::{Encoded, decode_found};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::verify::check_top;
use crate::table::body::Body;
use crate::table::cascade;
use crate::table::index::Indexed;
use crate::table::{Record, Table};

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
            row.set_number(self.body.next.get());
        }
        let body = &self.body;
        let key = body.key_of(&row)?;
        let value = Encoded::new(&row)?;
        body.check_targets(&key, &body.targets_of(&row), &Vec::new())?;
        // Decoded before anything is written: nothing takes the row back once it is complete.
        let decoded = decode_key(key.as_slice()).on_page(body.root(), body.root().page())?;
        let exists = |_: StoredValue<'_>| Err(Error::Violation(Box::new(body.violation(Broken::Key, &key))));
        let insert = body.rows.tree.insert(Body::<R, M>::SIZES, key.as_slice(), value.as_slice(), exists);
        insert.map(drop::<Option<()>>)?;
        body.complete(&row, &key).map(|()| decoded)
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
        let mut key = KeyBuf::new();
        self.body.write_key(&row, &mut key)?;
        self.body.check_targets(&key, &self.body.targets_of(&row), &Vec::new())?;
        self.body.put(&row, &key)
    }

    /// Changes the row of a key in place. Returns the result of `change`, or `None` if there is no
    /// such row.
    ///
    /// # Errors
    /// [`Violation`] if another row has the same value in a unique index, or if the key was
    /// changed. The table is unchanged then.
    ///
    /// # Panics
    /// As [`Table::insert`], and if `change` removes a row of another table and a row of this one
    /// goes with it; [`Table::try_update`] does not.
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
    /// As [`Table::try_insert`], and [`Error::ChangedWhileRead`] if `change` removes a row of
    /// another table and a row of this one goes with it. The row is not written then.
    pub fn try_update<T, Q: KeyRef<R::Key> + ?Sized>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<Option<T>> {
        let (body, key) = (&self.body, written(key));
        let tree = &body.rows.tree;
        let found = tree.lookup(Body::<R, M>::SIZES, key.as_slice(), |found| {
            let old = match found.value {
                ValueRef::Inline(bytes) if found.layout == tree.root().current() => Some(bytes.to_vec()),
                _ => None,
            };
            Ok((decode_found::<R, _>(tree.root(), found)?, old))
        })?;
        let Some((mut row, old)) = found else { return Ok(None) };
        let targets = body.targets_of(&row);
        let before = tree.ended_walks.get();
        let changed = change(&mut row);
        if tree.ended_walks.get() != before {
            // It removed rows of another table, and this row may have gone with them.
            return Err(Error::ChangedWhileRead { root: body.root().name().into() });
        }
        let after = body.key_of(&row)?;
        if after != key {
            return Err(Error::Violation(Box::new(body.violation(Broken::KeyChanged, &key))));
        }
        body.check_targets(&key, &body.targets_of(&row), &targets)?;
        body.put_over(&row, &key, old.as_deref())?;
        Ok(Some(changed))
    }

    /// Removes a row and returns it, and with it the rows that refer to it by a reference with
    /// `on_delete = cascade`: at most 1,000.
    ///
    /// # Errors
    /// [`Violation`] if a row refers to it and stays, or if more rows would go with it. Nothing is
    /// removed then. A table that no other one refers to has no such rows.
    ///
    /// # Panics
    /// On damaged memory, or if the index of a reference to this table is not complete;
    /// [`Table::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<R::Key> + ?Sized>(&mut self, key: &Q) -> Result<Option<R>, Violation> {
        expected(self.try_remove(key))
    }

    /// Like [`Table::remove`], but returns all failures as an error.
    ///
    /// # Errors
    /// [`Error::Violation`], [`Error::IndexIncomplete`] or [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<R::Key> + ?Sized>(&mut self, key: &Q) -> Result<Option<R>> {
        self.remove_at(&written(key))
    }

    /// Removes the row of an encoded key.
    pub(super) fn remove_at(&mut self, key: &KeyBuf) -> Result<Option<R>> {
        let (body, tree) = (&self.body, &self.body.rows.tree);
        if let Some(linked) = body.links.referred() {
            let found = tree.lookup(Body::<R, M>::SIZES, key.as_slice(), |found| {
                let row: R = decode_found(tree.root(), found)?;
                let entries = body.entries_of(&row, key)?;
                Ok((row, entries))
            })?;
            let Some((row, entries)) = found else { return Ok(None) };
            return cascade::remove(linked, key, entries).map(|()| Some(row));
        }
        let mut gone = Vec::new();
        let removed = tree.remove(Body::<R, M>::SIZES, key.as_slice(), |found| {
            let row: R = decode_found(tree.root(), found)?;
            gone = body.entries_of(&row, key)?;
            Ok(row)
        })?;
        body.remove_entries(key, gone.iter())?;
        Ok(removed)
    }

    /// Removes a row with any number of rows that refer to it by a reference with
    /// `on_delete = cascade`, while the budget lasts. Returns `true` once the row is gone. Until
    /// then it exists, and each call removes more of the rows that refer to it.
    ///
    /// # Errors
    /// [`Violation`] if a row refers to one of these and stays, or if they refer to each other in a
    /// chain of more than 1,000. Rows that are gone by then stay removed.
    ///
    /// # Panics
    /// As [`Table::remove`]; [`Table::try_remove_within`] does not.
    #[track_caller]
    pub fn remove_within<Q: KeyRef<R::Key> + ?Sized>(
        &mut self,
        key: &Q,
        budget: &mut Budget<'_>,
    ) -> Result<bool, Violation> {
        expected(self.try_remove_within(key, budget))
    }

    /// Like [`Table::remove_within`], but returns all failures as an error.
    ///
    /// # Errors
    /// As [`Table::try_remove`].
    pub fn try_remove_within<Q: KeyRef<R::Key> + ?Sized>(
        &mut self,
        key: &Q,
        budget: &mut Budget<'_>,
    ) -> Result<bool> {
        match self.body.links.referred() {
            Some(linked) => cascade::remove_within(&linked, &written(key), budget),
            None => self.try_remove(key).map(|_| true),
        }
    }

    /// Removes all rows. Takes constant time at any size. Numbers that were given are not given
    /// again.
    ///
    /// # Errors
    /// [`Violation`] if a row of another table refers to one of these, also if it would go with
    /// that one.
    ///
    /// # Panics
    /// As [`Table::remove`]; [`Table::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) -> Result<(), Violation> {
        expected(self.try_clear())
    }

    /// Like [`Table::clear`], but returns all failures as an error.
    ///
    /// # Errors
    /// As [`Table::try_remove`]. The table is unchanged then.
    pub fn try_clear(&mut self) -> Result<()> {
        let body = &self.body;
        if let Some(linked) = body.links.referred() {
            cascade::check_clear(&*linked)?;
        }
        body.indexes.iter().try_for_each(|index| check_top(index.tree.root()))?;
        body.rows.tree.clear()?;
        for index in &body.indexes {
            index.tree.clear()?;
            index.set_indexed(Indexed::All)?;
        }
        Ok(())
    }
}

/// Returns a result in which only violations are errors.
#[track_caller]
pub(super) fn expected<T>(result: Result<T>) -> Result<T, Violation> {
    match result {
        Err(Error::Violation(violation)) => Err(*violation),
        other => Ok(other.or_fail()),
    }
}
