//! Operations on many entries: pages, sorted input, and keeping only selected entries.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::{StableLayout, encode};
use graven_core::store::{Budget, Collection};
use graven_core::{Memory, Result};

use crate::codec::keys::{bounded, written};
use crate::codec::range::{KeyBounds, encode_range};
use crate::cursor::{Cursor, Direction, Page};
use crate::map::btree::LoadError;
use crate::map::ranked::RankedMap;

/// The number of entries that are read together when all are visited.
const BATCH: usize = 64;

impl<K: StableKey, V: StableLayout, M: Memory> RankedMap<K, V, M> {
    /// Returns the cursor at a bound, as [`BTreeMap::cursor_at`](crate::BTreeMap::cursor_at).
    ///
    /// # Errors
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
    pub fn cursor_at<Q: KeyRef<K> + ?Sized>(&self, bound: Bound<&Q>, direction: Direction) -> Result<Cursor> {
        Cursor::at(self.root(), &Self::SPEC, direction, &bound.map(written))
    }

    /// Returns at most `limit` entries, beginning at a cursor or at the first entry, as
    /// [`BTreeMap::page`](crate::BTreeMap::page) does.
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: a list in pieces
    /// ```
    /// # use graven_collections::{RankedMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut names: RankedMap<u64, String> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// names.load_sorted((0..5).map(|n| (n, n.to_string()))).unwrap();
    /// let first = names.page(None, 3).unwrap();
    /// let second = names.page(first.next.as_ref(), 3).unwrap();
    /// assert_eq!((second.items[0].0, second.items.len()), (3, 2));
    /// ```
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(K, V)>> {
        self.entries.page_as(&Self::SPEC, (Bound::Unbounded, Bound::Unbounded), from, limit)
    }

    /// Returns a page of a range of keys. Each call needs the same range as the first one.
    ///
    /// # Errors
    /// As [`RankedMap::page`].
    ///
    /// # Panics
    /// As [`RankedMap::range`].
    #[track_caller]
    pub fn page_range<Q: ?Sized, R: KeyBounds<K, Q>>(
        &self,
        range: R,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<(K, V)>> {
        self.entries.page_as(&Self::SPEC, encode_range(&range, "RankedMap"), from, limit)
    }

    /// Keeps the entries for which `keep` returns `true`, with the values that it leaves. Each
    /// removed entry costs a removal, and each changed one an insert. Visits all entries, so a
    /// large map may not fit in one message.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; earlier changes stay then.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        let mut from = None;
        loop {
            let page = self.page(from.as_ref(), BATCH).or_fail();
            for (key, mut value) in page.items {
                let before = encode(&value);
                if !keep(&key, &mut value) {
                    self.delete(&key);
                } else if encode(&value) != before {
                    self.set(key, value);
                }
            }
            from = page.next;
            if from.is_none() {
                return;
            }
        }
    }

    /// Adds entries whose keys are ascending and greater than all keys of the map, and returns
    /// their number, as [`BTreeMap::load_sorted`](crate::BTreeMap::load_sorted) does.
    ///
    /// # Errors
    /// As `BTreeMap::load_sorted`.
    pub fn load_sorted(&mut self, entries: impl IntoIterator<Item = (K, V)>) -> Result<u64, LoadError> {
        // Keys are added before their entries. However the load ends, even by a panic of the
        // iterator, the guard drops the keys without an entry, which needs no memory.
        let keys = LoadedKeys(self);
        let mut failure = None;
        let entries = entries.into_iter().map_while(|(key, value)| {
            // A key that is too long is refused with its entry.
            let added = bounded(&key).map_or(Ok(()), |key| self.keys.push_back(key.as_slice()));
            failure = added.err();
            failure.is_none().then_some((key, value))
        });
        let loaded = self.entries.load(entries);
        drop(keys);
        match (loaded, failure) {
            (Ok(loaded), Some(error)) => Err(LoadError { loaded, error }),
            (loaded, _) => loaded,
        }
    }
}

/// A map whose last keys may have no entries. Dropping the guard removes these keys.
struct LoadedKeys<'a, K: StableKey, V: StableLayout, M: Memory>(&'a RankedMap<K, V, M>);

impl<K: StableKey, V: StableLayout, M: Memory> Drop for LoadedKeys<'_, K, V, M> {
    fn drop(&mut self) {
        let RankedMap { entries, keys } = self.0;
        // If memory is damaged, `verify` and the next operation report it.
        let mut more = || true;
        while let Ok(false) = keys.truncate(entries.len(), &mut Budget::while_true(&mut more)) {}
    }
}
