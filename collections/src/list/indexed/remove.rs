//! Removing the values of a range, or those that a function chooses.

use core::fmt::{Debug, Formatter};
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ops::Range;

use graven_core::error::OrFail;
use graven_core::layout::{StableLayout, encode};
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::codec::value;
use crate::engine::array::{Fate, Sequence};
use crate::engine::progress::Step;
use crate::list::iter::Iter;

/// Removes the values from an index on for which `keep` returns `false`, until the budget is spent.
pub(crate) fn retain<T: StableLayout, M: Memory>(
    sequence: &Sequence<M>,
    mut index: u64,
    budget: &mut Budget<'_>,
    keep: &mut dyn FnMut(T) -> bool,
) -> Result<Step<u64>> {
    let root = sequence.root();
    let (mut seen, mut count) = (0, 0);
    while index < sequence.len() {
        if budget.is_spent() {
            return Ok(Step { seen, count, next: Some(index) });
        }
        let mut is_first = true;
        let filtered = sequence.filter_leaf(index, u64::MAX, &mut |found| {
            if !is_first && budget.is_spent_between_entries() {
                return Ok(Fate::Undecided);
            }
            is_first = false;
            budget.charge_read();
            if keep(value::decode_found(root, found)?) {
                return Ok(Fate::Stays);
            }
            budget.charge_write();
            Ok(Fate::Goes)
        })?;
        index += filtered.seen - filtered.removed;
        seen += filtered.seen;
        count += filtered.removed;
    }
    Ok(Step { seen, count, next: None })
}

/// Removes the values from `index` on that repeat the last value that stays. That value may be
/// before `index`.
pub(crate) fn dedup<T: StableLayout, M: Memory>(
    sequence: &Sequence<M>,
    index: u64,
    budget: &mut Budget<'_>,
    same: &mut dyn FnMut(&mut T, &mut T) -> bool,
) -> Result<Step<u64>> {
    let mut kept: Option<T> = match index.checked_sub(1) {
        Some(before) => sequence.get(before, |found| value::decode_found(sequence.root(), found))?,
        None => None,
    };
    retain(sequence, index, budget, &mut |mut value: T| {
        let is_same = kept.as_mut().is_some_and(|kept| same(&mut value, kept));
        if !is_same {
            kept = Some(value);
        }
        !is_same
    })
}

/// An iterator that removes the values that a function chooses, one with each step. It is returned
/// by `extract_if` of a [`StableVec`](crate::StableVec) or [`Deque`](crate::Deque).
pub struct ExtractIf<'a, T, M: Memory, F> {
    sequence: &'a Sequence<M>,
    range: Range<u64>,
    takes: F,
    types: PhantomData<T>,
}

impl<'a, T: StableLayout, M: Memory, F: FnMut(&mut T) -> bool> ExtractIf<'a, T, M, F> {
    pub(crate) fn new(sequence: &'a Sequence<M>, range: Range<u64>, takes: F) -> Self {
        ExtractIf { sequence, range, takes, types: PhantomData }
    }

    /// Removes and returns the next value for which `takes` returns `true`.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), or, where `takes` changed values that stay,
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) or
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong). No value was removed then.
    pub fn try_next(&mut self) -> Result<Option<T>> {
        while self.range.start < self.range.end.min(self.sequence.len()) {
            let taken = self.next_in_leaf()?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
        Ok(None)
    }

    /// Visits the values of a leaf up to the next one that `takes` chooses. Changed values that
    /// stay are written before that one is removed, so none is lost if there is no room.
    fn next_in_leaf(&mut self) -> Result<Option<T>> {
        let (root, takes) = (self.sequence.root(), &mut self.takes);
        let (mut taken, mut changed, mut index) = (None, Vec::new(), self.range.start);
        let filtered = self.sequence.filter_leaf(index, self.range.end, &mut |found| {
            if taken.is_some() {
                return Ok(Fate::Undecided);
            }
            let mut value: T = value::decode_found(root, found)?;
            // A value in a previous layout counts as unchanged if it is the same in the current
            // one.
            let before = encode(&value);
            if takes(&mut value) {
                taken = Some(value);
                return Ok(if changed.is_empty() { Fate::Goes } else { Fate::Undecided });
            }
            let after = encode(&value);
            if before != after {
                changed.push((index, after));
            }
            index += 1;
            Ok(Fate::Stays)
        })?;
        for (index, value) in changed {
            self.sequence.set(index, &value, |_| Ok(()))?;
            self.range.start = index + 1;
        }
        self.range.start = index;
        if taken.is_some() {
            if filtered.removed == 0 {
                self.sequence.remove_at(index)?;
            }
            self.range.end = self.range.end.saturating_sub(1);
        }
        Ok(taken)
    }
}

impl<T: StableLayout, M: Memory, F: FnMut(&mut T) -> bool> Iterator for ExtractIf<'_, T, M, F> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.try_next().or_fail()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.range.end.min(self.sequence.len()).saturating_sub(self.range.start);
        (0, usize::try_from(left).ok())
    }
}

impl<T: StableLayout, M: Memory, F: FnMut(&mut T) -> bool> FusedIterator for ExtractIf<'_, T, M, F> {}

opaque!([T, M: Memory, F] ExtractIf<'_, T, M, F>, "ExtractIf");

/// An iterator over the values of a range, which is removed when the iterator is dropped. It is
/// returned by `drain` of a [`StableVec`](crate::StableVec) or [`Deque`](crate::Deque).
pub struct Drain<'a, T: StableLayout, M: Memory> {
    sequence: &'a Sequence<M>,
    values: Iter<'a, T, M>,
    range: Range<u64>,
}

impl<'a, T: StableLayout, M: Memory> Drain<'a, T, M> {
    pub(crate) fn new(sequence: &'a Sequence<M>, range: Range<u64>) -> Self {
        Drain { sequence, values: Iter::new(sequence, range.clone()), range }
    }
}

impl<T: StableLayout, M: Memory> Iterator for Drain<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.values.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl<T: StableLayout, M: Memory> DoubleEndedIterator for Drain<'_, T, M> {
    fn next_back(&mut self) -> Option<T> {
        self.values.next_back()
    }
}

impl<T: StableLayout, M: Memory> FusedIterator for Drain<'_, T, M> {}

impl<T: StableLayout, M: Memory> ExactSizeIterator for Drain<'_, T, M> {}

impl<T: StableLayout + Debug, M: Memory> Debug for Drain<'_, T, M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> core::fmt::Result {
        self.values.fmt(f)
    }
}

impl<T: StableLayout, M: Memory> Drop for Drain<'_, T, M> {
    fn drop(&mut self) {
        // A second panic during unwinding would abort the process.
        if !std::thread::panicking() {
            let mut more = || true;
            self.sequence.remove_range(self.range.clone(), &mut Budget::while_true(&mut more)).or_fail();
        }
    }
}

/// Implements the methods that remove values.
macro_rules! remove {
    ($list:ident, $name:literal) => {
        impl<T: ::graven_core::layout::StableLayout, M: ::graven_core::Memory> $list<T, M> {
            /// Keeps the values for which `keep` returns `true`. Calls it once for each value, in
            /// order. Reads and writes a leaf that loses values once. Visits all values, so use
            /// `retain_within` for many of them.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
                $crate::list::indexed::to_the_end(|budget| self.retain_within(0, budget, &mut keep)).or_fail();
            }

            /// Like `retain`, but begins at an index and stops when the budget is spent. A removed
            /// value counts as one, and 64 others count as one. The next call begins at the index
            /// `next`. Removes the values of a leaf together, after it has called `keep` for all
            /// that are visited in the leaf.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            ///
            /// # Example: some in each message
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut ends: ", $name, "<u64> = open(\"ends\", DefaultMemoryImpl::default()).unwrap();")]
            /// ends.extend(0..1_000);
            /// let mut next = Some(0);
            /// while let Some(from) = next {
            ///     let budget = &mut Budget::entries(100);
            ///     next = ends.retain_within(from, budget, |end| end % 2 == 1).unwrap().next;
            /// }
            /// assert_eq!((ends.len(), ends.get(1)), (500, Some(3)));
            /// ```
            pub fn retain_within(
                &mut self,
                from: u64,
                budget: &mut Budget<'_>,
                mut keep: impl FnMut(&T) -> bool,
            ) -> Result<$crate::Step<u64>> {
                $crate::list::indexed::remove::retain(&self.sequence, from, budget, &mut |value: T| keep(&value))
            }

            /// Removes values that are equal to the one before them. Visits all values.
            /// `dedup_within` has a budget.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn dedup(&mut self)
            where
                T: PartialEq,
            {
                self.dedup_by(|value, before| value == before);
            }

            /// Removes values whose key is equal to that of the one before them.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn dedup_by_key<K: PartialEq>(&mut self, mut key: impl FnMut(&mut T) -> K) {
                self.dedup_by(|value, before| key(value) == key(before));
            }

            /// Removes values for which `same(value, before)` returns `true`, where `before` is the
            /// last value that stays. Changes that `same` makes to its copies are not written.
            ///
            /// # Panics
            /// On damaged memory.
            #[track_caller]
            pub fn dedup_by(&mut self, mut same: impl FnMut(&mut T, &mut T) -> bool) {
                $crate::list::indexed::to_the_end(|budget| self.dedup_within(0, budget, &mut same)).or_fail();
            }

            /// Removes repeated values from an index on until the budget is spent. Counts and
            /// continues as `retain_within` does.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            ///
            /// # Example: a value for each hour
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut seen: ", $name, "<u64> = open(\"seen\", DefaultMemoryImpl::default()).unwrap();")]
            /// seen.extend([1, 59, 60, 130, 170]);
            /// let hour = |a: &mut u64, b: &mut u64| *a / 60 == *b / 60;
            /// let step = seen.dedup_within(0, &mut Budget::entries(100), hour).unwrap();
            /// assert!(step.is_done() && seen == [1, 60, 130]);
            /// ```
            pub fn dedup_within(
                &mut self,
                from: u64,
                budget: &mut Budget<'_>,
                mut same: impl FnMut(&mut T, &mut T) -> bool,
            ) -> Result<$crate::Step<u64>> {
                $crate::list::indexed::remove::dedup(&self.sequence, from, budget, &mut same)
            }

            /// Returns an iterator that removes the values of a range for which `takes` returns
            /// `true`. Each step reads leaves up to the next such value and writes its leaf without
            /// it. Values that the iterator did not reach stay. Changes that `takes` makes to
            /// values that stay are written.
            ///
            /// # Panics
            /// As `range`; the iterator on damaged memory.
            ///
            /// # Example: the first two that are due
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::DefaultMemoryImpl;
            #[doc = concat!("let mut jobs: ", $name, "<u64> = open(\"jobs\", DefaultMemoryImpl::default()).unwrap();")]
            /// jobs.extend(0..10);
            /// let due: std::vec::Vec<u64> = jobs.extract_if(.., |job| *job % 3 == 1).take(2).collect();
            /// assert_eq!((due, jobs.len()), (vec![1, 4], 8));
            /// ```
            #[track_caller]
            pub fn extract_if<F: FnMut(&mut T) -> bool>(
                &mut self,
                range: impl core::ops::RangeBounds<u64>,
                takes: F,
            ) -> $crate::list::vec::ExtractIf<'_, T, M, F> {
                let range = $crate::list::index::indices(range, self.len());
                $crate::list::vec::ExtractIf::new(&self.sequence, range, takes)
            }

            /// Returns an iterator over the values of a range. When it is dropped, all of these
            /// values are removed, whether it visited them or not.
            ///
            /// # Panics
            /// As `range`; the iterator on damaged memory.
            ///
            /// # Example: a batch
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::DefaultMemoryImpl;
            #[doc = concat!("let mut jobs: ", $name, "<u64> = open(\"jobs\", DefaultMemoryImpl::default()).unwrap();")]
            /// jobs.extend(0..10);
            /// assert_eq!(jobs.drain(..4).sum::<u64>(), 6);
            /// assert_eq!((jobs.len(), jobs.get(0)), (6, Some(4)));
            /// ```
            #[track_caller]
            pub fn drain(
                &mut self,
                range: impl core::ops::RangeBounds<u64>,
            ) -> $crate::list::vec::Drain<'_, T, M> {
                $crate::list::vec::Drain::new(&self.sequence, $crate::list::index::indices(range, self.len()))
            }

            /// Removes the values of a range without decoding them, a leaf at a time, until the
            /// budget is spent. The next call continues with what is left of the range. Each leaf
            /// is read and freed, or written if a part of it stays, and a branch is written.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            ///
            /// # Panics
            /// As `range`.
            ///
            /// # Example: some leaves in each message
            /// ```
            #[doc = concat!("use graven_collections::{", $name, ", open};")]
            /// use graven_core::{DefaultMemoryImpl, store::Budget};
            #[doc = concat!("let mut jobs: ", $name, "<u64> = open(\"jobs\", DefaultMemoryImpl::default()).unwrap();")]
            /// jobs.extend(0..10_000);
            /// let mut next = Some(100..9_000);
            /// while let Some(range) = next {
            ///     next = jobs.remove_within(range, &mut Budget::pages(4)).unwrap().next;
            /// }
            /// assert_eq!((jobs.len(), jobs.get(100)), (1_100, Some(9_000)));
            /// ```
            #[track_caller]
            pub fn remove_within(
                &mut self,
                range: impl core::ops::RangeBounds<u64>,
                budget: &mut Budget<'_>,
            ) -> Result<$crate::Step<core::ops::Range<u64>>> {
                let range = $crate::list::index::indices(range, self.len());
                let left = self.sequence.remove_range(range.clone(), budget)?;
                Ok($crate::Step::new(range.end - left.end, (!left.is_empty()).then_some(left)))
            }
        }
    };
}

pub(crate) use remove;
