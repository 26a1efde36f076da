//! Parts of chains: reading and overwriting some bytes of a large value without the others.

use ic_stable_structures::Memory;

use super::extent::EXTENT_HEADER;
use super::{PAGE_SIZE, Pager};
use crate::error::{Error, Result};

/// Where a piece of a part of a chain stands: first page and pages of the extent, offset in it, and which bytes.
type Piece = (u32, u32, usize, core::ops::Range<usize>);

impl<M: Memory> Pager<M> {
    /// Bytes that a chain has room for. Reads a header for each of its extents.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken.
    pub fn chain_room(&self, head: u32) -> Result<usize> {
        let pages = self.chain_extents(head, 0)?;
        let (mut page, mut seen, mut room) = (head, 0u32, 0);
        while page != 0 && seen < pages {
            let header = self.extent_header(page)?;
            let extent = header.pages.get();
            seen = seen.saturating_add(extent);
            room += extent as usize * PAGE_SIZE - EXTENT_HEADER;
            page = header.next.get();
        }
        Ok(room)
    }

    /// Reads a part of a chain. Besides the bytes, a header for each extent up to its end.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short.
    pub fn read_chain_at(&self, head: u32, offset: usize, out: &mut [u8]) -> Result<()> {
        for (page, pages, at, range) in self.pieces(head, offset, out.len())? {
            self.read_extent(page, pages, at, &mut out[range])?;
        }
        Ok(())
    }

    /// Overwrites a part of a chain, up to as many bytes as it has room for.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the chain is broken or too short; nothing is written then.
    pub fn write_chain_at(&self, head: u32, offset: usize, bytes: &[u8]) -> Result<()> {
        for (page, pages, at, range) in self.pieces(head, offset, bytes.len())? {
            self.write_extent(page, pages, at, &bytes[range])?;
        }
        Ok(())
    }

    fn pieces(&self, head: u32, offset: usize, len: usize) -> Result<Vec<Piece>> {
        let broken = || Error::Damaged { page: head, why: "a value is longer than its extents" };
        let end = offset.checked_add(len).ok_or_else(broken)?;
        let most = self.chain_extents(head, end)?;
        let (mut page, mut start, mut seen) = (head, 0, 0u32);
        let mut pieces = Vec::new();
        while start < end {
            if page == 0 || seen >= most {
                return Err(broken());
            }
            let header = self.extent_header(page)?;
            let pages = header.pages.get();
            let room = pages as usize * PAGE_SIZE - EXTENT_HEADER;
            let (from, to) = (offset.max(start), end.min(start + room));
            if from < to {
                pieces.push((page, pages, EXTENT_HEADER + from - start, from - offset..to - offset));
            }
            seen = seen.saturating_add(pages);
            (page, start) = (header.next.get(), start + room);
        }
        Ok(pieces)
    }
}
