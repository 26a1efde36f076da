//! Maps inside a `Nested`.

use std::ops::{Bound, RangeBounds};

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::{Error, Memory, Result};

use crate::BTreeMap;
use crate::codec::range::encode_range;
use crate::engine::bounds::KeyRange;
use crate::nested::inner::{Inner, InnerMut};
use crate::nested::iter::Iter;
use crate::nested::stored::Stored;

impl<'a, K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored> Inner<'a, BTreeMap<K, V, N>, M, S> {
    /// The value of a key. Reads as [`BTreeMap::get`].
    ///
    /// # Panics
    /// On damaged memory; `try_get` does not.
    #[must_use]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.try_get(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like `get`.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        self.find(&self.key(key), |found| self.decode(found))
    }

    /// Returns whether a key has a value.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.find(&self.key(key), |_| Ok(())).unwrap_or_else(|error| fail(&error)).is_some()
    }

    /// All entries in order of their keys, both ways.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, (K, V), M> {
        self.entries((Bound::Unbounded, Bound::Unbounded))
    }

    /// The entries with keys in a range, in order, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    pub fn range(&self, range: impl RangeBounds<K>) -> Iter<'a, (K, V), M> {
        self.entries(encode_range(&range, "BTreeMap"))
    }

    /// The entry with the least key.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn first_key_value(&self) -> Option<(K, V)> {
        self.iter().next()
    }

    /// The entry with the greatest key.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn last_key_value(&self) -> Option<(K, V)> {
        self.iter().next_back()
    }

    fn entries(&self, range: KeyRange) -> Iter<'a, (K, V), M> {
        Iter::new(self.cursor(range), Self::SIZES, |root, key, found| {
            let key = decode_key(key).map_err(|why| Error::invalid(found.page, why))?;
            Ok((key, S::decode(root, found)?))
        })
    }
}

impl<K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, BTreeMap<K, V, N>, M, S> {
    /// Sets the value of a key and gives the old one. Writes as [`BTreeMap::insert`], and 16 bytes
    /// of the index if the key is new.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 984 bytes, or on damaged memory; `try_insert`
    /// does not.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.try_insert(key, value).unwrap_or_else(|error| fail(&error))
    }

    /// Like `insert`.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`], [`Error::ValueTooLong`] or
    /// [`Error::Damaged`]; the map is as it was.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let (key, value) = (self.key(&key), S::encode(&value)?);
        let root = &self.trees.entries.root();
        self.put(&key, value.as_slice(), 0, |found| S::decode(root, found))
    }

    /// Removes a key and gives its value.
    ///
    /// # Panics
    /// On damaged memory; `try_remove` does not.
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.try_remove(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like `remove`.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<V>> {
        let (key, root) = (self.key(key), &self.trees.entries.root());
        self.take(&key, 0, |found| S::decode(root, found))
    }
}

impl<K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored> Extend<(K, V)>
    for InnerMut<'_, BTreeMap<K, V, N>, M, S>
{
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| {
            self.insert(key, value);
        });
    }
}

impl<K, V, N: Memory, M: Memory, S: Stored> core::fmt::Debug for Inner<'_, BTreeMap<K, V, N>, M, S>
where
    K: StableKey + core::fmt::Debug,
    V: StableLayout + core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
