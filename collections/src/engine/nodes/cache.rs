//! Inner nodes that were read before, on the heap. Bounded, and never needed: whatever is not here
//! is read again.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use graven_core::page::PageBytes;

use crate::engine::nodes::index::{Child, ChildIndex};

/// An inner node on the heap.
#[derive(Debug)]
pub(crate) struct CachedNode {
    bytes: Box<PageBytes>,
    children: OnceCell<ChildIndex>,
    uses: Cell<u8>,
}

impl CachedNode {
    pub(crate) fn new(bytes: Box<PageBytes>, uses: u8) -> Rc<Self> {
        Rc::new(CachedNode { bytes, children: OnceCell::new(), uses: Cell::new(uses) })
    }

    /// The page.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &PageBytes {
        &self.bytes
    }

    /// The page and all children, if they were made out, to be changed together.
    pub(crate) fn parts_mut(&mut self) -> (&mut PageBytes, Option<&mut ChildIndex>) {
        (&mut self.bytes, self.children.get_mut())
    }

    /// All children, if they were made out.
    #[inline(always)]
    pub(crate) fn known_children(&self) -> Option<&ChildIndex> {
        self.children.get()
    }

    /// All children, as `read` makes them once the node is used often enough for that to pay.
    #[inline(always)]
    pub(crate) fn children(&self, read: impl FnOnce(&PageBytes) -> Vec<Child>) -> Option<&ChildIndex> {
        if let Some(children) = self.children.get() {
            return Some(children);
        }
        if self.uses.get() < MANY_USES {
            self.uses.set(self.uses.get() + 1);
            return None;
        }
        Some(self.children.get_or_init(|| ChildIndex::new(read(&self.bytes))))
    }
}

/// Reading all keys of a node costs as much as some twenty searches in it.
const MANY_USES: u8 = 4;

/// A page has two places, side by side: the latest page is in the first one, the one that was there
/// in the second.
#[derive(Debug)]
pub(crate) struct NodeCache {
    places: Vec<Option<(u32, Rc<CachedNode>)>>,
    limit: usize,
}

impl NodeCache {
    /// A cache of at most `limit` pages; rounded down to a power of two.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { 0 } else { 1 << limit.ilog2() };
        NodeCache { places: Vec::new(), limit }
    }

    /// Returns whether it keeps anything.
    pub(crate) const fn is_on(&self) -> bool {
        self.limit > 0
    }

    /// The first place of a page.
    #[inline(always)]
    const fn first(&self, page: u32) -> usize {
        page as usize & self.limit.wrapping_sub(1)
    }

    /// A node, if it is cached.
    #[inline(always)]
    pub(crate) fn get(&self, page: u32) -> Option<&Rc<CachedNode>> {
        match self.places.get(self.first(page)) {
            Some(Some((found, node))) if *found == page => Some(node),
            _ => self.get_beside(page),
        }
    }

    /// A node in the second place.
    #[inline(never)]
    fn get_beside(&self, page: u32) -> Option<&Rc<CachedNode>> {
        match self.places.get(self.first(page) ^ 1) {
            Some(Some((found, node))) if *found == page => Some(node),
            _ => None,
        }
    }

    /// Returns the slot of a page.
    fn find(&mut self, page: u32) -> Option<&mut Option<(u32, Rc<CachedNode>)>> {
        let is_there =
            |place: &Option<(u32, Rc<CachedNode>)>| place.as_ref().is_some_and(|(found, _)| *found == page);
        let first = self.first(page);
        let at = [first, first ^ 1].into_iter().find(|at| self.places.get(*at).is_some_and(is_there))?;
        self.places.get_mut(at)
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
        if let Some(place) = self.find(page) {
            *place = Some((page, node));
            return;
        }
        if self.places.is_empty() {
            self.places.resize(self.limit, None);
        }
        let first = self.first(page);
        let before = self.places[first].replace((page, node));
        // What had come here from beside goes. With one place only there is none beside it.
        let is_own = before.as_ref().is_some_and(|(page, _)| self.first(*page) == first);
        if let Some(beside) = self.places.get_mut(first ^ 1).filter(|_| is_own) {
            *beside = before;
        }
    }

    /// A node that is here and that nobody looks at; one that somebody looks at is forgotten, and
    /// read again when it is needed again.
    pub(crate) fn get_mut(&mut self, page: u32) -> Option<&mut CachedNode> {
        if self.get(page).is_some_and(|node| Rc::strong_count(node) > 1) {
            self.forget(page);
        }
        self.find(page).and_then(|place| place.as_mut()).and_then(|(_, node)| Rc::get_mut(node))
    }

    /// Changes a part of a node that is here; what it was read into before is forgotten.
    pub(crate) fn patch(&mut self, page: u32, offset: usize, bytes: &[u8]) {
        let Some(node) = self.get_mut(page) else { return };
        node.children = OnceCell::new();
        match node.bytes.get_mut(offset..offset + bytes.len()) {
            Some(part) => part.copy_from_slice(bytes),
            None => self.forget(page),
        }
    }

    pub(crate) fn forget(&mut self, page: u32) {
        if let Some(place) = self.find(page) {
            *place = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graven_core::page::PAGE_SIZE;

    fn node(byte: u8) -> Rc<CachedNode> {
        CachedNode::new(Box::new([byte; PAGE_SIZE]), 0)
    }

    fn byte(cache: &NodeCache, page: u32) -> Option<u8> {
        cache.get(page).map(|node| node.bytes()[0])
    }

    #[test]
    fn two_pages_that_meet_in_a_place_are_both_kept() {
        let mut cache = NodeCache::new(8);
        [1, 9, 17].into_iter().for_each(|page| cache.put(page, node(page as u8)));
        assert_eq!([1, 9, 17].map(|page| byte(&cache, page)), [None, Some(9), Some(17)]);
        cache.put(9, node(90));
        cache.patch(17, 0, &[70]);
        assert_eq!([9, 17, 0].map(|page| byte(&cache, page)), [Some(90), Some(70), None]);
        // In the first place of its own it puts out what came there from beside.
        cache.put(0, node(5));
        assert_eq!([0, 9, 17].map(|page| byte(&cache, page)), [Some(5), None, Some(70)]);
        cache.forget(17);
        assert_eq!([0, 17].map(|page| byte(&cache, page)), [Some(5), None]);
    }

    #[test]
    fn a_cache_of_one_page_or_none_keeps_no_more() {
        let (mut one, mut none) = (NodeCache::new(1), NodeCache::new(0));
        for page in [4, 5] {
            one.put(page, node(page as u8));
            none.put(page, node(page as u8));
        }
        assert_eq!([4, 5].map(|page| byte(&one, page)), [None, Some(5)]);
        assert_eq!([4, 5].map(|page| byte(&none, page)), [None; 2]);
    }
}
