//! Reads and writes of inner nodes, in memory and in the cache at once.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use graven_core::page::{Kind, PageBytes, PageNumber, PageObserver, Pager, expect_kind};
use graven_core::{Memory, Result};

use crate::engine::nodes::cache::{CachedNode, NodeCache};
use crate::engine::nodes::index::Child;
use crate::engine::nodes::recent::{RecentLeaf, RecentLeaves};

/// The number of cache misses after which the missed node is loaded. Loading a whole node pays only
/// if it is searched many times, and most misses are of nodes in frequent use.
const MISSES: u32 = 12;

/// The cache that all collections of a store share.
struct SharedCache {
    nodes: RefCell<NodeCache>,
    /// Cache misses since a node was last loaded.
    misses: Cell<u32>,
    recent: RecentLeaves,
}

impl SharedCache {
    fn new(limit: usize) -> Self {
        let (nodes, misses) = (RefCell::new(NodeCache::new(limit)), Cell::new(0));
        SharedCache { nodes, misses, recent: RecentLeaves::default() }
    }
}

impl PageObserver for SharedCache {
    fn forget(&self, page: PageNumber) {
        self.recent.change();
        self.nodes.borrow_mut().forget(page);
    }

    fn forget_all(&self) {
        self.recent.change();
        self.nodes.borrow_mut().forget_all();
    }
}

/// The inner nodes and branches of a store.
pub(crate) struct InnerNodes<M> {
    pager: Pager<M>,
    cache: Rc<SharedCache>,
    is_caching: bool,
}

impl<M: Memory> InnerNodes<M> {
    /// Returns the inner nodes of a store, with the cache that all collections share.
    pub(crate) fn new(pager: Pager<M>) -> Self {
        // An observer of another type would not forget freed pages, so nothing is cached then.
        let cache = pager.observer(SharedCache::new).unwrap_or_else(|| Rc::new(SharedCache::new(0)));
        let is_caching = cache.nodes.borrow().is_on();
        InnerNodes { pager, cache, is_caching }
    }

    /// Returns `true` if inner nodes may be cached.
    #[inline(always)]
    pub(crate) fn is_caching(&self) -> bool {
        self.is_caching
    }

    /// Returns the last leaf found below `top`, if only this leaf may have a key with the prefix
    /// `head`. `is_exact` is `true` if a prefix is a whole key.
    #[inline(always)]
    pub(crate) fn recent_leaf(&self, top: PageNumber, head: u64, is_exact: bool) -> Option<RecentLeaf> {
        self.cache.recent.get(top, head, is_exact)
    }

    /// Keeps the leaf that a search of cached nodes below `top` has found.
    #[inline(always)]
    pub(crate) fn keep_leaf(&self, top: PageNumber, leaf: RecentLeaf) {
        if self.is_caching {
            self.cache.recent.put(top, leaf);
        }
    }

    /// Returns the number of changes of inner nodes and freed pages since the store was opened.
    #[inline(always)]
    pub(crate) fn changes(&self) -> u64 {
        self.cache.recent.changes()
    }

    /// Writes a whole page. An inner node is cached, any other page is forgotten.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if there is no such page.
    pub(crate) fn write_page(&self, page: PageNumber, bytes: Box<PageBytes>) -> Result<()> {
        self.pager.write(page, 0, bytes.as_slice())?;
        let [kind, level, ..] = *bytes;
        let is_inner = (kind == Kind::Node as u8 || kind == Kind::Branch as u8) && level > 0;
        let mut nodes = self.cache.nodes.borrow_mut();
        if is_inner {
            self.cache.recent.change();
            nodes.renew(page, bytes);
        } else {
            nodes.forget(page);
        }
        Ok(())
    }

    /// Writes a part of a branch, in memory and in the cache.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if there is no such page or it has no such
    /// part.
    pub(crate) fn patch(&self, page: PageNumber, offset: usize, bytes: &[u8]) -> Result<()> {
        self.pager.write(page, offset, bytes)?;
        self.cache.nodes.borrow_mut().patch(page, offset, bytes);
        Ok(())
    }

    /// Inserts a child into an inner node at `index`, or removes the one there. `edit` changes the
    /// node's bytes and returns the ranges that it changed, which are written. A cached node stays
    /// cached.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if there is no such page. Then nothing has
    /// changed.
    pub(crate) fn edit_children(
        &self,
        page: PageNumber,
        index: usize,
        child: Option<Child>,
        edit: impl FnOnce(&mut PageBytes) -> [Range<usize>; 3],
    ) -> Result<()> {
        let page_ref = self.pager.page(page)?;
        let write = |bytes: &PageBytes, parts: [Range<usize>; 3]| {
            for part in parts {
                if let Some(changed) = bytes.get(part.clone()) {
                    // The part is inside the page, since it is inside `bytes`.
                    let _ = page_ref.store(part.start, changed);
                }
            }
        };
        self.cache.recent.change();
        let mut nodes = self.cache.nodes.borrow_mut();
        match nodes.get_mut(page).map(CachedNode::parts_mut) {
            Some((bytes, children)) => {
                let parts = edit(bytes);
                write(bytes, parts);
                match (children, child) {
                    (Some(children), Some(child)) => children.insert(index, child),
                    (Some(children), None) => children.remove(index),
                    (None, _) => {}
                }
            }
            None => {
                let mut bytes = self.pager.read_page(page)?;
                let parts = edit(&mut bytes);
                write(&bytes, parts);
            }
        }
        Ok(())
    }

    /// Calls `look` with an inner node and returns its result. The node is loaded and cached if it
    /// was not. `look` must not read other nodes.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the page is not a node, and any error of
    /// `look`.
    #[inline]
    pub(crate) fn with_node<R>(
        &self,
        page: PageNumber,
        look: impl FnOnce(&CachedNode) -> Result<R>,
    ) -> Result<R> {
        if let Some(node) = self.cache.nodes.borrow().get(page) {
            return look(node);
        }
        let node = self.load(page, Kind::Node)?;
        look(&node)
    }

    /// Calls `look` with a branch whose number of entries was checked, and returns its result.
    /// `look` must not read other nodes.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the page is not a branch, and any error
    /// of `look`.
    #[inline]
    pub(crate) fn with_branch<R>(
        &self,
        page: PageNumber,
        look: impl FnOnce(&CachedNode) -> Result<R>,
    ) -> Result<R> {
        if let Some(node) = self.cache.nodes.borrow().get(page) {
            expect_kind(node.bytes()[0], Kind::Branch).map_err(|reason| self.pager.damaged(page, reason))?;
            return look(node);
        }
        self.pager.branch_header(page)?;
        let node = self.load(page, Kind::Branch)?;
        look(&node)
    }

    /// Calls `look` with an inner node or branch if it is cached, and returns its result. `look`
    /// must not read other nodes.
    #[inline(always)]
    pub(crate) fn peek<R>(&self, page: PageNumber, look: impl FnOnce(&PageBytes) -> R) -> Option<R> {
        self.cache.nodes.borrow().get(page).map(|node| look(node.bytes()))
    }

    /// Calls `look` with all cached nodes and returns its result. `look` must not read other nodes.
    #[inline(always)]
    pub(crate) fn with_cached<R>(&self, look: impl FnOnce(&NodeCache) -> R) -> R {
        look(&self.cache.nodes.borrow())
    }

    /// Loads and caches an uncached node if it seems to be in frequent use. Returns `None` for
    /// other nodes, in which a few small reads are cheaper.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the page is not a node.
    pub(crate) fn load_if_frequent(&self, page: PageNumber) -> Result<Option<Rc<CachedNode>>> {
        let misses = self.cache.misses.get() + 1;
        let is_frequent = misses >= MISSES && self.is_caching();
        self.cache.misses.set(if is_frequent { 0 } else { misses.min(MISSES) });
        if is_frequent { self.load(page, Kind::Node).map(Some) } else { Ok(None) }
    }

    /// Returns an inner node that may be held while other nodes are read.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the page is not a node.
    pub(crate) fn node(&self, page: PageNumber) -> Result<Rc<CachedNode>> {
        if let Some(node) = self.cache.nodes.borrow().get(page) {
            return Ok(node.clone());
        }
        self.load(page, Kind::Node)
    }

    fn load(&self, page: PageNumber, kind: Kind) -> Result<Rc<CachedNode>> {
        let node = CachedNode::new(self.pager.read_page(page)?, 0);
        expect_kind(node.bytes()[0], kind).map_err(|reason| self.pager.damaged(page, reason))?;
        if node.bytes()[1] > 0 {
            self.cache.nodes.borrow_mut().put(page, node.clone());
        }
        Ok(node)
    }
}
