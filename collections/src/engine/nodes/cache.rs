//! A bounded cache of inner nodes on the heap. Nodes that are not in it are read again.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use graven_core::page::{PageBytes, PageNumber};

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

    /// Returns the page.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &PageBytes {
        &self.bytes
    }

    /// Returns the page and its index of children, if it was built, to be changed together.
    pub(crate) fn parts_mut(&mut self) -> (&mut PageBytes, Option<&mut ChildIndex>) {
        (&mut self.bytes, self.children.get_mut())
    }

    /// Returns the index of children, if it was built.
    #[inline(always)]
    pub(crate) fn known_children(&self) -> Option<&ChildIndex> {
        self.children.get()
    }

    /// Returns the index of children. Builds it from what `read` returns once the node has been
    /// used often enough, and returns `None` before.
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

/// The number of uses before the index of children is built. That costs as much as some twenty
/// searches.
const MANY_USES: u8 = 4;

/// A cache with two slots for each page, side by side. The latest page is in the first one, the
/// page that it replaced in the second.
#[derive(Debug)]
pub(crate) struct NodeCache {
    places: Vec<Option<(PageNumber, Rc<CachedNode>)>>,
    limit: usize,
}

impl NodeCache {
    /// Returns a cache of at most `limit` pages, rounded down to a power of two.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { 0 } else { 1 << limit.ilog2() };
        NodeCache { places: Vec::new(), limit }
    }

    /// Returns `true` if it can hold any node.
    pub(crate) const fn is_on(&self) -> bool {
        self.limit > 0
    }

    /// Returns the first slot of a page.
    #[inline(always)]
    const fn first(&self, page: PageNumber) -> usize {
        page.get() as usize & self.limit.wrapping_sub(1)
    }

    /// Returns a node if it is cached.
    #[inline(always)]
    pub(crate) fn get(&self, page: PageNumber) -> Option<&Rc<CachedNode>> {
        match self.places.get(self.first(page)) {
            Some(Some((found, node))) if *found == page => Some(node),
            _ => self.get_beside(page),
        }
    }

    /// Returns a node if it is in its second slot.
    #[inline(never)]
    fn get_beside(&self, page: PageNumber) -> Option<&Rc<CachedNode>> {
        match self.places.get(self.first(page) ^ 1) {
            Some(Some((found, node))) if *found == page => Some(node),
            _ => None,
        }
    }

    /// Returns the slot of a page if it is cached.
    fn find(&mut self, page: PageNumber) -> Option<&mut Option<(PageNumber, Rc<CachedNode>)>> {
        let is_there = |place: &Option<(PageNumber, Rc<CachedNode>)>| {
            place.as_ref().is_some_and(|(found, _)| *found == page)
        };
        let first = self.first(page);
        let at = [first, first ^ 1].into_iter().find(|at| self.places.get(*at).is_some_and(is_there))?;
        self.places.get_mut(at)
    }

    /// Replaces the content of a node and keeps the number of its uses.
    pub(crate) fn renew(&mut self, page: PageNumber, bytes: Box<PageBytes>) {
        let uses = self.get(page).map_or(0, |node| node.uses.get());
        self.put(page, CachedNode::new(bytes, uses));
    }

    #[expect(clippy::indexing_slicing, reason = "`first` is below the number of slots, which is not 0 here")]
    pub(crate) fn put(&mut self, page: PageNumber, node: Rc<CachedNode>) {
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
        // A page for which this is the second slot is dropped. A cache of one slot has no second
        // one.
        let is_own = before.as_ref().is_some_and(|(page, _)| self.first(*page) == first);
        if let Some(beside) = self.places.get_mut(first ^ 1).filter(|_| is_own) {
            *beside = before;
        }
    }

    /// Returns a cached node to be changed. A node that is held elsewhere is forgotten instead, and
    /// read again when needed.
    pub(crate) fn get_mut(&mut self, page: PageNumber) -> Option<&mut CachedNode> {
        if self.get(page).is_some_and(|node| Rc::strong_count(node) > 1) {
            self.forget(page);
        }
        self.find(page).and_then(|place| place.as_mut()).and_then(|(_, node)| Rc::get_mut(node))
    }

    /// Changes a part of a cached node and drops its index of children.
    pub(crate) fn patch(&mut self, page: PageNumber, offset: usize, bytes: &[u8]) {
        let Some(node) = self.get_mut(page) else { return };
        node.children = OnceCell::new();
        match node.bytes.get_mut(offset..offset + bytes.len()) {
            Some(part) => part.copy_from_slice(bytes),
            None => self.forget(page),
        }
    }

    pub(crate) fn forget(&mut self, page: PageNumber) {
        if let Some(place) = self.find(page) {
            *place = None;
        }
    }

    pub(crate) fn forget_all(&mut self) {
        self.places.fill(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use graven_core::page::PAGE_SIZE;

    fn node(byte: u8) -> Rc<CachedNode> {
        CachedNode::new(Box::new([byte; PAGE_SIZE]), 0)
    }

    fn put(cache: &mut NodeCache, page: u32, byte: u8) {
        cache.put(PageNumber::new(page), node(byte));
    }

    fn byte(cache: &NodeCache, page: u32) -> Option<u8> {
        cache.get(PageNumber::new(page)).map(|node| node.bytes()[0])
    }

    #[test]
    fn two_pages_that_meet_in_a_place_are_both_kept() {
        let mut cache = NodeCache::new(8);
        [1, 9, 17].into_iter().for_each(|page| put(&mut cache, page, page as u8));
        assert_eq!([1, 9, 17].map(|page| byte(&cache, page)), [None, Some(9), Some(17)]);
        put(&mut cache, 9, 90);
        cache.patch(PageNumber::new(17), 0, &[70]);
        assert_eq!([9, 17, 0].map(|page| byte(&cache, page)), [Some(90), Some(70), None]);
        // In its first slot it evicts a page for which that is the second slot.
        put(&mut cache, 0, 5);
        assert_eq!([0, 9, 17].map(|page| byte(&cache, page)), [Some(5), None, Some(70)]);
        cache.forget(PageNumber::new(17));
        assert_eq!([0, 17].map(|page| byte(&cache, page)), [Some(5), None]);
    }

    #[test]
    fn a_cache_of_one_page_or_none_keeps_no_more() {
        let (mut one, mut none) = (NodeCache::new(1), NodeCache::new(0));
        for page in [4, 5] {
            put(&mut one, page, page as u8);
            put(&mut none, page, page as u8);
        }
        assert_eq!([4, 5].map(|page| byte(&one, page)), [None, Some(5)]);
        assert_eq!([4, 5].map(|page| byte(&none, page)), [None; 2]);
    }
}
