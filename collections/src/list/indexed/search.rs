//! Searching in sorted values, or through all of them.

/// Implements the methods that search.
macro_rules! search {
    ($list:ident) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Searches sorted values and returns the index of an equal one. Costs as many reads as
            /// the length has bits.
            ///
            /// # Errors
            /// The index at which the value would have to be inserted.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn binary_search(&self, value: &T) -> core::result::Result<u64, u64>
            where
                T: Ord,
            {
                self.binary_search_by(|found| found.cmp(value))
            }

            /// Searches values that are sorted in the order of `compare`, as `binary_search` does.
            ///
            /// # Errors
            /// As `binary_search`.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn binary_search_by(
                &self,
                mut compare: impl FnMut(&T) -> core::cmp::Ordering,
            ) -> core::result::Result<u64, u64> {
                let (mut low, mut high) = (0, self.len());
                while low < high {
                    let middle = low + (high - low) / 2;
                    match self.get(middle).map_or(core::cmp::Ordering::Greater, |value| compare(&value)) {
                        core::cmp::Ordering::Less => low = middle + 1,
                        core::cmp::Ordering::Greater => high = middle,
                        core::cmp::Ordering::Equal => return Ok(middle),
                    }
                }
                Err(low)
            }

            /// Searches values that are sorted by a key, as `binary_search` does.
            ///
            /// # Errors
            /// As `binary_search`.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn binary_search_by_key<K: Ord>(
                &self,
                key: &K,
                mut of: impl FnMut(&T) -> K,
            ) -> core::result::Result<u64, u64> {
                self.binary_search_by(|value| of(value).cmp(key))
            }

            /// Returns the index of the first value for which `in_front` returns `false`. All
            /// values for which it returns `true` must come first.
            ///
            /// # Panics
            /// On damaged memory.
            #[must_use]
            #[track_caller]
            pub fn partition_point(&self, mut in_front: impl FnMut(&T) -> bool) -> u64 {
                let order = |value: &T| {
                    if in_front(value) { core::cmp::Ordering::Less } else { core::cmp::Ordering::Greater }
                };
                self.binary_search_by(order).unwrap_or_else(|index| index)
            }

            /// Returns `true` if the list contains a value. Visits all values until it is found.
            ///
            /// # Panics
            /// On damaged memory.
            #[must_use]
            #[track_caller]
            pub fn contains(&self, value: &T) -> bool
            where
                T: PartialEq,
            {
                self.iter().any(|found| found == *value)
            }
        }
    };
}

pub(crate) use search;
