//! Adding many values at the end.

use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::engine::array::Sequence;
use crate::engine::progress::Step;

/// Resizes a list to `len` values until the budget is spent. Each call of `push` adds one value. A
/// longer list is truncated.
pub(crate) fn resize<M: Memory>(
    sequence: &Sequence<M>,
    len: u64,
    budget: &mut Budget<'_>,
    push: &mut dyn FnMut() -> Result<()>,
) -> Result<Step> {
    let before = sequence.len();
    if before > len {
        sequence.truncate(len, budget)?;
    }
    while sequence.len() < len && !budget.is_spent_between_entries() {
        budget.charge_read();
        budget.charge_write();
        match push() {
            Ok(()) => {}
            Err(error) if sequence.len() == before => return Err(error),
            Err(_) => break,
        }
    }
    Ok(Step::until(sequence.len().abs_diff(before), sequence.len() == len))
}

/// Implements the methods that add values at the end.
macro_rules! grow {
    ($list:ident, $name:literal) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Resizes to `len` values, with copies of `value` at the end or by truncation, all in
            /// this message.
            ///
            /// # Panics
            /// When out of memory or on damaged memory.
            #[track_caller]
            pub fn resize(&mut self, len: u64, value: T) {
                let bytes = $crate::codec::value::Encoded::new(&value).or_fail();
                let mut push = || self.sequence.push_back(bytes.as_slice());
                $crate::list::indexed::to_the_end(|budget| {
                    $crate::list::indexed::grow::resize(&self.sequence, len, budget, &mut push)
                })
                .or_fail();
            }

            /// Resizes to `len` values, with values from `make` at the end or by truncation, all in
            /// this message.
            ///
            /// # Panics
            /// When out of memory or on damaged memory.
            #[track_caller]
            pub fn resize_with(&mut self, len: u64, mut make: impl FnMut() -> T) {
                $crate::list::indexed::to_the_end(|budget| self.resize_within(len, budget, &mut make)).or_fail();
            }

            /// Resizes until the budget is spent. The budget counts added values and removed
            /// leaves. The next call continues. An added value costs a push. A removed leaf costs a
            /// read of it and a write of its branch.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
            /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). The length is unchanged then. If
            /// some values were added before, the call ends without an error, and the next call
            /// returns the error.
            ///
            /// # Example: a table of zeros
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut table: ", $name, "<u64> = open(\"table\", DefaultMemoryImpl::default()).unwrap();")]
            /// while !table.resize_within(1_000, &mut Budget::entries(300), || 0).unwrap().is_done() {}
            /// assert_eq!((table.len(), table.get(999)), (1_000, Some(0)));
            /// ```
            pub fn resize_within(
                &mut self,
                len: u64,
                budget: &mut Budget<'_>,
                mut make: impl FnMut() -> T,
            ) -> Result<$crate::Step> {
                let mut push = || self.sequence.push_value(&make());
                $crate::list::indexed::grow::resize(&self.sequence, len, budget, &mut push)
            }

            /// Adds copies of values after all others.
            ///
            /// # Panics
            /// When out of memory or on damaged memory; `try_extend_from_slice` does not.
            #[track_caller]
            pub fn extend_from_slice(&mut self, values: &[T]) {
                self.try_extend_from_slice(values).or_fail();
            }

            /// Like `extend_from_slice`, but returns an error instead of panicking.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
            /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). None of the values was added then.
            ///
            /// # Example: three at once
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::DefaultMemoryImpl;
            #[doc = concat!("let mut sizes: ", $name, "<u64> = open(\"sizes\", DefaultMemoryImpl::default()).unwrap();")]
            /// sizes.try_extend_from_slice(&[7, 8, 9]).unwrap();
            /// assert!(sizes.iter().eq([7, 8, 9]));
            /// ```
            pub fn try_extend_from_slice(&mut self, values: &[T]) -> Result<()> {
                let before = self.len();
                for value in values {
                    let pushed = $crate::codec::value::Encoded::new(value)
                        .and_then(|value| self.sequence.push_back(value.as_slice()));
                    if pushed.is_err() {
                        $crate::list::indexed::to_the_end(|budget| self.truncate_within(before, budget))?;
                        return pushed;
                    }
                }
                Ok(())
            }

            /// Adds copies of the values in a range after all others.
            ///
            /// # Panics
            /// As `range`; when out of memory or on damaged memory.
            #[track_caller]
            pub fn extend_from_within(&mut self, range: impl core::ops::RangeBounds<u64>) {
                for index in $crate::list::index::indices(range, self.len()) {
                    self.extend(self.get(index));
                }
            }
        }
    };
}

pub(crate) use grow;
