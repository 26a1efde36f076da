//! The pages of one memory. Bounds are checked here, so that no caller can make the memory panic.

use std::any::Any;
use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::rc::Rc;

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::journal::JournaledMemory;
use super::offset::PageOffset;
use super::page_ref::PageRef;
use super::superblock::{self, Access, HEADS_AT, Heads, Identity, WASM_PAGE};
use super::{PAGE_SIZE, PageBytes, PageNumber, ROOT_NAME_AT, ROOT_NAME_LEN_AT};
use crate::error::{Damage, Error, Result};
use crate::memory::append;

/// A buffer in a single page of the heap: a message pays for each heap page that it changes.
#[derive(Debug)]
#[repr(align(4096))]
pub struct Aligned(pub PageBytes);

/// A cache of pages on the heap that is told when pages are freed.
pub trait PageObserver: Any {
    /// Removes a page from the cache, since it no longer belongs to a collection.
    fn forget(&self, page: PageNumber);

    /// Removes all pages from the cache, since the memory has changed.
    fn forget_all(&self);
}

/// The pages of a memory, as one root or the store reads them. Clones share the pages. Errors name
/// the root, if there is one.
pub struct Pager<M> {
    shared: Rc<SharedPages<M>>,
    /// The page of the root, or 0 for the store.
    root: PageNumber,
}

/// The pages of a memory, shared by the collections of a store.
pub struct SharedPages<M> {
    pub(super) memory: JournaledMemory<M>,
    pub(super) heads: Cell<Heads>,
    /// The number of pages in `heads`, for fast checks. It is 1 once the store is superseded.
    pub(super) pages: Cell<u32>,
    /// The number of reclaim steps since the memory was opened.
    pub(super) reclaimed: Cell<u64>,
    /// The number of inner nodes that collections may keep on the heap.
    cached_pages: usize,
    pub(super) observer: OnceCell<Rc<dyn PageObserver>>,
    /// A buffer that is allocated when the store opens. Otherwise the first message after an
    /// upgrade, or a query, would pay for filling it with zeros.
    pub(super) scratch: Cell<Option<Box<Aligned>>>,
    pub(super) spare: Cell<Option<Box<PageBytes>>>,
}

impl<M> Clone for Pager<M> {
    fn clone(&self) -> Self {
        Pager { shared: self.shared.clone(), root: self.root }
    }
}

impl<M> Deref for Pager<M> {
    type Target = SharedPages<M>;

    #[inline(always)]
    fn deref(&self) -> &SharedPages<M> {
        &self.shared
    }
}

impl<M: Memory> SharedPages<M> {
    /// Makes all pages of this store unavailable after another store has opened the memory.
    pub(crate) fn supersede(&self) {
        self.memory.supersede();
        self.heads.set(Heads::default());
        self.pages.set(1);
    }

    /// Returns the memory.
    pub(crate) fn memory(&self) -> &M {
        self.memory.memory()
    }
}

impl<M> core::fmt::Debug for SharedPages<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SharedPages").field("pages", &self.pages).finish_non_exhaustive()
    }
}

impl<M> core::fmt::Debug for Pager<M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pager").field("pages", &self.pages).field("root", &self.root).finish_non_exhaustive()
    }
}

impl<M: Memory> Pager<M> {
    /// Opens the pages of a memory that holds a store.
    ///
    /// # Errors
    /// As [`superblock::read`].
    pub fn open(memory: M, cached_pages: usize, access: Access) -> Result<Self> {
        let heads = superblock::read(&memory, access)?;
        Ok(Self::with(memory, heads, cached_pages))
    }

    /// Opens the pages of a memory that may be damaged anywhere. Returns them with the fault of the
    /// superblock, if there is one.
    ///
    /// # Errors
    /// As [`superblock::salvage`].
    pub(crate) fn salvage(memory: M, cached_pages: usize) -> Result<(Self, Option<Error>)> {
        let (heads, fault) = superblock::salvage(&memory)?;
        Ok((Self::with(memory, heads, cached_pages), fault))
    }

    /// Creates the pages of an empty memory, page 0 included. Writes nothing if the memory cannot
    /// hold them.
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
        let shared = SharedPages {
            memory: JournaledMemory::new(memory),
            heads: Cell::new(heads),
            pages: Cell::new(heads.pages.get()),
            reclaimed: Cell::new(0),
            cached_pages,
            observer: OnceCell::new(),
            scratch: Cell::new(Some(Box::new(Aligned([0; PAGE_SIZE])))),
            spare: Cell::new(None),
        };
        Pager { shared: Rc::new(shared), root: PageNumber::NONE }
    }

    /// Returns the same pages for the root on page `root`. Their errors name that root, and their
    /// overflow values are its own.
    pub(crate) fn of_root(&self, root: PageNumber) -> Self {
        Pager { shared: self.shared.clone(), root }
    }

    /// Returns the page of the root whose pages these are, or 0 for the store.
    pub(super) fn root(&self) -> PageNumber {
        self.root
    }

    /// Returns the state that all clones share.
    pub(crate) fn shared(&self) -> &Rc<SharedPages<M>> {
        &self.shared
    }

    /// Returns the error for a damaged page, with the name of the root that has read it.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn damaged(&self, page: PageNumber, reason: Damage) -> Error {
        let error = reason.on(page);
        match self.root_name() {
            Some(name) => error.of_root(&name),
            None => error,
        }
    }

    /// Reads the name of the root. Only errors need it, so opening does not copy it.
    fn root_name(&self) -> Option<String> {
        let (page, mut len) = (self.find(self.root)?, [0; 2]);
        page.read(ROOT_NAME_LEN_AT, &mut len).ok()?;
        let mut name = vec![0; usize::from(u16::from_le_bytes(len).min(u8::MAX.into()))];
        page.read(ROOT_NAME_AT, &mut name).ok()?;
        String::from_utf8(name).ok()
    }

    /// Returns the part of the superblock that changes, with the first page of each list.
    #[must_use]
    pub fn heads(&self) -> Heads {
        self.heads.get()
    }

    /// Sets and writes the part of the superblock that changes.
    pub(crate) fn set_heads(&self, heads: Heads) {
        self.heads.set(heads);
        self.pages.set(heads.pages.get());
        self.memory.write(HEADS_AT, heads.as_bytes());
    }

    /// Returns the number of pages that the memory holds without growing.
    #[expect(clippy::arithmetic_side_effects, reason = "the divisor is a constant")]
    pub(super) fn capacity(&self) -> u32 {
        let pages = self.memory().size().saturating_mul(WASM_PAGE / PAGE_SIZE as u64);
        u32::try_from(pages).unwrap_or(u32::MAX)
    }

    /// Returns the size of the memory in bytes.
    #[expect(clippy::arithmetic_side_effects, reason = "a memory has no more bytes than a `u64` counts")]
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.memory().size() * WASM_PAGE
    }

    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "page numbers are `u32` and a length is checked, so a `u64` holds the sums"
    )]
    pub(super) fn address(&self, page: PageNumber, offset: usize, len: usize, pages: u32) -> Result<u64> {
        if page.is_none() || u64::from(page.get()) + u64::from(pages) > u64::from(self.pages.get()) {
            return Err(self.missing(page));
        }
        if offset as u64 + len as u64 > u64::from(pages) * PAGE_SIZE as u64 {
            return Err(self.damaged(page, Damage::BeyondEnd));
        }
        Ok(page.address() + offset as u64)
    }

    /// Returns the error for a page that does not exist.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn missing(&self, page: PageNumber) -> Error {
        if self.memory.is_superseded() {
            return Error::Superseded;
        }
        self.damaged(page, Damage::MissingPage)
    }

    /// Returns `true` if a page exists. Page 0 belongs to no collection. Pages never disappear, but
    /// a superseded store has none.
    #[inline(always)]
    #[must_use]
    pub fn has(&self, page: PageNumber) -> bool {
        page.get().wrapping_sub(1) < self.pages.get().wrapping_sub(1)
    }

    /// Returns a page.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page.
    #[inline(always)]
    pub fn page(&self, page: PageNumber) -> Result<PageRef<'_, M>> {
        self.find(page).ok_or_else(|| self.missing(page))
    }

    /// Returns a page, or `None` if there is no such page.
    #[inline(always)]
    #[must_use]
    pub fn find(&self, page: PageNumber) -> Option<PageRef<'_, M>> {
        let page_ref = PageRef { memory: &self.memory, address: page.address() };
        self.has(page).then_some(page_ref)
    }

    /// Reads a part of a page.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page or it has no such part.
    #[inline]
    pub fn read(&self, page: PageNumber, at: usize, out: &mut [u8]) -> Result<()> {
        self.page(page)?.read(at, out).map_err(|reason| self.damaged(page, reason))
    }

    /// Checks a part of a page once, and returns its address for many reads and writes.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page or it has no such part.
    pub fn locate_offset(&self, page: PageNumber, offset: usize, len: usize) -> Result<PageOffset> {
        self.address(page, offset, len, 1).map(PageOffset)
    }

    /// Checks `pages` consecutive pages once, and returns the address of an offset in them.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there are no such pages.
    pub fn locate_run(&self, page: PageNumber, pages: u32, offset: usize) -> Result<PageOffset> {
        self.address(page, offset, 0, pages).map(PageOffset)
    }

    /// Writes a part of a page that no collection caches.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page or it has no such part.
    #[inline]
    pub fn write(&self, page: PageNumber, at: usize, bytes: &[u8]) -> Result<()> {
        self.page(page)?.write(at, bytes).map_err(|reason| self.damaged(page, reason))
    }

    /// Reads a part of an extent of `pages` pages.
    pub(super) fn read_extent(
        &self,
        page: PageNumber,
        pages: u32,
        offset: usize,
        out: &mut [u8],
    ) -> Result<()> {
        let address = self.address(page, offset, out.len(), pages)?;
        self.memory().read(address, out);
        Ok(())
    }

    /// Appends a part of an extent of `pages` pages to `out`.
    pub(super) fn append_extent(
        &self,
        page: PageNumber,
        pages: u32,
        offset: usize,
        len: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        append(self.memory(), self.address(page, offset, len, pages)?, len, out);
        Ok(())
    }

    /// Writes a part of an extent of `pages` pages.
    pub(super) fn write_extent(
        &self,
        page: PageNumber,
        pages: u32,
        offset: usize,
        bytes: &[u8],
    ) -> Result<()> {
        let address = self.address(page, offset, bytes.len(), pages)?;
        self.memory.write(address, bytes);
        Ok(())
    }

    /// Reads a whole page.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page.
    pub fn read_page(&self, page: PageNumber) -> Result<Box<PageBytes>> {
        let mut bytes = Vec::new();
        append(self.memory(), self.address(page, 0, PAGE_SIZE, 1)?, PAGE_SIZE, &mut bytes);
        bytes.into_boxed_slice().try_into().map_err(|_| self.damaged(page, Damage::BeyondEnd))
    }

    /// Reads a value, which must be within the part that was located.
    #[inline(always)]
    pub fn read_value(&self, at: PageOffset, out: &mut [u8]) {
        self.memory().read(at.0, out);
    }

    /// Writes a value, which must be within the part that was located.
    ///
    /// # Panics
    /// Panics with [`Error::Superseded`] once another store has opened the memory.
    #[inline(always)]
    pub fn write_value(&self, at: PageOffset, value: &[u8]) {
        self.memory.write(at.0, value);
    }

    /// Returns the observer of this memory. The first call creates it with `make` from the number
    /// of pages that it may keep. Returns `None` if it has another type.
    pub fn observer<T: PageObserver>(&self, make: impl FnOnce(usize) -> T) -> Option<Rc<T>> {
        let observer = self.observer.get_or_init(|| Rc::new(make(self.cached_pages)));
        let observer: Rc<dyn Any> = observer.clone();
        observer.downcast().ok()
    }

    /// Returns the same pages for the store.
    pub(crate) fn of_store(&self) -> Self {
        self.of_root(PageNumber::NONE)
    }

    /// Tells the observer that a page no longer belongs to a collection.
    pub(super) fn forget(&self, page: PageNumber) {
        if let Some(observer) = self.observer.get() {
            observer.forget(page);
        }
    }
}
