//! The memory of a store, with the before-images of what an open transaction overwrites. Nothing is
//! kept while none is open: a write then looks at one flag.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::cell::{Cell, RefCell};

use ic_stable_structures::Memory;

use super::PAGE_SIZE;
use crate::error::{Error, fail};
use crate::memory::append;

thread_local! {
    /// The number of watched memories in this thread. A write looks at it instead of at its own
    /// memory: the address of a static is a constant.
    static WATCHED: Cell<u32> = const { Cell::new(0) };
}

/// A memory that can undo writes.
pub struct JournaledMemory<M> {
    memory: M,
    /// `true` if a transaction is open or the store is superseded, so that writes are not plain.
    is_watched: Cell<bool>,
    /// `true` if another store has opened the memory since. Then this one must not write.
    is_superseded: Cell<bool>,
    journal: RefCell<Journal>,
}

/// The point to which a transaction that fails goes back.
#[derive(Debug, Clone, Copy)]
pub struct Savepoint {
    images: usize,
    /// The end of the pages in use when the transaction that encloses this one began, or `None` if
    /// there is none.
    outer_end: Option<u64>,
}

#[derive(Default)]
struct Journal {
    is_open: bool,
    /// The images in the order in which they were taken, each with the start of its bytes.
    images: Vec<(u64, usize)>,
    bytes: Vec<u8>,
    /// The end of the pages in use when the innermost transaction began. The bytes after it need no
    /// image: they were zeros.
    end: u64,
    /// The end of the last byte that was written since the outermost transaction began.
    written: u64,
    recent: Recent,
}

impl Journal {
    /// The images and the bytes for which a closed journal keeps room, so that short transactions
    /// need no allocation.
    const KEPT: (usize, usize) = (1_024, 16_384);

    fn close(&mut self) {
        let Journal { mut images, mut bytes, .. } = std::mem::take(self);
        if images.capacity() <= Self::KEPT.0 && bytes.capacity() <= Self::KEPT.1 {
            images.clear();
            bytes.clear();
            (self.images, self.bytes) = (images, bytes);
        }
    }
}

/// Parts of the memory that have an image in the innermost transaction, so that a counter that is
/// written again and again has one image. It is a cache: a part that is not in it gets another one.
#[derive(Default)]
struct Recent([(u64, usize); Recent::PLACES]);

impl Recent {
    const PLACES: usize = 16;

    /// Returns `true` if a part has an image, and notes that it has one now.
    #[expect(clippy::indexing_slicing, reason = "the remainder is less than the number of places")]
    fn note(&mut self, at: u64, len: usize) -> bool {
        // Parts of a page and the same part of several pages get different places.
        let place = (at ^ at >> 12) as usize % Self::PLACES;
        let (known, known_len) = self.0[place];
        if known == at && len <= known_len {
            return true;
        }
        self.0[place] = (at, len);
        false
    }
}

impl<M: Memory> JournaledMemory<M> {
    pub(super) fn new(memory: M) -> Self {
        JournaledMemory {
            memory,
            is_watched: Cell::new(false),
            is_superseded: Cell::new(false),
            journal: RefCell::default(),
        }
    }

    /// Makes all writes panic, since another store has opened the memory.
    pub(super) fn supersede(&self) {
        self.is_superseded.set(true);
        self.watch(true);
    }

    fn watch(&self, is_watched: bool) {
        match (self.is_watched.replace(is_watched), is_watched) {
            (false, true) => WATCHED.set(WATCHED.get().saturating_add(1)),
            (true, false) => WATCHED.set(WATCHED.get().saturating_sub(1)),
            _ => {}
        }
    }

    /// Returns `true` if another store has opened the memory.
    pub(super) fn is_superseded(&self) -> bool {
        self.is_superseded.get()
    }

    /// Returns the memory, for reading.
    #[inline(always)]
    pub(super) fn memory(&self) -> &M {
        &self.memory
    }

    /// Writes bytes that the memory has.
    ///
    /// # Panics
    /// Panics with [`Error::Superseded`] once another store has opened the memory.
    #[inline(always)]
    pub(super) fn write(&self, at: u64, bytes: &[u8]) {
        // Two branches with a write each take less than one write after both.
        if WATCHED.get() > 0 {
            self.write_watched(at, bytes);
        } else {
            self.memory.write(at, bytes);
        }
    }

    #[cold]
    #[inline(never)]
    fn write_watched(&self, at: u64, bytes: &[u8]) {
        if self.is_superseded.get() {
            fail(&Error::Superseded);
        }
        if self.is_watched.get() {
            self.keep(at, bytes.len());
        }
        self.memory.write(at, bytes);
    }

    /// Keeps the image of bytes that are about to be overwritten.
    fn keep(&self, at: u64, len: usize) {
        let Journal { images, bytes, end, written, recent, .. } = &mut *self.journal.borrow_mut();
        *written = (*written).max(at.saturating_add(len as u64));
        let len = usize::try_from(end.saturating_sub(at)).map_or(len, |used| len.min(used));
        if len > 0 && !recent.note(at, len) {
            images.push((at, bytes.len()));
            append(&self.memory, at, len, bytes);
        }
    }

    /// Begins a transaction, within the open one if there is one. `pages` is the number of pages in
    /// use.
    pub(super) fn begin(&self, pages: u32) -> Savepoint {
        let mut journal = self.journal.borrow_mut();
        let outer_end = journal.is_open.then_some(journal.end);
        journal.is_open = true;
        journal.end = u64::from(pages).saturating_mul(PAGE_SIZE as u64);
        journal.recent = Recent::default();
        self.watch(true);
        Savepoint { images: journal.images.len(), outer_end }
    }

    /// Ends a transaction and keeps what it wrote. Within another one, that one can still undo it.
    pub(super) fn commit(&self, savepoint: Savepoint) {
        self.leave(&mut self.journal.borrow_mut(), savepoint);
    }

    /// Ends a transaction and undoes all of its writes.
    pub(super) fn undo(&self, savepoint: Savepoint) {
        let mut journal = self.journal.borrow_mut();
        let mut stop = journal.bytes.len();
        // The oldest image of a byte is written last.
        for (at, start) in journal.images.iter().skip(savepoint.images).rev() {
            self.memory.write(*at, journal.bytes.get(*start..stop).unwrap_or_default());
            stop = *start;
        }
        journal.images.truncate(savepoint.images);
        journal.bytes.truncate(stop);
        self.zero(journal.end, journal.written);
        journal.written = journal.end;
        self.leave(&mut journal, savepoint);
    }

    /// Zeros the bytes of pages that were not in use before.
    fn zero(&self, mut at: u64, end: u64) {
        while at < end {
            let len = end.saturating_sub(at).min(PAGE_SIZE as u64);
            self.memory.write(at, [0; PAGE_SIZE].get(..len as usize).unwrap_or_default());
            at = at.saturating_add(len);
        }
    }

    fn leave(&self, journal: &mut Journal, savepoint: Savepoint) {
        if let Some(end) = savepoint.outer_end {
            journal.end = end;
            journal.recent = Recent::default();
        } else {
            journal.close();
            self.watch(self.is_superseded.get());
        }
    }
}

impl<M> Drop for JournaledMemory<M> {
    fn drop(&mut self) {
        if self.is_watched.get() {
            WATCHED.set(WATCHED.get().saturating_sub(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use ic_stable_structures::VectorMemory;

    use super::*;

    fn bytes(memory: &JournaledMemory<VectorMemory>) -> Vec<u8> {
        memory.memory().borrow().clone()
    }

    fn memory() -> JournaledMemory<VectorMemory> {
        let memory = VectorMemory::default();
        memory.grow(1);
        memory.write(0, &[7; 2 * PAGE_SIZE]);
        JournaledMemory::new(memory)
    }

    #[test]
    fn the_oldest_image_wins_and_new_pages_are_zeros() {
        let memory = memory();
        let before = bytes(&memory);
        let savepoint = memory.begin(2);
        memory.write(10, &[1; 4]);
        memory.write(12, &[2; 8]);
        memory.write(10, &[3; 30]);
        memory.write(2 * PAGE_SIZE as u64 - 2, &[4; 5_000]);
        memory.undo(savepoint);
        assert!(bytes(&memory) == before);
        memory.write(10, &[5; 4]);
        assert_eq!(bytes(&memory)[10..14], [5; 4]);
    }

    #[test]
    fn an_inner_transaction_is_undone_alone_and_with_the_outer_one() {
        let memory = memory();
        let before = bytes(&memory);
        let outer = memory.begin(2);
        memory.write(10, &[1; 4]);
        memory.write(2 * PAGE_SIZE as u64, &[1; PAGE_SIZE]);
        let between = bytes(&memory);
        let inner = memory.begin(3);
        memory.write(10, &[2; 4]);
        memory.write(2 * PAGE_SIZE as u64, &[2; 2 * PAGE_SIZE]);
        memory.undo(inner);
        assert!(bytes(&memory) == between);
        let inner = memory.begin(3);
        memory.write(10, &[3; 4]);
        memory.write(3 * PAGE_SIZE as u64, &[2; PAGE_SIZE]);
        memory.commit(inner);
        memory.write(10, &[4; 4]);
        memory.undo(outer);
        assert!(bytes(&memory) == before);
        assert_eq!((memory.journal.borrow().bytes.len(), memory.is_watched.get()), (0, false));
    }

    #[test]
    fn a_part_that_is_written_again_has_one_image() {
        let memory = memory();
        let savepoint = memory.begin(2);
        for n in 0..100 {
            memory.write(64, &[n; 8]);
            memory.write(4_096 + 64, &[n; 8]);
        }
        assert_eq!(memory.journal.borrow().images.len(), 2);
        memory.commit(savepoint);
    }
}
