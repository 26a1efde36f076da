//! The cached addresses of arrays.

use std::cell::{Cell, RefCell};

use graven_core::page::array::{ARRAY_AT, capacity};
use graven_core::page::{PAGE_SIZE, PageNumber, PageOffset, Pager};
use graven_core::{Memory, Result};

/// Maximum number of listed arrays, which is 64 MiB of values. Their slots are below the bound of
/// [`array_of`].
pub(crate) const MAX_ARRAYS: usize = 1 << 14;

/// Number of arrays after which one more search comes before they are listed. Listing an array
/// costs a third of a search.
const PER_SEARCH: u64 = 16;

/// Maximum number of times that failures double the number of searches.
const MAX_DOUBLINGS: u32 = 10;

/// Returns the number of the array that holds a slot, if each has `each` slots, which is 3 to
/// 4,062. A multiplication replaces the division. The reciprocal is too large by less than 2⁻³⁸, so
/// for slots below 2²⁶ the product is too large by less than 2⁻¹², which does not reach the next
/// whole number.
#[inline(always)]
pub(crate) const fn array_of(slot: u64, each: u64) -> u64 {
    const BITS: u32 = 38;
    slot.wrapping_mul((1u64 << BITS).div_ceil(each)) >> BITS
}

/// Full arrays in consecutive pages. Their values are found by arithmetic.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Run {
    /// The index of the value in the first slot, which wraps around below zero if the slot is dead.
    pub(crate) first: u64,
    /// Number of slots.
    pub(crate) len: u64,
    /// Address of the first slot.
    pub(crate) at: PageOffset,
}

impl Run {
    /// Returns the run of one array, whose first slot has the index `first`.
    pub(crate) fn of_array<M: Memory>(
        pager: &Pager<M>,
        page: PageNumber,
        first: u64,
        width: usize,
    ) -> Result<Run> {
        let len = capacity(width);
        Ok(Run { first, len, at: pager.locate_offset(page, ARRAY_AT, len as usize * width)? })
    }

    /// Returns the address of the value at an index, and its slot, in a run of one array.
    #[inline(always)]
    pub(crate) fn find_in_array(&self, index: u64, width: usize) -> Option<(PageOffset, u64)> {
        let slot = index.wrapping_sub(self.first);
        (slot < self.len).then(|| (self.at.nth(slot, width), slot))
    }

    /// Adds `by` to all indices. A negative number wraps around.
    pub(crate) fn shifted(self, by: u64) -> Run {
        Run { first: self.first.wrapping_add(by), ..self }
    }
}

/// The cached addresses of arrays.
#[derive(Debug, Default)]
pub(crate) struct Arrays {
    /// The most listed arrays that are in consecutive pages or, if none are listed, the array that
    /// was found last.
    pub(crate) run: Cell<Run>,
    /// The address of the first slot of each array, if all arrays but the last are full. Else
    /// empty.
    pub(crate) list: RefCell<Vec<PageOffset>>,
    /// The number of the array from which on all listed ones are in consecutive pages.
    stretch: Cell<usize>,
    /// Number of searches since the arrays were forgotten.
    searches: Cell<u64>,
    /// How often in a row the arrays could not be listed.
    failures: Cell<u32>,
}

impl Arrays {
    /// Counts a search in a sequence of `arrays` arrays. Returns `true` if they shall be listed
    /// now. Each failure doubles the number of searches before the next attempt, since insertions
    /// in the middle leave arrays that are not full.
    pub(crate) fn shall_list(&self, arrays: u64) -> bool {
        let searches = self.searches.get();
        self.searches.set(searches.saturating_add(1));
        let due = ((arrays / PER_SEARCH + 1) << self.failures.get().min(MAX_DOUBLINGS)) - 1;
        arrays <= MAX_ARRAYS as u64 && searches == due
    }

    /// Notes whether the arrays were listed.
    pub(crate) fn note_listed(&self, is_listed: bool) {
        self.failures.set(if is_listed { 0 } else { self.failures.get().saturating_add(1) });
    }

    /// Adds an array with `each` slots after all others, if these are listed. It begins at position
    /// `start`, and position 0 has the index `zero`.
    pub(crate) fn add(&self, array: PageOffset, start: u64, zero: u64, each: u64) {
        let mut list = self.list.borrow_mut();
        let count = list.len();
        let Some(last) = count.checked_sub(1) else { return };
        if count >= MAX_ARRAYS || count as u64 * each != start {
            drop(list);
            return self.forget();
        }
        // The array that was the last one is full, so it may join the run.
        let stretch = self.stretch.get();
        if let Some(at) = list.get(stretch)
            && (count - stretch) as u64 * each > self.run.get().len
        {
            let (first, len) = (stretch as u64 * each, (count - stretch) as u64 * each);
            self.run.set(Run { first: zero.wrapping_add(first), len, at: *at });
        }
        if list.get(last).is_some_and(|last| !last.is_before(array, PAGE_SIZE)) {
            self.stretch.set(count);
        }
        list.push(array);
    }

    /// Adds the values of the last array to the run, if the run becomes longer. The last value is
    /// at position `end` - 1, and position 0 has the index `zero`.
    pub(crate) fn close(&self, end: u64, zero: u64, each: u64) {
        let (stretch, list) = (self.stretch.get(), self.list.borrow());
        let first = stretch as u64 * each;
        if let Some(at) = list.get(stretch)
            && end.saturating_sub(first) > self.run.get().len
        {
            self.run.set(Run { first: zero.wrapping_add(first), len: end - first, at: *at });
        }
    }

    /// Removes the positions from `start` on from the run. Position 0 has the index `zero`.
    pub(crate) fn cut_run(&self, start: u64, zero: u64) {
        let run = self.run.get();
        let len = run.len.min(start.saturating_sub(run.first.wrapping_sub(zero)));
        self.run.set(Run { len, ..run });
    }

    /// Forgets all arrays.
    pub(crate) fn forget(&self) {
        self.run.set(Run::default());
        self.list.take();
        self.stretch.set(0);
        self.searches.set(0);
    }

    /// Adds `by` to all indices. A negative number wraps around.
    pub(crate) fn shift(&self, by: u64) {
        self.run.set(self.run.get().shifted(by));
    }

    /// Takes all arrays but the last one, which begins at position `start`, if they are listed.
    /// Each has `each` slots, and position 0 has the index `zero`.
    pub(crate) fn without_last(&self, start: u64, zero: u64, each: u64) -> Arrays {
        self.cut_run(start, zero);
        let (run, mut list) = (self.run.take(), self.list.take());
        list.pop();
        let stretch = self.stretch.get().min(list.len().saturating_sub(1));
        self.forget();
        if list.len() as u64 * each != start {
            return Arrays::default();
        }
        Arrays {
            run: Cell::new(run),
            list: RefCell::new(list),
            stretch: Cell::new(stretch),
            searches: Cell::default(),
            failures: Cell::default(),
        }
    }

    /// Takes the arrays of another cache.
    pub(crate) fn replace(&self, other: Arrays) {
        self.run.set(other.run.take());
        self.list.replace(other.list.take());
        self.stretch.set(other.stretch.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_divided_as_they_should_be() {
        const MOST: u64 = 1 << 26;
        for each in [3, 4, 63, 127, 254, 508, 1016, 2032, 4062] {
            for array in [0, 1, 2, 1_000, MOST / each - 1] {
                let first = array * each;
                assert_eq!((array_of(first, each), array_of(first + each - 1, each)), (array, array));
            }
            assert_eq!(array_of(MOST - 1, each), (MOST - 1) / each);
            assert!(MAX_ARRAYS as u64 * each <= MOST);
        }
    }
}
