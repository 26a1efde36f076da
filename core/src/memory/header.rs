//! The header of a chunk. It takes a whole wasm page, so that the contents are page-aligned.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use ic_stable_structures::Memory;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{ChunkError, PAGE};
use crate::layout::descriptor::Sink;

/// The first bytes of every chunk.
const MAGIC: [u8; 8] = *b"\x89GRAVCH\n";

/// The format that this code writes.
const FORMAT: u32 = 1;

/// The bytes of the header that its checksum covers.
const CHECKED: usize = 40;

/// The offset of the number of pages in chunk 0, after the fields that never change.
const PAGES_AT: u64 = 48;

/// The identity of a chunk. It never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub(super) struct Header {
    magic: [u8; 8],
    format: U32,
    index: U32,
    chunk_pages: U64,
    pub(super) set: [u8; 16],
    check: [u8; 8],
}

impl Header {
    pub(super) fn new(index: u32, chunk_pages: u64, set: [u8; 16]) -> Self {
        let (index, chunk_pages) = (index.into(), chunk_pages.into());
        let header = Header { magic: MAGIC, format: FORMAT.into(), index, chunk_pages, set, check: [0; 8] };
        Header { check: header.checksum(), ..header }
    }

    fn checksum(&self) -> [u8; 8] {
        let mut sink = Sink::hasher();
        sink.bytes(self.as_bytes().split_at(CHECKED).0);
        sink.finish().short()
    }

    /// Reads the header of a chunk, which must not be empty.
    pub(super) fn read(memory: &impl Memory, index: u32) -> Result<Header, ChunkError> {
        let mut bytes = [0; size_of::<Header>()];
        memory.read(0, &mut bytes);
        let foreign = ChunkError::Foreign { index };
        let Ok(header) = Header::read_from_bytes(&bytes) else { return Err(foreign) };
        if header.magic != MAGIC {
            return Err(foreign);
        }
        if header.format.get() > FORMAT {
            return Err(ChunkError::NewerFormat { index, found: header.format.get(), known: FORMAT });
        }
        if header.check != header.checksum() || header.chunk_pages.get() == 0 {
            return Err(foreign);
        }
        Ok(header)
    }

    /// Checks the chunk's index, the size of chunks, and the identity of the memory.
    pub(super) fn expect(&self, index: u32, chunk_pages: u64, set: [u8; 16]) -> Result<(), ChunkError> {
        if self.set != set {
            return Err(ChunkError::OtherSet { index });
        }
        if self.index.get() != index {
            return Err(ChunkError::Misplaced { index, found: self.index.get() });
        }
        if self.chunk_pages.get() != chunk_pages {
            return Err(ChunkError::OtherSize { asked: chunk_pages, found: self.chunk_pages.get() });
        }
        Ok(())
    }

    pub(super) fn write(&self, memory: &impl Memory) {
        memory.write(0, self.as_bytes());
    }
}

/// Returns `true` if a chunk was made but has no header yet, because its growth was interrupted.
pub(super) fn is_blank(memory: &impl Memory) -> bool {
    let mut bytes = [0; size_of::<Header>()];
    memory.read(0, &mut bytes);
    bytes.iter().all(|byte| *byte == 0)
}

/// Returns the number of pages in all chunks without their headers, which chunk 0 stores.
pub(super) fn pages(first: &impl Memory) -> u64 {
    let mut pages = [0; 8];
    first.read(PAGES_AT, &mut pages);
    u64::from_le_bytes(pages)
}

pub(super) fn set_pages(first: &impl Memory, pages: u64) {
    first.write(PAGES_AT, &pages.to_le_bytes());
}

const _: () = assert!(size_of::<Header>() as u64 == PAGES_AT && PAGES_AT < PAGE);
