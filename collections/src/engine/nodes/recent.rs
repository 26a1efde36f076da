//! The last leaf that was found in each of a few trees. Keys often follow each other, and then no
//! inner node is searched.

use std::cell::Cell;

use graven_core::page::PageNumber;

/// The number of trees whose last leaf is kept.
const TREES: usize = 8;

/// A leaf that was found below cached nodes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RecentLeaf {
    pub(crate) page: PageNumber,
    /// The prefix of the lower fence key, or 0.
    pub(crate) low: u64,
    /// The prefix of the upper fence key, or the greatest number.
    pub(crate) high: u64,
}

/// The last leaves, each at the low bits of the number of its tree's topmost page. All are dropped
/// when an inner node changes or a page is freed, in any tree.
#[derive(Debug, Default)]
pub(super) struct RecentLeaves {
    /// The topmost pages of their trees, or none.
    tops: [Cell<PageNumber>; TREES],
    leaves: [Cell<RecentLeaf>; TREES],
    changes: Cell<u64>,
}

impl RecentLeaves {
    /// Returns the last leaf found below `top`, if only this leaf may have a key with the prefix
    /// `head`. A longer key that begins like the lower fence key may be in the leaf before.
    #[inline(always)]
    pub(super) fn get(&self, top: PageNumber, head: u64, is_exact: bool) -> Option<RecentLeaf> {
        let at = top.get() as usize % TREES;
        let (known, leaf) = (self.tops.get(at)?.get(), self.leaves.get(at)?.get());
        let is_above = if is_exact { leaf.low <= head } else { leaf.low < head };
        (is_above && head < leaf.high && known == top).then_some(leaf)
    }

    #[inline(always)]
    pub(super) fn put(&self, top: PageNumber, leaf: RecentLeaf) {
        let at = top.get() as usize % TREES;
        if let (Some(known), Some(place)) = (self.tops.get(at), self.leaves.get(at)) {
            known.set(top);
            place.set(leaf);
        }
    }

    /// Returns the number of changes of inner nodes.
    #[inline(always)]
    pub(super) fn changes(&self) -> u64 {
        self.changes.get()
    }

    /// Drops all leaves, since an inner node has changed or a page was freed.
    pub(super) fn change(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
        self.tops.iter().for_each(|top| top.set(PageNumber::NONE));
    }
}
