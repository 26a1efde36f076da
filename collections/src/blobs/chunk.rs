//! Chunks of a blob: where they are, and parts of them.

use std::ops::Bound;

use graven_core::key::StableKey;
use graven_core::{Error, Memory, Result};

use crate::blobs::{Blobs, Name};
use crate::engine::cell::{StoredValue, ValueRef};

/// A piece of a blob.
pub(super) struct Chunk {
    /// Its offset in the blob.
    pub(super) start: u64,
    pub(super) len: usize,
    pub(super) content: Content,
}

/// The bytes of a chunk: inside its page or outside.
pub(super) enum Content {
    /// In the leaf; here they are.
    Inline(Vec<u8>),
    /// In the chain that begins with this page.
    Overflow(u32),
}

impl Chunk {
    pub(super) fn read(key: &[u8], found: &StoredValue<'_>) -> Result<Chunk> {
        let damaged = Error::Damaged { page: found.page, why: "the key of a chunk is too short" };
        let start = u64::from_be_bytes(*key.last_chunk().ok_or(damaged)?);
        Ok(match found.value {
            ValueRef::Inline(bytes) => {
                Chunk { start, len: bytes.len(), content: Content::Inline(bytes.to_vec()) }
            }
            ValueRef::Overflow { page, len } => Chunk { start, len, content: Content::Overflow(page) },
        })
    }

    /// The offset behind its last byte.
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(self.len as u64)
    }
}

impl<K: StableKey, M: Memory> Blobs<K, M> {
    /// The last chunk that begins at or in front of an offset.
    pub(super) fn chunk_up_to(&self, name: &Name, offset: u64) -> Result<Option<Chunk>> {
        let range = (Bound::Included(name.at(0)), Bound::Included(name.at(offset)));
        let found = self
            .tree
            .cursor(range.0, range.1)
            .next_back(Self::SIZES, |key, found| Chunk::read(key, &found))?;
        // A leaf is taken to hold what the branches say of it.
        match found {
            Some(chunk) if chunk.start > offset => {
                Err(self.broken("a chunk stands among those in front of it"))
            }
            found => Ok(found),
        }
    }

    /// Reads bytes of a chunk from `from` on, as many as there are or fit.
    pub(super) fn read_chunk(&self, chunk: &Chunk, from: usize, out: &mut [u8]) -> Result<usize> {
        let len = out.len().min(chunk.len.saturating_sub(from));
        let out = &mut out[..len];
        match &chunk.content {
            Content::Inline(bytes) => out.copy_from_slice(&bytes[from..from + len]),
            Content::Overflow(page) => self.tree.root().pager().read_overflow_part(*page, from, out)?,
        }
        Ok(len)
    }
}
