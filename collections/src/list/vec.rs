//! Values by index, with the names of std's `Vec`. The tree below is `sequence`'s.

use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::array::{End, Sequence};
use crate::list::collection::list;

pub use crate::list::indexed::remove::{Drain, ExtractIf};
pub use crate::list::indexed::sorting::Sorting;
pub use crate::list::iter::Iter;

/// Values of type `T` by index, in stable memory.
///
/// Values of one size up to 1,016 bytes stand side by side in pages of 4 KiB; others are cells of
/// nodes as in a [`BTreeMap`](crate::BTreeMap), large ones in pages of their own. Finding one takes
/// a step for each level of branches, of which there is one up to 172,000 `u64`s and two up to 58
/// million; they are kept on the heap, so `get` makes a single read of the value's own bytes.
/// `push` and `pop` write the value and the root's state. `insert` and `remove` in the middle move
/// what is behind the place in its page, and the numbers in the branches above it: never the rest
/// of the vector.
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
    /// The value at an index, or `None` from the length on. One read.
    ///
    /// # Panics
    /// On damaged memory; [`StableVec::try_get`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get(&self, index: u64) -> Option<T> {
        self.sequence.get_value(index)
    }

    /// Like [`StableVec::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_get(&self, index: u64) -> Result<Option<T>> {
        self.sequence.try_get_value(index)
    }

    /// The first value.
    ///
    /// # Panics
    /// As [`StableVec::get`].
    #[must_use]
    #[track_caller]
    pub fn first(&self) -> Option<T> {
        self.get(0)
    }

    /// The last value.
    ///
    /// # Panics
    /// As [`StableVec::get`].
    #[must_use]
    #[track_caller]
    pub fn last(&self) -> Option<T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Puts a value behind all others. Writes the value and the root's state; a new page for every
    /// 4 KiB.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; [`StableVec::try_push`] does not.
    #[inline]
    #[track_caller]
    pub fn push(&mut self, value: T) {
        self.try_push(value).or_fail();
    }

    /// Like [`StableVec::push`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the vector is as it was.
    #[inline]
    pub fn try_push(&mut self, value: T) -> Result<()> {
        self.sequence.push_value(&value)
    }

    /// Removes the last value.
    ///
    /// # Panics
    /// On damaged memory; [`StableVec::try_pop`] does not.
    #[track_caller]
    pub fn pop(&mut self) -> Option<T> {
        self.try_pop().or_fail()
    }

    /// Like [`StableVec::pop`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_pop(&mut self) -> Result<Option<T>> {
        self.sequence.pop_value(End::Back)
    }

    /// Removes the last value if `takes` says so; what that changes in its copy is not written.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn pop_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut last = self.last()?;
        if takes(&mut last) { self.pop() } else { None }
    }

    /// Sets the value at an index and gives the old one, which is read.
    ///
    /// # Panics
    /// As std's `vec[index] = value` where there is no such index; when out of memory or on damaged
    /// memory.
    #[track_caller]
    pub fn replace(&mut self, index: u64, value: T) -> T {
        match self.try_replace(index, value).or_fail() {
            Some(value) => value,
            None => self.out_of_bounds(index),
        }
    }

    /// Like [`StableVec::replace`]; `None` where there is no such index.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged); the vector is as it was.
    pub fn try_replace(&mut self, index: u64, value: T) -> Result<Option<T>> {
        let value = Encoded::new(&value)?;
        let root = self.sequence.root();
        self.sequence.set(index, value.as_slice(), |found| value::decode_found(root, found))
    }

    /// Sets the value at an index; the old one is not decoded.
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

    /// Like [`StableVec::set`]; false where there is no such index.
    ///
    /// # Errors
    /// As [`StableVec::try_replace`].
    pub fn try_set(&mut self, index: u64, value: T) -> Result<bool> {
        self.sequence.set_value(index, &value)
    }

    /// Puts a value in front of the one at an index. Moves the values behind it in their page.
    ///
    /// # Panics
    /// As std's if `index > len`; when out of memory or on damaged memory.
    #[track_caller]
    pub fn insert(&mut self, index: u64, value: T) {
        if index > self.len() {
            panic!("insertion index (is {index}) should be <= len (is {})", self.len());
        }
        self.try_insert(index, value).or_fail();
    }

    /// Like [`StableVec::insert`]; false where there is no such index.
    ///
    /// # Errors
    /// As [`StableVec::try_push`].
    pub fn try_insert(&mut self, index: u64, value: T) -> Result<bool> {
        if index > self.len() {
            return Ok(false);
        }
        self.sequence.insert(index, Encoded::new(&value)?.as_slice()).map(|()| true)
    }

    /// Removes the value at an index. Moves the values behind it in their page.
    ///
    /// # Panics
    /// As std's if there is no such index; on damaged memory.
    #[track_caller]
    pub fn remove(&mut self, index: u64) -> T {
        match self.try_remove(index).or_fail() {
            Some(value) => value,
            None => panic!("removal index (is {index}) should be < len (is {})", self.len()),
        }
    }

    /// Removes the value at an index and puts the last one in its place.
    ///
    /// # Panics
    /// As std's if there is no such index; when out of memory or on damaged memory.
    #[track_caller]
    pub fn swap_remove(&mut self, index: u64) -> T {
        if index >= self.len() {
            panic!("swap_remove index (is {index}) should be < len (is {})", self.len());
        }
        match self.try_swap_remove(index).or_fail() {
            Some(value) => value,
            None => self.out_of_bounds(index),
        }
    }

    /// Like [`StableVec::swap_remove`]; `None` where there is no such index.
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

    /// Lets two values change places. Two reads, two writes.
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
