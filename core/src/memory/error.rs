//! The errors of opening chunks as one memory.

use std::io;

/// The reason why a [`ChunkedMemory`](super::ChunkedMemory) was not opened. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// A chunk is missing, and chunks after it exist.
    #[error("chunk {index} is missing")]
    Missing {
        /// Its index.
        index: u32,
    },
    /// A chunk was cut off.
    #[error("chunk {index} has {found} pages of 64 KiB, not {expected}: it was cut off")]
    Short {
        /// Its index.
        index: u32,
        /// Pages that it must have.
        expected: u64,
        /// Pages that it has.
        found: u64,
    },
    /// A chunk's memory holds something else, or its header is damaged.
    #[error("chunk {index} has no header of a chunk: it holds something else, or is damaged")]
    Foreign {
        /// Its index.
        index: u32,
    },
    /// A chunk was written by a newer Graven.
    #[error("chunk {index} has format {found}; this code reads format {known}: use a newer graven")]
    NewerFormat {
        /// Its index.
        index: u32,
        /// The format found.
        found: u32,
        /// The format that this code knows.
        known: u32,
    },
    /// A chunk was found at the index of another one.
    #[error("chunk {found} is in the place of chunk {index}: give every chunk its own index")]
    Misplaced {
        /// The index at which it was found.
        index: u32,
        /// Its own index.
        found: u32,
    },
    /// A chunk belongs to another memory.
    #[error("chunk {index} belongs to another memory than chunk 0 does")]
    OtherSet {
        /// Its index.
        index: u32,
    },
    /// The chunks have another size than the requested one.
    #[error(
        "chunks have {found} pages of 64 KiB, not {asked}: open them with the size that they were made with"
    )]
    OtherSize {
        /// Pages requested.
        asked: u64,
        /// Pages that the chunks have.
        found: u64,
    },
    /// The chunks are in use by another process, or by another memory of this one.
    #[error("the chunks are in use")]
    InUse,
    /// The system did not open a chunk.
    #[error("chunk {index}: {error}")]
    Io {
        /// Its index.
        index: u32,
        /// The error of the system.
        #[source]
        error: io::Error,
    },
}
