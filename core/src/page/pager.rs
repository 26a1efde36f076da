//! The pages of one memory: bounds are checked here, so nothing above can make a memory panic.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::cache::{CachedNode, NodeCache};
use super::index::Child;
use super::stretch::ValueAt;
use super::superblock::{self, HEADS_AT, Heads, Identity, WASM_PAGE};
use super::{Kind, PAGE_SIZE, PageBytes, expect_kind};
use crate::error::{Error, Result};
use crate::memory::append;

/// A buffer that is one page of the heap, where a message pays for each page that it changes.
#[repr(align(4096))]
struct Aligned(PageBytes);

/// The address of a page that is there.
#[derive(Debug, Clone, Copy)]
pub struct Located(u64);

/// All pages of a memory, shared by the collections of a store.
pub struct Pager<M> {
    pub(super) memory: M,
    pub(super) heads: Cell<Heads>,
    cache: RefCell<NodeCache>,
    /// There from the beginning: the first message after an upgrade, or a query, would pay for filling it with zeros.
    scratch: Cell<Option<Box<Aligned>>>,
    spare: Cell<Option<Box<PageBytes>>>,
    /// Inner nodes that were wanted and not at hand, since one was kept.
    missed: Cell<u32>,
}

impl<M: Memory> Pager<M> {
    /// Opens the pages of a memory, which has to be a store's.
    ///
    /// # Errors
    /// As [`superblock::read`].
    pub fn open(memory: M, cached_pages: usize) -> Result<Self> {
        let heads = superblock::read(&memory)?;
        Ok(Self::with(memory, heads, cached_pages))
    }

    /// Makes the pages of an empty memory, page 0 included. Writes nothing if the memory cannot hold them.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn create(memory: M, cached_pages: usize) -> Result<Self> {
        if memory.size() == 0 && memory.grow(1) < 0 {
            return Err(Error::OutOfMemory { pages: 1 });
        }
        let heads = Heads { pages: 1.into(), ..Heads::default() };
        memory.write(0, Identity::new().as_bytes());
        let pager = Self::with(memory, heads, cached_pages);
        pager.set_heads(heads);
        Ok(pager)
    }

    fn with(memory: M, heads: Heads, cached_pages: usize) -> Self {
        let cache = RefCell::new(NodeCache::new(cached_pages));
        Pager {
            memory,
            heads: Cell::new(heads),
            cache,
            scratch: Cell::new(Some(Box::new(Aligned([0; PAGE_SIZE])))),
            spare: Cell::new(None),
            missed: Cell::new(0),
        }
    }

    /// Where everything begins.
    pub fn heads(&self) -> Heads {
        self.heads.get()
    }

    /// Writes where everything begins, if that changed.
    pub(crate) fn set_heads(&self, heads: Heads) {
        self.heads.set(heads);
        self.memory.write(HEADS_AT, heads.as_bytes());
    }

    /// Pages that the memory has room for without growing.
    pub(super) fn capacity(&self) -> u32 {
        let pages = self.memory.size().saturating_mul(WASM_PAGE / PAGE_SIZE as u64);
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    /// Bytes of the memory.
    pub fn memory_bytes(&self) -> u64 {
        self.memory.size() * WASM_PAGE
    }

    #[inline]
    pub(super) fn address(&self, page: u32, offset: usize, len: usize, pages: u32) -> Result<u64> {
        if page == 0 || u64::from(page) + u64::from(pages) > u64::from(self.heads.get().pages.get()) {
            return Err(Error::Damaged { page, why: "something points to it, but there is no such page" });
        }
        if offset as u64 + len as u64 > u64::from(pages) * PAGE_SIZE as u64 {
            return Err(Error::Damaged { page, why: "something in it reaches beyond its end" });
        }
        Ok(u64::from(page) * PAGE_SIZE as u64 + offset as u64)
    }

    /// Reads a part of a page.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    #[inline]
    pub fn read(&self, page: u32, offset: usize, out: &mut [u8]) -> Result<()> {
        let address = self.address(page, offset, out.len(), 1)?;
        self.memory.read(address, out);
        Ok(())
    }

    /// Finds a page once for several reads.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page.
    #[inline]
    pub fn locate(&self, page: u32) -> Result<Located> {
        self.address(page, 0, 0, 1).map(Located)
    }

    /// Finds once a part of a page that is read or written many times.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    pub fn locate_value(&self, page: u32, offset: usize, len: usize) -> Result<ValueAt> {
        self.address(page, offset, len, 1).map(ValueAt)
    }

    /// Reads into `out` the part of a page that stands at the same place in it; `None` where the page has no
    /// such part.
    #[inline(always)]
    pub fn mirror<'a>(
        &self,
        page: Located,
        out: &'a mut PageBytes,
        at: usize,
        len: usize,
    ) -> Option<&'a [u8]> {
        let out = out.get_mut(at..at.checked_add(len)?)?;
        self.memory.read(page.0 + at as u64, out);
        Some(out)
    }

    /// Reads `len` bytes at `from` of a page to another place `at` in `out`; `None` where there are none such.
    #[inline]
    pub fn shift<'a>(
        &self,
        page: Located,
        out: &'a mut PageBytes,
        from: usize,
        at: usize,
        len: usize,
    ) -> Option<&'a [u8]> {
        let is_in_page = from.checked_add(len).is_some_and(|end| end <= PAGE_SIZE);
        let out = out.get_mut(at..at.checked_add(len)?).filter(|_| is_in_page)?;
        self.memory.read(page.0 + from as u64, out);
        Some(out)
    }

    /// Writes a part of a page. Not for nodes that may be cached: [`Pager::write_page`] is.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    #[inline]
    pub fn write(&self, page: u32, offset: usize, bytes: &[u8]) -> Result<()> {
        let address = self.address(page, offset, bytes.len(), 1)?;
        self.memory.write(address, bytes);
        Ok(())
    }

    /// Reads a part of an extent of `pages` pages.
    pub(super) fn read_extent(&self, page: u32, pages: u32, offset: usize, out: &mut [u8]) -> Result<()> {
        let address = self.address(page, offset, out.len(), pages)?;
        self.memory.read(address, out);
        Ok(())
    }

    /// Appends a part of an extent of `pages` pages.
    pub(super) fn append_extent(
        &self,
        page: u32,
        pages: u32,
        offset: usize,
        len: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        append(&self.memory, self.address(page, offset, len, pages)?, len, out);
        Ok(())
    }

    /// Writes a part of an extent of `pages` pages.
    pub(super) fn write_extent(&self, page: u32, pages: u32, offset: usize, bytes: &[u8]) -> Result<()> {
        let address = self.address(page, offset, bytes.len(), pages)?;
        self.memory.write(address, bytes);
        Ok(())
    }

    /// Reads a whole page.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page.
    pub fn read_page(&self, page: u32) -> Result<Box<PageBytes>> {
        let mut bytes = Vec::new();
        append(&self.memory, self.address(page, 0, PAGE_SIZE, 1)?, PAGE_SIZE, &mut bytes);
        bytes.into_boxed_slice().try_into().map_err(|_| Error::Damaged { page, why: "it was not read whole" })
    }

    /// Writes a whole page; where it is an inner node, the cache holds it from then on.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page.
    pub fn write_page(&self, page: u32, bytes: Box<PageBytes>) -> Result<()> {
        self.write(page, 0, bytes.as_slice())?;
        let is_inner = (bytes[0] == Kind::Node as u8 || bytes[0] == Kind::Branch as u8) && bytes[1] > 0;
        let mut cache = self.cache.borrow_mut();
        if is_inner {
            cache.renew(page, bytes);
        } else {
            cache.forget(page);
        }
        Ok(())
    }

    /// Writes a part of a page that may be cached; the cache follows.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    pub fn write_part(&self, page: u32, offset: usize, bytes: &[u8]) -> Result<()> {
        self.write(page, offset, bytes)?;
        self.cache.borrow_mut().patch(page, offset, bytes);
        Ok(())
    }

    /// Puts a child into an inner node at a position, or takes out the one there: `edit` changes the node's bytes and
    /// gives the parts that it changed, which are written. The node stays at hand if it was.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page; nothing has changed.
    pub fn edit_children(
        &self,
        page: u32,
        at: usize,
        child: Option<Child>,
        edit: impl FnOnce(&mut PageBytes) -> [Range<usize>; 3],
    ) -> Result<()> {
        let Located(address) = self.locate(page)?;
        let write = |bytes: &PageBytes, parts: [Range<usize>; 3]| {
            for part in parts {
                if let Some(changed) = bytes.get(part.clone()) {
                    self.memory.write(address + part.start as u64, changed);
                }
            }
        };
        let mut cache = self.cache.borrow_mut();
        match cache.get_mut(page).map(CachedNode::parts_mut) {
            Some((bytes, children)) => {
                let parts = edit(bytes);
                write(bytes, parts);
                match (children, child) {
                    (Some(children), Some(child)) => children.insert(at, child),
                    (Some(children), None) => children.remove(at),
                    (None, _) => {}
                }
            }
            None => {
                let mut bytes = self.read_page(page)?;
                let parts = edit(&mut bytes);
                write(&bytes, parts);
            }
        }
        Ok(())
    }

    /// Reads a value that is as long as it was said to be when it was found.
    #[inline(always)]
    pub fn read_value(&self, at: ValueAt, out: &mut [u8]) {
        self.memory.read(at.0, out);
    }

    /// Writes a value that is as long as it was said to be when its place was found.
    #[inline(always)]
    pub fn write_value(&self, at: ValueAt, value: &[u8]) {
        self.memory.write(at.0, value);
    }

    /// Writes into a page that was found, at the place of `bytes` in it; `None` where it has no such part.
    #[inline(always)]
    pub fn put(&self, page: Located, at: usize, bytes: &[u8]) -> Option<()> {
        if at + bytes.len() > PAGE_SIZE {
            return None;
        }
        self.memory.write(page.0 + at as u64, bytes);
        Some(())
    }

    /// Looks into an inner node, which is read and kept if it is not at hand. `look` must not use the pager.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page is no node, and whatever `look` returns.
    #[inline]
    pub fn with_node<R>(&self, page: u32, look: impl FnOnce(&CachedNode) -> Result<R>) -> Result<R> {
        if let Some(node) = self.cache.borrow().get(page) {
            return look(node);
        }
        let node = self.load_node(page, Kind::Node)?;
        look(&node)
    }

    /// The same for a branch, the number of whose entries is sound.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page is no branch, and whatever `look` returns.
    #[inline]
    pub fn with_branch<R>(&self, page: u32, look: impl FnOnce(&CachedNode) -> Result<R>) -> Result<R> {
        if let Some(node) = self.cache.borrow().get(page) {
            expect_kind(page, node.bytes()[0], Kind::Branch)?;
            return look(node);
        }
        self.branch_header(page)?;
        let node = self.load_node(page, Kind::Branch)?;
        look(&node)
    }

    /// Looks into an inner node or branch if it is at hand. `look` must not use the pager.
    #[inline(always)]
    pub fn peek<R>(&self, page: u32, look: impl FnOnce(&PageBytes) -> R) -> Option<R> {
        self.cache.borrow().get(page).map(|node| look(node.bytes()))
    }

    /// The inner nodes that are at hand. `look` must not use the pager.
    #[inline(always)]
    pub fn with_nodes<R>(&self, look: impl FnOnce(&NodeCache) -> R) -> R {
        look(&self.cache.borrow())
    }

    /// An inner node that is not at hand, if it is in frequent use. Reading a node whole only pays if it will be used
    /// many times, and of the nodes that are missed, those in frequent use are most: so every so many misses the one
    /// that is missed is read and kept. `None` for the others, into which a few small reads are cheaper.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page is no node.
    pub fn missed_node(&self, page: u32) -> Result<Option<Rc<CachedNode>>> {
        const MISSES: u32 = 12;
        let missed = self.missed.get() + 1;
        let is_frequent = missed >= MISSES && self.cache.borrow().is_on();
        self.missed.set(if is_frequent { 0 } else { missed.min(MISSES) });
        if is_frequent { self.load_node(page, Kind::Node).map(Some) } else { Ok(None) }
    }

    /// An inner node, to be kept for longer than a look.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page is no node.
    pub fn node(&self, page: u32) -> Result<Rc<CachedNode>> {
        if let Some(node) = self.cache.borrow().get(page) {
            return Ok(node.clone());
        }
        self.load_node(page, Kind::Node)
    }

    fn load_node(&self, page: u32, kind: Kind) -> Result<Rc<CachedNode>> {
        let node = CachedNode::new(self.read_page(page)?, 0);
        expect_kind(page, node.bytes()[0], kind)?;
        if node.bytes()[1] > 0 {
            self.cache.borrow_mut().put(page, node.clone());
        }
        Ok(node)
    }

    /// Whether inner nodes may stay on the heap.
    pub fn is_caching(&self) -> bool {
        self.cache.borrow().is_on()
    }

    /// Lends a buffer of a page's size, whose content is arbitrary.
    #[inline(always)]
    pub fn with_scratch<R>(&self, work: impl FnOnce(&mut PageBytes) -> R) -> R {
        let mut scratch = self.scratch.take().unwrap_or_else(|| Box::new(Aligned([0; PAGE_SIZE])));
        let result = work(&mut scratch.0);
        self.scratch.set(Some(scratch));
        result
    }

    /// Lends another one.
    #[inline]
    pub fn with_spare<R>(&self, work: impl FnOnce(&mut PageBytes) -> R) -> R {
        let mut spare = self.spare.take().unwrap_or_else(|| Box::new([0; PAGE_SIZE]));
        let result = work(&mut spare);
        self.spare.set(Some(spare));
        result
    }

    pub(super) fn forget(&self, page: u32) {
        self.cache.borrow_mut().forget(page);
    }
}
