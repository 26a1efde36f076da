//! Making, changing and removing records with their collections. Records are decoded and encoded,
//! which is the user's code, before anything is written.

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::codec::keys::check_len;
use crate::engine::cell::StoredValue;
use crate::nested::kinds::Nestable;
use crate::nested::records::{ItemsMut, Records, decode};
use crate::nested::row::in_use;
use crate::nested::{Beside, InnerMut};

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Records<K, R, C, M> {
    /// Sets the record of a key and gives the old one. A new key gets an empty collection; that of
    /// one that is there stays as it is. Costs two look-ups and the writing of a record, for a new
    /// key of a row of the index as well.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 991 bytes, or on damaged memory;
    /// [`Records::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, record: R) -> Option<R> {
        self.try_insert(key, record).or_fail()
    }

    /// Like [`Records::insert`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); nothing has changed.
    pub fn try_insert(&mut self, key: K, record: R) -> Result<Option<R>> {
        self.put(&key, &record, |found| decode::<R, C, M>(&self.trees, found))
    }

    /// Sets the record of a key and returns whether there was one, which is not decoded. Costs what
    /// [`Records::insert`] costs.
    ///
    /// # Panics
    /// As [`Records::insert`]; [`Records::try_set`] does not.
    #[track_caller]
    pub fn set(&mut self, key: K, record: R) -> bool {
        self.try_set(key, record).or_fail()
    }

    /// Like [`Records::set`].
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
        old.map(Some).ok_or_else(|| self.trees.broken("a record is missing"))
    }

    /// Changes the record of a key, if there is one, and gives what `change` gives; as
    /// [`BTreeMap::update`](crate::BTreeMap::update). Costs two look-ups and, if the record has
    /// changed, an insert over it.
    ///
    /// # Panics
    /// When out of memory, for a record of 4 GiB, or on damaged memory; [`Records::try_update`]
    /// does not.
    ///
    /// # Example: another name
    /// ```
    /// # use graven_collections::{Records, StableVec, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut users: Records<u64, String, Vec<u8>> = open("users", DefaultMemoryImpl::default()).unwrap();
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

    /// Like [`Records::update`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); nothing has changed.
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

    /// The collection beside the record of a key, to be changed; the record is not read. One
    /// look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_items_mut`] does not.
    #[must_use]
    #[track_caller]
    pub fn items_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<ItemsMut<'_, R, C, M>> {
        self.try_items_mut(key).or_fail()
    }

    /// Like [`Records::items_mut`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_items_mut<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<ItemsMut<'_, R, C, M>>> {
        let key = in_use(key);
        let found = self.trees.row(&key)?;
        Ok(found.map(|found| InnerMut::new(&self.trees, key, found)))
    }

    /// Removes a record with the collection beside it, and gives the record. Costs the same
    /// whatever the collection holds.
    ///
    /// # Panics
    /// When out of memory, for what was removed is noted, or on damaged memory;
    /// [`Records::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<R> {
        self.try_remove(key).or_fail()
    }

    /// Like [`Records::remove`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the record is still there.
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<R>> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(None) };
        let record = self.record(row)?;
        self.trees.remove(&key, row)?;
        Ok(Some(record))
    }

    /// Removes a record with the collection beside it, and returns whether there was one. The
    /// record is not decoded.
    ///
    /// # Panics
    /// As [`Records::remove`]; [`Records::try_delete`] does not.
    #[track_caller]
    pub fn delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_delete(key).or_fail()
    }

    /// Like [`Records::delete`].
    ///
    /// # Errors
    /// As [`Records::try_remove`].
    pub fn try_delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        let key = in_use(key);
        let Some((row, _)) = self.trees.row(&key)? else { return Ok(false) };
        self.trees.remove(&key, row).map(|()| true)
    }

    /// Gives the record and the collection of one key to another key, which has none so far. False,
    /// and nothing is changed, where the first has none or the second has one. Neither is touched.
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

    /// Like [`Records::rename`].
    ///
    /// # Errors
    /// As [`Records::try_insert`]; nothing has changed.
    pub fn try_rename<Q: KeyRef<K> + ?Sized>(&mut self, from: &Q, to: &Q) -> Result<bool> {
        let (from, to): (KeyBuf, KeyBuf) = (in_use(from), in_use(to));
        check_len(to.len())?;
        if self.trees.row(&to)?.is_some() {
            return Ok(false);
        }
        self.trees.rename(&from, &to)
    }

    /// Removes all records and collections. Constant time at any size.
    ///
    /// # Panics
    /// On damaged memory; [`Records::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Records::clear`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.trees.clear()
    }

    /// Frees what collections of removed records held while the budget lasts, which counts leaves;
    /// whether nothing is left.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn free_removed(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.trees.free_removed(budget)
    }
}

/// Sets records, as [`Records::insert`].
impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> Extend<(K, R)> for Records<K, R, C, M> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (K, R)>>(&mut self, records: I) {
        for (key, record) in records {
            self.insert(key, record);
        }
    }
}
