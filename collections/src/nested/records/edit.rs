//! Inserts, changes and removes records with their collections. Records are decoded and encoded
//! before anything is written, because that is user code.

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::codec::keys::check_len;
use crate::engine::cell::StoredValue;
use crate::engine::progress::Step;
use crate::nested::kinds::Nestable;
use crate::nested::records::{ItemsMut, Records, decode};
use crate::nested::row::in_use;
use crate::nested::{Beside, InnerMut};

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Records<K, R, C, M> {
    /// Sets the record of a key and returns the old one. A new key gets an empty collection; an
    /// existing key keeps its collection. Costs two look-ups and the write of a record. A new key
    /// also costs the write of a row of the index.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 991 bytes, or on damaged memory;
    /// [`Records::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, record: R) -> Option<R> {
        self.try_insert(key, record).or_fail()
    }

    /// Like [`Records::insert`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing has changed then.
    pub fn try_insert(&mut self, key: K, record: R) -> Result<Option<R>> {
        self.put(&key, &record, |found| decode::<R, C, M>(&self.trees, found))
    }

    /// Sets the record of a key without decoding the old one. Returns `true` if there was one.
    /// Costs what [`Records::insert`] costs.
    ///
    /// # Panics
    /// As [`Records::insert`]; [`Records::try_set`] does not.
    #[track_caller]
    pub fn set(&mut self, key: K, record: R) -> bool {
        self.try_set(key, record).or_fail()
    }

    /// Like [`Records::set`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Records::try_insert`].
    pub fn try_set(&mut self, key: K, record: R) -> Result<bool> {
        self.put(&key, &record, |_| Ok(())).map(|old| old.is_some())
    }

    fn put<O>(&self, key: &K, record: &R, old: impl Fn(StoredValue<'_>) -> Result<O>) -> Result<Option<O>> {
        let key = in_use(key);
        check_len(key.len())?;
        let value = Beside::encode_record(record)?;
        let Some((row, _)) = self.trees.row(&key)? else {
            return self.trees.create_record(&key, C::FIRST, value.as_slice()).map(|()| None);
        };
        let old = self.trees.put_record(row.record, value.as_slice(), old)?;
        old.map(Some).ok_or_else(|| self.trees.broken(Damage::MissingEntry))
    }

    /// Changes the record of a key, if there is one, and returns what `change` returns, as
    /// [`BTreeMap::update`](crate::BTreeMap::update) does. Costs two look-ups and, if the record
    /// has changed, an insert over it.
    ///
    /// # Panics
    /// When out of memory, for a record of 4 GiB, or on damaged memory; [`Records::try_update`]
    /// does not.
    ///
    /// # Example: another name
    /// ```
    /// # use graven_collections::{Records, StableVec, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let memory = DefaultMemoryImpl::default();
    /// let mut users: Records<u64, String, StableVec<u8>> = open("users", memory).unwrap();
    /// users.insert(7, "Ann".into());
    /// assert_eq!(users.update(&7, |name| { name.push('a'); name.len() }), Some(4));
    /// assert_eq!(users.get(&7).as_deref(), Some("Anna"));
    /// assert_eq!(users.update(&8, |name| name.clear()), None);
    /// ```
    #[track_caller]
    pub fn update<Q: KeyRef<K> + ?Sized, T>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut R) -> T,
    ) -> Option<T> {
        self.try_update(key, change).or_fail()
    }

    /// Like [`Records::update`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing has changed then.
    pub fn try_update<Q: KeyRef<K> + ?Sized, T>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut R) -> T,
    ) -> Result<Option<T>> {
        let Some((row, _)) = self.trees.row(&in_use(key))? else { return Ok(None) };
        let mut record = self.record(row)?;
        let before = Beside::encode_record(&record)?.as_slice().to_vec();
        let result = change(&mut record);
        let after = Beside::encode_record(&record)?;
        if after.as_slice() != before {
            self.trees.put_record(row.record, after.as_slice(), |_| Ok(()))?;
        }
        Ok(Some(result))
    }

    /// Returns the collection beside the record of a key for changing. Does not read the record.
    /// Costs one look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_items_mut`] does not.
    #[must_use]
    #[track_caller]
    pub fn items_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<ItemsMut<'_, R, C, M>> {
        self.try_items_mut(key).or_fail()
    }

    /// Like [`Records::items_mut`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_items_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<ItemsMut<'_, R, C, M>>> {
        let key = in_use(key);
        let found = self.trees.row(&key)?;
        Ok(found.map(|found| InnerMut::new(&self.trees, key, found)))
    }

    /// Removes a record with the collection beside it, and returns the record. The cost does not
    /// depend on the size of the collection.
    ///
    /// # Panics
    /// When out of memory, because the removed collection is recorded, or on damaged memory;
    /// [`Records::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<R> {
        self.try_remove(key).or_fail()
    }

    /// Like [`Records::remove`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The record is still there then.
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<R>> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(None) };
        let record = self.record(row)?;
        self.trees.remove(&key, row)?;
        Ok(Some(record))
    }

    /// Removes a record with the collection beside it. Returns `true` if there was one. Does not
    /// decode the record.
    ///
    /// # Panics
    /// As [`Records::remove`]; [`Records::try_delete`] does not.
    #[track_caller]
    pub fn delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_delete(key).or_fail()
    }

    /// Like [`Records::delete`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Records::try_remove`].
    pub fn try_delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(false) };
        self.trees.remove(&key, row).map(|()| true)
    }

    /// Moves the record and the collection of one key to another key, without touching either.
    /// Returns `false` and changes nothing if the first key has no record or the second one has
    /// one.
    ///
    /// # Panics
    /// As [`Records::insert`]; [`Records::try_rename`] does not.
    ///
    /// # Example: another account
    /// ```
    /// # use graven_collections::{Deque, Records, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut users: Records<String, u32, Deque<u8>> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.insert("ann".into(), 1);
    /// users.items_mut("ann").unwrap().push_back(5);
    /// assert!(users.rename("ann", "anna"));
    /// assert!(users.items("anna").unwrap().iter().eq([5]));
    /// assert!(!users.rename("ann", "bob"), "there is no ann");
    /// ```
    #[track_caller]
    pub fn rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> bool {
        self.try_rename(from, to).or_fail()
    }

    /// Like [`Records::rename`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Records::try_insert`]. Nothing has changed then.
    pub fn try_rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> Result<bool> {
        let (from, to): (KeyBuf, KeyBuf) = (in_use(from), in_use(to));
        check_len(to.len())?;
        if self.trees.row(&to)?.is_some() {
            return Ok(false);
        }
        self.trees.rename(&from, &to)
    }

    /// Removes all records and collections. Takes constant time at any size.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Records::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.trees.clear()
    }

    /// Frees the collections of removed records until the budget is spent. The budget counts
    /// leaves.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn free_removed_within(&mut self, budget: &mut Budget<'_>) -> Result<Step> {
        self.trees.free_removed_within(budget)
    }
}

/// Sets records, as [`Records::insert`] does.
impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Extend<(K, R)> for Records<K, R, C, M> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (K, R)>>(&mut self, records: I) {
        for (key, record) in records {
            self.insert(key, record);
        }
    }
}
