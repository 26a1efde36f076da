//! Why chunks are not taken for one memory.

use std::io;

/// Why a [`Joined`](super::Joined) memory was not opened. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChunkError {
    /// A chunk is not there, though others that need it are.
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
        /// Pages that it has to have.
        expected: u64,
        /// Pages that it has.
        found: u64,
    },
    /// A chunk's memory holds something else, or its header is damaged.
    #[error("chunk {index} does not begin as a chunk does")]
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
    /// A chunk is in the place of another one.
    #[error("in the place of chunk {index} is chunk {found}")]
    Misplaced {
        /// Where it is.
        index: u32,
        /// Where it belongs.
        found: u32,
    },
    /// A chunk belongs to another memory.
    #[error("chunk {index} belongs to another memory than chunk 0")]
    OtherSet {
        /// Its index.
        index: u32,
    },
    /// The chunks have another size than asked for.
    #[error(
        "chunks have {found} pages of 64 KiB, not {asked}: open them with the size that they were made with"
    )]
    OtherSize {
        /// Pages asked for.
        asked: u64,
        /// Pages that the chunks have.
        found: u64,
    },
    /// The chunks are in use by another process, or by another memory of this one.
    #[error("the chunks are in use")]
    InUse,
    /// The system could not open a chunk.
    #[error("chunk {index}: {error}")]
    Io {
        /// Its index.
        index: u32,
        /// What the system says.
        error: io::Error,
    },
}
