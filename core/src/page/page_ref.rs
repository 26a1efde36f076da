//! Reads and writes of parts of one page.

use ic_stable_structures::Memory;

use super::journal::JournaledMemory;
use super::{PAGE_SIZE, PageBytes, PageNumber};
use crate::error::Damage;

/// A page that exists, checked once for many reads and writes of its parts. It is kept for one
/// operation at most.
pub struct PageRef<'p, M> {
    pub(super) memory: &'p JournaledMemory<M>,
    pub(super) address: u64,
}

impl<M> core::fmt::Debug for PageRef<'_, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PageRef").field("address", &self.address).finish_non_exhaustive()
    }
}

impl<M> Clone for PageRef<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for PageRef<'_, M> {}

#[expect(clippy::arithmetic_side_effects, reason = "a part of a page that exists has an address")]
impl<M: Memory> PageRef<'_, M> {
    /// Returns the page's number.
    #[must_use]
    pub fn number(self) -> PageNumber {
        PageNumber::at_address(self.address)
    }

    /// Reads the bytes at an offset.
    ///
    /// # Errors
    /// [`Damage::BeyondEnd`] if the page has no such part.
    #[inline(always)]
    pub fn read(self, at: usize, out: &mut [u8]) -> Result<(), Damage> {
        if !is_part(at, out.len()) {
            return Err(Damage::BeyondEnd);
        }
        self.memory.memory().read(self.address + at as u64, out);
        Ok(())
    }

    /// Reads `len` bytes at an offset to the same offset of `out`, and returns them. Returns `None`
    /// if the page has no such part.
    #[inline(always)]
    pub fn load(self, out: &mut PageBytes, at: usize, len: usize) -> Option<&[u8]> {
        let out = out.get_mut(at..at.checked_add(len)?)?;
        self.memory.memory().read(self.address + at as u64, out);
        Some(out)
    }

    /// Writes bytes to an offset.
    ///
    /// # Errors
    /// [`Damage::BeyondEnd`] if the page has no such part.
    #[inline(always)]
    pub fn write(self, at: usize, bytes: &[u8]) -> Result<(), Damage> {
        if !is_part(at, bytes.len()) {
            return Err(Damage::BeyondEnd);
        }
        self.memory.write(self.address + at as u64, bytes);
        Ok(())
    }

    /// Writes bytes to an offset that a slot or a header has, which are `u16`. Returns `None` if
    /// the page has no such part.
    #[inline(always)]
    #[must_use = "`None` is damage"]
    pub fn store(self, at: usize, bytes: &[u8]) -> Option<()> {
        if at + bytes.len() > PAGE_SIZE {
            return None;
        }
        self.memory.write(self.address + at as u64, bytes);
        Some(())
    }
}

/// Returns `true` if a page has `len` bytes at an offset.
#[inline(always)]
#[expect(clippy::arithmetic_side_effects, reason = "the length is compared first")]
const fn is_part(at: usize, len: usize) -> bool {
    len <= PAGE_SIZE && at <= PAGE_SIZE - len
}

#[cfg(test)]
mod tests {
    use ic_stable_structures::VectorMemory;

    use crate::page::Pager;

    #[test]
    fn an_offset_that_overflows_is_no_part_of_a_page() {
        let pager = Pager::create(VectorMemory::default(), 0).unwrap();
        let page = pager.page(pager.allocate().unwrap()).unwrap();
        for at in [usize::MAX, usize::MAX - 3, 4_093] {
            assert!(page.write(at, &[1; 8]).is_err());
            assert!(page.read(at, &mut [0; 8]).is_err());
        }
        assert!(page.write(4_088, &[1; 8]).is_ok());
    }
}
