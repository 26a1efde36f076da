//! Inner nodes that were read before, on the heap. Bounded, and never needed: whatever is not here is read
//! again.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use super::PageBytes;
use super::index::{Child, ChildIndex};

/// An inner node on the heap.
#[derive(Debug)]
pub struct CachedNode {
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
    pub fn bytes(&self) -> &PageBytes {
        &self.bytes
    }

    /// The page and all children, if they were made out, to be changed together.
    pub(super) fn parts_mut(&mut self) -> (&mut PageBytes, Option<&mut ChildIndex>) {
        (&mut self.bytes, self.children.get_mut())
    }

    /// All children, if they were made out.
    #[inline(always)]
    pub fn known_children(&self) -> Option<&ChildIndex> {
        self.children.get()
    }

    /// All children, as `read` makes them once the node is used often enough for that to pay.
    #[inline(always)]
    pub fn children(&self, read: impl FnOnce(&PageBytes) -> Vec<Child>) -> Option<&ChildIndex> {
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

/// Direct-mapped: a page has one place, and the latest page there stays.
#[derive(Debug)]
pub struct NodeCache {
    places: Vec<Option<(u32, Rc<CachedNode>)>>,
    limit: usize,
}

impl NodeCache {
    /// A cache of at most `limit` pages; rounded down to a power of two.
    pub(crate) fn new(limit: usize) -> Self {
        let limit = if limit == 0 { 0 } else { 1 << limit.ilog2() };
        NodeCache { places: Vec::new(), limit }
    }

    /// Whether it keeps anything.
    pub(crate) const fn is_on(&self) -> bool {
        self.limit > 0
    }

    /// A node, if it is at hand.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, page: u32) -> Option<&Rc<CachedNode>> {
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

    /// A node that is here and that nobody looks at; one that somebody looks at is forgotten, and read again when it is
    /// needed again.
    pub(super) fn get_mut(&mut self, page: u32) -> Option<&mut CachedNode> {
        if self.get(page).is_some_and(|node| Rc::strong_count(node) > 1) {
            self.forget(page);
        }
        match self.places.get_mut(page as usize & self.limit.wrapping_sub(1)) {
            Some(Some((found, node))) if *found == page => Rc::get_mut(node),
            _ => None,
        }
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
        if let Some(place) = self.places.get_mut(page as usize & self.limit.wrapping_sub(1))
            && place.as_ref().is_some_and(|(found, _)| *found == page)
        {
            *place = None;
        }
    }
}
