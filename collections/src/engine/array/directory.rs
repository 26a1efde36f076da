//! A directory of the addresses of all arrays of a sequence that only grew, on the heap. A division
//! finds the array of a position. The directory is bounded and optional. It is made once enough
//! values were looked for.

use core::cell::{Cell, Ref, RefCell};

use graven_core::page::PageOffset;

use crate::engine::array::run::divide;
use crate::engine::array::span::Leaf;

/// Maximum number of arrays in a directory: 64 MiB of values.
pub(crate) const MOST: u64 = 1 << 14;

/// Lookups in the branches that cost as much as making a directory, plus one for every 32 arrays.
const MANY: u64 = 32;

#[derive(Default)]
pub(crate) struct Directory {
    /// The address of the first value of each array.
    arrays: RefCell<Vec<PageOffset>>,
    /// Number of positions that each array covers, or 0 if there is no directory.
    each: Cell<u64>,
    /// Number of lookups of arrays in the branches.
    missed: Cell<u64>,
}

impl Directory {
    /// Returns the array that covers a position.
    #[inline(always)]
    pub(crate) fn find(&self, position: u64) -> Option<Leaf> {
        let each = self.each.get();
        let number = position.checked_div(each)?;
        let page = self.arrays.borrow().get(usize::try_from(number).ok()?)?.page();
        let start = number * each;
        Some(Leaf { page, start, end: start.saturating_add(each) })
    }

    /// Returns the address of the value at a position. All values have `size` bytes.
    #[inline(always)]
    pub(crate) fn find_value(&self, position: u64, size: usize) -> Option<PageOffset> {
        let (number, slot) = divide(position, size)?;
        let array = *self.arrays.borrow().get(number as usize)?;
        Some(array.nth(slot, size))
    }

    /// Returns the arrays, if there is a directory.
    #[inline(always)]
    pub(crate) fn arrays(&self) -> Option<Ref<'_, Vec<PageOffset>>> {
        if self.each.get() == 0 { None } else { Some(self.arrays.borrow()) }
    }

    /// Returns `true` if there is a directory.
    pub(crate) fn is_made(&self) -> bool {
        self.each.get() > 0
    }

    /// Counts a lookup of one of `arrays` arrays in the branches. Returns `true` when there were
    /// enough to make a directory.
    pub(crate) fn miss(&self, arrays: u64) -> bool {
        let missed = self.missed.get();
        self.missed.set(missed.saturating_add(1));
        missed == MANY + arrays / 32
    }

    /// Sets the arrays, which cover `each` positions each.
    pub(crate) fn set(&self, arrays: Vec<PageOffset>, each: u64) {
        self.arrays.replace(arrays);
        self.each.set(each);
    }

    /// Adds an array after all others, if there is a directory. Forgets everything if the array
    /// does not fit.
    pub(crate) fn add(&self, array: PageOffset, start: u64) {
        let each = self.each.get();
        if each == 0 {
            return;
        }
        let mut arrays = self.arrays.borrow_mut();
        let number = arrays.len() as u64;
        if number < MOST && number * each == start {
            arrays.push(array);
        } else {
            drop(arrays);
            self.forget();
        }
    }

    /// Removes the directory and returns all arrays but the last one, if that begins at `start`.
    pub(crate) fn without_last(&self, start: u64) -> Option<Vec<PageOffset>> {
        let mut arrays = self.arrays.take();
        arrays.pop()?;
        let is_last = start == arrays.len() as u64 * self.each.get();
        self.forget();
        is_last.then_some(arrays)
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        self.each.set(0);
        self.missed.set(0);
        self.arrays.take();
    }
}
