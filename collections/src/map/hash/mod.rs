//! The typed layer of the hash map. It encodes keys and values, calls the table of `engine::hash`,
//! and decodes what it finds.

mod change;
mod extract;
mod fields;
mod iter;
mod page;
mod seed;
mod update;

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, MAX_KEY_LEN, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, OnPage, Root, RootSpec, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

pub use extract::ExtractIf;
pub use iter::{Iter, Keys, Values};

use crate::codec::keys::{bounded, written};
use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::cell::Sizes;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::hash::Table;
use crate::engine::verify::check_within;

/// An unordered map from `K` to `V`, with the method names of std's `HashMap`.
///
/// Keys are compared by their encoded bytes and found by a hash of these, so `Hash` and `Eq` of the
/// type do not matter. The following costs are for keys and values of constant size, with a cached
/// directory. A look-up reads sixteen bytes of a table and one cell, and writes nothing. An insert
/// also writes a cell, a byte and the root's counters, which are two dirty pages. About one in 150
/// inserts (of a number to a number) splits a full bucket, which reads its page, and writes its
/// table and one more page. A split touches no other entries, and the map is never rehashed as a
/// whole. A removal that leaves two such halves nearly empty merges them. Keys or values of any
/// size cost a header and a slot more.
///
/// The hash has a seed, which is predictable by default. Someone who chooses keys and knows the
/// seed can make them share a bucket. Then look-ups of these keys, and no others, walk over all of
/// them, a page at a time. Where strangers choose keys, set a secret seed with
/// [`HashMap::reseed`]: two keys of one length have the same hash under at most one of 2³² seeds.
///
/// # Example: balances by account
/// ```
/// use graven_collections::{HashMap, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut balances: HashMap<u64, u128> = open("balances", DefaultMemoryImpl::default()).unwrap();
/// assert_eq!(balances.insert(7, 100), None);
/// *balances.entry(7).or_default() += 5;
/// assert_eq!(balances.get(&7), Some(105));
/// assert_eq!(balances.remove(&7), Some(105));
/// ```
pub struct HashMap<K, V, M: Memory = DefaultMemoryImpl> {
    table: Table<M>,
    types: PhantomData<(K, V)>,
}

impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Returns the number of entries. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.table.root.state().len.get()
    }

    /// Returns `true` if there are no entries. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the value of a key.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_get`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        let mut value = None;
        self.get_to(key, &mut value).or_fail();
        value
    }

    /// Like [`HashMap::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        let mut value = None;
        self.get_to(key, &mut value)?;
        Ok(value)
    }

    /// Sets `value` to the value of a key, if it has one.
    #[inline(always)]
    fn get_to<Q: KeyRef<K> + ?Sized>(&self, key: &Q, value: &mut Option<V>) -> Result<()> {
        // For a cached bucket the key need not be in memory.
        let read = |found: StoredValue<'_>| self.decode_to(found, value);
        if Table::<M>::may_cache(Self::SIZES)
            && let Some(found) = self.table.lookup_cached(Self::SIZES, written(key).as_slice(), read)
        {
            return found.map(|_| ());
        }
        self.get_uncached(key, value)
    }

    #[inline(never)]
    fn get_uncached<Q: KeyRef<K> + ?Sized>(&self, key: &Q, value: &mut Option<V>) -> Result<()> {
        let read = |found: StoredValue<'_>| self.decode_to(found, value);
        self.table.lookup_uncached(Self::SIZES, written(key).as_slice(), read).map(|_| ())
    }

    /// Returns `true` if a key has a value. Reads what [`HashMap::get`] reads, without the value.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.try_contains_key(key).or_fail()
    }

    /// Like [`HashMap::contains_key`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        if Table::<M>::may_cache(Self::SIZES)
            && let Some(found) = self.table.lookup_cached(Self::SIZES, written(key).as_slice(), |_| Ok(()))
        {
            return found.map(|found| found.is_some());
        }
        self.contains_uncached(key)
    }

    #[inline(never)]
    fn contains_uncached<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        let bytes = written(key);
        self.table.lookup_uncached(Self::SIZES, bytes.as_slice(), |_| Ok(())).map(|found| found.is_some())
    }

    /// Sets the value of a key and returns the old one.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 992 bytes, or on damaged memory;
    /// [`HashMap::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.put(&key, &value).or_fail()
    }

    /// Like [`HashMap::insert`], but returns failures as errors.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The map is unchanged then.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        self.put(&key, &value)
    }

    #[inline(always)]
    fn put(&self, key: &K, value: &V) -> Result<Option<V>> {
        if Table::<M>::may_cache(Self::SIZES)
            && let Some(old) = self.insert_cached(key, value)
        {
            return old;
        }
        self.insert_uncached(key, value)
    }

    /// Inserts if the bucket is cached. Then neither key nor value need be in memory for long.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "the size was compared with that of the buffer")]
    fn insert_cached(&self, key: &K, value: &V) -> Option<Result<Option<V>>> {
        // The size of the value is a constant here, so it is decoded and moved in few steps.
        let (table, read) = (&self.table, |found: StoredValue<'_>| self.decode_current(found));
        let key = match bounded(key) {
            Ok(key) => key,
            Err(error) => return Some(Err(error)),
        };
        if let Some(size @ 0..=16) = V::SIZE {
            let mut bytes = [0; 16];
            value.encode(&mut bytes[..size]);
            return table.insert_cached(Self::SIZES, key.as_slice(), &bytes[..size], read);
        }
        match Encoded::new(value) {
            Ok(value) => table.insert_cached(Self::SIZES, key.as_slice(), value.as_slice(), read),
            Err(error) => Some(Err(error)),
        }
    }

    #[inline(never)]
    fn insert_uncached(&self, key: &K, value: &V) -> Result<Option<V>> {
        let (key, value) = (bounded(key)?, Encoded::new(value)?);
        self.table.insert_uncached(Self::SIZES, key.as_slice(), value.as_slice(), |found| self.decode(found))
    }

    /// Removes a key and returns its value. Writes a byte and the root's counters. If the removal
    /// leaves two halves of a bucket nearly empty, merges them, which reads and writes their pages.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        let mut value = None;
        self.take_to(key, &mut value).or_fail();
        value
    }

    /// Like [`HashMap::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<V>> {
        self.take(key)
    }

    fn take<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        let mut value = None;
        self.take_to(key, &mut value)?;
        Ok(value)
    }

    /// Removes a key, and sets `value` to its value, if it had one.
    #[inline(always)]
    fn take_to<Q: KeyRef<K> + ?Sized>(&self, key: &Q, value: &mut Option<V>) -> Result<()> {
        let read = |found: StoredValue<'_>| self.decode_to(found, value);
        let gone = if Table::<M>::may_cache(Self::SIZES)
            && let Some(gone) = self.table.take_cached(Self::SIZES, written(key).as_slice(), read)
        {
            gone?
        } else {
            self.take_uncached(key, value)?
        };
        if gone.is_some() {
            self.table.shrink_if_due();
        }
        Ok(())
    }

    #[inline(never)]
    fn take_uncached<Q: KeyRef<K> + ?Sized>(&self, key: &Q, value: &mut Option<V>) -> Result<Option<()>> {
        let read = |found: StoredValue<'_>| self.decode_to(found, value);
        self.table.take_uncached(Self::SIZES, written(key).as_slice(), read)
    }

    /// Removes everything. Takes constant time at any size: two pages are written, and the others
    /// are freed as their room is needed.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`HashMap::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.table.clear()
    }

    /// Returns an iterator over all entries, in an unspecified order. Reads every bucket page once.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V, M> {
        Iter::new(self)
    }

    /// Returns an iterator over all keys. Values are not decoded.
    #[must_use]
    pub fn keys(&self) -> Keys<'_, K, V, M> {
        Keys::new(self)
    }

    /// Returns an iterator over all values. Keys are not decoded.
    #[must_use]
    pub fn values(&self) -> Values<'_, K, V, M> {
        Values::new(self)
    }

    /// Returns the size of the map and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> graven_core::store::RootStats {
        self.table.root.stats()
    }

    /// Checks counts, links and layouts of the whole map, and that every entry is found by its
    /// hash. Reads every page, so do not use it for large maps in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) for the first damage that is found.
    pub fn verify(&self) -> Result<()> {
        self.table.verify()
    }

    fn put_bytes(&self, key: &[u8], value: &[u8]) -> Result<bool> {
        self.table.insert(Self::SIZES, key, value)
    }

    fn delete_bytes(&self, key: &[u8]) -> Result<bool> {
        self.table.remove(Self::SIZES, key)
    }

    const SIZES: Sizes = Sizes { key: K::KEY_SIZE, value: V::SIZE };

    #[inline(always)]
    fn decode(&self, found: StoredValue<'_>) -> Result<V> {
        value::decode_found(&self.table.root, found)
    }

    /// Decodes a value of the current layout, which is usually inline.
    #[inline(always)]
    fn decode_current(&self, found: StoredValue<'_>) -> Result<V> {
        match found.value {
            ValueRef::Inline(bytes) => V::decode(bytes).on_page(self.root(), found.page),
            ValueRef::Overflow { .. } => self.decode(found),
        }
    }

    #[inline(always)]
    fn decode_to(&self, found: StoredValue<'_>, place: &mut Option<V>) -> Result<()> {
        value::decode_found_to(&self.table.root, found, place)
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Collection for HashMap<K, V, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<V>("", CollectionKind::HashMap, Some(K::KEY));

    fn attach(root: Root<M>) -> Self {
        const {
            assert!(
                K::KEY_SIZE.is_none() || K::KEY_SIZE.unwrap() <= MAX_KEY_LEN,
                "keys of a HashMap have at most 992 bytes"
            );
        }
        HashMap { table: Table::new(root, Self::SIZES, value::convert::<V>), types: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        &self.table.root
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.table.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.table.sweep(budget)
    }
}

impl<K, V, M> core::fmt::Debug for HashMap<K, V, M>
where
    K: StableKey + core::fmt::Debug,
    V: StableLayout + core::fmt::Debug,
    M: Memory,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

crate::map::keyed::entries!(HashMap, "HashMap");

iterable!([K: StableKey, V: StableLayout, M: Memory] HashMap<K, V, M> => Iter<'a, K, V, M>);
extendable!([K: StableKey, V: StableLayout, M: Memory] HashMap<K, V, M>, (K, V));

impl<K: StableKey, V: StableLayout + PartialEq, M: Memory, N: Memory> PartialEq<HashMap<K, V, N>>
    for HashMap<K, V, M>
{
    fn eq(&self, other: &HashMap<K, V, N>) -> bool {
        self.len() == other.len() && self.iter().all(|(key, value)| other.get(&key) == Some(value))
    }
}

impl<K, V, S, M> PartialEq<std::collections::HashMap<K, V, S>> for HashMap<K, V, M>
where
    K: StableKey,
    V: StableLayout + PartialEq,
    M: Memory,
{
    fn eq(&self, other: &std::collections::HashMap<K, V, S>) -> bool {
        self.len() == other.len() as u64
            && other.iter().all(|(key, value)| self.get(key).is_some_and(|found| found == *value))
    }
}
