//! Values that do not fit into a node: chains of extents. An extent is a run of pages whose first
//! one begins with a header; a free extent has the same header, so a chain can be freed as it is.

use ic_stable_structures::Memory;
use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Kind, PAGE_SIZE, Pager};
use crate::error::{Error, Result};

/// Bytes in front of an extent's data.
pub const EXTENT_HEADER: usize = size_of::<ExtentHeader>();

/// The header of an extent.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct ExtentHeader {
    /// [`Kind::Extent`].
    pub kind: u8,
    /// Zero.
    pub reserved: [u8; 3],
    /// Pages of this extent.
    pub pages: U32,
    /// The next extent of the chain, or 0.
    pub next: U32,
    /// In a chain's first extent: the last one.
    pub tail: U32,
    /// In a chain's first extent: pages of all its extents.
    pub overflow_pages: U32,
    /// Zero.
    pub unused: U32,
}

impl ExtentHeader {
    pub(super) fn new(pages: u32, next: u32, tail: u32, overflow_pages: u32) -> Self {
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

/// A run of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: u32,
    pub(super) pages: u32,
}

impl Extent {
    /// Bytes of data that fit.
    pub(super) fn room(self) -> usize {
        (self.pages as usize).saturating_mul(PAGE_SIZE).saturating_sub(EXTENT_HEADER)
    }
}

/// Pages that a chain for `len` bytes may need, in the worst case of single pages.
#[must_use]
pub const fn pages_for(len: usize) -> u32 {
    let pages = len.div_ceil(PAGE_SIZE - EXTENT_HEADER);
    if pages == 0 { 1 } else { pages as u32 }
}

impl<M: Memory> Pager<M> {
    /// Writes bytes as a new chain; gives its first page and the number of its pages.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], before anything is written, or [`Error::Damaged`].
    pub fn write_overflow(&self, bytes: &[u8]) -> Result<(u32, u32)> {
        self.reserve(pages_for(bytes.len()))?;
        let mut extents = Vec::new();
        let mut room = 0;
        while room < bytes.len() || extents.is_empty() {
            let want = (bytes.len() - room + EXTENT_HEADER).div_ceil(PAGE_SIZE) as u32;
            let extent = self.take(want)?;
            room += extent.room();
            extents.push(extent);
        }
        let total = extents.iter().map(|extent| extent.pages).sum();
        let tail = extents.last().map_or(0, |extent| extent.start);
        let mut rest = bytes;
        for (i, extent) in extents.iter().enumerate() {
            let next = extents.get(i + 1).map_or(0, |next| next.start);
            let header = ExtentHeader::new(extent.pages, next, tail, total);
            self.write_extent(extent.start, extent.pages, 0, header.as_bytes())?;
            let (piece, after) = rest.split_at(rest.len().min(extent.room()));
            self.write_extent(extent.start, extent.pages, EXTENT_HEADER, piece)?;
            rest = after;
        }
        Ok((extents[0].start, total))
    }

    /// Reads the `len` bytes of a chain.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short.
    pub fn read_overflow(&self, head: u32, len: usize) -> Result<Vec<u8>> {
        self.overflow_extents(head, len)?;
        let mut bytes = Vec::with_capacity(len);
        let mut page = head;
        while bytes.len() < len {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            let piece = extent.room().min(len - bytes.len());
            self.append_extent(page, extent.pages, EXTENT_HEADER, piece, &mut bytes)?;
            page = header.next.get();
        }
        Ok(bytes)
    }

    /// Overwrites the beginning of a chain with bytes that fit into it.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short.
    pub fn rewrite_overflow(&self, head: u32, bytes: &[u8]) -> Result<()> {
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

    /// Bytes that a chain has room for. Reads a header for each of its extents.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken.
    pub fn overflow_room(&self, head: u32) -> Result<usize> {
        let mut room = 0;
        self.check_extents(head, &mut |extent| {
            room += extent.room();
            Ok(())
        })?;
        Ok(room)
    }

    /// Reads the part of a chain's bytes that begins at `at`. Besides that part it reads the
    /// headers of the extents up to its end; nearly always that is one.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short.
    pub fn read_overflow_part(&self, head: u32, at: usize, out: &mut [u8]) -> Result<()> {
        let mut rest = out;
        self.each_piece(head, at, rest.len(), &mut |extent, offset, len| {
            let (piece, after) = core::mem::take(&mut rest).split_at_mut(len);
            rest = after;
            self.read_extent(extent.start, extent.pages, offset, piece)
        })
    }

    /// Overwrites the part of a chain's bytes that begins at `at`.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short, before anything is written.
    pub fn write_overflow_part(&self, head: u32, at: usize, bytes: &[u8]) -> Result<()> {
        // What is written into has to be of this chain: a wrong link leads to another value's
        // extents, or another collection's.
        self.check_overflow(head)?;
        self.each_piece(head, at, bytes.len(), &mut |_, _, _| Ok(()))?;
        let mut rest = bytes;
        self.each_piece(head, at, bytes.len(), &mut |extent, offset, len| {
            let (piece, after) = rest.split_at(len);
            rest = after;
            self.write_extent(extent.start, extent.pages, offset, piece)
        })
    }

    /// Goes through the pieces of a part of a chain: each is `len` bytes at an offset in an extent.
    /// No more pages are visited than the chain says that it has.
    fn each_piece(
        &self,
        head: u32,
        at: usize,
        len: usize,
        visit: &mut dyn FnMut(Extent, usize, usize) -> Result<()>,
    ) -> Result<()> {
        let short = || Error::Damaged { page: head, why: "a value is longer than its extents" };
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
            if at < end && header.next.get() == 0 {
                return Err(short());
            }
            (page, start) = (header.next.get(), next);
        }
        Ok(())
    }

    /// Checks that a chain has room for `len` bytes before a buffer is made for them; gives its
    /// pages.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is broken or too short.
    pub fn overflow_extents(&self, head: u32, len: usize) -> Result<u32> {
        let header = self.extent_header(head)?;
        let pages = header.overflow_pages.get();
        if pages > self.heads().pages.get() || len > pages as usize * PAGE_SIZE {
            return Err(Error::Damaged { page: head, why: "a value is longer than its extents" });
        }
        let (mut page, mut room, mut seen) = (head, 0, 0);
        while page != 0 && seen < pages {
            let header = self.extent_header(page)?;
            let extent = Extent { start: page, pages: header.pages.get() };
            room += extent.room();
            seen += extent.pages;
            page = header.next.get();
            if room >= len {
                return Ok(pages);
            }
        }
        Err(Error::Damaged { page: head, why: "a value is longer than its extents" })
    }
}
