//! Iteration over the entries with ranks in a range.

use std::iter::FusedIterator;
use std::ops::{Bound, RangeBounds};

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::engine::bounds::{Left, numbers};
use crate::map::btree::Range;
use crate::map::ranked::RankedMap;

/// An iterator over the entries with ranks in a range: see [`RankedMap::ranks`].
pub struct Ranks<'a, K, V, M: Memory> {
    entries: Range<'a, K, V, M>,
    left: u64,
}

impl<K: StableKey, V: StableLayout, M: Memory> RankedMap<K, V, M> {
    /// Returns an iterator over the existing entries with ranks in a range, in order, such as a
    /// page of a list. Finds the first one as [`RankedMap::nth`] does.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_ranks`] does not.
    #[track_caller]
    pub fn ranks(&self, ranks: impl RangeBounds<u64>) -> Ranks<'_, K, V, M> {
        self.try_ranks(ranks).or_fail()
    }

    /// Like [`RankedMap::ranks`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_ranks(&self, ranks: impl RangeBounds<u64>) -> Result<Ranks<'_, K, V, M>> {
        let (start, end) = numbers(&ranks, u64::MAX);
        let left = end.min(self.len()).saturating_sub(start);
        let from = if left == 0 { None } else { self.key_at(start)? };
        let start = from.map_or(Bound::Unbounded, Bound::Included);
        Ok(Ranks { entries: Range::new(&self.entries, start, Bound::Unbounded), left })
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Ranks<'_, K, V, M> {
    /// Like [`Iterator::next`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(K, V)>> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.entries.try_next()
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> Iterator for Ranks<'_, K, V, M> {
    type Item = (K, V);

    #[inline]
    fn next(&mut self) -> Option<(K, V)> {
        self.left = self.left.checked_sub(1)?;
        self.entries.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        Left::counted(self.entries.root(), self.left).hint()
    }
}

impl<K: StableKey, V: StableLayout, M: Memory> FusedIterator for Ranks<'_, K, V, M> {}

impl<K: StableKey, V: StableLayout, M: Memory> ExactSizeIterator for Ranks<'_, K, V, M> {}

cloneable!(
    [K: StableKey, V: StableLayout, M: Memory] Ranks<'_, K, V, M>,
    |this| Ranks { entries: this.entries.clone(), left: this.left }
);
