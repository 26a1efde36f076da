//! Walks over all that is left: a loop inside each leaf costs less than single steps.

use graven_core::{Memory, Result};

use super::{End, RangeIter};
use crate::engine::btree::leaf::Reads;
use crate::engine::cell::Sizes;
use crate::engine::fixed::FixedCells;

impl<M: Memory> RangeIter<'_, M> {
    /// Folds the remaining entries, leaf by leaf, forward or backward. A loop inside each leaf
    /// costs less than single steps.
    #[inline(always)]
    pub(crate) fn fold<const FORWARD: bool, A, T>(
        mut self,
        sizes: Sizes,
        init: A,
        mut f: impl FnMut(A, T) -> A,
        reads: &impl Reads<T>,
    ) -> Result<A> {
        let mut so_far = init;
        self.keep_one_end(FORWARD)?;
        while self.settle(FORWARD)? {
            let end = if FORWARD { &self.front } else { &self.back };
            let Some(End { leaf, .. }) = end else { break };
            let range = if FORWARD { self.ahead.clone() } else { self.behind.clone() };
            (self.ahead.start, self.behind.end) = (self.ahead.end, self.behind.start);
            let Some(fixed) = FixedCells::of_leaf(sizes).filter(|_| leaf.is_current) else {
                so_far = leaf.fold_any::<FORWARD, M, A, T>(self.tree, sizes, range, so_far, &mut f, reads)?;
                continue;
            };
            let order = leaf.order(fixed, range.clone());
            so_far = if fixed.width() == 1 {
                let numbers = (range, order.iter().map(|number| usize::from(*number)));
                leaf.fold_cells::<FORWARD, M, A, T>(self.tree, fixed, numbers, so_far, &mut f, reads)?
            } else {
                let numbers = order.as_chunks().0.iter();
                let numbers = (range, numbers.map(|number| usize::from(u16::from_le_bytes(*number))));
                leaf.fold_cells::<FORWARD, M, A, T>(self.tree, fixed, numbers, so_far, &mut f, reads)?
            };
        }
        Ok(so_far)
    }

    /// Returns the number of the remaining entries. Reads each leaf, and of its entries none.
    pub(crate) fn count(mut self) -> Result<u64> {
        let mut count = 0_u64;
        self.keep_one_end(true)?;
        while self.settle(true)? {
            count = count.saturating_add(self.ahead.len() as u64);
            self.ahead.start = self.ahead.end;
        }
        Ok(count)
    }
}
