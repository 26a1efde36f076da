//! One memory made of many chunks.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ic_stable_structures::Memory;

use super::header::{self, Header};
use super::{ChunkError, ChunkSource, PAGE};

/// A memory made of chunks of one size, which it creates as it grows. Clones are the same memory.
/// Its size is limited by addresses only: 500 chunks of 1 GiB are 500 GiB.
///
/// Each chunk begins with a header page of 64 KiB, which identifies the chunk and its memory. The
/// header of the first chunk also has the size of the memory. So opening detects chunks that are
/// missing, swapped, cut off or of another memory. It reads a few bytes of every chunk, and writes
/// nothing.
///
/// # Example: virtual memories
/// ```
/// use graven_core::memory::ChunkedMemory;
/// use graven_core::{DefaultMemoryImpl, Memory};
/// use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};
/// let manager = MemoryManager::init(DefaultMemoryImpl::default());
/// // Memories from 10 on, of 1 GiB each.
/// let chunk = move |index: u32| manager.get(MemoryId::new(10 + index as u8));
/// let memory = ChunkedMemory::open(chunk, 16_384)?;
/// assert_eq!(memory.grow(3), 0);
/// memory.write(100, b"behind the header");
/// assert_eq!(memory.size(), 3);
/// # Ok::<(), graven_core::memory::ChunkError>(())
/// ```
pub struct ChunkedMemory<C: ChunkSource>(Rc<Inner<C>>);

struct Inner<C: ChunkSource> {
    source: C,
    chunk_pages: u64,
    chunks: RefCell<Vec<C::Memory>>,
    pages: Cell<u64>,
    /// The identity of the memory, which all headers contain, or `None` without chunks.
    set: Cell<Option<[u8; 16]>>,
}

impl<C: ChunkSource> core::fmt::Debug for ChunkedMemory<C> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ChunkedMemory").field("chunk_pages", &self.0.chunk_pages).finish_non_exhaustive()
    }
}

impl<C: ChunkSource> Clone for ChunkedMemory<C> {
    fn clone(&self) -> Self {
        ChunkedMemory(self.0.clone())
    }
}

impl<C: ChunkSource> ChunkedMemory<C> {
    /// Opens a memory of chunks that hold `chunk_pages` pages of 64 KiB each besides their header.
    /// Without chunks the memory is empty.
    ///
    /// # Errors
    /// [`ChunkError`], if the chunks are not all the chunks of one memory.
    ///
    /// # Panics
    /// Panics if `chunk_pages` is 0.
    pub fn open(source: C, chunk_pages: u64) -> Result<Self, ChunkError> {
        assert!(chunk_pages > 0, "chunks have pages");
        let memory = Inner {
            source,
            chunk_pages,
            chunks: RefCell::default(),
            pages: Cell::new(0),
            set: Cell::new(None),
        };
        memory.find()?;
        Ok(ChunkedMemory(Rc::new(memory)))
    }

    /// Returns the number of chunks in use.
    #[must_use]
    pub fn chunks(&self) -> usize {
        self.0.chunks.borrow().len()
    }
}

impl<C: ChunkSource> Inner<C> {
    /// Finds and checks the existing chunks.
    fn find(&self) -> Result<(), ChunkError> {
        let Some(first) = self.chunk(0)? else {
            return match self.chunk(1)? {
                Some(_) => Err(ChunkError::Missing { index: 0 }),
                None => Ok(()),
            };
        };
        // A first chunk without a header was made by a growth that failed, so nothing was ever
        // stored in it.
        if header::is_blank(&first) {
            return match self.chunk(1)? {
                Some(_) => Err(ChunkError::Foreign { index: 0 }),
                None => Ok(()),
            };
        }
        let set = Header::read(&first, 0)?.set;
        let pages = header::pages(&first);
        let last = pages.saturating_sub(1) / self.chunk_pages;
        let (mut chunks, mut first) = (Vec::new(), Some(first));
        for index in 0..=last {
            // Indices end at `u32::MAX`: a damaged size may ask for more chunks, which are missing.
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let chunk = match first.take() {
                Some(first) => first,
                None => self.chunk(index)?.ok_or(ChunkError::Missing { index })?,
            };
            Header::read(&chunk, index)?.expect(index, self.chunk_pages, set)?;
            let (expected, found) = (1 + self.share(index, pages), chunk.size());
            if found < expected {
                return Err(ChunkError::Short { index, expected, found });
            }
            chunks.push(chunk);
        }
        self.pages.set(pages);
        self.set.set(Some(set));
        self.chunks.replace(chunks);
        Ok(())
    }

    fn chunk(&self, index: u32) -> Result<Option<C::Memory>, ChunkError> {
        self.source.open(index).map_err(|error| match error.kind() {
            std::io::ErrorKind::ResourceBusy => ChunkError::InUse,
            _ => ChunkError::Io { index, error },
        })
    }

    /// Returns the number of pages that a chunk has in a memory of `pages` pages.
    fn share(&self, index: u32, pages: u64) -> u64 {
        pages.saturating_sub(u64::from(index).saturating_mul(self.chunk_pages)).min(self.chunk_pages)
    }

    /// Makes the chunks large enough for `pages` pages. Returns `None` if that fails.
    fn make_room(&self, pages: u64) -> Option<()> {
        pages.checked_mul(PAGE)?;
        let last = u32::try_from(pages.checked_sub(1)? / self.chunk_pages).ok()?;
        let first = (self.pages.get() / self.chunk_pages) as u32;
        for index in first..=last {
            let share = self.share(index, pages);
            let enlarged = self.chunks.borrow().get(index as usize).map(|chunk| enlarge(chunk, share));
            match enlarged {
                Some(enlarged) => enlarged?,
                None => self.add_chunk(index, share)?,
            }
        }
        Some(())
    }

    /// Adds a chunk after the last one. Uses an existing chunk if it is left over from a failed
    /// growth. Returns `None`, and does not change the chunk, if it belongs to something else.
    fn add_chunk(&self, index: u32, share: u64) -> Option<()> {
        let set = self.set.get().unwrap_or_else(|| self.source.new_set());
        let header = Header::new(index, self.chunk_pages, set);
        let chunk = match self.source.open(index).ok()? {
            Some(chunk) if header::is_blank(&chunk) => chunk,
            Some(chunk) if Header::read(&chunk, index).ok()? == header => chunk,
            Some(_) => return None,
            None => self.source.create(index).ok()?,
        };
        enlarge(&chunk, share)?;
        header.write(&chunk);
        self.set.set(Some(set));
        self.chunks.borrow_mut().push(chunk);
        Some(())
    }

    /// Splits a range of addresses at the ends of chunks. Calls `each` with the chunk, the address
    /// in it, and the range of the piece.
    #[expect(clippy::indexing_slicing, reason = "a memory panics outside of its bounds, as `Memory` demands")]
    fn pieces(
        &self,
        offset: u64,
        len: usize,
        mut each: impl FnMut(&C::Memory, u64, core::ops::Range<usize>),
    ) {
        let end = offset.checked_add(len as u64);
        let inside = end.is_some_and(|end| end <= self.pages.get() * PAGE);
        assert!(
            inside,
            "{len} bytes at {offset} are not in a memory of {} pages of 64 KiB",
            self.pages.get()
        );
        let chunks = self.chunks.borrow();
        let size = self.chunk_pages.saturating_mul(PAGE);
        let mut done = 0;
        while done < len {
            let at = offset + done as u64;
            let (index, inside) = (at / size, at % size);
            let piece = (len - done).min(usize::try_from(size - inside).unwrap_or(usize::MAX));
            each(&chunks[index as usize], PAGE + inside, done..done + piece);
            done += piece;
        }
    }
}

/// Grows a chunk to hold `pages` pages after its header. Returns `None` if that fails.
fn enlarge(chunk: &impl Memory, pages: u64) -> Option<()> {
    let missing = (1 + pages).saturating_sub(chunk.size());
    (missing == 0 || chunk.grow(missing) >= 0).then_some(())
}

impl<C: ChunkSource> Memory for ChunkedMemory<C> {
    fn size(&self) -> u64 {
        self.0.pages.get()
    }

    /// Creates as many chunks as necessary. If one cannot be created, the memory keeps its size,
    /// and the next growth uses the chunks that were created.
    fn grow(&self, pages: u64) -> i64 {
        let inner = &self.0;
        let before = inner.pages.get();
        let grown = before.checked_add(pages).filter(|grown| *grown > before);
        let Some(grown) = grown else { return if pages == 0 { before as i64 } else { -1 } };
        if inner.make_room(grown).is_none() {
            return -1;
        }
        if let Some(first) = inner.chunks.borrow().first() {
            header::set_pages(first, grown);
        }
        inner.pages.set(grown);
        before as i64
    }

    #[expect(clippy::indexing_slicing, reason = "pieces are ranges of the same length")]
    fn read(&self, offset: u64, out: &mut [u8]) {
        self.0.pieces(offset, out.len(), |chunk, at, range| chunk.read(at, &mut out[range]));
    }

    #[expect(clippy::indexing_slicing, reason = "pieces are ranges of the same length")]
    fn write(&self, offset: u64, bytes: &[u8]) {
        self.0.pieces(offset, bytes.len(), |chunk, at, range| chunk.write(at, &bytes[range]));
    }
}
