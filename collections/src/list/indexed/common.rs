//! Methods that `StableVec` and `Deque` share, apart from those in the other files.

macro_rules! common {
    ($list:ident) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Returns the number of values. Reads nothing.
            #[must_use]
            pub fn len(&self) -> u64 {
                self.sequence.len()
            }

            /// Returns `true` if there are no values. Reads nothing.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Like `remove`, but returns an error instead of panicking, and `None` if there is no
            /// such index.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_remove(&mut self, index: u64) -> Result<Option<T>> {
                let Some(value) = self.try_get(index)? else { return Ok(None) };
                self.sequence.remove_at(index)?;
                Ok(Some(value))
            }

            /// Changes the value at an index, writes it back, and returns what `change` returns.
            /// Returns `None` if there is no such index.
            ///
            /// # Panics
            /// When out of memory or on damaged memory; `try_update` does not.
            #[track_caller]
            pub fn update<R>(&mut self, index: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
                self.try_update(index, change).or_fail()
            }

            /// Like `update`, but returns an error instead of panicking.
            ///
            /// # Errors
            /// As `try_set`.
            pub fn try_update<R>(
                &mut self,
                index: u64,
                change: impl FnOnce(&mut T) -> R,
            ) -> Result<Option<R>> {
                let Some(mut value) = self.try_get(index)? else { return Ok(None) };
                let result = change(&mut value);
                self.sequence.set_value(index, &value)?;
                Ok(Some(result))
            }

            /// Like `swap`, but returns an error instead of panicking, and `false` if there is no
            /// such index.
            ///
            /// # Errors
            /// As `try_set`.
            pub fn try_swap(&mut self, a: u64, b: u64) -> Result<bool> {
                if a.max(b) >= self.len() {
                    return Ok(false);
                }
                self.sequence.swap(a, b).map(|()| true)
            }

            /// Removes the values from `len` on, page by page. Use `truncate_within` for more than
            /// some ten thousand pages in one message.
            ///
            /// # Panics
            /// On damaged memory; `try_truncate` does not.
            #[track_caller]
            pub fn truncate(&mut self, len: u64) {
                self.try_truncate(len).or_fail();
            }

            /// Like `truncate`, but returns an error instead of panicking.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_truncate(&mut self, len: u64) -> Result<()> {
                $crate::list::indexed::to_the_end(|budget| self.truncate_within(len, budget))
            }

            /// Truncates until the budget is spent. The budget counts leaves. The next call
            /// continues.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn truncate_within(&mut self, len: u64, budget: &mut Budget<'_>) -> Result<$crate::Step> {
                let before = self.len();
                let is_done = self.sequence.truncate(len, budget)?;
                Ok($crate::Step::until(before.saturating_sub(self.len()), is_done))
            }

            /// Removes everything in constant time at any size. The pages are freed as their room
            /// is needed.
            ///
            /// # Panics
            /// On damaged memory; `try_clear` does not.
            #[track_caller]
            pub fn clear(&mut self) {
                self.try_clear().or_fail();
            }

            /// Like `clear`, but returns an error instead of panicking.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_clear(&mut self) -> Result<()> {
                self.sequence.clear()
            }

            /// Returns an iterator over all values in order, from both ends. It reads a page at a
            /// time.
            #[must_use]
            pub fn iter(&self) -> Iter<'_, T, M> {
                self.range(..)
            }

            /// Returns an iterator over the values with indices in a range, from both ends.
            ///
            /// # Panics
            /// As std's slices if the range begins after its end, or ends after the last value.
            #[track_caller]
            pub fn range(&self, range: impl core::ops::RangeBounds<u64>) -> Iter<'_, T, M> {
                Iter::new(&self.sequence, $crate::list::index::indices(range, self.len()))
            }

            /// Returns the size of the list and the layouts of its pages. Reads nothing.
            #[must_use]
            pub fn stats(&self) -> RootStats {
                self.sequence.root().stats()
            }

            /// Checks everything. Reads every page, which is too much for large lists in one
            /// message.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged) with the first thing that is wrong.
            pub fn verify(&self) -> Result<()> {
                self.sequence.verify()
            }
        }
    };
}

pub(crate) use common;
