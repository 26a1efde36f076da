//! Copies of a stable memory that may be changed, as memories of a store.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use graven_core::Memory;
use graven_testkit::StableMemory;

/// A copy of a stable memory. Clones are the same copy.
#[derive(Clone)]
pub(super) struct Copy(Rc<Shared>);

struct Shared {
    memory: RefCell<StableMemory>,
    watched: Range<u64>,
    is_read: Cell<bool>,
}

impl Copy {
    /// Copies a memory, and watches a range of bytes.
    pub(super) fn new(memory: &StableMemory, watched: Range<u64>) -> Copy {
        Copy(Rc::new(Shared { memory: memory.clone().into(), watched, is_read: Cell::new(false) }))
    }

    /// Returns `true` if a byte of the watched range was read since the last call.
    pub(super) fn was_read(&self) -> bool {
        self.0.is_read.take()
    }

    /// Returns the copy with all changes.
    pub(super) fn memory(&self) -> StableMemory {
        self.0.memory.borrow().clone()
    }
}

impl Memory for Copy {
    fn size(&self) -> u64 {
        self.0.memory.borrow().pages()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.0.memory.borrow_mut().grow(pages).map_or(-1, |before| before as i64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let memory = self.0.memory.borrow();
        let end = offset.saturating_add(out.len() as u64);
        if offset < self.0.watched.end && end > self.0.watched.start {
            self.0.is_read.set(true);
        }
        if memory.contains(offset, out.len() as u64) {
            memory.read(offset, out);
        } else {
            out.fill(0);
        }
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let mut memory = self.0.memory.borrow_mut();
        // The engine writes only to pages that the memory has.
        if memory.contains(offset, bytes.len() as u64) {
            memory.write(offset, bytes);
        }
    }
}
