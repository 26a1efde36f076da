//! A memory that counts what is read and written.

use std::cell::Cell;
use std::rc::Rc;

use graven::Memory;
use graven_tests::memory::Bytes;

/// Accesses to a memory, and the bytes that they moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    #[allow(missing_docs)]
    pub reads: u64,
    #[allow(missing_docs)]
    pub read_bytes: u64,
    #[allow(missing_docs)]
    pub writes: u64,
    #[allow(missing_docs)]
    pub written_bytes: u64,
}

/// A memory that counts.
#[derive(Clone, Default)]
pub struct Counted {
    /// The bytes.
    pub inner: Bytes,
    count: Rc<Cell<Count>>,
}

impl Counted {
    /// Returns the result of `work` and the accesses that it makes.
    pub fn count<R>(&self, work: impl FnOnce() -> R) -> (R, Count) {
        self.count.set(Count::default());
        let result = work();
        (result, self.count.take())
    }

    fn add(&self, add: impl FnOnce(&mut Count)) {
        let mut count = self.count.get();
        add(&mut count);
        self.count.set(count);
    }
}

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.add(|count| {
            (count.reads, count.read_bytes) = (count.reads + 1, count.read_bytes + out.len() as u64);
        });
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.add(|count| {
            (count.writes, count.written_bytes) =
                (count.writes + 1, count.written_bytes + bytes.len() as u64);
        });
        self.inner.write(offset, bytes);
    }
}
