//! The pages of all arrays of a sequence that has a single branch and only grew, on the heap: a position's array is found
//! by a division. Made once enough values were looked for; never needed.

use core::cell::{Cell, RefCell};

use graven_core::page::PageBytes;

use super::branch;
use super::path::Leaf;

/// Making a directory costs as much as finding some fifty arrays in the branch.
const MANY: u8 = 32;

#[derive(Default)]
pub(super) struct Directory {
    pages: RefCell<Vec<u32>>,
    /// Positions that each array covers.
    each: Cell<u64>,
    /// Arrays that were looked for in the branch.
    missed: Cell<u8>,
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

    /// Notes that an array had to be looked for; whether that was often enough for a directory to be made.
    pub(super) fn miss(&self) -> bool {
        let missed = self.missed.get();
        self.missed.set(missed.saturating_add(1));
        missed == MANY
    }

    /// Makes the directory, if all arrays of the branch are full.
    pub(super) fn make(&self, bytes: &PageBytes, each: u64) {
        let regular = branch::children(bytes).enumerate().map(|(number, entry)| {
            let is_regular = entry.start == (number as u64).saturating_mul(each);
            is_regular.then_some(entry.child)
        });
        if let Some(pages) = regular.collect::<Option<Vec<u32>>>() {
            self.pages.replace(pages);
            self.each.set(each);
        }
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.each.set(0);
        self.missed.set(0);
    }
}
