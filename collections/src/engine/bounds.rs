//! Ranges of encoded keys and of numbers, the direction of a walk, and the number of entries left.

use std::ops::{Bound, RangeBounds};

use graven_core::Memory;
use graven_core::key::KeyBuf;
use graven_core::page::PAGE_SIZE;
use graven_core::store::Root;

/// The encoded bounds of a range.
pub(crate) type KeyRange = (Bound<KeyBuf>, Bound<KeyBuf>);

/// The direction of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// From the least key to the greatest.
    Forward = 0,
    /// From the greatest key to the least.
    Backward = 1,
}

/// Returns the first number of a range and the one after its last. A range without an end ends at
/// `end`.
pub(crate) fn numbers(range: &impl RangeBounds<u64>, end: u64) -> (u64, u64) {
    let start = match range.start_bound() {
        Bound::Included(start) => *start,
        Bound::Excluded(before) => before.saturating_add(1),
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(last) => last.saturating_add(1),
        Bound::Excluded(end) => *end,
        Bound::Unbounded => end,
    };
    (start, end)
}

/// The number of items that an iterator may still return.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    most: u64,
    is_exact: bool,
}

impl Left {
    pub(crate) const fn exactly(count: u64) -> Self {
        Left { most: count, is_exact: true }
    }

    pub(crate) const fn at_most(count: u64) -> Self {
        Left { most: count, is_exact: false }
    }

    /// Returns the number as an upper bound, for an iterator over a part of the entries.
    pub(crate) const fn or_fewer(self) -> Self {
        Left::at_most(self.most)
    }

    /// Returns the number of all entries of a root.
    pub(crate) fn all<M: Memory>(root: &Root<M>) -> Self {
        Left::counted(root, root.state().len.get())
    }

    /// Returns a number of entries that is stored in a root. An entry takes two bytes at least, so
    /// a forged number cannot make a caller reserve room for more than the memory could hold.
    pub(crate) fn counted<M: Memory>(root: &Root<M>, count: u64) -> Self {
        let most = u64::from(root.pager().heads().pages.get()) * (PAGE_SIZE / 2) as u64;
        Left::exactly(count.min(most))
    }

    /// Subtracts an item if there was one. A damaged tree may have more than it counts.
    #[inline(always)]
    pub(crate) fn count(&mut self, is_some: bool) {
        self.most = self.most.saturating_sub(u64::from(is_some));
    }

    /// Returns the `size_hint` of the iterator.
    pub(crate) fn hint(self) -> (usize, Option<usize>) {
        let most = usize::try_from(self.most);
        (if self.is_exact { most.unwrap_or(usize::MAX) } else { 0 }, most.ok())
    }
}
