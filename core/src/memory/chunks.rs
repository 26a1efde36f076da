//! Where chunks come from.

use std::io;

use ic_stable_structures::Memory;

/// Memories by index, from 0, to be [joined](super::Joined). A function from an index to a memory will do where there
/// is a memory for every index, which is empty as long as nobody used it: the virtual memories of a `MemoryManager`.
pub trait Chunks {
    /// The memory of one chunk.
    type Memory: Memory;

    /// The memory of a chunk that is there, and not empty.
    ///
    /// # Errors
    /// Where it cannot be told whether it is there.
    fn open(&self, index: u32) -> io::Result<Option<Self::Memory>>;

    /// An empty memory for a chunk that is not there.
    ///
    /// # Errors
    /// Where there is none: the joined memory then does not grow.
    fn create(&self, index: u32) -> io::Result<Self::Memory>;

    /// What tells the chunks of a new memory from those of others. With the same bytes every time, as it is if this is
    /// not implemented, only the indices of chunks are compared.
    fn new_set(&self) -> [u8; 16] {
        [0; 16]
    }
}

impl<M: Memory, F: Fn(u32) -> M> Chunks for F {
    type Memory = M;

    fn open(&self, index: u32) -> io::Result<Option<M>> {
        Ok(Some(self(index)).filter(|memory| memory.size() > 0))
    }

    fn create(&self, index: u32) -> io::Result<M> {
        Ok(self(index))
    }
}
