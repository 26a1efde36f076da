//! Arrays in adjacent pages, whose values are found by arithmetic.

use std::cell::Cell;

use graven_core::page::array::{ARRAY_AT, capacity};
use graven_core::page::{PAGE_SIZE, PageNumber, PageOffset, Pager};
use graven_core::{Memory, Result};

/// A run of adjacent pages, each with as many slots of one size as an array has. It is empty at
/// first.
#[derive(Debug, Clone, Default)]
pub(crate) struct ContiguousRun {
    /// The index of the first slot, which wraps around below zero if there are slots before the
    /// first value.
    first: Cell<u64>,
    /// Number of slots that may be used.
    len: Cell<u64>,
    /// Address of the first slot.
    at: Cell<PageOffset>,
}

/// Bound of slot numbers, below which a multiplication can replace their division.
const MOST: u64 = 1 << 26;

/// Returns the number of the array that holds a slot, and the slot's index in it, if all arrays are
/// full. Returns `None` from [`MOST`] on.
#[inline(always)]
pub(crate) const fn divide(place: u64, size: usize) -> Option<(u64, u64)> {
    if place >= MOST {
        return None;
    }
    let array = page(place, capacity(size));
    Some((array, place - array * capacity(size)))
}

/// Returns a slot number divided by the number of slots in a page, which is 2 to 4,064. The
/// reciprocal is too large by less than 2⁻³⁸, so the product is too large by less than 2⁻¹², which
/// does not reach the next whole number.
#[inline(always)]
const fn page(place: u64, each: u64) -> u64 {
    const BITS: u32 = 38;
    (place * (1u64 << BITS).div_ceil(each)) >> BITS
}

impl ContiguousRun {
    /// Takes `pages` pages from `page` on. Their first slot has the index `first`, which may be
    /// below zero, and `len` of their slots may be used.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if there are no such pages. The run is empty
    /// then.
    pub(crate) fn set<M: Memory>(
        &self,
        pager: &Pager<M>,
        page: PageNumber,
        pages: u32,
        size: usize,
        first: u64,
        len: u64,
    ) -> Result<()> {
        self.forget();
        let at = pager.locate_run(page, pages, ARRAY_AT)?;
        let places = (u64::from(pages) * capacity(size)).min(MOST);
        self.first.set(first);
        self.len.set(len.min(places));
        self.at.set(at);
        Ok(())
    }

    /// Returns the address of the value at an index, if it is in this run. `size` is the one given
    /// to `set`.
    #[inline(always)]
    pub(crate) fn find(&self, index: u64, size: usize) -> Option<PageOffset> {
        let place = index.wrapping_sub(self.first.get());
        if place >= self.len.get() {
            return None;
        }
        let gap = PAGE_SIZE - capacity(size) as usize * size;
        Some(self.at.get().nth(place, size).nth(page(place, capacity(size)), gap))
    }

    /// Returns the address of a value in a run of one page, and its slot.
    #[inline(always)]
    pub(crate) fn find_in_page(&self, index: u64, size: usize) -> Option<(PageOffset, u64)> {
        let place = index.wrapping_sub(self.first.get());
        (place < self.len.get()).then(|| (self.at.get().nth(place, size), place))
    }

    /// Adds `by` to all indices. A negative number wraps around.
    #[inline(always)]
    pub(crate) fn shift(&self, by: u64) {
        self.first.set(self.first.get().wrapping_add(by));
    }

    /// Removes the index `end`, if it is the last one.
    #[inline(always)]
    pub(crate) fn cut(&self, end: u64) {
        let place = end.wrapping_sub(self.first.get());
        if place < self.len.get() {
            self.len.set(place);
        }
    }

    /// Adds a page, whose only value has the given index, if it follows the last page. All slots
    /// before that value must have values.
    pub(crate) fn extend(&self, page: PageOffset, size: usize, index: u64) {
        let (pages, place) = (self.len.get().div_ceil(capacity(size)), index.wrapping_sub(self.first.get()));
        let is_next = self.at.get().nth(pages, PAGE_SIZE).is_before(page, 0);
        let follows = is_next && place == pages * capacity(size);
        if pages > 0 && follows && place < MOST {
            self.len.set(place + 1);
        }
    }

    /// Takes the pages of another run.
    pub(crate) fn take_from(&self, other: &ContiguousRun) {
        self.first.set(other.first.get());
        self.len.set(other.len.get());
        self.at.set(other.at.get());
    }

    /// Forgets all pages.
    pub(crate) fn forget(&self) {
        self.len.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_divided_as_they_should_be() {
        for each in [2, 3, 4, 63, 127, 254, 508, 1016, 2032, 4063, 4064] {
            for page_number in [0, 1, 2, 1_000, MOST / each - 1] {
                let first = page_number * each;
                assert_eq!((page(first, each), page(first + each - 1, each)), (page_number, page_number));
            }
            assert_eq!(page(MOST - 1, each), (MOST - 1) / each);
        }
    }
}
