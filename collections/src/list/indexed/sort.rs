//! Sorting.

/// Implements the methods that sort.
macro_rules! sort {
    ($list:ident, $name:literal) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Sorts all values in this message. `sort_within` has a budget. Equal values come in
            /// any order, so this is std's `sort_unstable`.
            ///
            /// # Panics
            /// As `sort_unstable`.
            #[track_caller]
            pub fn sort(&mut self)
            where
                T: Ord,
            {
                self.sort_unstable();
            }

            /// Sorts all values in this message. Takes 64 KiB of the heap and no other memory.
            /// Values of one size are read and written some log₂(*n* / 4096) times in whole arrays.
            /// Others are read as often, and those that move are written one by one.
            ///
            /// # Panics
            /// When out of memory, except for values of one size, or on damaged memory. The order
            /// is unspecified then.
            #[track_caller]
            pub fn sort_unstable(&mut self)
            where
                T: Ord,
            {
                self.sort_unstable_by(T::cmp);
            }

            /// Sorts by a key, in place.
            ///
            /// # Panics
            /// As `sort_unstable`.
            #[track_caller]
            pub fn sort_unstable_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
                self.sort_unstable_by(|a, b| key(a).cmp(&key(b)));
            }

            /// Sorts in the order of `compare`, in place.
            ///
            /// # Panics
            /// As `sort_unstable`.
            #[track_caller]
            pub fn sort_unstable_by(&mut self, mut compare: impl FnMut(&T, &T) -> core::cmp::Ordering) {
                let mut sorting = $crate::list::vec::Sorting::default();
                $crate::list::indexed::to_the_end(|budget| {
                    self.sort_within_by(&mut sorting, budget, &mut compare)
                })
                .or_fail();
            }

            /// Sorts until the budget is spent, and counts the values that have reached their final
            /// index. The next call continues. Values of previous layouts are migrated first.
            /// Between calls the list has every value exactly once. Values that are added between
            /// calls may not be sorted, so begin again with `Sorting::default()` then.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory), where values have different
            /// sizes, or [`Error::Damaged`](graven_core::Error::Damaged). No value is lost, and the
            /// call may be made again.
            ///
            /// # Example: some pages in each message
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open, vec::Sorting};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut scores: ", $name, "<u64> = open(\"scores\", DefaultMemoryImpl::default()).unwrap();")]
            /// scores.extend((0..10_000).map(|n| n * 7 % 10_000));
            /// let mut sorting = Sorting::default();
            /// while !scores.sort_within(&mut sorting, &mut Budget::pages(8)).unwrap().is_done() {}
            /// assert!(scores.iter().eq(0..10_000));
            /// ```
            pub fn sort_within(
                &mut self,
                sorting: &mut $crate::list::vec::Sorting,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::Step>
            where
                T: Ord,
            {
                self.sort_within_by(sorting, budget, T::cmp)
            }

            /// Sorts in the order of `compare`, which has to be the same in every call, until the
            /// budget is spent.
            ///
            /// # Errors
            /// As `sort_within`.
            pub fn sort_within_by(
                &mut self,
                sorting: &mut $crate::list::vec::Sorting,
                budget: &mut Budget<'_>,
                compare: impl FnMut(&T, &T) -> core::cmp::Ordering,
            ) -> Result<$crate::Step> {
                $crate::list::indexed::sorting::Sorter::new(&self.sequence, compare).run(sorting, budget)
            }
        }
    };
}

pub(crate) use sort;
