//! The typed layer of the ordered map. It encodes keys and values, calls the B+tree of
//! `engine::btree`, and decodes the results. Operations that span several messages are in `page`,
//! `update`, `extract`, `load`, `rebuild` and `transfer`.

mod extract;
mod fields;
mod iter;
mod load;
mod page;
mod rebuild;
mod transfer;
mod update;
mod walk;

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::{KeyPrefix, KeyRef, MAX_KEY_LEN, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

pub use extract::ExtractIf;
pub use iter::{Iter, Keys, Range, Values};
pub use load::LoadError;

use crate::codec::keys::{bounded, written};
use crate::codec::range::{KeyBounds, encode_range, prefix_range};
use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::btree::Tree;
use crate::engine::cell::{Sizes, StoredValue};
use crate::engine::verify::check_within;

/// An ordered map from `K` to `V` with the method names of std's.
///
/// Costs are for a map of `n` entries with `h` levels of nodes (3 for a million small entries) and
/// cached inner nodes. If keys and values have constant sizes, a look-up reads a header, sixteen
/// bytes and one cell of a leaf, else some slots and about eight keys; it writes nothing. An insert
/// also writes one cell, its place in the order and two headers, which dirties two pages. One in a
/// hundred inserts splits a leaf, which reads one page and writes three.
///
/// # Example: names by number
/// ```
/// use graven_collections::{BTreeMap, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut names: BTreeMap<u64, String> = open("names", DefaultMemoryImpl::default()).unwrap();
/// assert_eq!(names.insert(7, "Seven".into()), None);
/// assert_eq!(names.get(&7).as_deref(), Some("Seven"));
/// assert_eq!(names.range(5..).next(), Some((7, "Seven".into())));
/// ```
pub struct BTreeMap<K, V, M: Memory = DefaultMemoryImpl> {
    pub(crate) tree: Tree<M>,
    types: PhantomData<(K, V)>,
}

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Returns the number of entries. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.tree.root().state().len.get()
    }

    /// Returns `true` if there are no entries. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// Returns the value of a key.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_get`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        let mut value = None;
        self.get_to(key, &mut value).or_fail();
        value
    }

    /// Like [`BTreeMap::get`], but returns damage as an error.
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
        let read = |found: StoredValue<'_>| self.decode_to(found, value);
        self.tree.lookup(Self::SIZES, written(key).as_slice(), read).map(|_| ())
    }

    /// Returns `true` if a key has a value. Reads what [`BTreeMap::get`] reads, without the value.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.try_contains_key(key).or_fail()
    }

    /// Like [`BTreeMap::contains_key`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        let bytes = written(key);
        self.tree.lookup(Self::SIZES, bytes.as_slice(), |_| Ok(())).map(|found| found.is_some())
    }

    /// Sets the value of a key and returns the old one.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 992 bytes, or on damaged memory;
    /// [`BTreeMap::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let mut old = None;
        self.put_to(&key, &value, &mut old).or_fail();
        old
    }

    /// Like [`BTreeMap::insert`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The map is unchanged then.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let mut old = None;
        self.put_to(&key, &value, &mut old)?;
        Ok(old)
    }

    /// Inserts, and sets `old` to the value that the key had, if it had one.
    #[inline(always)]
    fn put_to(&self, key: &K, value: &V, old: &mut Option<V>) -> Result<()> {
        let (key, value) = (bounded(key)?, Encoded::new(value)?);
        let read = |found: StoredValue<'_>| self.decode_to(found, old);
        self.tree.insert(Self::SIZES, key.as_slice(), value.as_slice(), read).map(|_| ())
    }

    /// Inserts an encoded key and value, and returns the old value.
    #[inline(always)]
    pub(crate) fn insert_bytes(&self, key: &[u8], value: &[u8]) -> Result<Option<V>> {
        self.tree.insert(Self::SIZES, key, value, |found| self.decode(found))
    }

    /// Inserts an encoded key and value, and returns `true` if the key was there.
    pub(crate) fn put_bytes(&self, key: &[u8], value: &[u8]) -> Result<bool> {
        self.tree.insert(Self::SIZES, key, value, |_| Ok(())).map(|old| old.is_some())
    }

    /// Removes an encoded key, and returns `true` if it was there.
    pub(crate) fn delete_bytes(&self, key: &[u8]) -> Result<bool> {
        self.tree.remove(Self::SIZES, key, |_| Ok(())).map(|gone| gone.is_some())
    }

    /// Removes a key and returns its value. Writes a header and a part of the order. A leaf that is
    /// less than a quarter full is merged with its neighbour.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.try_remove(key).or_fail()
    }

    /// Like [`BTreeMap::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<V>> {
        let bytes = written(key);
        self.tree.remove(Self::SIZES, bytes.as_slice(), |found| self.decode(found))
    }

    /// Removes all entries. Takes constant time at any size: it writes two pages, and the other
    /// pages are freed when their space is needed.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`BTreeMap::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.tree.clear()
    }

    /// Returns an iterator over the entries in the order of their keys, from both ends. Reads one
    /// page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V, M> {
        Iter::new(self)
    }

    /// Returns an iterator over the keys in order, from both ends. Does not decode values.
    #[must_use]
    pub fn keys(&self) -> Keys<'_, K, V, M> {
        Keys::new(self)
    }

    /// Returns an iterator over the values in the order of their keys, from both ends. Does not
    /// decode keys.
    #[must_use]
    pub fn values(&self) -> Values<'_, K, V, M> {
        Values::new(self)
    }

    /// Returns an iterator over the entries with keys in a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<K, Q>>(&self, range: R) -> Range<'_, K, V, M> {
        let (start, end) = encode_range(&range, "BTreeMap");
        Range::new(self, start, end)
    }

    /// Returns an iterator over the entries whose keys begin with `prefix`: text for `String` keys,
    /// bytes for byte strings, a shorter tuple for tuples.
    ///
    /// # Example: names that begin with "Zü"
    /// ```
    /// use graven_collections::{BTreeMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut towns: BTreeMap<(String, u32), ()> = open("towns", DefaultMemoryImpl::default()).unwrap();
    /// towns.insert(("Zürich".into(), 1), ());
    /// towns.insert(("Zug".into(), 2), ());
    /// assert_eq!(towns.prefix(&("Zürich".to_string(),)).count(), 1);
    /// ```
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Range<'_, K, V, M> {
        let (start, end) = prefix_range(prefix);
        Range::new(self, start, end)
    }

    /// Returns the size of the map and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> graven_core::store::RootStats {
        self.tree.root().stats()
    }

    /// Checks the whole tree: order, counts, links and layouts. Reads every page, so a large map
    /// may not fit in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        self.tree.verify()
    }

    pub(crate) const SIZES: Sizes = Sizes { key: K::KEY_SIZE, value: V::SIZE };

    #[inline(always)]
    fn decode(&self, found: StoredValue<'_>) -> Result<V> {
        value::decode_found(self.tree.root(), found)
    }

    #[inline(always)]
    fn decode_to(&self, found: StoredValue<'_>, place: &mut Option<V>) -> Result<()> {
        value::decode_found_to(self.tree.root(), found, place)
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Collection for BTreeMap<K, V, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<V>("", CollectionKind::BTreeMap, Some(K::KEY));

    fn attach(root: Root<M>) -> Self {
        const {
            assert!(
                K::KEY_SIZE.is_none() || K::KEY_SIZE.unwrap() <= MAX_KEY_LEN,
                "keys of a BTreeMap have at most 992 bytes"
            );
        }
        BTreeMap { tree: Tree::new(root, Self::SIZES, value::convert::<V>), types: PhantomData }
    }

    fn root(&self) -> &Root<M> {
        self.tree.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.tree.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.tree.sweep(budget)
    }
}

impl<K, V, M> core::fmt::Debug for BTreeMap<K, V, M>
where
    K: StableKey + core::fmt::Debug,
    V: StableLayout + core::fmt::Debug,
    M: Memory,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

crate::map::keyed::entries!(BTreeMap, "BTreeMap");
crate::map::keyed::ends!(BTreeMap);

iterable!([K: StableKey, V: StableLayout, M: Memory] BTreeMap<K, V, M> => Iter<'a, K, V, M>);
extendable!([K: StableKey, V: StableLayout, M: Memory] BTreeMap<K, V, M>, (K, V));
equal_in_order!([K: StableKey, V: StableLayout, M: Memory, N: Memory] BTreeMap<K, V, M>, BTreeMap<K, V, N>, K, V);
equal_to_std! {
    [K: StableKey + PartialEq, V: StableLayout + PartialEq, M: Memory] BTreeMap<K, V, M>,
    std::collections::BTreeMap<K, V>, |(key, value), (k, v)| key == *k && value == *v;
}
