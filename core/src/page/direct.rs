//! Small parts of pages for the shortest ways of a collection: the checks are the same, in fewer
//! instructions.

use ic_stable_structures::Memory;

use super::{PAGE_SIZE, Pager};
use crate::error::{Error, Result};

impl<M: Memory> Pager<M> {
    /// Returns whether there is such a page. Page 0 is no collection's. A page that is there never
    /// goes.
    #[inline(always)]
    pub fn has(&self, page: u32) -> bool {
        page.wrapping_sub(1) < self.heads.get().pages.get().wrapping_sub(1)
    }

    #[cold]
    #[inline(never)]
    fn outside(&self, page: u32) -> Error {
        if self.is_superseded.get() { Error::Superseded } else { outside(page) }
    }

    /// Returns the address of a part of a page.
    #[inline(always)]
    fn part(&self, page: u32, at: usize, len: usize) -> Result<u64> {
        if self.has(page) { part_there(page, at, len) } else { Err(self.outside(page)) }
    }

    /// Reads a part of a page that [is there](Pager::has), as was found out before.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page has no such part.
    #[inline(always)]
    pub fn read_there(&self, page: u32, at: usize, out: &mut [u8]) -> Result<()> {
        let address = part_there(page, at, out.len())?;
        self.memory.read(address, out);
        Ok(())
    }

    /// Writes a part of a page that [is there](Pager::has), as was found out before, and that is
    /// never cached.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page has no such part.
    #[inline(always)]
    pub fn put_there(&self, page: u32, at: usize, bytes: &[u8]) -> Result<()> {
        if self.is_superseded.get() {
            return Err(Error::Superseded);
        }
        let address = part_there(page, at, bytes.len())?;
        self.memory.write(address, bytes);
        Ok(())
    }

    /// Reads a part of a page: [`Pager::read`] where a few instructions matter.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    #[inline(always)]
    pub fn read_part(&self, page: u32, at: usize, out: &mut [u8]) -> Result<()> {
        let address = self.part(page, at, out.len())?;
        self.memory.read(address, out);
        Ok(())
    }

    /// Writes a part of a page that is never cached: [`Pager::write`] where a few instructions
    /// matter.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page or it has no such part.
    #[inline(always)]
    pub fn put_part(&self, page: u32, at: usize, bytes: &[u8]) -> Result<()> {
        let address = self.part(page, at, bytes.len())?;
        self.memory.write(address, bytes);
        Ok(())
    }
}

#[inline(always)]
fn part_there(page: u32, at: usize, len: usize) -> Result<u64> {
    if len <= PAGE_SIZE && at <= PAGE_SIZE - len {
        return Ok(u64::from(page) * PAGE_SIZE as u64 + at as u64);
    }
    Err(outside(page))
}

#[cold]
#[inline(never)]
fn outside(page: u32) -> Error {
    Error::Damaged { page, why: "something points to it or into it, but there is no such page or part" }
}
