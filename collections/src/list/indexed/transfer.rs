//! Values that go to another list, or round in the same one.

/// The methods that move values.
macro_rules! transfer {
    ($list:ident, $name:literal) => {
        /// Moving values between lists. Each is in one of them at all times. What a move does to
        /// one and the other are operations of their own: it can stop anywhere, and the next call
        /// continues.
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Moves all values of another list behind those of this one, all in this message;
            /// `append_within` has a budget.
            ///
            /// # Panics
            /// When out of memory or on damaged memory; what was moved until then stays moved.
            pub fn append<N: ::graven_core::Memory>(&mut self, other: &mut $list<T, N>) {
                other.sequence.check_conversions(0).unwrap_or_else(|error| fail(&error));
                $crate::list::indexed::to_the_end(|budget| {
                    while !self.append_within(other, budget).unwrap_or_else(|error| fail(&error)).done {}
                });
            }

            /// Appends until the budget is spent, which counts values. Costs a push for each value,
            /// and a page to be read and freed for each leaf of the other list.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
            /// [`Error::Damaged`](graven_core::Error::Damaged): nothing was moved then. If some
            /// values were moved before, the call ends without an error and the next one meets it.
            ///
            /// # Example: the jobs of two queues
            /// ```
            #[doc = concat!("use graven_collections::{Collection, ", $name, "};")]
            /// use graven_core::DefaultMemoryImpl;
            /// use graven_core::store::{Budget, Options, Store};
            #[doc = concat!("type Jobs = ", $name, "<u64>;")]
            /// let roots = [Jobs::SPEC.named("soon"), Jobs::SPEC.named("later")]; let mut store =
            /// Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap(); let
            /// (mut soon, mut later) = (Jobs::attach(store.take(0)), Jobs::attach(store.take(1)));
            /// later.extend(0..500); while !soon.append_within(&mut later, &mut
            /// Budget::entries(100)).unwrap().done {} assert_eq!((soon.len(), later.len()), (500,
            /// 0));
            /// ```
            pub fn append_within<N: ::graven_core::Memory>(
                &mut self,
                other: &mut $list<T, N>,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::engine::progress::Moved> {
                other.sequence.move_to(0, &self.sequence, budget)
            }

            /// Moves the values from an index on behind those of another list, all in this message.
            ///
            /// # Panics
            /// As std's if `at > len`; as `append`.
            pub fn split_off<N: ::graven_core::Memory>(&mut self, at: u64, into: &mut $list<T, N>) {
                self.sequence.check_conversions(at).unwrap_or_else(|error| fail(&error));
                $crate::list::indexed::to_the_end(|budget| {
                    while !self.split_off_within(at, into, budget).unwrap_or_else(|error| fail(&error)).done {}
                });
            }

            /// Splits off until the budget is spent, as `append_within` does.
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
            /// let roots = [Names::SPEC.named("first"), Names::SPEC.named("others")]; let mut store
            /// = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
            /// let (mut first, mut others) = (Names::attach(store.take(0)),
            /// Names::attach(store.take(1))); first.extend((0..30).map(|n| format!("name {n}")));
            /// assert!(first.split_off_within(10, &mut others, &mut
            /// Budget::entries(100)).unwrap().done); assert_eq!((first.len(),
            /// others.get(0).as_deref()), (10, Some("name 10")));
            /// ```
            pub fn split_off_within<N: ::graven_core::Memory>(
                &mut self,
                at: u64,
                into: &mut $list<T, N>,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::engine::progress::Moved> {
                assert!(at <= self.len(), "`at` split index (is {at}) should be <= len (is {})", self.len());
                self.sequence.move_to(at, &into.sequence, budget)
            }

            /// Rotates so that the value at an index comes first: those in front of it go to the
            /// end, or those from it on to the front, whichever are fewer. As many pops and pushes;
            /// `rotate_within` has a budget.
            ///
            /// # Panics
            /// As std's if `middle > len`; when out of memory or on damaged memory.
            pub fn rotate_left(&mut self, mut middle: u64) {
                $crate::list::indexed::to_the_end(|budget| {
                    loop {
                        middle = self.rotate_within(middle, budget).unwrap_or_else(|error| fail(&error));
                        if middle == 0 {
                            break;
                        }
                    }
                });
            }

            /// Rotates so that the first value comes to an index.
            ///
            /// # Panics
            /// As `rotate_left`.
            pub fn rotate_right(&mut self, index: u64) {
                assert!(index <= self.len(), "assertion failed: n <= self.len()");
                self.rotate_left(self.len() - index);
            }

            /// Rotates to the left while the budget lasts; it counts values. Gives the index of the
            /// value that is to come first, with which to go on; 0 when it does.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
            /// [`Error::Damaged`](graven_core::Error::Damaged): nothing was rotated then. If some
            /// values were before, the call ends without an error.
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
            /// let mut left = 30;
            /// while left > 0 {
            ///     left = turns.rotate_within(left, &mut Budget::entries(8)).unwrap();
            /// }
            /// assert_eq!((turns.get(0), turns.get(99)), (Some(30), Some(29)));
            /// ```
            pub fn rotate_within(&mut self, middle: u64, budget: &mut Budget<'_>) -> Result<u64> {
                assert!(middle <= self.len(), "assertion failed: n <= self.len()");
                self.sequence.rotate(middle, budget)
            }
        }
    };
}

pub(crate) use transfer;
