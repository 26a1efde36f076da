//! A log of values in stable memory, by sequence numbers that never change.

use std::marker::PhantomData;
use std::ops::{Range, RangeBounds};

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::engine::array::Sequence;
use crate::engine::bounds;
use crate::engine::verify::check_within;
use crate::list::collection::list;
use crate::list::iter::Iter;

/// A log of values of type `T` in stable memory that are only appended: events, blocks, messages.
/// Every value has a sequence number, counted from 0, which it keeps when older values are dropped.
///
/// Appending writes the value, and for values of several sizes the root's state. Reading a value
/// makes a single read of its bytes, at any length of the log. Dropping older values costs the same
/// for any number of them. Later appends and sweeps free their pages, a few at a time.
///
/// # Example: events, of which the older ones go
/// ```
/// use graven_collections::{Log, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut events: Log<String> = open("events", DefaultMemoryImpl::default()).unwrap();
/// assert_eq!(events.append("created".into()), 0);
/// assert_eq!(events.append("renamed".into()), 1);
/// events.drop_before(1);
/// assert_eq!(events.get(0), None);
/// assert_eq!(events.get(1).as_deref(), Some("renamed"));
/// assert_eq!(events.append("removed".into()), 2);
/// ```
pub struct Log<T, M: Memory = DefaultMemoryImpl> {
    pub(crate) sequence: Sequence<M>,
    values: PhantomData<T>,
}

impl<T: StableLayout, M: Memory> Log<T, M> {
    /// Returns the number of values that were not dropped. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.sequence.len()
    }

    /// Returns `true` if there are no values. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the sequence numbers of the values that were not dropped. The next value gets the
    /// number at the end of this range. Reads nothing.
    #[must_use]
    pub fn numbers(&self) -> Range<u64> {
        let first = self.sequence.dropped();
        first..first.saturating_add(self.len())
    }

    /// Returns the value with a sequence number. Costs one read.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get(&self, number: u64) -> Option<T> {
        self.sequence.get_value(number.checked_sub(self.sequence.dropped())?)
    }

    /// Like [`Log::get`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self, number: u64) -> Result<Option<T>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        self.sequence.try_get_value(index)
    }

    /// Returns the oldest value that was not dropped.
    ///
    /// # Panics
    /// As [`Log::get`].
    #[must_use]
    #[track_caller]
    pub fn first(&self) -> Option<T> {
        self.get(self.numbers().start)
    }

    /// Returns the latest value.
    ///
    /// # Panics
    /// As [`Log::get`].
    #[must_use]
    #[track_caller]
    pub fn last(&self) -> Option<T> {
        self.get(self.numbers().end.checked_sub(1)?)
    }

    /// Appends a value and returns its sequence number.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Log::try_append`] does not.
    #[track_caller]
    pub fn append(&mut self, value: T) -> u64 {
        self.try_append(value).or_fail()
    }

    /// Like [`Log::append`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The log is unchanged then.
    pub fn try_append(&mut self, value: T) -> Result<u64> {
        let number = self.numbers().end;
        self.sequence.push_value(&value)?;
        Ok(number)
    }

    /// Drops all values with lower sequence numbers. The others keep their numbers. Looks into one
    /// page, for any number of values.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Log::try_drop_before`] does not.
    #[track_caller]
    pub fn drop_before(&mut self, number: u64) {
        self.try_drop_before(number).or_fail();
    }

    /// Like [`Log::drop_before`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), or
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) if a page has to be split.
    pub fn try_drop_before(&mut self, number: u64) -> Result<()> {
        self.sequence.drop_front(number.saturating_sub(self.sequence.dropped()))
    }

    /// Drops all values but the last `most`. Looks into one page, for any number of values.
    ///
    /// # Panics
    /// As [`Log::drop_before`]; [`Log::try_keep_last`] does not.
    #[track_caller]
    pub fn keep_last(&mut self, most: u64) {
        self.try_keep_last(most).or_fail();
    }

    /// Like [`Log::keep_last`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`Log::try_drop_before`].
    pub fn try_keep_last(&mut self, most: u64) -> Result<()> {
        self.try_drop_before(self.numbers().end.saturating_sub(most))
    }

    /// Drops the first values, for which `is_old` returns `true`: those of more than 30 days ago,
    /// where values have times that ascend. Searches the first other one, with a read for each
    /// halving of the log.
    ///
    /// # Panics
    /// As [`Log::drop_before`]; [`Log::try_drop_while`] does not.
    ///
    /// # Example: the events of the last hour
    /// ```
    /// use graven_collections::{Log, open};
    /// use graven_core::DefaultMemoryImpl;
    ///
    /// let mut times: Log<u64> = open("times", DefaultMemoryImpl::default()).unwrap();
    /// for time in [10, 20, 3_000, 4_000] {
    ///     times.append(time);
    /// }
    /// let now = 4_100;
    /// times.drop_while(|time| now - *time > 3_600);
    /// assert_eq!(times.iter().collect::<Vec<_>>(), [3_000, 4_000]);
    /// ```
    #[track_caller]
    pub fn drop_while(&mut self, is_old: impl FnMut(&T) -> bool) {
        self.try_drop_while(is_old).or_fail();
    }

    /// Like [`Log::drop_while`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`Log::try_drop_before`]. Nothing is dropped then.
    pub fn try_drop_while(&mut self, mut is_old: impl FnMut(&T) -> bool) -> Result<()> {
        let Range { mut start, mut end } = self.numbers();
        while start < end {
            let middle = start.midpoint(end);
            match self.try_get(middle)? {
                Some(value) if is_old(&value) => start = middle.saturating_add(1),
                _ => end = middle,
            }
        }
        self.try_drop_before(start)
    }

    /// Drops all values. The next one gets the sequence number that it would have had.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`Log::clear`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.try_drop_before(self.numbers().end)
    }

    /// Returns an iterator over all values in order, from both ends. It reads a page at a time.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        self.range(..)
    }

    /// Returns an iterator over the values with sequence numbers in a range, as far as they exist,
    /// from both ends.
    pub fn range(&self, numbers: impl RangeBounds<u64>) -> Iter<'_, T, M> {
        Iter::new(&self.sequence, self.indices(numbers))
    }

    /// Returns the indices of the values whose sequence numbers are in a range, as far as they
    /// exist.
    pub(crate) fn indices(&self, numbers: impl RangeBounds<u64>) -> Range<u64> {
        let dropped = self.sequence.dropped();
        let (start, end) = bounds::numbers(&numbers, u64::MAX);
        let index = |number: u64| number.saturating_sub(dropped).min(self.len());
        index(start)..index(end).max(index(start))
    }

    /// Returns the size of the log and the layouts of its pages. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.sequence.root().stats()
    }

    /// Checks everything. Reads every page, which is too much for large logs in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.sequence.verify()
    }
}

list!(Log, Log, append);
