//! The pages of all arrays of a sequence that only grew, on the heap, up to a bound: a position's array is found by a
//! division. Made once enough values were looked for; never needed.

use core::cell::{Cell, RefCell};

use super::path::Leaf;

/// Pages of arrays that a directory has at most: 64 MiB of values.
pub(super) const MOST: u64 = 1 << 14;

/// Making a directory costs as much as finding one of some thirty arrays in the branches, and so many more.
const MANY: u64 = 32;

#[derive(Default)]
pub(super) struct Directory {
    pages: RefCell<Vec<u32>>,
    /// Positions that each array covers.
    each: Cell<u64>,
    /// Arrays that were looked for in the branch.
    missed: Cell<u64>,
}

impl Directory {
    /// The array of a position of a value.
    #[inline(always)]
    pub(super) fn find(&self, position: u64) -> Option<Leaf> {
        let each = self.each.get();
        let number = position.checked_div(each)?;
        let page = *self.pages.borrow().get(usize::try_from(number).ok()?)?;
        let start = number * each;
        Some(Leaf { page, start, end: start.saturating_add(each) })
    }

    /// Notes that one of so many arrays had to be looked for; whether that was often enough for a directory to be made.
    pub(super) fn miss(&self, arrays: u64) -> bool {
        let missed = self.missed.get();
        self.missed.set(missed.saturating_add(1));
        missed == MANY + arrays / 32
    }

    /// Takes these pages, of arrays that cover as many positions each.
    pub(super) fn set(&self, pages: Vec<u32>, each: u64) {
        self.pages.replace(pages);
        self.each.set(each);
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.each.set(0);
        self.missed.set(0);
    }
}
