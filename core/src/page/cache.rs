//! Inner nodes that were read before, on the heap. Bounded, and never needed: whatever is not here is read
//! again.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::PageBytes;

/// An inner node on the heap.
#[derive(Debug)]
pub struct CachedNode {
    bytes: Box<PageBytes>,
    heads: OnceCell<Vec<u64>>,
    uses: Cell<u8>,
}

impl CachedNode {
    pub(crate) fn new(bytes: Box<PageBytes>, uses: u8) -> Rc<Self> {
        Rc::new(CachedNode { bytes, heads: OnceCell::new(), uses: Cell::new(uses) })
    }

    /// The page.
    #[inline(always)]
    pub fn bytes(&self) -> &PageBytes {
        &self.bytes
    }

    /// The first eight bytes of every key as a number, made by `read` once the node is used often enough
    /// for that to pay.
    #[inline(always)]
    pub fn heads(&self, read: impl FnOnce(&PageBytes) -> Vec<u64>) -> Option<&[u64]> {
        if let Some(heads) = self.heads.get() {
            return Some(heads);
        }
        if self.uses.get() < MANY_USES {
            self.uses.set(self.uses.get() + 1);
            return None;
        }
        Some(self.heads.get_or_init(|| read(&self.bytes)))
    }
}

/// Reading all keys of a node costs as much as some twenty searches in it.
const MANY_USES: u8 = 16;

/// Direct-mapped: a page has one place, and the latest page there stays.
#[derive(Debug)]
pub(crate) struct Cache {
    places: Vec<Option<(u32, Rc<CachedNode>)>>,
    limit: usize,
}

impl Cache {
    /// A cache of at most `limit` pages; rounded down to a power of two.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { 0 } else { 1 << limit.ilog2() };
        Cache { places: Vec::new(), limit }
    }

    pub(crate) const fn is_on(&self) -> bool {
        self.limit > 0
    }

    #[inline]
    pub(crate) fn get(&self, page: u32) -> Option<&Rc<CachedNode>> {
        match self.places.get(page as usize & self.limit.wrapping_sub(1)) {
            Some(Some((found, node))) if *found == page => Some(node),
            _ => None,
        }
    }

    /// Puts a node in the place of its older content; what was used often stays so.
    pub(crate) fn renew(&mut self, page: u32, bytes: Box<PageBytes>) {
        let uses = self.get(page).map_or(0, |node| node.uses.get());
        self.put(page, CachedNode::new(bytes, uses));
    }

    pub(crate) fn put(&mut self, page: u32, node: Rc<CachedNode>) {
        if self.limit == 0 {
            return;
        }
        if self.places.is_empty() {
            self.places.resize(self.limit, None);
        }
        self.places[page as usize & (self.limit - 1)] = Some((page, node));
    }

    /// Changes a part of a node that is here; what it was read into before is forgotten.
    pub(crate) fn patch(&mut self, page: u32, offset: usize, bytes: &[u8]) {
        let place = self.places.get_mut(page as usize & self.limit.wrapping_sub(1));
        let Some(Some((_, node))) =
            place.filter(|place| place.as_ref().is_some_and(|(found, _)| *found == page))
        else {
            return;
        };
        let part = Rc::get_mut(node).and_then(|node| {
            node.heads = OnceCell::new();
            node.bytes.get_mut(offset..offset + bytes.len())
        });
        match part {
            Some(part) => part.copy_from_slice(bytes),
            // Someone looks at it: it is read again when it is needed again.
            None => self.forget(page),
        }
    }

    pub(crate) fn forget(&mut self, page: u32) {
        if let Some(place) = self.places.get_mut(page as usize & self.limit.wrapping_sub(1))
            && place.as_ref().is_some_and(|(found, _)| *found == page)
        {
            *place = None;
        }
    }
}
