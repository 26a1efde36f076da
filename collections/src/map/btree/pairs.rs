//! Entries as pairs of key and value, and those at the ends to be changed in place.

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::{Error, Memory, Result};

use crate::codec::keys::written;
use crate::engine::cell::StoredValue;
use crate::map::btree::{BTreeMap, OccupiedEntry};
use crate::map::entry;

/// Keys that come out with their values.
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// The entry of the least key, to look at and change in place; `None` if there is none.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn first_entry(&mut self) -> Option<OccupiedEntry<'_, K, V, M>> {
        let (key, value) = self.first_key_value()?;
        Some(entry::occupied(self, key, value))
    }

    /// The entry of the greatest key, to look at and change in place; `None` if there is none.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn last_entry(&mut self) -> Option<OccupiedEntry<'_, K, V, M>> {
        let (key, value) = self.last_key_value()?;
        Some(entry::occupied(self, key, value))
    }

    /// The stored key that is equal to a key, and its value.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeMap::try_get_key_value`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_key_value<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<(K, V)> {
        self.try_get_key_value(key).or_fail()
    }

    /// Like [`BTreeMap::get_key_value`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get_key_value<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<(K, V)>> {
        let bytes = written(key);
        let read = |found: StoredValue<'_>| {
            let key = decode_key(bytes.as_slice()).map_err(|why| Error::invalid(found.page, why))?;
            Ok((key, self.decode(found)?))
        };
        self.tree.lookup(Self::SIZES, bytes.as_slice(), read)
    }

    /// Removes a key and gives what was stored of it and its value.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn remove_entry<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<(K, V)> {
        let entry = self.get_key_value(key)?;
        self.remove(key);
        Some(entry)
    }

    /// Like [`BTreeMap::first_key_value`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_first_key_value(&self) -> Result<Option<(K, V)>> {
        self.iter().try_next()
    }

    /// Like [`BTreeMap::last_key_value`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_last_key_value(&self) -> Result<Option<(K, V)>> {
        self.iter().try_next_back()
    }

    /// Like [`BTreeMap::pop_first`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_pop_first(&mut self) -> Result<Option<(K, V)>> {
        let first = self.try_first_key_value()?;
        first.map_or(Ok(None), |entry| self.try_remove(&entry.0).map(|_| Some(entry)))
    }

    /// Like [`BTreeMap::pop_last`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_pop_last(&mut self) -> Result<Option<(K, V)>> {
        let last = self.try_last_key_value()?;
        last.map_or(Ok(None), |entry| self.try_remove(&entry.0).map(|_| Some(entry)))
    }
}
