//! Iterators over a set.

use std::iter::FusedIterator;

use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::map::btree;
use crate::set::btree::BTreeSet;

/// An iterator over all elements of a set.
pub struct Iter<'a, T, M: Memory>(btree::Keys<'a, T, (), M>);

/// An iterator over the elements of a range.
pub struct Range<'a, T, M: Memory>(btree::Range<'a, T, (), M>);

impl<'a, T: StableKey, M: Memory> Iter<'a, T, M> {
    pub(super) fn new(keys: btree::Keys<'a, T, (), M>) -> Self {
        Iter(keys)
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<T>> {
        self.0.try_next()
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<T>> {
        self.0.try_next_back()
    }
}

impl<T: StableKey, M: Memory> Iterator for Iter<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, f: F) -> B {
        self.0.fold(init, f)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T: StableKey, M: Memory> DoubleEndedIterator for Iter<'_, T, M> {
    fn next_back(&mut self) -> Option<T> {
        self.0.next_back()
    }
}

impl<T: StableKey, M: Memory> FusedIterator for Iter<'_, T, M> {}

impl<'a, T: StableKey, M: Memory> Range<'a, T, M> {
    pub(super) fn new(set: &'a BTreeSet<T, M>, (start, end): KeyRange) -> Self {
        Range(btree::Range::new(&set.map, start, end))
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<T>> {
        Ok(self.0.try_next()?.map(|(value, ())| value))
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<T>> {
        Ok(self.0.try_next_back()?.map(|(value, ())| value))
    }
}

impl<T: StableKey, M: Memory> Iterator for Range<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(value, ())| value)
    }

    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, mut f: F) -> B {
        self.0.fold(init, |so_far, (value, ())| f(so_far, value))
    }
}

impl<T: StableKey, M: Memory> DoubleEndedIterator for Range<'_, T, M> {
    fn next_back(&mut self) -> Option<T> {
        self.0.next_back().map(|(value, ())| value)
    }
}

impl<T: StableKey, M: Memory> FusedIterator for Range<'_, T, M> {}
