//! Inner nodes that were read before, on the heap. Bounded, and never needed: whatever is not here is read
//! again.

use std::rc::Rc;

use super::PageBytes;

/// Direct-mapped: a page has one place, and the latest page there stays.
#[derive(Debug)]
pub(crate) struct Cache {
    places: Vec<Option<(u32, Rc<PageBytes>)>>,
    limit: usize,
}

impl Cache {
    /// A cache of at most `limit` pages; rounded down to a power of two.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { 0 } else { 1 << limit.ilog2() };
        Cache { places: Vec::new(), limit }
    }

    #[inline]
    pub(crate) fn get(&self, page: u32) -> Option<&Rc<PageBytes>> {
        match self.places.get(page as usize & self.limit.wrapping_sub(1)) {
            Some(Some((found, bytes))) if *found == page => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn put(&mut self, page: u32, bytes: Rc<PageBytes>) {
        if self.limit == 0 {
            return;
        }
        if self.places.is_empty() {
            self.places.resize(self.limit, None);
        }
        self.places[page as usize & (self.limit - 1)] = Some((page, bytes));
    }

    pub(crate) fn forget(&mut self, page: u32) {
        if let Some(place) = self.places.get_mut(page as usize & self.limit.wrapping_sub(1))
            && place.as_ref().is_some_and(|(found, _)| *found == page)
        {
            *place = None;
        }
    }
}
