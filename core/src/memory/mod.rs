//! Memories made of other memories. A store can use any [`Memory`](crate::Memory). If one memory is
//! not large enough, [`ChunkedMemory`] joins several: virtual memories, or [files in a
//! directory](FileDirectory).
//!
//! `docs/format.md` describes the header of a chunk in section 19.

mod append;
mod chunked;
mod directory;
mod error;
mod header;
mod source;

pub(crate) use append::append;
pub use chunked::ChunkedMemory;
pub use directory::{FileChunk, FileDirectory};
pub use error::ChunkError;
pub use source::ChunkSource;

/// The bytes of a wasm page, the unit in which chunks grow.
pub(crate) const PAGE: u64 = 65_536;
