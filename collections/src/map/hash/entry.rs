//! Entries of the map: the types are [`crate::map::entry`]'s.

use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::codec::keys::bounded;
use crate::codec::value::Encoded;
use crate::map::entry;
use crate::map::entry::EntryMap;
use crate::map::hash::HashMap;

/// The place of a key in a map.
pub type Entry<'a, K, V, M> = entry::Entry<'a, HashMap<K, V, M>>;
/// A key that has a value.
pub type OccupiedEntry<'a, K, V, M> = entry::OccupiedEntry<'a, HashMap<K, V, M>>;
/// A key that has none.
pub type VacantEntry<'a, K, V, M> = entry::VacantEntry<'a, HashMap<K, V, M>>;
/// A value that is written back, if it was changed, when this goes out of scope.
pub type ValueMut<'a, K, V, M> = entry::ValueMut<'a, HashMap<K, V, M>>;

impl<K, V, M: Memory> entry::sealed::Sealed for HashMap<K, V, M> {}

impl<K: StableKey, V: StableLayout, M: Memory> EntryMap for HashMap<K, V, M> {
    type Key = K;
    type Value = V;

    fn value(&self, key: &K) -> Option<V> {
        self.get(key)
    }

    fn put(&mut self, key: &K, value: &V) -> Result<()> {
        let (key, value) = (bounded(key)?, Encoded::new(value)?);
        self.table.insert(Self::SIZES, key.as_slice(), value.as_slice()).map(drop)
    }

    fn take(&mut self, key: &K) {
        self.remove(key);
    }
}
