//! Memories that are watched: with a limit to growing, or to the number of accesses.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use graven::{DefaultMemoryImpl, Memory};

/// Bytes of a wasm page.
pub const WASM_PAGE: usize = 65_536;

/// A memory that shares its bytes with its clones, as stable memory outlives the code.
pub type Bytes = DefaultMemoryImpl;

/// Returns all bytes of a memory.
#[must_use]
pub fn image(memory: &impl Memory) -> Vec<u8> {
    let mut bytes = vec![0; memory.size() as usize * WASM_PAGE];
    memory.read(0, &mut bytes);
    bytes
}

/// Returns a memory that holds these bytes.
#[must_use]
pub fn memory_of(bytes: &[u8]) -> Bytes {
    let memory = Bytes::default();
    memory.borrow_mut().extend_from_slice(bytes);
    memory
}

/// A memory that grows to a limit of wasm pages, which can be moved.
#[derive(Clone)]
pub struct Limited<M = Bytes> {
    inner: M,
    limit: Rc<Cell<u64>>,
}

impl<M: Memory> Limited<M> {
    /// Limits `inner` to the given number of wasm pages.
    pub fn new(inner: M, limit: u64) -> Self {
        Limited { inner, limit: Rc::new(Cell::new(limit)) }
    }

    /// Moves the limit.
    pub fn set_limit(&self, limit: u64) {
        self.limit.set(limit);
    }

    /// Lets it grow by the given number of wasm pages from now on.
    pub fn allow(&self, pages: u64) {
        self.limit.set(self.inner.size() + pages);
    }
}

impl<M: Memory> Memory for Limited<M> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        if self.size() + pages > self.limit.get() { -1 } else { self.inner.grow(pages) }
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.inner.write(offset, bytes);
    }
}

/// The message with which [`Metered`] panics after too many accesses.
pub const ENDLESS: &str = "the memory was used more often than any sound operation does";

/// A memory that allows a limited number of accesses, to find endless loops.
#[derive(Clone)]
pub struct Metered {
    inner: Bytes,
    left: Rc<Cell<u64>>,
}

impl Metered {
    /// Allows `accesses` reads and writes of `inner`.
    #[must_use]
    pub fn new(inner: Bytes, accesses: u64) -> Self {
        Metered { inner, left: Rc::new(Cell::new(accesses)) }
    }

    /// Allows so many reads and writes from now on, whatever was left.
    pub fn allow(&self, accesses: u64) {
        self.left.set(accesses);
    }

    fn count(&self) {
        let left = self.left.get();
        assert!(left > 0, "{ENDLESS}");
        self.left.set(left - 1);
    }
}

impl Memory for Metered {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        assert!(pages < 1024, "a damaged memory grows by {pages} pages");
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.count();
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.count();
        self.inner.write(offset, bytes);
    }
}

/// The writes to a [`Watched`] memory.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Pages of 4 KiB of which any byte was.
    pub pages: BTreeSet<u64>,
    /// Bytes, those that were written twice counted twice.
    pub bytes: u64,
}

/// A memory that notes what is written.
#[derive(Clone)]
pub struct Watched<M = Bytes> {
    inner: M,
    written: Rc<RefCell<Written>>,
}

impl<M: Memory> Watched<M> {
    /// Watches `inner`.
    pub fn new(inner: M) -> Self {
        Watched { inner, written: Rc::default() }
    }

    /// Takes the writes since the last call.
    #[must_use]
    pub fn take(&self) -> Written {
        self.written.take()
    }
}

impl<M: Memory> Memory for Watched<M> {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let mut written = self.written.borrow_mut();
        let end = offset + bytes.len() as u64;
        written.pages.extend(offset / 4096..end.div_ceil(4096));
        written.bytes += bytes.len() as u64;
        self.inner.write(offset, bytes);
    }
}
