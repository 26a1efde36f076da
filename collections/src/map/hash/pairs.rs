//! Entries as pairs of key and value, and one value changed in place.

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::value::Encoded;
use crate::map::hash::{HashMap, iter};

/// Keys that come out with their values.
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// The stored key that is equal to a key, and its value.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_get_key_value`] does not.
    #[must_use]
    pub fn get_key_value<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<(K, V)> {
        self.try_get_key_value(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`HashMap::get_key_value`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get_key_value<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<(K, V)>> {
        let bytes = written(key);
        // What is stored has the same bytes.
        self.table.lookup(Self::SIZES, bytes.as_slice(), |found| iter::entry(self, bytes.as_slice(), found))
    }

    /// Removes a key and gives what was stored of it and its value.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn remove_entry<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Option<(K, V)> {
        let entry = self.get_key_value(key)?;
        self.remove(key);
        Some(entry)
    }

    /// Changes the value of a key, if there is one, and gives what `change` gives. Costs a look-up
    /// and, if the value has changed, an insert over it.
    ///
    /// # Panics
    /// When out of memory, for a value of 4 GiB, or on damaged memory; [`HashMap::try_update`] does
    /// not.
    ///
    /// # Example: one more
    /// ```
    /// # use graven_collections::{HashMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut likes: HashMap<String, u64> = open("likes", DefaultMemoryImpl::default()).unwrap();
    /// likes.insert("cats".into(), 1);
    /// assert_eq!(likes.update("cats", |count| { *count += 1; *count }), Some(2));
    /// assert_eq!(likes.update("dogs", |count| *count += 1), None);
    /// ```
    pub fn update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        self.try_update(key, change).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`HashMap::update`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the map is as it was.
    pub fn try_update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>> {
        let bytes = written(key);
        let found = self.table.lookup(Self::SIZES, bytes.as_slice(), |found| self.decode(found))?;
        let Some(mut value) = found else { return Ok(None) };
        let before = Encoded::new(&value)?.as_slice().to_vec();
        let result = change(&mut value);
        self.put_changed(bytes.as_slice(), &before, &value)?;
        Ok(Some(result))
    }

    /// Writes a value over that of its key, if it has another encoding; gives whether it has.
    pub(super) fn put_changed(&self, key: &[u8], before: &[u8], value: &V) -> Result<bool> {
        let after = Encoded::new(value)?;
        if after.as_slice() == before {
            return Ok(false);
        }
        self.table.insert(Self::SIZES, key, after.as_slice()).map(|_| true)
    }
}
