//! Values by index that come and go at both ends, with the names of std's `VecDeque`. The tree
//! below is `sequence`'s.

mod ends;

use std::marker::PhantomData;

use graven_core::error::fail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::array::{End, Sequence};
use crate::list::collection::list;
use crate::list::index::indices;
use crate::list::iter::Iter;

/// Values of type `T` that are pushed and popped at both ends, in stable memory: a queue, a window,
/// a stack.
///
/// Pushing writes the value and the root's state, popping reads the value and writes the state; a
/// page of 4 KiB comes or goes when it is full or empty. Everything else is as in a
/// [`StableVec`](crate::StableVec).
///
/// # Example: a queue of jobs
/// ```
/// use graven_collections::{Deque, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut jobs: Deque<String> = open("jobs", DefaultMemoryImpl::default()).unwrap();
/// jobs.push_back("sweep".into());
/// jobs.push_back("report".into());
/// jobs.push_front("now".into());
/// assert_eq!(jobs.pop_front().as_deref(), Some("now"));
/// assert_eq!(jobs.front().as_deref(), Some("sweep"));
/// ```
pub struct Deque<T, M: Memory = DefaultMemoryImpl> {
    pub(crate) sequence: Sequence<M>,
    values: PhantomData<T>,
}

impl<T: StableLayout, M: Memory> Deque<T, M> {
    /// Number of values. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.sequence.len()
    }

    /// Returns whether there are no values. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at an index, counted from the front. One read.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_get`] does not.
    #[must_use]
    pub fn get(&self, index: u64) -> Option<T> {
        self.sequence.get_value(index)
    }

    /// Like [`Deque::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self, index: u64) -> Result<Option<T>> {
        self.sequence.try_get_value(index)
    }

    /// The first value.
    ///
    /// # Panics
    /// As [`Deque::get`].
    #[must_use]
    pub fn front(&self) -> Option<T> {
        self.get(0)
    }

    /// The last value.
    ///
    /// # Panics
    /// As [`Deque::get`].
    #[must_use]
    pub fn back(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Puts a value behind all others.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Deque::try_push_back`] does not.
    pub fn push_back(&mut self, value: T) {
        self.try_push_back(&value).unwrap_or_else(|error| fail(&error));
    }

    /// Like [`Deque::push_back`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the deque is as it was.
    pub fn try_push_back(&mut self, value: &T) -> Result<()> {
        self.sequence.push_value(value)
    }

    /// Puts a value in front of all others.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Deque::try_push_front`] does not.
    pub fn push_front(&mut self, value: T) {
        self.try_push_front(&value).unwrap_or_else(|error| fail(&error));
    }

    /// Like [`Deque::push_front`].
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_push_front(&mut self, value: &T) -> Result<()> {
        self.sequence.push_front(Encoded::new(value)?.as_slice())
    }

    /// Removes the first value.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn pop_front(&mut self) -> Option<T> {
        self.sequence.pop_value(End::Front).unwrap_or_else(|error| fail(&error))
    }

    /// Removes the last value.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn pop_back(&mut self) -> Option<T> {
        self.sequence.pop_value(End::Back).unwrap_or_else(|error| fail(&error))
    }

    /// Sets the value at an index; the old one is not decoded. False where there is no such index.
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_set(&mut self, index: u64, value: &T) -> Result<bool> {
        self.sequence.set_value(index, value)
    }

    /// Like [`Deque::try_set`].
    ///
    /// # Panics
    /// As std's `deque[index] = value` where there is no such index; when out of memory or on
    /// damaged memory.
    pub fn set(&mut self, index: u64, value: T) {
        let set = self.try_set(index, &value).unwrap_or_else(|error| fail(&error));
        assert!(set, "Out of bounds access");
    }

    /// Puts a value in front of the one at an index. Moves the values behind it in their page.
    ///
    /// # Panics
    /// As std's if `index > len`; when out of memory or on damaged memory.
    pub fn insert(&mut self, index: u64, value: T) {
        let inserted = self.try_insert(index, &value).unwrap_or_else(|error| fail(&error));
        assert!(inserted, "index out of bounds");
    }

    /// Like [`Deque::insert`]; false where there is no such index.
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_insert(&mut self, index: u64, value: &T) -> Result<bool> {
        if index > self.len() {
            return Ok(false);
        }
        let value = Encoded::new(value)?;
        match index {
            0 => self.sequence.push_front(value.as_slice())?,
            _ => self.sequence.insert(index, value.as_slice())?,
        }
        Ok(true)
    }

    /// Removes the value at an index.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_remove`] does not.
    pub fn remove(&mut self, index: u64) -> Option<T> {
        self.try_remove(index).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`Deque::remove`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove(&mut self, index: u64) -> Result<Option<T>> {
        let Some(value) = self.try_get(index)? else { return Ok(None) };
        self.sequence.remove_at(index)?;
        Ok(Some(value))
    }

    /// Removes the values from `len` on, page by page; [`Deque::truncate_within`] has a budget.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn truncate(&mut self, len: u64) {
        let _ = self.truncate_within(len, &mut Budget::pages(u64::MAX));
    }

    /// Truncates until the budget is spent. Returns `true` when finished; the next call removes
    /// what is left.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn truncate_within(&mut self, len: u64, budget: &mut Budget<'_>) -> bool {
        self.sequence.truncate(len, budget).unwrap_or_else(|error| fail(&error))
    }

    /// Removes everything. Constant time at any size: the pages are taken apart as their room is
    /// needed.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn clear(&mut self) {
        self.sequence.clear().unwrap_or_else(|error| fail(&error));
    }

    /// All values in order, both ways. Reads a page at a time.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        self.range(..)
    }

    /// The values with indices in a range, both ways.
    ///
    /// # Panics
    /// As std's slices if the range begins after its end, or ends behind the last value.
    pub fn range(&self, range: impl core::ops::RangeBounds<u64>) -> Iter<'_, T, M> {
        Iter::new(&self.sequence, indices(range, self.len()))
    }

    /// Size of the deque and the layouts that its pages are in. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.sequence.root().stats()
    }

    /// Checks everything. Reads every page, so not for large deques in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.sequence.verify()
    }
}

crate::fields::indexed::indexed!(Deque, "push_back");
crate::list::indexed::grow::grow!(Deque, "Deque");
crate::list::indexed::remove::remove!(Deque, "Deque");
crate::list::indexed::search::search!(Deque);
crate::list::indexed::sort::sort!(Deque, "Deque");
crate::list::indexed::transfer::transfer!(Deque, "Deque");

list!(Deque, Deque, push_back);
