//! An ordered map in which every key has a rank: the number of lesser keys. The entries are in a
//! tree of `btree_map`. A sequence in the same root has the encoded keys in order, so the index of
//! a key in it is the rank of the key.
//! Counting in the inner nodes of the tree instead would make every insert of a BTreeMap write all
//! Counts in the inner nodes of the tree would make every insert of a `BTreeMap` write all nodes
//! above its leaf. With the sequence only ranked maps pay, and few branches are written: each has
//! hundreds of children.

mod bulk;
mod rank;
mod ranks;
pub(crate) mod verify;

use graven_core::error::OrFail;
use graven_core::key::{KeyPrefix, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{Damage, DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::keys::{bounded, written};
use crate::codec::range::KeyBounds;
use crate::codec::value::{Encoded, no_conversion};
use crate::engine::array::Sequence;
use crate::engine::verify::check_top;
use crate::engine::verify::{Audit, check_within};
use crate::map::btree::{BTreeMap, Iter, Keys, Range, Values};

pub use ranks::Ranks;

/// An ordered map from `K` to `V` with the method names of std's, and ranks: the `n`-th entry, and
/// the number of keys that are less than a given one.
///
/// Every key is stored twice. A look-up by key costs the same as in a [`BTreeMap`]; a rank reads
/// log₂ *n* keys. An insert or a removal also reads log₂ *n* keys, and then writes the key as
/// [`StableVec::insert`](crate::StableVec::insert) and
/// [`StableVec::remove`](crate::StableVec::remove) do: with 100,000 entries two more dirty pages. A
/// `BTreeMap` is less work if no ranks are needed.
///
/// # Example: a league table
/// ```
/// use graven_collections::{RankedMap, open};
/// use graven_core::DefaultMemoryImpl;
/// use graven_core::key::Reverse;
/// let memory = DefaultMemoryImpl::default();
/// let mut table: RankedMap<(Reverse<u32>, String), ()> = open("table", memory).unwrap();
/// for (points, name) in [(70, "Ada"), (90, "Bob"), (80, "Cy")] {
///     table.insert((Reverse(points), name.into()), ());
/// }
/// assert_eq!(table.position(&(Reverse(80), "Cy".to_string())), Some(1));
/// assert_eq!(table.nth(0).unwrap().0.1, "Bob");
/// let page: Vec<String> = table.ranks(1..3).map(|((_, name), ())| name).collect();
/// assert_eq!(page, ["Cy", "Ada"]);
/// ```
pub struct RankedMap<K, V, M: Memory = DefaultMemoryImpl> {
    entries: BTreeMap<K, V, M>,
    /// The encoded keys in order.
    keys: Sequence<M>,
}

impl<K: StableKey, V: StableLayout, M: Memory> RankedMap<K, V, M> {
    /// Returns the number of entries. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.entries.len()
    }

    /// Returns `true` if there are no entries. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of a key.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.entries.get(key)
    }

    /// Like [`RankedMap::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        self.entries.try_get(key)
    }

    /// Returns `true` if a key has a value.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.entries.contains_key(key)
    }

    /// Like [`RankedMap::contains_key`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        self.entries.try_contains_key(key)
    }

    /// Sets the value of a key and returns the old one.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 992 bytes, or on damaged memory;
    /// [`RankedMap::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.try_insert(key, value).or_fail()
    }

    /// Like [`RankedMap::insert`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`], [`Error::ValueTooLong`] or
    /// [`Error::Damaged`]. The map is unchanged then.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let (key, value) = (bounded(&key)?, Encoded::new(&value)?);
        self.add(key.as_slice(), |entries| entries.insert_bytes(key.as_slice(), value.as_slice()))
    }

    fn put_bytes(&self, key: &[u8], value: &[u8]) -> Result<bool> {
        self.add(key, |entries| entries.put_bytes(key, value))
    }

    /// Inserts an entry, and its key in the sequence if it is new.
    fn add<R>(&self, key: &[u8], insert: impl FnOnce(&BTreeMap<K, V, M>) -> Result<R>) -> Result<R> {
        let (rank, there) = self.find(key)?;
        if there {
            return insert(&self.entries);
        }
        self.keys.insert(rank, key)?;
        let added = AddedKey { keys: &self.keys, rank };
        let inserted = insert(&self.entries)?;
        core::mem::forget(added);
        Ok(inserted)
    }

    /// Removes a key and returns its value.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.try_remove(key).or_fail()
    }

    /// Like [`RankedMap::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<Option<V>> {
        let bytes = written(key);
        let Some(rank) = self.rank_of(bytes.as_slice())? else { return Ok(None) };
        let removed = self.entries.try_remove(key)?;
        self.keys.remove_at(rank)?;
        removed.map_or_else(|| Err(self.broken()), |value| Ok(Some(value)))
    }

    fn delete_bytes(&self, key: &[u8]) -> Result<bool> {
        let Some(rank) = self.rank_of(key)? else { return Ok(false) };
        let is_removed = self.entries.delete_bytes(key)?;
        self.keys.remove_at(rank)?;
        if is_removed { Ok(true) } else { Err(self.broken()) }
    }

    /// Changes the value of a key, writes it back and returns what `change` returns. Returns `None`
    /// if the key has no value. Ranks do not change, so this costs what [`BTreeMap::update`] costs.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`RankedMap::try_update`] does not.
    #[track_caller]
    pub fn update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        self.entries.update(key, change)
    }

    /// Like [`RankedMap::update`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ValueTooLong`] or [`Error::Damaged`]. The map is unchanged
    /// then.
    pub fn try_update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>> {
        self.entries.try_update(key, change)
    }

    /// Removes all entries. Takes constant time at any size: the pages are freed when their space
    /// is needed.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`RankedMap::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_clear(&mut self) -> Result<()> {
        check_top(self.keys.root())?;
        self.entries.try_clear()?;
        self.keys.clear()
    }

    /// Returns an iterator over the entries in the order of their keys, from both ends. Reads one
    /// page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V, M> {
        self.entries.iter()
    }

    /// Returns an iterator over the keys in order, from both ends. Does not decode values.
    #[must_use]
    pub fn keys(&self) -> Keys<'_, K, V, M> {
        self.entries.keys()
    }

    /// Returns an iterator over the values in the order of their keys, from both ends. Does not
    /// decode keys.
    #[must_use]
    pub fn values(&self) -> Values<'_, K, V, M> {
        self.entries.values()
    }

    /// Returns an iterator over the entries with keys in a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<K, Q>>(&self, range: R) -> Range<'_, K, V, M> {
        self.entries.range(range)
    }

    /// Returns an iterator over the entries whose keys begin with `prefix`, as
    /// [`BTreeMap::prefix`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Range<'_, K, V, M> {
        self.entries.prefix(prefix)
    }

    /// Returns the size of the map and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let (stats, keys) = (self.entries.stats(), self.keys.root().state().pages.get());
        RootStats { pages: stats.pages.saturating_add(keys).saturating_sub(1), ..stats }
    }

    /// Checks both trees, and that they have the same keys. Reads every page, so a large map may
    /// not fit in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        verify::check(&self.entries.tree, &self.keys, &mut Audit::first())
    }

    fn broken(&self) -> Error {
        self.root().damaged(self.root().page(), Damage::RankMismatch)
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Collection for RankedMap<K, V, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<V>("", CollectionKind::RankedMap, Some(K::KEY));

    fn attach(root: Root<M>) -> Self {
        let second = root.second(K::KEY_SIZE).or_fail();
        let keys = Sequence::new(second, K::KEY_SIZE, no_conversion);
        RankedMap { entries: BTreeMap::attach(root), keys }
    }

    fn root(&self) -> &Root<M> {
        self.entries.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| verify::check(&self.entries.tree, &self.keys, audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.entries.sweep(budget)
    }
}

impl<K, V, M> core::fmt::Debug for RankedMap<K, V, M>
where
    K: StableKey + core::fmt::Debug,
    V: StableLayout + core::fmt::Debug,
    M: Memory,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.entries.fmt(f)
    }
}

/// A key that has no entry until `add` is done. Dropping the guard removes the key, which needs no
/// memory: an insert may fail, or convert old values with user code that panics.
struct AddedKey<'a, M: Memory> {
    keys: &'a Sequence<M>,
    rank: u64,
}

impl<M: Memory> Drop for AddedKey<'_, M> {
    fn drop(&mut self) {
        // If memory is damaged, report the error from the entries instead of this one.
        let _ = self.keys.remove_at(self.rank);
    }
}

crate::map::keyed::entries!(RankedMap, "RankedMap");
crate::map::keyed::ends!(RankedMap);

iterable!([K: StableKey, V: StableLayout, M: Memory] RankedMap<K, V, M> => Iter<'a, K, V, M>);
extendable!([K: StableKey, V: StableLayout, M: Memory] RankedMap<K, V, M>, (K, V));
equal_in_order!([K: StableKey, V: StableLayout, M: Memory, N: Memory] RankedMap<K, V, M>, RankedMap<K, V, N>, K, V);
equal_to_std! {
    [K: StableKey + PartialEq, V: StableLayout + PartialEq, M: Memory] RankedMap<K, V, M>,
    std::collections::BTreeMap<K, V>, |(key, value), (k, v)| key == *k && value == *v;
}
