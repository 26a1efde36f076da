//! Operations on many values: removing them, and moving them from another queue.

use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::engine::progress::Step;
use crate::list::indexed::to_the_end;
use crate::queue::PriorityQueue;
use crate::queue::heap::element_at;

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// Keeps the values for which `keep` returns `true`. Calls it in no particular order, and for
    /// some values twice. Each value that goes costs a removal. Visits all values, so use
    /// [`PriorityQueue::retain_within`] for many of them.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        to_the_end(|budget| self.retain_within(u64::MAX, budget, &mut keep)).or_fail();
    }

    /// Like [`PriorityQueue::retain`], but stops when the budget is spent. A removed value counts
    /// as one, and 64 others count as one. `left` is the number of values that are still to be
    /// visited: `u64::MAX` for all of them, then the `next` of the last call. Values that were
    /// pushed between calls may not be visited.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: some in each message
    /// ```
    /// use graven_collections::{PriorityQueue, open};
    /// use graven_core::{DefaultMemoryImpl, store::Budget};
    /// let mut ends: PriorityQueue<u64> = open("ends", DefaultMemoryImpl::default()).unwrap();
    /// ends.extend(0..1_000);
    /// let mut next = Some(u64::MAX);
    /// while let Some(left) = next {
    ///     let budget = &mut Budget::entries(100);
    ///     next = ends.retain_within(left, budget, |end| end % 2 == 0).unwrap().next;
    /// }
    /// assert_eq!((ends.len(), ends.peek()), (500, Some(998)));
    /// ```
    pub fn retain_within(
        &mut self,
        left: u64,
        budget: &mut Budget<'_>,
        mut keep: impl FnMut(&T) -> bool,
    ) -> Result<Step<u64>> {
        let (mut seen, mut count) = (0, 0);
        // Visits from the end, so the value that replaces a removed one was visited before, or
        // comes from above and is visited at its new position.
        let mut left = left.min(self.len());
        while let Some(place) = left.checked_sub(1) {
            if budget.is_spent_between_entries() {
                return Ok(Step { seen, count, next: Some(left) });
            }
            budget.charge_read();
            seen += 1;
            let value = self.value_at(place)?;
            if keep(&value) {
                left = place;
            } else {
                budget.charge_write();
                self.take_at(place)?;
                left = left.min(self.len());
                count += 1;
            }
        }
        Ok(Step { seen, count, next: None })
    }

    /// Moves all values of another queue into this one, all in this message. They get new handles.
    ///
    /// # Panics
    /// When out of memory or on damaged memory. What was moved before stays moved.
    #[track_caller]
    pub fn append<N: Memory>(&mut self, other: &mut PriorityQueue<T, N>) {
        to_the_end(|budget| self.append_within(other, budget)).or_fail();
    }

    /// Appends until the budget is spent, which counts values. Costs a push for each value, and the
    /// removal of the last value of the other queue.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was moved then. If some values were
    /// moved before, the call ends without an error and the next one returns it.
    ///
    /// # Example: the deadlines of two
    /// ```
    /// use graven_collections::{Collection, PriorityQueue};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Budget, Options, Store};
    /// type Deadlines = PriorityQueue<u64>;
    /// let roots = [Deadlines::SPEC.named("mine"), Deadlines::SPEC.named("yours")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut mine, mut yours) = (Deadlines::attach(store.take(0)), Deadlines::attach(store.take(1)));
    /// yours.extend(0..500);
    /// while !mine.append_within(&mut yours, &mut Budget::entries(100)).unwrap().is_done() {}
    /// assert_eq!((mine.len(), yours.len()), (500, 0));
    /// ```
    pub fn append_within<N: Memory>(
        &mut self,
        other: &mut PriorityQueue<T, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        let mut moved = 0;
        while let Some(last) = other.len().checked_sub(1)
            && !budget.is_spent_between_entries()
        {
            budget.charge_read();
            budget.charge_write();
            let step = other.value_at(last).and_then(|value| {
                self.try_push(value)?;
                other.take_at(last).map(drop)
            });
            match step {
                Ok(()) => moved += 1,
                Err(error) if moved == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(Step::until(moved, other.is_empty()))
    }

    /// Returns an iterator over all values in no particular order. When it is dropped, the queue is
    /// cleared and all handles become invalid, whether it visited all values or not.
    ///
    /// # Panics
    /// On damaged memory.
    ///
    /// # Example: all that is due
    /// ```
    /// use graven_collections::{PriorityQueue, open};
    /// use graven_core::DefaultMemoryImpl;
    /// let mut due: PriorityQueue<u64> = open("due", DefaultMemoryImpl::default()).unwrap();
    /// due.extend(0..10);
    /// assert_eq!(due.drain().sum::<u64>(), 45);
    /// assert!(due.is_empty());
    /// ```
    #[track_caller]
    pub fn drain(&mut self) -> impl DoubleEndedIterator<Item = T> + FusedIterator + '_ {
        let clears = Clears(self);
        (0..clears.0.len()).map(move |place| clears.0.value_at(place).or_fail())
    }

    fn value_at(&self, place: u64) -> Result<T> {
        self.decode_key(&element_at(&self.heap, place)?)
    }
}

/// A guard that clears a queue when it is dropped.
struct Clears<'a, T: StableKey, M: Memory>(&'a mut PriorityQueue<T, M>);

impl<T: StableKey, M: Memory> Drop for Clears<'_, T, M> {
    fn drop(&mut self) {
        // A second panic during unwinding would abort the process.
        if !std::thread::panicking() {
            self.0.clear();
        }
    }
}
