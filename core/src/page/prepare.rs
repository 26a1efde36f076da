//! Making sure, without a write, that what an upgrade writes cannot fail half-way: pages to be given out are
//! there, and what is to be taken back is sound.

use ic_stable_structures::Memory;

use super::node::OWNER_AT;
use super::{Kind, Pager};
use crate::error::{Error, Result};

impl<M: Memory> Pager<M> {
    /// Makes sure that `pages` pages can be given out once the pages in `going` are free, with all that is below them
    /// if they are nodes or chains. Grows the memory if need be, and writes nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], or [`Error::Damaged`] where the free pages are not sound.
    pub(crate) fn prepare(&self, pages: u32, going: &[u32]) -> Result<()> {
        let unused = self.capacity().saturating_sub(self.heads().pages.get());
        let ready = self.free_up_to(pages)?.saturating_add(unused);
        let missing = pages.saturating_sub(ready);
        if missing == 0 || self.dead_up_to(missing, going)? >= missing {
            return Ok(());
        }
        self.grow(missing)
    }

    /// Free pages that can be given out, as far as `most` of them.
    fn free_up_to(&self, most: u32) -> Result<u32> {
        let heads = self.heads();
        let (mut page, mut count) = (heads.free.get(), 0u32);
        while page != 0 && count < most {
            let header = self.extent_header(page)?;
            count = count.saturating_add(header.pages.get());
            page = header.next.get();
        }
        let counted = heads.free_pages.get();
        if count > counted || (page == 0 && count < counted) {
            let why = "the list of free extents does not fit its count";
            return Err(Error::Damaged { page: heads.free.get(), why });
        }
        Ok(count)
    }

    /// Pages of dead trees, and of those that are `going`, as far as `most` of them.
    fn dead_up_to(&self, most: u32, going: &[u32]) -> Result<u32> {
        let mut next = self.heads().dead.get();
        let mut found: Vec<u32> = going.iter().copied().filter(|page| *page != 0).collect();
        let mut count = 0;
        // Whatever is found is a page at least.
        while count < most && (found.len() as u64) < u64::from(most - count) {
            let page = match found.pop() {
                Some(page) => page,
                None if next == 0 => break,
                None => {
                    let link = self.link(next)?;
                    core::mem::replace(&mut next, link)
                }
            };
            count = count.saturating_add(self.own_pages(page, &mut found)?);
        }
        Ok(count.saturating_add(u32::try_from(found.len()).unwrap_or(u32::MAX)))
    }

    /// Pages of a chain; or 1, and what a node owns is `found`.
    fn own_pages(&self, page: u32, found: &mut Vec<u32>) -> Result<u32> {
        let mut kind = [0];
        self.read(page, 0, &mut kind)?;
        if kind[0] == Kind::Extent as u8 {
            return Ok(self.extent_header(page)?.chain_pages.get());
        }
        self.owned(page, found).map(|()| 1)
    }

    /// Checks that a chain can be freed.
    pub(crate) fn check_chain(&self, head: u32) -> Result<()> {
        let header = self.extent_header(head)?;
        if header.chain_pages.get() >= self.heads().pages.get() {
            return Err(Error::Damaged { page: head, why: "a value is longer than its extents" });
        }
        self.extent_header(header.tail.get()).map(drop)
    }

    /// Checks that a page is the topmost one of the tree of a root.
    pub(crate) fn check_tree(&self, top: u32, root: u32, height: u32) -> Result<()> {
        self.tree_kind(top)?;
        // All kinds of pages that trees consist of have these in the same places.
        let mut header = [0; OWNER_AT + 4];
        self.read(top, 0, &mut header)?;
        let owner = header.last_chunk().map_or(0, |owner| u32::from_le_bytes(*owner));
        if owner == root && u32::from(header[1]) + 1 == height {
            return Ok(());
        }
        Err(Error::Damaged { page: top, why: "it is not the topmost node of its root" })
    }
}
