//! Writes to blobs. Pages are reserved first, so that a write succeeds as a whole or changes
//! nothing.

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::page::PAGE_SIZE;
use graven_core::page::extent::{EXTENT_HEADER, pages_for};
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::blobs::chunk::{Chunk, Content};
use crate::blobs::{Blobs, Name};
use crate::engine::progress::Step;

/// The number of bytes of a chunk that fills one page.
const PAGE: usize = PAGE_SIZE - EXTENT_HEADER;

/// The number of bytes of the longest chunk, which has 256 pages.
pub(crate) const MAX_CHUNK: usize = 256 * PAGE_SIZE - EXTENT_HEADER;

/// The length of the zero chunks that fill the gap between the end of a blob and a later offset.
const ZEROS: usize = MAX_CHUNK;

impl<K: StableKey, M: Memory> Blobs<K, M> {
    /// Replaces the whole blob, or creates it.
    ///
    /// # Panics
    /// When out of memory, for a key of more than 984 bytes, or on damaged memory;
    /// [`Blobs::try_put`] does not.
    #[track_caller]
    pub fn put<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, bytes: &[u8]) {
        self.try_put(key, bytes).or_fail();
    }

    /// Like [`Blobs::put`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The blob is unchanged then.
    pub fn try_put<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, bytes: &[u8]) -> Result<()> {
        let name = Name::new::<K, _>(key)?;
        self.reserve(bytes.len())?;
        self.cut(&name, 0, &mut Budget::pages(u64::MAX)).map(drop)?;
        self.add(&name, bytes)
    }

    /// Appends bytes. Creates the blob if there is none.
    ///
    /// # Panics
    /// As [`Blobs::put`]; [`Blobs::try_append`] does not.
    #[track_caller]
    pub fn append<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, bytes: &[u8]) {
        self.try_append(key, bytes).or_fail();
    }

    /// Like [`Blobs::append`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Blobs::try_put`].
    pub fn try_append<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, bytes: &[u8]) -> Result<()> {
        let name = Name::new::<K, _>(key)?;
        self.reserve(bytes.len())?;
        self.add(&name, bytes)
    }

    /// Overwrites bytes from `offset` on, and appends those that reach beyond the end. Fills a gap
    /// between the end and `offset` with zeros.
    ///
    /// # Panics
    /// As [`Blobs::put`]; [`Blobs::try_write`] does not.
    #[track_caller]
    pub fn write<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, offset: u64, bytes: &[u8]) {
        self.try_write(key, offset, bytes).or_fail();
    }

    /// Like [`Blobs::write`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Blobs::try_put`].
    pub fn try_write<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, offset: u64, bytes: &[u8]) -> Result<()> {
        let name = Name::new::<K, _>(key)?;
        let end = self.chunk_up_to(&name, u64::MAX)?.map_or(0, |chunk| chunk.end());
        let gap = usize::try_from(offset.saturating_sub(end)).unwrap_or(usize::MAX);
        self.reserve(gap.saturating_add(bytes.len()))?;
        for piece in (0..gap).step_by(ZEROS) {
            self.add(&name, &vec![0; ZEROS.min(gap.saturating_sub(piece))])?;
        }
        let inside = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX).min(bytes.len());
        let (inside, behind) = bytes.split_at(inside);
        self.overwrite(&name, offset, inside)?;
        self.add(&name, behind)
    }

    /// Removes the bytes from `len` on. Does nothing if the blob is shorter or does not exist.
    ///
    /// # Panics
    /// On damaged memory; when out of memory, if a chunk is cut; [`Blobs::try_truncate`] does not.
    #[track_caller]
    pub fn truncate<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, len: u64) {
        self.try_truncate(key, len).or_fail();
    }

    /// Like [`Blobs::truncate`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`Blobs::try_put`], but the chunks after the one to be cut are removed.
    pub fn try_truncate<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q, len: u64) -> Result<()> {
        self.truncate_within(key, len, &mut Budget::pages(u64::MAX)).map(|_| ())
    }

    /// Truncates until the budget is spent. The budget counts chunks. The next call removes the
    /// rest.
    ///
    /// # Errors
    /// As [`Blobs::try_truncate`].
    pub fn truncate_within<Q: KeyRef<K> + ?Sized>(
        &mut self,
        key: &Q,
        len: u64,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        let name = Name::of::<K, _>(key);
        match self.chunk_up_to(&name, 0)? {
            Some(_) => self.cut(&name, len, budget),
            None => Ok(Step::until(0, true)),
        }
    }

    /// Removes a blob. Returns `true` if there was one. Frees one chunk of up to 1 MiB at a time.
    ///
    /// # Panics
    /// On damaged memory; [`Blobs::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> bool {
        self.try_remove(key).or_fail()
    }

    /// Like [`Blobs::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<K> + ?Sized>(&mut self, key: &Q) -> Result<bool> {
        let name = Name::of::<K, _>(key);
        let mut before = None;
        while let Some(last) = self.chunk_up_to(&name, u64::MAX)? {
            self.check_order(&last, before)?;
            self.drop_chunk(&name, &last)?;
            before = Some(last.start);
        }
        Ok(before.is_some())
    }

    /// Reserves the pages for the given number of additional bytes, for any division into chunks.
    fn reserve(&self, bytes: usize) -> Result<()> {
        let chunks = (bytes / MAX_CHUNK).saturating_add(3) as u32;
        let nodes = chunks.saturating_mul(self.tree.context.spare_pages(2));
        let pages = u64::from(nodes)
            .saturating_add((bytes / PAGE) as u64)
            .saturating_add(u64::from(chunks).saturating_mul(2));
        let too_many = graven_core::Error::OutOfMemory { pages };
        self.tree.root().pager().reserve(u32::try_from(pages).map_err(|_| too_many)?)
    }

    fn set(&self, name: &Name, start: u64, bytes: &[u8]) -> Result<()> {
        self.tree.insert(Self::SIZES, name.at(start).as_slice(), bytes, |_| Ok(())).map(|_| ())
    }

    /// Appends bytes to a blob.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a chunk with room for them has at most `MAX_CHUNK` bytes"
    )]
    fn add(&self, name: &Name, bytes: &[u8]) -> Result<()> {
        let last = match self.chunk_up_to(name, u64::MAX)? {
            Some(last) => last,
            None => Chunk { start: 0, len: 0, content: Content::Inline(Vec::new()) },
        };
        let mut rest = match last.content {
            Content::Inline(mut content) => {
                let (some, rest) = bytes.split_at(bytes.len().min(PAGE.saturating_sub(content.len())));
                if rest.is_empty() || !content.is_empty() {
                    content.extend_from_slice(some);
                    self.set(name, last.start, &content)?;
                    rest
                } else {
                    bytes
                }
            }
            Content::Overflow(page) => {
                let room =
                    self.tree.root().pager().overflow_room(page)?.min(MAX_CHUNK).saturating_sub(last.len);
                let (some, rest) = bytes.split_at(bytes.len().min(room));
                if !some.is_empty() {
                    self.tree.root().pager().write_overflow_part(page, last.len, some)?;
                    self.tree.set_overflow_len(name.at(last.start).as_slice(), last.len + some.len())?;
                }
                rest
            }
        };
        let mut start = last.start.saturating_add((last.len + bytes.len() - rest.len()) as u64);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(MAX_CHUNK));
            self.set(name, start, piece)?;
            start = start.saturating_add(piece.len() as u64);
            rest = after;
        }
        Ok(())
    }

    /// Overwrites existing bytes.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "the chunk is the one that has the offset"
    )]
    fn overwrite(&self, name: &Name, mut offset: u64, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let found = self.chunk_up_to(name, offset)?.filter(|chunk| chunk.end() > offset);
            let chunk = found.ok_or_else(|| self.broken(Damage::MissingEntry))?;
            let from = (offset - chunk.start) as usize;
            let (some, rest) = bytes.split_at(bytes.len().min(chunk.len - from));
            match chunk.content {
                Content::Inline(mut content) => {
                    content[from..from + some.len()].copy_from_slice(some);
                    self.set(name, chunk.start, &content)?;
                }
                Content::Overflow(page) => self.tree.root().pager().write_overflow_part(page, from, some)?,
            }
            offset = offset.saturating_add(some.len() as u64);
            bytes = rest;
        }
        Ok(())
    }

    /// Removes bytes at the end, one chunk at a time.
    fn cut(&self, name: &Name, len: u64, budget: &mut Budget<'_>) -> Result<Step> {
        let (mut before, mut count) = (None, 0_u64);
        while let Some(last) = self.chunk_up_to(name, u64::MAX)?.filter(|last| last.end() > len) {
            if budget.is_spent() {
                return Ok(Step::until(count, false));
            }
            count = count.saturating_add(1);
            self.check_order(&last, before)?;
            before = Some(last.start);
            budget.charge_read();
            budget.charge_write();
            if last.start >= len && last.start > 0 {
                self.drop_chunk(name, &last)?;
            } else {
                self.shorten(name, &last, len.saturating_sub(last.start) as usize)?;
            }
        }
        Ok(Step::until(count, true))
    }

    /// Checks that a chunk begins before the one that was changed last. In a damaged tree a change
    /// may go to another leaf than the one that was read. Then the same chunk would be found
    /// forever.
    fn check_order(&self, chunk: &Chunk, before: Option<u64>) -> Result<()> {
        if before.is_some_and(|before| chunk.start >= before) {
            return Err(self.broken(Damage::NotConsecutive));
        }
        Ok(())
    }

    fn shorten(&self, name: &Name, chunk: &Chunk, len: usize) -> Result<()> {
        if let Content::Overflow(page) = chunk.content {
            let pages = self.tree.root().pager().check_overflow_of(page, chunk.len)?;
            if len > PAGE / 2 && pages_for(len) >= pages {
                return self.tree.set_overflow_len(name.at(chunk.start).as_slice(), len);
            }
        }
        let mut bytes = vec![0; len];
        self.read_chunk(chunk, 0, &mut bytes)?;
        self.set(name, chunk.start, &bytes)
    }

    fn drop_chunk(&self, name: &Name, chunk: &Chunk) -> Result<()> {
        let removed = self.tree.remove(Self::SIZES, name.at(chunk.start).as_slice(), |_| Ok(()))?;
        removed.ok_or_else(|| self.broken(Damage::NotConsecutive))
    }
}
