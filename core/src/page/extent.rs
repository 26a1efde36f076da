//! Overflow pages: the extents of a value that does not fit into a node, as a linked list. An
//! extent is a contiguous run of pages that begins with a header, which names its root. A free
//! extent has the same header, so the list can be freed as it is.

use ic_stable_structures::Memory;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE, PageNumber, Pager, StoredPage, expect_kind};
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
    /// The last extent of the value, if this is the first one. Otherwise 0.
    pub tail: StoredPage,
    /// The number of pages of all extents of the value, if this is the first one. Otherwise 0.
    pub overflow_pages: U32,
    /// The page of the root that owns the value. The first and the last extent of a freed value
    /// have 0.
    pub owner: StoredPage,
}

impl ExtentHeader {
    /// Returns the header of a free extent.
    pub(super) fn free(pages: u32, next: PageNumber) -> Self {
        ExtentHeader {
            kind: Kind::Extent as u8,
            reserved: [0; 3],
            pages: pages.into(),
            next: next.into(),
            tail: StoredPage::default(),
            overflow_pages: 0.into(),
            owner: StoredPage::default(),
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
    /// Writes bytes to new overflow pages of this root. Returns the first page and the number of
    /// pages.
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
            let mut header =
                ExtentHeader { owner: self.root().into(), ..ExtentHeader::free(extent.pages, next) };
            if extent.start == head {
                (header.tail, header.overflow_pages) = (tail.into(), U32::new(total));
            }
            self.write_extent(extent.start, extent.pages, 0, header.as_bytes())?;
            let (piece, after) = rest.split_at(rest.len().min(extent.room()));
            self.write_extent(extent.start, extent.pages, EXTENT_HEADER, piece)?;
            rest = after;
        }
        Ok((head, total))
    }

    /// Reads the `len` bytes of a value in overflow pages that begin at `at`. Also reads the
    /// headers of the extents up to the end of that part, nearly always a single one.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short.
    pub fn read_overflow(&self, head: PageNumber, at: usize, len: usize) -> Result<Vec<u8>> {
        // A forged length must not be allocated, so the bytes grow with the extents that are there.
        let mut bytes = Vec::new();
        self.each_piece(head, at, len, &mut |extent, offset, len| {
            self.append_extent(extent.start, extent.pages, offset, len, &mut bytes)
        })?;
        Ok(bytes)
    }

    /// Reads the part of a value in overflow pages that begins at `at`, as
    /// [`Pager::read_overflow`], into `out`.
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

    /// Overwrites the part of a value in overflow pages that begins at `at`. Their room may be
    /// larger than the value.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged or too short, before
    /// anything is written.
    pub fn write_overflow_part(&self, head: PageNumber, at: usize, bytes: &[u8]) -> Result<()> {
        let room = self.overflow_room(head)?;
        if at.checked_add(bytes.len()).is_none_or(|end| end > room) {
            return Err(self.damaged(head, Damage::OverflowTooShort));
        }
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
        let mut header = self.own_extent(head)?;
        let mut left = header.overflow_pages.get().min(self.heads().pages.get());
        loop {
            let extent = Extent { start: page, pages: header.pages.get() };
            left = left.checked_sub(extent.pages).ok_or_else(short)?;
            let next = start.saturating_add(extent.room());
            if at < next.min(end) {
                let piece = end.min(next) - at;
                visit(extent, EXTENT_HEADER + at - start, piece)?;
                at += piece;
            }
            if at >= end {
                return Ok(());
            }
            (page, start) = (header.next.get().some().ok_or_else(short)?, next);
            header = self.own_extent(page)?;
        }
    }

    /// Returns the header of an extent of this root.
    pub(super) fn own_extent(&self, page: PageNumber) -> Result<ExtentHeader> {
        let header = self.extent_header(page)?;
        if header.owner.get() == self.root() {
            Ok(header)
        } else {
            Err(self.damaged(page, Damage::WrongOwner))
        }
    }

    pub(super) fn extent_header(&self, page: PageNumber) -> Result<ExtentHeader> {
        let mut bytes = [0; EXTENT_HEADER];
        self.read(page, 0, &mut bytes)?;
        expect_kind(bytes[0], Kind::Extent).map_err(|reason| self.damaged(page, reason))?;
        let short = || self.damaged(page, Damage::BeyondEnd);
        let header = ExtentHeader::read_from_bytes(&bytes).map_err(|_| short())?;
        let end = page.checked_add(header.pages.get());
        let fits = end.is_some_and(|end| end.get() <= self.heads().pages.get() && end > page);
        if fits { Ok(header) } else { Err(self.damaged(page, Damage::ExtentLength)) }
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

    /// Checks that the overflow pages of a value of `len` bytes belong to this root and are as many
    /// as counted, that the last extent is the one named, and that it has no next one. Returns
    /// their number. Freeing damaged overflow pages could lead to the allocation of pages in use.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged), also if the extents have less room or more pages
    /// than that value needs.
    pub fn check_overflow_of(&self, head: PageNumber, len: usize) -> Result<u32> {
        let mut room = 0;
        let pages = self.check_extents(head, &mut |extent| {
            room = extent.room().saturating_add(room);
            Ok(())
        })?;
        if room >= len && pages <= pages_for(len) {
            return Ok(pages);
        }
        Err(self.damaged(head, Damage::OverflowMismatch))
    }

    /// Checks the overflow pages of a value, and calls `visit` with the first page of each extent
    /// and their number.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the extents are damaged, or the error of
    /// `visit`.
    pub fn visit_extents(
        &self,
        head: PageNumber,
        visit: &mut dyn FnMut(PageNumber, u32) -> Result<()>,
    ) -> Result<()> {
        self.check_extents(head, &mut |extent| visit(extent.start, extent.pages)).map(drop)
    }

    /// Checks the overflow pages of a value, and calls `visit` with each extent. Returns their
    /// number.
    fn check_extents(&self, head: PageNumber, visit: &mut dyn FnMut(Extent) -> Result<()>) -> Result<u32> {
        let header = self.own_extent(head)?;
        let (pages, tail) = (header.overflow_pages.get(), header.tail.get());
        let damaged = || self.damaged(head, Damage::OverflowMismatch);
        if pages >= self.heads().pages.get() {
            return Err(damaged());
        }
        let (mut page, mut seen, mut next) = (head, header.pages.get(), header.next.get());
        visit(Extent { start: head, pages: seen })?;
        // Each extent has at least one page, so this ends after the counted number of pages.
        while seen < pages && page != tail {
            page = next;
            let header = self.own_extent(page)?;
            visit(Extent { start: page, pages: header.pages.get() })?;
            seen = seen.saturating_add(header.pages.get());
            next = header.next.get();
        }
        if page == tail && seen == pages && next.is_none() { Ok(pages) } else { Err(damaged()) }
    }
}
