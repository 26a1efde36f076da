//! Memories made of others. A store lives in any [`Memory`](crate::Memory); where one is not large enough, [`Joined`]
//! makes one out of many: virtual memories, or [files in a directory](Directory).
//!
//! What is at the beginning of each chunk is in `docs/format.md`, section 19.

mod append;
mod chunks;
mod directory;
mod error;
mod header;
mod joined;

pub(crate) use append::append;
pub use chunks::Chunks;
pub use directory::{Directory, FileChunk};
pub use error::ChunkError;
pub use joined::Joined;

/// Bytes of a page of memory, in which chunks grow.
const PAGE: u64 = crate::page::superblock::WASM_PAGE;
