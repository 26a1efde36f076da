//! The seed of the hash.

use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::map::hash::HashMap;

impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Sets the seed for the hash of keys. Returns `false`, and changes nothing, if the map has
    /// pages already, so do it when the map was just created or cleared.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: a seed that nobody knows
    /// ```
    /// use graven_collections::{HashMap, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut names: HashMap<String, u64> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// let secret = 0x0123_4567_89ab_cdef; // eight bytes of `raw_rand`, say
    /// assert!(names.reseed(secret).unwrap());
    /// names.insert("one".into(), 1);
    /// assert!(!names.reseed(5).unwrap());
    /// ```
    pub fn reseed(&mut self, seed: u64) -> Result<bool> {
        self.table.reseed(seed)
    }

    /// Returns the seed of the hash.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.table.seed()
    }
}
