//! A deque of values in stable memory, with the names of std's `VecDeque`.

mod ends;

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::array::{End, Sequence};
use crate::engine::verify::check_within;
use crate::list::collection::list;
use crate::list::iter::Iter;

/// A deque of values of type `T` in stable memory, pushed and popped at both ends: a queue, a
/// window, a stack.
///
/// Pushing writes the value and a count, popping reads the value and writes a count. A page of 4
/// KiB is added when the last one is full, and freed when it is empty. Everything else is as in a
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
    /// Returns the value at an index, counted from the front. Costs one read.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get(&self, index: u64) -> Option<T> {
        self.sequence.get_value(index)
    }

    /// Like [`Deque::get`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get(&self, index: u64) -> Result<Option<T>> {
        self.sequence.try_get_value(index)
    }

    /// Returns the first value.
    ///
    /// # Panics
    /// As [`Deque::get`].
    #[must_use]
    #[track_caller]
    pub fn front(&self) -> Option<T> {
        self.get(0)
    }

    /// Returns the last value.
    ///
    /// # Panics
    /// As [`Deque::get`].
    #[must_use]
    #[track_caller]
    pub fn back(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Adds a value after all others.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Deque::try_push_back`] does not.
    #[track_caller]
    pub fn push_back(&mut self, value: T) {
        self.try_push_back(value).or_fail();
    }

    /// Like [`Deque::push_back`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The deque is unchanged then.
    pub fn try_push_back(&mut self, value: T) -> Result<()> {
        self.sequence.push_value(&value)
    }

    /// Adds a value before all others.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`Deque::try_push_front`] does not.
    #[track_caller]
    pub fn push_front(&mut self, value: T) {
        self.try_push_front(value).or_fail();
    }

    /// Like [`Deque::push_front`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_push_front(&mut self, value: T) -> Result<()> {
        self.sequence.push_front(Encoded::new(&value)?.as_slice())
    }

    /// Removes and returns the first value.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_pop_front`] does not.
    #[track_caller]
    pub fn pop_front(&mut self) -> Option<T> {
        self.try_pop_front().or_fail()
    }

    /// Like [`Deque::pop_front`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_pop_front(&mut self) -> Result<Option<T>> {
        self.sequence.pop_value(End::Front)
    }

    /// Removes and returns the last value.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_pop_back`] does not.
    #[track_caller]
    pub fn pop_back(&mut self) -> Option<T> {
        self.try_pop_back().or_fail()
    }

    /// Like [`Deque::pop_back`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_pop_back(&mut self) -> Result<Option<T>> {
        self.sequence.pop_value(End::Back)
    }

    /// Sets the value at an index. The old one is not decoded. Returns `false` if there is no such
    /// index.
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_set(&mut self, index: u64, value: T) -> Result<bool> {
        self.sequence.set_value(index, &value)
    }

    /// Sets the value at an index. The old one is not decoded.
    ///
    /// # Panics
    /// As std's `deque[index] = value` if there is no such index; when out of memory or on damaged
    /// memory.
    #[track_caller]
    pub fn set(&mut self, index: u64, value: T) {
        let set = self.try_set(index, value).or_fail();
        assert!(set, "Out of bounds access");
    }

    /// Inserts a value before the one at an index. Moves the values after it in their page.
    ///
    /// # Panics
    /// As std's if `index > len`; when out of memory or on damaged memory.
    #[track_caller]
    pub fn insert(&mut self, index: u64, value: T) {
        let inserted = self.try_insert(index, value).or_fail();
        assert!(inserted, "index out of bounds");
    }

    /// Like [`Deque::insert`], but returns an error instead of panicking, and `false` if there is
    /// no such index.
    ///
    /// # Errors
    /// As [`Deque::try_push_back`].
    pub fn try_insert(&mut self, index: u64, value: T) -> Result<bool> {
        if index > self.len() {
            return Ok(false);
        }
        let value = Encoded::new(&value)?;
        match index {
            0 => self.sequence.push_front(value.as_slice())?,
            _ => self.sequence.insert(index, value.as_slice())?,
        }
        Ok(true)
    }

    /// Removes and returns the value at an index.
    ///
    /// # Panics
    /// On damaged memory; [`Deque::try_remove`] does not.
    #[track_caller]
    pub fn remove(&mut self, index: u64) -> Option<T> {
        self.try_remove(index).or_fail()
    }
}

crate::fields::indexed::indexed!(Deque, "push_back");
crate::list::indexed::common::common!(Deque);
crate::list::indexed::grow::grow!(Deque, "Deque");
crate::list::indexed::remove::remove!(Deque, "Deque");
crate::list::indexed::search::search!(Deque);
crate::list::indexed::sort::sort!(Deque, "Deque");
crate::list::indexed::transfer::transfer!(Deque, "Deque");

list!(Deque, Deque, push_back);
