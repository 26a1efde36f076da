//! Maps inside a `Nested`.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::BTreeMap;
use crate::codec::range::{KeyBounds, encode_range};
use crate::engine::bounds::{KeyRange, Left};
use crate::nested::inner::{Inner, InnerMut};
use crate::nested::iter::Iter;
use crate::nested::stored::Stored;

impl<'a, K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored> Inner<'a, BTreeMap<K, V, N>, M, S> {
    /// Returns the value of a key. Reads what [`BTreeMap::get`] reads.
    ///
    /// # Panics
    /// On damaged memory; `try_get` does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.try_get(key).or_fail()
    }

    /// Like `get`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        self.find(&self.key(key), |found| self.decode(found))
    }

    /// Returns `true` if a key has a value.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.find(&self.key(key), |_| Ok(())).or_fail().is_some()
    }

    /// Returns an iterator over the entries in the order of their keys, from both ends.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, (K, V), M> {
        self.entries((Bound::Unbounded, Bound::Unbounded), self.left())
    }

    /// Returns an iterator over the entries with keys in a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<K, Q>>(&self, range: R) -> Iter<'a, (K, V), M> {
        self.entries(encode_range(&range, "BTreeMap"), Left::at_most(self.len()))
    }

    /// Returns the entry with the least key.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn first_key_value(&self) -> Option<(K, V)> {
        self.iter().next()
    }

    /// Returns the entry with the greatest key.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn last_key_value(&self) -> Option<(K, V)> {
        self.iter().next_back()
    }

    fn entries(&self, range: KeyRange, left: Left) -> Iter<'a, (K, V), M> {
        Iter::new(self.cursor(range), left, Self::SIZES, |root, key, found| {
            let key = decode_key(key).on_page(root, found.page)?;
            Ok((key, S::decode(root, found)?))
        })
    }
}

impl<K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, BTreeMap<K, V, N>, M, S> {
    /// Sets the value of a key and returns the old one. Writes what [`BTreeMap::insert`] writes,
    /// and 16 bytes of the index if the key is new.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 984 bytes, or on damaged memory; `try_insert`
    /// does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.try_insert(key, value).or_fail()
    }

    /// Like `insert`, but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The map is unchanged then.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let (key, value) = (self.key(&key), S::encode(&value)?);
        let root = &self.trees.entries.root();
        self.put(&key, value.as_slice(), 0, |found| S::decode(root, found))
    }

    /// Removes a key and returns its value.
    ///
    /// # Panics
    /// On damaged memory; `try_remove` does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.try_remove(key).or_fail()
    }

    /// Like `remove`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<V>> {
        let (key, root) = (self.key(key), &self.trees.entries.root());
        self.take(&key, 0, |found| S::decode(root, found))
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

extendable!([K: StableKey, V: StableLayout, N: Memory, M: Memory, S: Stored] InnerMut<'_, BTreeMap<K, V, N>, M, S>, (K, V));
