//! Looking at an entry of a map and changing it in place, with std's names. Values are copies, so a
//! changed one is written back when its guard goes. Each map has these types under its own path, as
//! `btree_map::Entry`.

use std::ops::{Deref, DerefMut};

use graven_core::Result;
use graven_core::error::fail;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;

/// A map that has entries. Graven's own have; others cannot.
pub trait EntryMap: sealed::Sealed {
    /// The keys.
    type Key: StableKey;
    /// The values.
    type Value: StableLayout;

    /// The value of a key.
    #[doc(hidden)]
    fn value(&self, key: &Self::Key) -> Option<Self::Value>;

    /// Sets the value of a key.
    #[doc(hidden)]
    fn put(&mut self, key: &Self::Key, value: &Self::Value) -> Result<()>;

    /// Removes a key.
    #[doc(hidden)]
    fn take(&mut self, key: &Self::Key);
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// The place of a key in a map.
pub enum Entry<'a, Map: EntryMap> {
    /// There is a value.
    Occupied(OccupiedEntry<'a, Map>),
    /// There is none.
    Vacant(VacantEntry<'a, Map>),
}

/// A key that has a value.
pub struct OccupiedEntry<'a, Map: EntryMap> {
    map: &'a mut Map,
    key: Map::Key,
    value: Map::Value,
}

/// A key that has none.
pub struct VacantEntry<'a, Map: EntryMap> {
    map: &'a mut Map,
    key: Map::Key,
}

pub(crate) fn entry<Map: EntryMap>(map: &mut Map, key: Map::Key) -> Entry<'_, Map> {
    match map.value(&key) {
        Some(value) => Entry::Occupied(OccupiedEntry { map, key, value }),
        None => Entry::Vacant(VacantEntry { map, key }),
    }
}

pub(crate) const fn occupied<Map: EntryMap>(
    map: &mut Map,
    key: Map::Key,
    value: Map::Value,
) -> OccupiedEntry<'_, Map> {
    OccupiedEntry { map, key, value }
}

impl<'a, Map: EntryMap> Entry<'a, Map> {
    /// The key.
    pub const fn key(&self) -> &Map::Key {
        match self {
            Entry::Occupied(entry) => &entry.key,
            Entry::Vacant(entry) => &entry.key,
        }
    }

    /// The value, which is `value` if there was none.
    ///
    /// # Panics
    /// As the map's `insert`.
    pub fn or_insert(self, value: Map::Value) -> ValueMut<'a, Map> {
        self.or_insert_with(|| value)
    }

    /// The value, which is the default if there was none.
    ///
    /// # Panics
    /// As the map's `insert`.
    pub fn or_default(self) -> ValueMut<'a, Map>
    where
        Map::Value: Default,
    {
        self.or_insert_with(Map::Value::default)
    }

    /// The value, which is what `make` gives if there was none.
    ///
    /// # Panics
    /// As the map's `insert`.
    pub fn or_insert_with(self, make: impl FnOnce() -> Map::Value) -> ValueMut<'a, Map> {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make()),
        }
    }

    /// Changes the value if there is one.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[must_use]
    pub fn and_modify(mut self, change: impl FnOnce(&mut Map::Value)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(&mut entry.value);
            entry.map.put(&entry.key, &entry.value).unwrap_or_else(|error| fail(&error));
        }
        self
    }
}

impl<'a, Map: EntryMap> OccupiedEntry<'a, Map> {
    /// The key.
    pub const fn key(&self) -> &Map::Key {
        &self.key
    }

    /// The value.
    pub const fn get(&self) -> &Map::Value {
        &self.value
    }

    /// Sets the value and gives the old one.
    ///
    /// # Panics
    /// As the map's `insert`.
    pub fn insert(&mut self, value: Map::Value) -> Map::Value {
        self.map.put(&self.key, &value).unwrap_or_else(|error| fail(&error));
        core::mem::replace(&mut self.value, value)
    }

    /// Removes the entry and gives the value.
    ///
    /// # Panics
    /// As the map's `remove`.
    pub fn remove(self) -> Map::Value {
        self.map.take(&self.key);
        self.value
    }

    /// The value, to be changed in place.
    pub fn into_mut(self) -> ValueMut<'a, Map> {
        ValueMut { map: self.map, key: self.key, value: self.value, changed: false }
    }
}

impl<'a, Map: EntryMap> VacantEntry<'a, Map> {
    /// The key.
    pub const fn key(&self) -> &Map::Key {
        &self.key
    }

    /// Sets the value.
    ///
    /// # Panics
    /// As the map's `insert`.
    pub fn insert(self, value: Map::Value) -> ValueMut<'a, Map> {
        self.map.put(&self.key, &value).unwrap_or_else(|error| fail(&error));
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
pub struct ValueMut<'a, Map: EntryMap> {
    map: &'a mut Map,
    key: Map::Key,
    value: Map::Value,
    changed: bool,
}

impl<Map: EntryMap> ValueMut<'_, Map> {
    /// Writes the value now, and gives what could go wrong as an error.
    ///
    /// # Errors
    /// As the map's `try_insert`.
    pub fn save(mut self) -> Result<()> {
        let changed = core::mem::take(&mut self.changed);
        if changed { self.map.put(&self.key, &self.value) } else { Ok(()) }
    }
}

impl<Map: EntryMap> Deref for ValueMut<'_, Map> {
    type Target = Map::Value;

    fn deref(&self) -> &Map::Value {
        &self.value
    }
}

impl<Map: EntryMap> DerefMut for ValueMut<'_, Map> {
    fn deref_mut(&mut self) -> &mut Map::Value {
        self.changed = true;
        &mut self.value
    }
}

impl<Map: EntryMap> Drop for ValueMut<'_, Map> {
    fn drop(&mut self) {
        if self.changed && !std::thread::panicking() {
            self.map.put(&self.key, &self.value).unwrap_or_else(|error| fail(&error));
        }
    }
}
