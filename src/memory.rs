//! Memories made of other memories, for stores that one memory cannot hold. For the memory of a
//! canister see [`DefaultMemoryImpl`](crate::DefaultMemoryImpl).

pub use graven_core::memory::{ChunkError, ChunkSource, ChunkedMemory, FileChunk, FileDirectory};
