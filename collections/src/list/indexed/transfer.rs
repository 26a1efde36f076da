//! Moving values to another list, and rotating them.

/// Implements the methods that move values.
macro_rules! transfer {
    ($list:ident, $name:literal) => {
        /// Methods that move values between lists. Each value is in one of them at all times. A
        /// move may stop anywhere, and the next call continues.
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Moves all values of another list to the end of this one, all in this message.
            /// `append_within` has a budget.
            ///
            /// # Panics
            /// When out of memory or on damaged memory. What was moved before stays moved.
            #[track_caller]
            pub fn append<N: ::graven_core::Memory>(&mut self, other: &mut $list<T, N>) {
                other.sequence.check_conversions(0).or_fail();
                $crate::list::indexed::to_the_end(|budget| self.append_within(other, budget)).or_fail();
            }

            /// Appends until the budget is spent, which counts values. Costs a push for each value,
            /// and the read and the release of a page for each leaf of the other list.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was moved then. If some
            /// values were moved before, the call ends without an error and the next one returns
            /// it.
            ///
            /// # Example: the jobs of two queues
            /// ```
            #[doc = concat!("use graven_collections::{Collection, ", $name, "};")]
            /// use graven_core::DefaultMemoryImpl;
            /// use graven_core::store::{Budget, Options, Store};
            #[doc = concat!("type Jobs = ", $name, "<u64>;")]
            /// let roots = [Jobs::SPEC.named("soon"), Jobs::SPEC.named("later")];
            /// let memory = DefaultMemoryImpl::default();
            /// let mut store = Store::open(memory, &roots, Options::default()).unwrap();
            /// let (mut soon, mut later) = (Jobs::attach(store.take(0)), Jobs::attach(store.take(1)));
            /// later.extend(0..500);
            /// while !soon.append_within(&mut later, &mut Budget::entries(100)).unwrap().is_done() {}
            /// assert_eq!((soon.len(), later.len()), (500, 0));
            /// ```
            pub fn append_within<N: ::graven_core::Memory>(
                &mut self,
                other: &mut $list<T, N>,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::Step> {
                other.sequence.move_to(0, &self.sequence, budget)
            }

            /// Moves the values from an index on to the end of another list, all in this message.
            ///
            /// # Panics
            /// As std's if `at > len`; as `append`.
            #[track_caller]
            pub fn split_off<N: ::graven_core::Memory>(&mut self, at: u64, into: &mut $list<T, N>) {
                self.sequence.check_conversions(at).or_fail();
                $crate::list::indexed::to_the_end(|budget| self.split_off_within(at, into, budget)).or_fail();
            }

            /// Like `split_off`, but stops when the budget is spent, as `append_within` does.
            ///
            /// # Errors
            /// As `append_within`.
            ///
            /// # Panics
            /// As std's `split_off` if `at > len`.
            ///
            /// # Example: all but the first ten
            /// ```
            #[doc = concat!("use graven_collections::{Collection, ", $name, "};")]
            /// use graven_core::DefaultMemoryImpl;
            /// use graven_core::store::{Budget, Options, Store};
            #[doc = concat!("type Names = ", $name, "<String>;")]
            /// let roots = [Names::SPEC.named("first"), Names::SPEC.named("others")];
            /// let memory = DefaultMemoryImpl::default();
            /// let mut store = Store::open(memory, &roots, Options::default()).unwrap();
            /// let (mut first, mut others) = (Names::attach(store.take(0)), Names::attach(store.take(1)));
            /// first.extend((0..30).map(|n| format!("name {n}")));
            /// let budget = &mut Budget::entries(100);
            /// assert!(first.split_off_within(10, &mut others, budget).unwrap().is_done());
            /// assert_eq!((first.len(), others.get(0).as_deref()), (10, Some("name 10")));
            /// ```
            #[track_caller]
            pub fn split_off_within<N: ::graven_core::Memory>(
                &mut self,
                at: u64,
                into: &mut $list<T, N>,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::Step> {
                assert!(at <= self.len(), "`at` split index (is {at}) should be <= len (is {})", self.len());
                self.sequence.move_to(at, &into.sequence, budget)
            }

            /// Rotates so that the value at an index comes first. Moves the values before it to the
            /// end, or the others to the front, whichever are fewer. Costs a pop and a push for
            /// each of these. `rotate_within` has a budget.
            ///
            /// # Panics
            /// As std's if `middle > len`; when out of memory or on damaged memory.
            #[track_caller]
            pub fn rotate_left(&mut self, middle: u64) {
                let (mut next, mut more) = (Some(middle), || true);
                while let Some(middle) = next {
                    next = self.rotate_within(middle, &mut Budget::while_true(&mut more)).or_fail().next;
                }
            }

            /// Rotates so that the first value comes to an index.
            ///
            /// # Panics
            /// As `rotate_left`.
            #[track_caller]
            pub fn rotate_right(&mut self, index: u64) {
                assert!(index <= self.len(), "assertion failed: n <= self.len()");
                self.rotate_left(self.len() - index);
            }

            /// Rotates to the left until the budget is spent. The budget counts values. The next
            /// call continues with the new index of the value that is to come first.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was rotated then. If some
            /// values were moved before, the call ends without an error.
            ///
            /// # Panics
            /// As std's if `middle > len`.
            ///
            /// # Example: turns
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut turns: ", $name, "<u64> = open(\"turns\", DefaultMemoryImpl::default()).unwrap();")]
            /// turns.extend(0..100);
            /// let mut next = Some(30);
            /// while let Some(middle) = next {
            ///     next = turns.rotate_within(middle, &mut Budget::entries(8)).unwrap().next;
            /// }
            /// assert_eq!((turns.get(0), turns.get(99)), (Some(30), Some(29)));
            /// ```
            #[track_caller]
            pub fn rotate_within(&mut self, middle: u64, budget: &mut Budget<'_>) -> Result<$crate::Step<u64>> {
                assert!(middle <= self.len(), "assertion failed: n <= self.len()");
                self.sequence.rotate(middle, budget)
            }
        }
    };
}

pub(crate) use transfer;
