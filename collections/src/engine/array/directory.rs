//! The addresses of all arrays of a sequence that only grew, on the heap, up to a bound: a
//! position's array is found by a division. Made once enough values were looked for; never needed.

use core::cell::{Cell, Ref, RefCell};

use graven_core::page::PageOffset;

use crate::engine::array::run::divide;
use crate::engine::array::span::Leaf;

/// Arrays that a directory has at most: 64 MiB of values.
pub(crate) const MOST: u64 = 1 << 14;

/// Making a directory costs as much as finding one of some thirty arrays in the branches, and so
/// many more.
const MANY: u64 = 32;

#[derive(Default)]
pub(crate) struct Directory {
    /// The address of the first value of each array.
    arrays: RefCell<Vec<PageOffset>>,
    /// Positions that each array covers; 0 if there is no directory.
    each: Cell<u64>,
    /// Arrays that were looked for in the branch.
    missed: Cell<u64>,
}

impl Directory {
    /// The array of a position of a value.
    #[inline(always)]
    pub(crate) fn find(&self, position: u64) -> Option<Leaf> {
        let each = self.each.get();
        let number = position.checked_div(each)?;
        let page = self.arrays.borrow().get(usize::try_from(number).ok()?)?.page();
        let start = number * each;
        Some(Leaf { page, start, end: start.saturating_add(each) })
    }

    /// Returns the address of the value at a position; `size` is that of all values.
    #[inline(always)]
    pub(crate) fn find_value(&self, position: u64, size: usize) -> Option<PageOffset> {
        let (number, slot) = divide(position, size)?;
        let array = *self.arrays.borrow().get(number as usize)?;
        Some(array.nth(slot, size))
    }

    /// The arrays, if there are any.
    #[inline(always)]
    pub(crate) fn arrays(&self) -> Option<Ref<'_, Vec<PageOffset>>> {
        if self.each.get() == 0 { None } else { Some(self.arrays.borrow()) }
    }

    /// Returns whether it has arrays.
    pub(crate) fn is_made(&self) -> bool {
        self.each.get() > 0
    }

    /// Notes that one of so many arrays had to be looked for; whether that was often enough for a
    /// directory to be made.
    pub(crate) fn miss(&self, arrays: u64) -> bool {
        let missed = self.missed.get();
        self.missed.set(missed.saturating_add(1));
        missed == MANY + arrays / 32
    }

    /// Takes these arrays, which cover as many positions each.
    pub(crate) fn set(&self, arrays: Vec<PageOffset>, each: u64) {
        self.arrays.replace(arrays);
        self.each.set(each);
    }

    /// Takes one more array, if there is a directory and it comes behind all others; without room
    /// for it everything is forgotten.
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

    /// All arrays but the last one, if that begins at a position. There is no directory afterwards.
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
