//! Searching in a vector.

use std::cmp::Ordering;

use graven_core::Memory;
use graven_core::layout::StableLayout;

use super::Vec;

impl<T: StableLayout, M: Memory> Vec<T, M> {
    /// Searches sorted values. As many reads as the length has bits.
    ///
    /// # Errors
    /// Where the value would have to be inserted.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn binary_search(&self, value: &T) -> Result<u64, u64>
    where
        T: Ord,
    {
        self.binary_search_by(|found| found.cmp(value))
    }

    /// Searches values that are sorted in the order of `compare`.
    ///
    /// # Errors
    /// As [`Vec::binary_search`].
    ///
    /// # Panics
    /// On damaged memory.
    pub fn binary_search_by(&self, mut compare: impl FnMut(&T) -> Ordering) -> Result<u64, u64> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.get(middle).map_or(Ordering::Greater, |value| compare(&value)) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    /// Searches values that are sorted by a key.
    ///
    /// # Errors
    /// As [`Vec::binary_search`].
    ///
    /// # Panics
    /// On damaged memory.
    pub fn binary_search_by_key<K: Ord>(&self, key: &K, mut of: impl FnMut(&T) -> K) -> Result<u64, u64> {
        self.binary_search_by(|value| of(value).cmp(key))
    }

    /// The index of the first value for which `in_front` is false, where all those for which it is true come first.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn partition_point(&self, mut in_front: impl FnMut(&T) -> bool) -> u64 {
        let order = |value: &T| if in_front(value) { Ordering::Less } else { Ordering::Greater };
        self.binary_search_by(order).unwrap_or_else(|index| index)
    }

    /// Whether a value is there. Visits all of them until it is found.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn contains(&self, value: &T) -> bool
    where
        T: PartialEq,
    {
        self.iter().any(|found| found == *value)
    }
}
