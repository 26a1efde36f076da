//! Changing one value in place.

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::value::Encoded;
use crate::map::hash::HashMap;

/// Changing values by their keys.
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Changes the value of a key, if it has one, and returns what `change` returns. Costs a
    /// look-up and, if the value has changed, an insert over it.
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
    #[track_caller]
    pub fn update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        self.try_update(key, change).or_fail()
    }

    /// Like [`HashMap::update`], but returns failures as errors.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The map is unchanged then.
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

    /// Writes a value over that of its key if its encoding has changed. Returns `true` if it has.
    pub(super) fn put_changed(&self, key: &[u8], before: &[u8], value: &V) -> Result<bool> {
        let after = Encoded::new(value)?;
        if after.as_slice() == before {
            return Ok(false);
        }
        self.table.insert(Self::SIZES, key, after.as_slice()).map(|_| true)
    }
}
