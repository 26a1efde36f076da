//! Replacing and removing entries without decoding what they held: for values that are not needed,
//! or whose conversion panics.

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::codec::keys::{bounded, written};
use crate::codec::value::Encoded;
use crate::map::hash::HashMap;

/// Values that nobody looks at.
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Sets the value of a key and returns whether it had one. Costs what [`HashMap::insert`]
    /// costs, without reading or decoding the previous value.
    ///
    /// # Panics
    /// When out of memory, for a key or a value that is too long, or on damaged memory;
    /// [`HashMap::try_set`] does not.
    ///
    /// # Example: a value that its program can no longer convert
    /// ```
    /// use graven_collections::{HashMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut names: HashMap<u64, String> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// assert!(!names.set(&7, &"Seven".into()));
    /// assert!(names.set(&7, &"Sept".into()));
    /// assert!(names.delete(&7));
    /// ```
    #[track_caller]
    pub fn set(&mut self, key: &K, value: &V) -> bool {
        self.try_set(key, value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`HashMap::set`].
    ///
    /// # Errors
    /// As [`HashMap::try_insert`].
    pub fn try_set(&mut self, key: &K, value: &V) -> Result<bool> {
        let (key, value) = (bounded(key)?, Encoded::new(value)?);
        self.table.insert(Self::SIZES, key.as_slice(), value.as_slice())
    }

    /// Removes a key and returns whether it was there. Costs what [`HashMap::remove`] costs,
    /// without reading or decoding the value.
    ///
    /// # Panics
    /// On damaged memory; [`HashMap::try_delete`] does not.
    #[track_caller]
    pub fn delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_delete(key).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`HashMap::delete`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_delete<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        self.table.remove(Self::SIZES, written(key).as_slice())
    }
}
