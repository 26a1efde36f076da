//! Overflow pages: the extents of a value that does not fit into a node, as a linked list. An
//! extent is a contiguous run of pages that begins with a header. A free extent has the same
//! header, so the list can be freed as it is.

use ic_stable_structures::Memory;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE, PageNumber, Pager, StoredPage};
use crate::error::{Damage, Result};

/// The number of bytes before an extent's data.
pub const EXTENT_HEADER: usize = size_of::<ExtentHeader>();

/// The header of an extent.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct ExtentHeader {
    /// [`Kind::Extent`].
    pub kind: u8,
    /// Zero.
    pub reserved: [u8; 3],
    /// The number of pages of this extent.
    pub pages: U32,
    /// The next extent of the list, or 0.
    pub next: StoredPage,
    /// The last extent of the value, if this is the first one.
    pub tail: StoredPage,
    /// The number of pages of all extents of the value, if this is the first one.
    pub overflow_pages: U32,
    /// Zero.
    pub unused: U32,
}

impl ExtentHeader {
    pub(super) fn new(pages: u32, next: PageNumber, tail: PageNumber, overflow_pages: u32) -> Self {
        ExtentHeader {
            kind: Kind::Extent as u8,
            reserved: [0; 3],
            pages: pages.into(),
            next: next.into(),
            tail: tail.into(),
            overflow_pages: overflow_pages.into(),
            unused: 0.into(),
        }
    }
}

/// A contiguous run of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: PageNumber,
    pub(super) pages: u32,
}

impl Extent {
    /// Returns the number of bytes of data that fit.
    pub(super) fn room(self) -> usize {
        (self.pages as usize).saturating_mul(PAGE_SIZE).saturating_sub(EXTENT_HEADER)
    }
}

/// Returns the number of overflow pages for `len` bytes in the worst case of single pages.
#[must_use]
pub const fn pages_for(len: usize) -> u32 {
    let pages = len.div_ceil(PAGE_SIZE - EXTENT_HEADER);
    if pages == 0 { 1 } else { pages as u32 }
}

impl<M: Memory> Pager<M> {
    /// Writes bytes to new overflow pages. Returns the first page and the number of pages.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory), before anything is written, or
    /// [`Error::Damaged`](crate::Error::Damaged).
    pub fn write_overflow(&self, bytes: &[u8]) -> Result<(PageNumber, u32)> {
        self.reserve(pages_for(bytes.len()))?;
        let mut extents = Vec::new();
        let mut room = 0;
        while room < bytes.len() || extents.is_empty() {
            let rest = bytes.len().saturating_sub(room).saturating_add(EXTENT_HEADER);
            let extent = self.take(rest.div_ceil(PAGE_SIZE) as u32)?;
            room = room.saturating_add(extent.room());
            extents.push(extent);
        }
        let total = extents.iter().map(|extent| extent.pages).sum();
        let head = extents.first().map_or(PageNumber::NONE, |extent| extent.start);
        let tail = extents.last().map_or(PageNumber::NONE, |extent| extent.start);
        let mut rest = bytes;
        let followers = extents.iter().skip(1).map(|next| next.start).chain([PageNumber::NONE]);
        for (extent, next) in extents.iter().zip(followers) {
            let header = ExtentHeader::new(extent.pages, next, tail, total);
            self.write_extent(extent.start, extent.pages, 0, header.as_bytes())?;
            let (piece, after) = rest.split_at(rest.len().min(extent.room()));
            self.write_extent(extent.start, extent.pages, EXTENT_HEADER, piece)?;
            rest = after;
        }
        Ok((head, total))
    }

    /// Reads a value of `len` bytes from its overflow pages.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short.
    pub fn read_overflow(&self, head: PageNumber, len: usize) -> Result<Vec<u8>> {
        self.overflow_extents(head, len)?;
        let mut bytes = Vec::with_capacity(len);
        let mut page = head;
        while bytes.len() < len {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            let piece = extent.room().min(len.saturating_sub(bytes.len()));
            self.append_extent(page, extent.pages, EXTENT_HEADER, piece, &mut bytes)?;
            page = header.next.get();
        }
        Ok(bytes)
    }

    /// Overwrites the beginning of a value in overflow pages with bytes that fit into them.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short.
    pub fn rewrite_overflow(&self, head: PageNumber, bytes: &[u8]) -> Result<()> {
        self.check_overflow(head)?;
        self.overflow_extents(head, bytes.len())?;
        let (mut page, mut rest) = (head, bytes);
        while !rest.is_empty() {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            let (piece, after) = rest.split_at(rest.len().min(extent.room()));
            self.write_extent(page, extent.pages, EXTENT_HEADER, piece)?;
            (page, rest) = (header.next.get(), after);
        }
        Ok(())
    }

    /// Returns the number of bytes that fit into overflow pages. Reads a header for each extent.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged.
    pub fn overflow_room(&self, head: PageNumber) -> Result<usize> {
        let mut room = 0;
        self.check_extents(head, &mut |extent| {
            room = extent.room().saturating_add(room);
            Ok(())
        })?;
        Ok(room)
    }

    /// Reads the part of a value in overflow pages that begins at `at`. Also reads the headers of
    /// the extents up to the end of that part, nearly always a single one.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short.
    pub fn read_overflow_part(&self, head: PageNumber, at: usize, out: &mut [u8]) -> Result<()> {
        let mut rest = out;
        self.each_piece(head, at, rest.len(), &mut |extent, offset, len| {
            let (piece, after) = core::mem::take(&mut rest).split_at_mut(len);
            rest = after;
            self.read_extent(extent.start, extent.pages, offset, piece)
        })
    }

    /// Overwrites the part of a value in overflow pages that begins at `at`.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short, before
    /// anything is written.
    pub fn write_overflow_part(&self, head: PageNumber, at: usize, bytes: &[u8]) -> Result<()> {
        // A wrong link leads to the extents of another value or another collection, so check all of
        // them before writing.
        self.check_overflow(head)?;
        self.each_piece(head, at, bytes.len(), &mut |_, _, _| Ok(()))?;
        let mut rest = bytes;
        self.each_piece(head, at, bytes.len(), &mut |extent, offset, len| {
            let (piece, after) = rest.split_at(len);
            rest = after;
            self.write_extent(extent.start, extent.pages, offset, piece)
        })
    }

    /// Visits the pieces of a part of a value. Each is `len` bytes at an offset in an extent.
    /// Visits at most as many pages as the first extent counts.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "`start <= at < end`, and `at` is below `next` where it is subtracted"
    )]
    fn each_piece(
        &self,
        head: PageNumber,
        at: usize,
        len: usize,
        visit: &mut dyn FnMut(Extent, usize, usize) -> Result<()>,
    ) -> Result<()> {
        let short = || self.damaged(head, Damage::OverflowTooShort);
        let end = at.checked_add(len).ok_or_else(short)?;
        let (mut page, mut start, mut at) = (head, 0_usize, at);
        let mut left = None;
        while at < end {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            let pages = left.unwrap_or_else(|| header.overflow_pages.get().min(self.heads().pages.get()));
            left = Some(pages.checked_sub(extent.pages).ok_or_else(short)?);
            let next = start.saturating_add(extent.room());
            if at < next {
                let piece = end.min(next) - at;
                visit(extent, EXTENT_HEADER + at - start, piece)?;
                at += piece;
            }
            if at < end && header.next.get().is_none() {
                return Err(short());
            }
            (page, start) = (header.next.get(), next);
        }
        Ok(())
    }

    /// Checks that overflow pages have room for `len` bytes, before a buffer is allocated for them.
    /// Returns the number of pages.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short.
    #[expect(clippy::arithmetic_side_effects, reason = "a page number is a `u32`, so the product fits")]
    pub fn overflow_extents(&self, head: PageNumber, len: usize) -> Result<u32> {
        let header = self.extent_header(head)?;
        let pages = header.overflow_pages.get();
        if pages > self.heads().pages.get() || len as u64 > u64::from(pages) * PAGE_SIZE as u64 {
            return Err(self.damaged(head, Damage::OverflowTooShort));
        }
        let (mut page, mut room, mut seen) = (head, 0, 0);
        while page.is_some() && seen < pages {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            room = extent.room().saturating_add(room);
            seen = extent.pages.saturating_add(seen);
            page = header.next.get();
            if room >= len {
                return Ok(pages);
            }
        }
        Err(self.damaged(head, Damage::OverflowTooShort))
    }
}
