//! Values that are only appended, by sequence numbers that never change. The tree below is
//! `sequence`'s.

use std::marker::PhantomData;
use std::ops::{Bound, Range, RangeBounds};

use graven_core::error::fail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::engine::array::Sequence;
use crate::list::collection::list;
use crate::list::iter::Iter;

/// Values of type `T` that are only appended: events, blocks, messages. Every value has a sequence
/// number, from 0 on, which stays its own when older values are dropped.
///
/// Appending writes the value and the root's state, reading one makes a single read of its bytes,
/// at any length. Dropping older values costs the same for any number of them: their pages are
/// freed a few at a time by the values that are appended later, and by sweeps.
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
    /// Number of values that are there. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.sequence.len()
    }

    /// Returns whether no value is there. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sequence numbers of the values that are there; the next value gets the one at its end.
    /// Reads nothing.
    #[must_use]
    pub fn numbers(&self) -> Range<u64> {
        let first = self.sequence.dropped();
        first..first.saturating_add(self.len())
    }

    /// The value with a sequence number. One read.
    ///
    /// # Panics
    /// On damaged memory; [`Log::try_get`] does not.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<T> {
        self.sequence.get_value(number.checked_sub(self.sequence.dropped())?)
    }

    /// Like [`Log::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self, number: u64) -> Result<Option<T>> {
        let Some(index) = number.checked_sub(self.sequence.dropped()) else { return Ok(None) };
        self.sequence.try_get_value(index)
    }

    /// The oldest value that is there.
    ///
    /// # Panics
    /// As [`Log::get`].
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.get(self.numbers().start)
    }

    /// The latest value.
    ///
    /// # Panics
    /// As [`Log::get`].
    #[must_use]
    pub fn last(&self) -> Option<T> {
        self.get(self.numbers().end.checked_sub(1)?)
    }

    /// Appends a value and gives its sequence number.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Log::try_append`] does not.
    pub fn append(&mut self, value: T) -> u64 {
        self.try_append(&value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Log::append`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the log is as it was.
    pub fn try_append(&mut self, value: &T) -> Result<u64> {
        let number = self.numbers().end;
        self.sequence.push_value(value)?;
        Ok(number)
    }

    /// Drops all values with lower sequence numbers; those of the others stay. One page is looked
    /// into, for any number of values.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Log::try_drop_before`] does not.
    pub fn drop_before(&mut self, number: u64) {
        self.try_drop_before(number).unwrap_or_else(|error| fail(&error));
    }

    /// Like [`Log::drop_before`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged), or
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory) where a page has to be divided.
    pub fn try_drop_before(&mut self, number: u64) -> Result<()> {
        self.sequence.drop_front(number.saturating_sub(self.sequence.dropped()))
    }

    /// All values in order, both ways. Reads a page at a time.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        self.range(..)
    }

    /// The values with sequence numbers in a range, as far as they are there, both ways.
    pub fn range(&self, numbers: impl RangeBounds<u64>) -> Iter<'_, T, M> {
        Iter::new(&self.sequence, self.indices(numbers))
    }

    /// Returns the indices of the values whose sequence numbers are in a range, as far as they
    /// exist.
    pub(crate) fn indices(&self, numbers: impl RangeBounds<u64>) -> Range<u64> {
        let dropped = self.sequence.dropped();
        let start = match numbers.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match numbers.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        let index = |number: u64| number.saturating_sub(dropped).min(self.len());
        index(start)..index(end).max(index(start))
    }

    /// Size of the log and the layouts that its pages are in. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.sequence.root().stats()
    }

    /// Checks everything. Reads every page, so not for large logs in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.sequence.verify()
    }
}

list!(Log, Log, append);
