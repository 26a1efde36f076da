//! Sets of pages, a bit for each page of a memory.

use super::PageNumber;

/// A set of pages. It takes a bit for each page up to the highest one: 3 MiB for 100 GiB.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageSet {
    words: Vec<u64>,
}

/// Returns the index of a page's word, and its bit.
const fn place(page: u32) -> (usize, u64) {
    ((page / u64::BITS) as usize, 1 << (page % u64::BITS))
}

impl PageSet {
    /// Adds a page. Returns `false` if the set had it.
    pub fn insert(&mut self, page: PageNumber) -> bool {
        let (index, bit) = place(page.get());
        if index >= self.words.len() {
            self.words.resize(index.saturating_add(1), 0);
        }
        let Some(word) = self.words.get_mut(index) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Adds `pages` adjacent pages from `start` on. Returns the first of them that the set had.
    pub fn insert_run(&mut self, start: PageNumber, pages: u32) -> Option<PageNumber> {
        let run = start.get()..start.get().saturating_add(pages);
        run.map(PageNumber::new).fold(None, |known, page| {
            let is_new = self.insert(page);
            known.or((!is_new).then_some(page))
        })
    }

    /// Returns `true` if the set has a page.
    #[must_use]
    pub fn contains(&self, page: PageNumber) -> bool {
        let (index, bit) = place(page.get());
        self.words.get(index).is_some_and(|word| word & bit != 0)
    }

    /// Returns an iterator over the pages below `end` that the set does not have.
    pub fn missing(&self, end: u32) -> impl Iterator<Item = PageNumber> + '_ {
        (0..end.div_ceil(u64::BITS)).flat_map(move |index| {
            let word = self.words.get(index as usize).copied().unwrap_or(0);
            let first = index.saturating_mul(u64::BITS);
            // Most words are full.
            let count = if word == u64::MAX { 0 } else { u64::BITS.min(end.saturating_sub(first)) };
            (0..count)
                .filter(move |bit| word >> bit & 1 == 0)
                .map(move |bit| PageNumber::new(first.saturating_add(bit)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_once() {
        let mut set = PageSet::default();
        assert!(set.insert(PageNumber::new(70)) && !set.insert(PageNumber::new(70)));
        assert_eq!(set.insert_run(PageNumber::new(60), 5), None);
        assert_eq!(set.insert_run(PageNumber::new(62), 10), Some(PageNumber::new(62)));
        assert!(set.contains(PageNumber::new(71)) && !set.contains(PageNumber::new(72)));
        let missing: Vec<u32> = set.missing(75).map(PageNumber::get).collect();
        assert_eq!(missing, (0..60).chain(72..75).collect::<Vec<u32>>());
        assert_eq!(set.missing(64).count(), 60);
    }
}
