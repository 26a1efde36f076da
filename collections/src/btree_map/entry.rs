//! Looking at an entry and changing it in place, with std's names. Values are copies, so a changed one is
//! written back when its guard goes.

use std::ops::{Deref, DerefMut};

use graven_core::error::fail;
use graven_core::key::StableKey;
use graven_core::layout::{StableLayout, encode};
use graven_core::{Memory, Result};

use super::BTreeMap;

/// The place of a key in a map.
pub enum Entry<'a, K: StableKey, V: StableLayout, M: Memory> {
    /// There is a value.
    Occupied(OccupiedEntry<'a, K, V, M>),
    /// There is none.
    Vacant(VacantEntry<'a, K, V, M>),
}

/// A key that has a value.
pub struct OccupiedEntry<'a, K: StableKey, V: StableLayout, M: Memory> {
    map: &'a mut BTreeMap<K, V, M>,
    key: K,
    value: V,
}

/// A key that has none.
pub struct VacantEntry<'a, K: StableKey, V: StableLayout, M: Memory> {
    map: &'a mut BTreeMap<K, V, M>,
    key: K,
}

pub(super) fn entry<K: StableKey, V: StableLayout, M: Memory>(
    map: &mut BTreeMap<K, V, M>,
    key: K,
) -> Entry<'_, K, V, M> {
    match map.get(&key) {
        Some(value) => Entry::Occupied(OccupiedEntry { map, key, value }),
        None => Entry::Vacant(VacantEntry { map, key }),
    }
}

pub(super) const fn occupied<K: StableKey, V: StableLayout, M: Memory>(
    map: &mut BTreeMap<K, V, M>,
    key: K,
    value: V,
) -> OccupiedEntry<'_, K, V, M> {
    OccupiedEntry { map, key, value }
}

impl<'a, K: StableKey, V: StableLayout, M: Memory> Entry<'a, K, V, M> {
    /// The key.
    pub const fn key(&self) -> &K {
        match self {
            Entry::Occupied(entry) => &entry.key,
            Entry::Vacant(entry) => &entry.key,
        }
    }

    /// The value, which is `value` if there was none.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    pub fn or_insert(self, value: V) -> ValueMut<'a, K, V, M> {
        self.or_insert_with(|| value)
    }

    /// The value, which is `V::default()` if there was none.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    pub fn or_default(self) -> ValueMut<'a, K, V, M>
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// The value, which is what `make` gives if there was none.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> ValueMut<'a, K, V, M> {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make()),
        }
    }

    /// Changes the value if there is one.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    #[must_use]
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(&mut entry.value);
            write(entry.map, &entry.key, &entry.value).unwrap_or_else(|error| fail(&error));
        }
        self
    }
}

fn write<K: StableKey, V: StableLayout, M: Memory>(
    map: &mut BTreeMap<K, V, M>,
    key: &K,
    value: &V,
) -> Result<()> {
    let key = crate::keys::bounded(key)?;
    map.tree.insert(BTreeMap::<K, V, M>::SIZES, key.as_slice(), &encode(value), |_| Ok(())).map(|_| ())
}

impl<'a, K: StableKey, V: StableLayout, M: Memory> OccupiedEntry<'a, K, V, M> {
    /// The key.
    pub const fn key(&self) -> &K {
        &self.key
    }

    /// The value.
    pub const fn get(&self) -> &V {
        &self.value
    }

    /// Sets the value and gives the old one.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    pub fn insert(&mut self, value: V) -> V {
        write(self.map, &self.key, &value).unwrap_or_else(|error| fail(&error));
        core::mem::replace(&mut self.value, value)
    }

    /// Removes the entry and gives the value.
    ///
    /// # Panics
    /// As [`BTreeMap::remove`].
    pub fn remove(self) -> V {
        self.map.remove(&self.key);
        self.value
    }

    /// The value, to be changed in place.
    pub fn into_mut(self) -> ValueMut<'a, K, V, M> {
        ValueMut { map: self.map, key: self.key, value: self.value, changed: false }
    }
}

impl<'a, K: StableKey, V: StableLayout, M: Memory> VacantEntry<'a, K, V, M> {
    /// The key.
    pub const fn key(&self) -> &K {
        &self.key
    }

    /// Sets the value.
    ///
    /// # Panics
    /// As [`BTreeMap::insert`].
    pub fn insert(self, value: V) -> ValueMut<'a, K, V, M> {
        write(self.map, &self.key, &value).unwrap_or_else(|error| fail(&error));
        ValueMut { map: self.map, key: self.key, value, changed: false }
    }
}

/// A value that is written back, if it was changed, when this goes out of scope.
///
/// # Example: counting
/// ```
/// use graven_collections::{BTreeMap, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut visits: BTreeMap<String, u32> = open("visits", DefaultMemoryImpl::default()).unwrap();
/// *visits.entry("home".into()).or_insert(0) += 1;
/// *visits.entry("home".into()).or_insert(0) += 1;
/// assert_eq!(visits.get("home"), Some(2));
/// ```
pub struct ValueMut<'a, K: StableKey, V: StableLayout, M: Memory> {
    map: &'a mut BTreeMap<K, V, M>,
    key: K,
    value: V,
    changed: bool,
}

impl<K: StableKey, V: StableLayout, M: Memory> ValueMut<'_, K, V, M> {
    /// Writes the value now, and gives what could go wrong as an error.
    ///
    /// # Errors
    /// As [`BTreeMap::try_insert`].
    pub fn save(mut self) -> Result<()> {
        let changed = core::mem::take(&mut self.changed);
        if changed { write(self.map, &self.key, &self.value) } else { Ok(()) }
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Deref for ValueMut<'_, K, V, M> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> DerefMut for ValueMut<'_, K, V, M> {
    fn deref_mut(&mut self) -> &mut V {
        self.changed = true;
        &mut self.value
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Drop for ValueMut<'_, K, V, M> {
    fn drop(&mut self) {
        if self.changed && !std::thread::panicking() {
            write(self.map, &self.key, &self.value).unwrap_or_else(|error| fail(&error));
        }
    }
}
