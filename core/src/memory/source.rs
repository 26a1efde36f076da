//! The source of chunks.

use std::io;

use ic_stable_structures::Memory;

/// A source of the memories, by index from 0, that make up a
/// [`ChunkedMemory`](super::ChunkedMemory). A function from an index to a memory is a source if
/// every index has a memory that is empty until it is used, such as a virtual memory of a
/// `MemoryManager`.
pub trait ChunkSource {
    /// The memory of one chunk.
    type Memory: Memory;

    /// Returns the memory of a chunk, or `None` if there is none or it is empty.
    ///
    /// # Errors
    /// An error of the system, if it does not say whether the chunk exists.
    fn open(&self, index: u32) -> io::Result<Option<Self::Memory>>;

    /// Returns an empty memory for a chunk that does not exist.
    ///
    /// # Errors
    /// An error of the system, if it has no memory for the chunk. Then the chunked memory does not
    /// grow.
    fn create(&self, index: u32) -> io::Result<Self::Memory>;

    /// Returns bytes that distinguish the chunks of a new memory from those of other memories. The
    /// default always returns the same bytes, so only their indices distinguish chunks.
    fn new_set(&self) -> [u8; 16] {
        [0; 16]
    }
}

impl<M: Memory, F: Fn(u32) -> M> ChunkSource for F {
    type Memory = M;

    fn open(&self, index: u32) -> io::Result<Option<M>> {
        Ok(Some(self(index)).filter(|memory| memory.size() > 0))
    }

    fn create(&self, index: u32) -> io::Result<M> {
        Ok(self(index))
    }
}
