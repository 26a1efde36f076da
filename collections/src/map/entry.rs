//! The entries of a map, read and changed in place, with std's names. Values are copies, so a
//! changed value is written back when its guard is dropped. Each map has these types under its own
//! path, as `btree_map::Entry`.

use std::borrow::BorrowMut;
use std::fmt::{Debug, Formatter};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use graven_core::Result;
use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;

/// A map that has entries. Only Graven's own maps implement it.
pub trait EntryMap: sealed::Sealed {
    /// The type of the keys.
    type Key: StableKey;
    /// The type of the values.
    type Value: StableLayout;

    /// Returns the value of a key.
    #[doc(hidden)]
    fn value(&self, key: &Self::Key) -> Result<Option<Self::Value>>;

    /// Sets the value of a key without decoding the old one. Returns `true` if there was one.
    #[doc(hidden)]
    fn put(&mut self, key: &Self::Key, value: &Self::Value) -> Result<bool>;

    /// Removes a key without decoding its value. Returns `true` if it was there.
    #[doc(hidden)]
    fn take(&mut self, key: &Self::Key) -> Result<bool>;
}

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// An entry of a map: a key with or without a value.
pub enum Entry<'a, Map: EntryMap> {
    /// The key has a value.
    Occupied(OccupiedEntry<'a, Map>),
    /// The key has no value.
    Vacant(VacantEntry<'a, Map>),
}

/// A key that has a value.
pub struct OccupiedEntry<'a, Map: EntryMap> {
    map: &'a mut Map,
    key: Map::Key,
    value: Map::Value,
}

/// A key that has no value.
pub struct VacantEntry<'a, Map: EntryMap> {
    map: &'a mut Map,
    key: Map::Key,
}

pub(crate) fn entry<Map: EntryMap>(map: &mut Map, key: Map::Key) -> Result<Entry<'_, Map>> {
    Ok(match map.value(&key)? {
        Some(value) => Entry::Occupied(OccupiedEntry { map, key, value }),
        None => Entry::Vacant(VacantEntry { map, key }),
    })
}

pub(crate) const fn occupied<Map: EntryMap>(
    map: &mut Map,
    key: Map::Key,
    value: Map::Value,
) -> OccupiedEntry<'_, Map> {
    OccupiedEntry { map, key, value }
}

impl<'a, Map: EntryMap> Entry<'a, Map> {
    /// Returns the key.
    pub const fn key(&self) -> &Map::Key {
        match self {
            Entry::Occupied(entry) => &entry.key,
            Entry::Vacant(entry) => &entry.key,
        }
    }

    /// Returns the value. Inserts `value` if there is none.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn or_insert(self, value: Map::Value) -> ValueMut<'a, Map> {
        self.or_insert_with(|| value)
    }

    /// Returns the value. Inserts the default if there is none.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn or_default(self) -> ValueMut<'a, Map>
    where
        Map::Value: Default,
    {
        self.or_insert_with(Map::Value::default)
    }

    /// Returns the value. Inserts what `make` returns if there is none.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn or_insert_with(self, make: impl FnOnce() -> Map::Value) -> ValueMut<'a, Map> {
        self.or_insert_with_key(|_| make())
    }

    /// Returns the value. Inserts what `make` returns for the key if there is none.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn or_insert_with_key(self, make: impl FnOnce(&Map::Key) -> Map::Value) -> ValueMut<'a, Map> {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let value = make(&entry.key);
                entry.insert(value)
            }
        }
    }

    /// Changes the value if there is one.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[must_use]
    #[track_caller]
    pub fn and_modify(mut self, change: impl FnOnce(&mut Map::Value)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(&mut entry.value);
            entry.map.put(&entry.key, &entry.value).or_fail();
        }
        self
    }

    /// Sets the value and returns its entry.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn insert_entry(self, value: Map::Value) -> OccupiedEntry<'a, Map> {
        match self {
            Entry::Occupied(mut entry) => {
                entry.insert(value);
                entry
            }
            Entry::Vacant(entry) => entry.insert_entry(value),
        }
    }
}

impl<'a, Map: EntryMap> OccupiedEntry<'a, Map> {
    /// Returns the key.
    pub const fn key(&self) -> &Map::Key {
        &self.key
    }

    /// Returns the value.
    pub const fn get(&self) -> &Map::Value {
        &self.value
    }

    /// Returns the value to be changed in place. The entry stays.
    pub const fn get_mut(&mut self) -> ValueMut<'a, Map, &mut Self> {
        ValueMut { entry: self, changed: false, map: PhantomData }
    }

    /// Sets the value and returns the old one.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn insert(&mut self, value: Map::Value) -> Map::Value {
        self.map.put(&self.key, &value).or_fail();
        core::mem::replace(&mut self.value, value)
    }

    /// Removes the entry and returns the value.
    ///
    /// # Panics
    /// As the map's `remove`.
    #[track_caller]
    pub fn remove(self) -> Map::Value {
        self.remove_entry().1
    }

    /// Removes the entry and returns the key and the value.
    ///
    /// # Panics
    /// As the map's `remove`.
    #[track_caller]
    pub fn remove_entry(self) -> (Map::Key, Map::Value) {
        self.map.take(&self.key).or_fail();
        (self.key, self.value)
    }

    /// Returns the value to be changed in place.
    pub const fn into_mut(self) -> ValueMut<'a, Map> {
        ValueMut { entry: self, changed: false, map: PhantomData }
    }
}

impl<'a, Map: EntryMap> VacantEntry<'a, Map> {
    /// Returns the key.
    pub const fn key(&self) -> &Map::Key {
        &self.key
    }

    /// Returns the given key.
    pub fn into_key(self) -> Map::Key {
        self.key
    }

    /// Sets the value.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn insert(self, value: Map::Value) -> ValueMut<'a, Map> {
        self.insert_entry(value).into_mut()
    }

    /// Sets the value and returns its entry.
    ///
    /// # Panics
    /// As the map's `insert`.
    #[track_caller]
    pub fn insert_entry(self, value: Map::Value) -> OccupiedEntry<'a, Map> {
        self.map.put(&self.key, &value).or_fail();
        OccupiedEntry { map: self.map, key: self.key, value }
    }
}

/// A value that is written back, if it was changed, when the guard is dropped.
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
pub struct ValueMut<'a, Map, E = OccupiedEntry<'a, Map>>
where
    Map: EntryMap,
    E: BorrowMut<OccupiedEntry<'a, Map>>,
{
    entry: E,
    changed: bool,
    map: PhantomData<&'a mut Map>,
}

impl<'a, Map: EntryMap, E: BorrowMut<OccupiedEntry<'a, Map>>> ValueMut<'a, Map, E> {
    /// Writes the value now, and returns a failure as an error.
    ///
    /// # Errors
    /// As the map's `try_insert`.
    pub fn save(mut self) -> Result<()> {
        self.write_back()
    }

    fn write_back(&mut self) -> Result<()> {
        let entry = self.entry.borrow_mut();
        if core::mem::take(&mut self.changed) {
            entry.map.put(&entry.key, &entry.value).map(drop)
        } else {
            Ok(())
        }
    }
}

impl<'a, Map: EntryMap, E: BorrowMut<OccupiedEntry<'a, Map>>> Deref for ValueMut<'a, Map, E> {
    type Target = Map::Value;

    fn deref(&self) -> &Map::Value {
        &self.entry.borrow().value
    }
}

impl<'a, Map: EntryMap, E: BorrowMut<OccupiedEntry<'a, Map>>> DerefMut for ValueMut<'a, Map, E> {
    fn deref_mut(&mut self) -> &mut Map::Value {
        self.changed = true;
        &mut self.entry.borrow_mut().value
    }
}

impl<'a, Map: EntryMap, E: BorrowMut<OccupiedEntry<'a, Map>>> Drop for ValueMut<'a, Map, E> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.write_back().or_fail();
        }
    }
}

impl<'a, Map: EntryMap<Value: Debug>, E: BorrowMut<OccupiedEntry<'a, Map>>> Debug for ValueMut<'a, Map, E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

impl<Map: EntryMap<Key: Debug, Value: Debug>> Debug for Entry<'_, Map> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Entry::Occupied(entry) => f.debug_tuple("Entry").field(entry).finish(),
            Entry::Vacant(entry) => f.debug_tuple("Entry").field(entry).finish(),
        }
    }
}

impl<Map: EntryMap<Key: Debug, Value: Debug>> Debug for OccupiedEntry<'_, Map> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OccupiedEntry").field("key", &self.key).field("value", &self.value).finish()
    }
}

impl<Map: EntryMap<Key: Debug>> Debug for VacantEntry<'_, Map> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("VacantEntry").field(&self.key).finish()
    }
}
