//! An ordered map in which every key has a rank: how many keys are less. The entries are in a tree
//! of `btree_map`; beside it, in the same root, a sequence has the encoded keys in order, so that
//! the place of a key in it is its rank.
//!
//! Counting in the inner nodes of the tree instead would make every insert of a BTreeMap write all
//! of them above its leaf. Here only those write who want ranks, and the branches of a sequence are
//! few: each has hundreds of children.

mod bulk;
mod rank;

use core::iter::Take;
use std::ops::{Bound, RangeBounds};

use graven_core::error::OrFail;
use graven_core::key::{KeyPrefix, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::keys::{bounded, written};
use crate::codec::value::{Encoded, no_conversion};
use crate::engine::array::Sequence;
use crate::engine::verify::check_top;
use crate::map::btree::{BTreeMap, Iter, Keys, Range, Values};

/// An ordered map from `K` to `V` with the names of std's, and ranks: the `n`-th entry, and how
/// many keys are less than one.
///
/// Every key is stored twice. A look-up by key costs what it costs in a [`BTreeMap`]; a rank reads
/// log₂ *n* keys. So does an insert or a removal, which then writes what
/// [`StableVec::insert`](crate::StableVec::insert) and
/// [`StableVec::remove`](crate::StableVec::remove) write for the key as well: with 100,000 entries
/// two dirty pages more. Where no ranks are asked for, a `BTreeMap` is less work.
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
    /// Number of entries. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.entries.len()
    }

    /// Returns whether there are no entries. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a key.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        self.entries.get(key)
    }

    /// Like [`RankedMap::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<V>> {
        self.entries.try_get(key)
    }

    /// Returns whether a key has a value.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> bool {
        self.entries.contains_key(key)
    }

    /// Like [`RankedMap::contains_key`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains_key<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<bool> {
        self.entries.try_contains_key(key)
    }

    /// Sets the value of a key and gives the old one.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 992 bytes, or on damaged memory;
    /// [`RankedMap::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.try_insert(key, value).or_fail()
    }

    /// Like [`RankedMap::insert`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`], [`Error::ValueTooLong`] or
    /// [`Error::Damaged`]; the map is as it was.
    pub fn try_insert(&mut self, key: K, value: V) -> Result<Option<V>> {
        let (key, value) = (bounded(&key)?, Encoded::new(&value)?);
        self.add(key.as_slice(), |entries| entries.insert_bytes(key.as_slice(), value.as_slice()))
    }

    fn put_bytes(&self, key: &[u8], value: &[u8]) -> Result<bool> {
        self.add(key, |entries| entries.put_bytes(key, value))
    }

    /// Inserts an entry, and its key if that is new.
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

    /// Removes a key and gives its value.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<V> {
        self.try_remove(key).or_fail()
    }

    /// Like [`RankedMap::remove`].
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

    /// Changes the value of a key and writes it back; `None` where it has none. Ranks stay, so this
    /// costs what [`BTreeMap::update`] costs.
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

    /// Like [`RankedMap::update`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::ValueTooLong`] or [`Error::Damaged`]; the map is as it was.
    pub fn try_update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>> {
        self.entries.try_update(key, change)
    }

    /// Removes everything. Constant time at any size: the pages are taken apart as their room is
    /// needed.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`RankedMap::clear`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_clear(&mut self) -> Result<()> {
        check_top(self.keys.root())?;
        self.entries.try_clear()?;
        self.keys.clear()
    }

    /// All entries in order of their keys, both ways. Reads one page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, K, V, M> {
        self.entries.iter()
    }

    /// All keys in order, both ways. Values are not decoded.
    #[must_use]
    pub fn keys(&self) -> Keys<'_, K, V, M> {
        self.entries.keys()
    }

    /// All values in order of their keys, both ways. Keys are not decoded.
    #[must_use]
    pub fn values(&self) -> Values<'_, K, V, M> {
        self.entries.values()
    }

    /// The entries with keys in a range, in order, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    #[track_caller]
    pub fn range(&self, range: impl RangeBounds<K>) -> Range<'_, K, V, M> {
        self.entries.range(range)
    }

    /// The entries whose keys begin with `prefix`, as [`BTreeMap::prefix`].
    pub fn prefix<P: KeyPrefix<K> + ?Sized>(&self, prefix: &P) -> Range<'_, K, V, M> {
        self.entries.prefix(prefix)
    }

    /// The entries with ranks in a range, as far as there are such, in order: a page of a list.
    /// Finds the first one as [`RankedMap::nth`] does.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn ranks(&self, ranks: impl RangeBounds<u64>) -> Take<Range<'_, K, V, M>> {
        let start = match ranks.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match ranks.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        let count = end.min(self.len()).saturating_sub(start);
        let from = if count == 0 { None } else { self.key_at(start).or_fail() };
        let start = from.map_or(Bound::Unbounded, Bound::Included);
        Range::new(&self.entries, start, Bound::Unbounded).take(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Size of the map and the layouts that its pages are in. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let (stats, keys) = (self.entries.stats(), self.keys.root().state().pages.get());
        RootStats { pages: stats.pages.saturating_add(keys).saturating_sub(1), ..stats }
    }

    /// Checks everything: both trees, and that they have the same keys. Reads every page, so not
    /// for large maps in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.entries.verify()?;
        self.keys.verify()?;
        self.verify_ranks()
    }

    fn broken(&self) -> Error {
        Error::Damaged { page: self.root().page(), why: "its keys are not those of its entries" }
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

/// A key whose entry is not there yet. Dropping it takes the key out again, which needs no memory:
/// an insert may fail, or convert old values by code of the user's that panics.
struct AddedKey<'a, M: Memory> {
    keys: &'a Sequence<M>,
    rank: u64,
}

impl<M: Memory> Drop for AddedKey<'_, M> {
    fn drop(&mut self) {
        // It was added a moment ago; where memory is damaged, the error that comes from the entries
        // is the one to report.
        let _ = self.keys.remove_at(self.rank);
    }
}

crate::map::keyed::entries!(RankedMap, "RankedMap");
crate::map::keyed::ends!(RankedMap);

iterable!([K: StableKey, V: StableLayout, M: Memory] RankedMap<K, V, M> => Iter<'a, K, V, M>);
extendable!([K: StableKey, V: StableLayout, M: Memory] RankedMap<K, V, M>, (K, V));
equal_in_order!([K: StableKey, V: StableLayout, M: Memory, N: Memory] RankedMap<K, V, M>, RankedMap<K, V, N>, K, V);
