//! Chunks of a blob: finds them and reads parts of them.

use graven_core::page::PageNumber;
use std::ops::Bound;

use graven_core::key::StableKey;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::blobs::{Blobs, Name};
use crate::engine::cell::{StoredValue, ValueRef};

/// A part of a blob that is one entry of the tree.
pub(super) struct Chunk {
    /// The offset of the chunk in the blob.
    pub(super) start: u64,
    pub(super) len: usize,
    pub(super) content: Content,
}

/// The content of a chunk: inside its leaf or in overflow pages.
pub(super) enum Content {
    /// The bytes, which were read from the leaf.
    Inline(Vec<u8>),
    /// The first of the overflow pages.
    Overflow(PageNumber),
}

impl Chunk {
    pub(super) fn read(key: &[u8], found: &StoredValue<'_>) -> Result<Chunk, Damage> {
        let start = u64::from_be_bytes(*key.last_chunk().ok_or(Damage::EntryKeyLength)?);
        Ok(match found.value {
            ValueRef::Inline(bytes) => {
                Chunk { start, len: bytes.len(), content: Content::Inline(bytes.to_vec()) }
            }
            ValueRef::Overflow { page, len } => Chunk { start, len, content: Content::Overflow(page) },
        })
    }

    /// Returns the offset after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.start.saturating_add(self.len as u64)
    }
}

impl<K: StableKey, M: Memory> Blobs<K, M> {
    /// Returns the last chunk that begins at or before an offset.
    pub(super) fn chunk_up_to(&self, name: &Name, offset: u64) -> Result<Option<Chunk>> {
        let range = (Bound::Included(name.at(0)), Bound::Included(name.at(offset)));
        let found = self.tree.cursor(range.0, range.1).next_back(Self::SIZES, |key, found| {
            Chunk::read(key, &found).on_page(self.tree.root(), found.page)
        })?;
        // The search trusts the branches, so a leaf of a damaged tree may return a later chunk.
        match found {
            Some(chunk) if chunk.start > offset => Err(self.broken(Damage::NotConsecutive)),
            found => Ok(found),
        }
    }

    /// Reads bytes of a chunk from `from` on until `out` is full or the chunk ends. Returns their
    /// number.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "`len` is at most what is left of both"
    )]
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
