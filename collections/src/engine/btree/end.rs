//! The end of the leaf to which the last entry was added after all others. The next entry often
//! comes right after it. It is added without any search then.

use std::cell::Cell;
use std::ops::Range;

use graven_core::Memory;
use graven_core::page::PageNumber;

use crate::engine::leaf::context::LeafContext;

/// The end of a leaf of fixed cells of the current layout.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LeafEnd {
    pub(crate) page: PageNumber,
    /// The number of entries in the leaf.
    pub(crate) count: usize,
    /// The prefix of the greatest key in the leaf.
    last: u64,
    /// The prefix of the upper fence key, or the greatest number. 0 if it is not known.
    pub(crate) high: u64,
    /// The number of changes of the root and of inner nodes. Any other change of the tree, or of a
    /// page that it may share with another tree in damaged memory, makes it outdated.
    changes: u64,
}

/// The last known end, if it is not outdated.
#[derive(Debug, Default)]
pub(crate) struct KnownEnd(Cell<LeafEnd>);

/// Returns a number that every change increases.
#[inline(always)]
fn changes<M: Memory>(context: &LeafContext<M>) -> u64 {
    context.root.changes().wrapping_add(context.nodes.changes())
}

impl KnownEnd {
    /// Returns the end of the leaf to which a key with the prefix `head` is to be added after all
    /// others.
    #[inline(always)]
    pub(crate) fn before<M: Memory>(&self, context: &LeafContext<M>, head: u64) -> Option<LeafEnd> {
        let end = self.0.get();
        (end.last < head && head < end.high && end.changes == changes(context)).then_some(end)
    }

    /// Keeps the end of a leaf after an entry was added there. `gap` is from the prefix of its key
    /// to that of the upper fence key.
    #[inline(always)]
    pub(crate) fn keep<M: Memory>(
        &self,
        context: &LeafContext<M>,
        page: PageNumber,
        count: usize,
        gap: Range<u64>,
    ) {
        self.0.set(LeafEnd { page, count, last: gap.start, high: gap.end, changes: changes(context) });
    }
}
