//! A vector of values in stable memory, with the names of std's `Vec`.

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

pub use crate::list::indexed::remove::{Drain, ExtractIf};
pub use crate::list::indexed::sorting::Sorting;
pub use crate::list::iter::Iter;

/// A vector of values of type `T` in stable memory.
///
/// Values of one size up to 1,016 bytes are stored side by side in pages of 4 KiB. Others are cells
/// of nodes as in a [`BTreeMap`](crate::BTreeMap), and large ones have pages of their own. Finding
/// a value takes a step for each level of branches, of which there is one up to 171,000 `u64`s and
/// two up to 58 million. Branches are kept on the heap, so `get` makes a single read of the value's
/// own bytes. A `push` writes the value with a count behind it, and a `pop` that count. For values
/// of several sizes, both write the root's state. `insert` and `remove` in the middle move the
/// values after the index in its page and change the branches above it, but never the rest of the
/// vector.
///
/// # Example: scores
/// ```
/// use graven_collections::{StableVec, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut scores: StableVec<u64> = open("scores", DefaultMemoryImpl::default()).unwrap();
/// scores.extend([7, 9, 12]);
/// scores.insert(1, 8);
/// assert_eq!(scores.get(1), Some(8));
/// assert_eq!(scores.iter().rev().collect::<std::vec::Vec<_>>(), [12, 9, 8, 7]);
/// assert_eq!(scores.binary_search(&9), Ok(2));
/// ```
pub struct StableVec<T, M: Memory = DefaultMemoryImpl> {
    pub(crate) sequence: Sequence<M>,
    values: PhantomData<T>,
}

impl<T: StableLayout, M: Memory> StableVec<T, M> {
    /// Returns the value at an index, or `None` from the length on. Costs one read.
    ///
    /// # Panics
    /// On damaged memory; [`StableVec::try_get`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get(&self, index: u64) -> Option<T> {
        self.sequence.get_value(index)
    }

    /// Like [`StableVec::get`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_get(&self, index: u64) -> Result<Option<T>> {
        self.sequence.try_get_value(index)
    }

    /// Returns the first value.
    ///
    /// # Panics
    /// As [`StableVec::get`].
    #[must_use]
    #[track_caller]
    pub fn first(&self) -> Option<T> {
        self.get(0)
    }

    /// Returns the last value.
    ///
    /// # Panics
    /// As [`StableVec::get`].
    #[must_use]
    #[track_caller]
    pub fn last(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Adds a value after all others. Writes the value and the root's state, and a new page for
    /// every 4 KiB.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`StableVec::try_push`] does not.
    #[inline]
    #[track_caller]
    pub fn push(&mut self, value: T) {
        self.try_push(value).or_fail();
    }

    /// Like [`StableVec::push`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The vector is unchanged then.
    #[inline]
    pub fn try_push(&mut self, value: T) -> Result<()> {
        self.sequence.push_value(&value)
    }

    /// Removes and returns the last value.
    ///
    /// # Panics
    /// On damaged memory; [`StableVec::try_pop`] does not.
    #[track_caller]
    pub fn pop(&mut self) -> Option<T> {
        self.try_pop().or_fail()
    }

    /// Like [`StableVec::pop`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_pop(&mut self) -> Result<Option<T>> {
        self.sequence.pop_value(End::Back)
    }

    /// Removes and returns the last value if `takes` returns `true` for it. Changes that `takes`
    /// makes to its copy are not written.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn pop_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut last = self.last()?;
        if takes(&mut last) { self.pop() } else { None }
    }

    /// Sets the value at an index, and reads and returns the old one.
    ///
    /// # Panics
    /// As std's `vec[index] = value` if there is no such index; when out of memory or on damaged
    /// memory.
    #[track_caller]
    pub fn replace(&mut self, index: u64, value: T) -> T {
        match self.try_replace(index, value).or_fail() {
            Some(value) => value,
            None => self.out_of_bounds(index),
        }
    }

    /// Like [`StableVec::replace`], but returns an error instead of panicking, and `None` if there
    /// is no such index.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The vector is unchanged then.
    pub fn try_replace(&mut self, index: u64, value: T) -> Result<Option<T>> {
        let value = Encoded::new(&value)?;
        let root = self.sequence.root();
        self.sequence.set(index, value.as_slice(), |found| value::decode_found(root, found))
    }

    /// Sets the value at an index. The old one is not decoded.
    ///
    /// # Panics
    /// As [`StableVec::replace`].
    #[track_caller]
    pub fn set(&mut self, index: u64, value: T) {
        let set = self.try_set(index, value).or_fail();
        if !set {
            self.out_of_bounds::<()>(index);
        }
    }

    /// Like [`StableVec::set`], but returns an error instead of panicking, and `false` if there is
    /// no such index.
    ///
    /// # Errors
    /// As [`StableVec::try_replace`].
    pub fn try_set(&mut self, index: u64, value: T) -> Result<bool> {
        self.sequence.set_value(index, &value)
    }

    /// Inserts a value before the one at an index. Moves the values after it in their page.
    ///
    /// # Panics
    /// As std's if `index > len`; when out of memory or on damaged memory.
    #[track_caller]
    pub fn insert(&mut self, index: u64, value: T) {
        let len = self.len();
        assert!(index <= len, "insertion index (is {index}) should be <= len (is {len})");
        self.try_insert(index, value).or_fail();
    }

    /// Like [`StableVec::insert`], but returns an error instead of panicking, and `false` if there
    /// is no such index.
    ///
    /// # Errors
    /// As [`StableVec::try_push`].
    pub fn try_insert(&mut self, index: u64, value: T) -> Result<bool> {
        if index > self.len() {
            return Ok(false);
        }
        self.sequence.insert(index, Encoded::new(&value)?.as_slice()).map(|()| true)
    }

    /// Removes and returns the value at an index. Moves the values after it in their page.
    ///
    /// # Panics
    /// As std's if there is no such index; on damaged memory.
    #[track_caller]
    #[expect(clippy::panic, reason = "documented to panic as std does")]
    pub fn remove(&mut self, index: u64) -> T {
        match self.try_remove(index).or_fail() {
            Some(value) => value,
            None => panic!("removal index (is {index}) should be < len (is {})", self.len()),
        }
    }

    /// Removes and returns the value at an index, and moves the last one there.
    ///
    /// # Panics
    /// As std's if there is no such index; when out of memory or on damaged memory.
    #[track_caller]
    pub fn swap_remove(&mut self, index: u64) -> T {
        let len = self.len();
        assert!(index < len, "swap_remove index (is {index}) should be < len (is {len})");
        match self.try_swap_remove(index).or_fail() {
            Some(value) => value,
            None => self.out_of_bounds(index),
        }
    }

    /// Like [`StableVec::swap_remove`], but returns an error instead of panicking, and `None` if
    /// there is no such index.
    ///
    /// # Errors
    /// As [`StableVec::try_replace`].
    pub fn try_swap_remove(&mut self, index: u64) -> Result<Option<T>> {
        match self.len().checked_sub(1) {
            Some(last) if index == last => self.try_pop(),
            Some(last) if index < last => self.sequence.replace_from(index, last),
            _ => Ok(None),
        }
    }

    /// Swaps two values. Costs two reads and two writes.
    ///
    /// # Panics
    /// As std's if there is no such index; when out of memory or on damaged memory.
    #[track_caller]
    pub fn swap(&mut self, a: u64, b: u64) {
        for index in [a, b] {
            if index >= self.len() {
                self.out_of_bounds::<()>(index);
            }
        }
        self.sequence.swap(a, b).or_fail();
    }

    #[cold]
    #[track_caller]
    #[expect(clippy::panic, reason = "documented to panic as std does")]
    fn out_of_bounds<R>(&self, index: u64) -> R {
        panic!("index out of bounds: the len is {} but the index is {index}", self.len())
    }
}

crate::fields::indexed::indexed!(StableVec, "push");
crate::list::indexed::common::common!(StableVec);
crate::list::indexed::grow::grow!(StableVec, "StableVec");
crate::list::indexed::remove::remove!(StableVec, "StableVec");
crate::list::indexed::search::search!(StableVec);
crate::list::indexed::sort::sort!(StableVec, "StableVec");
crate::list::indexed::transfer::transfer!(StableVec, "StableVec");

list!(StableVec, Vec, push);
