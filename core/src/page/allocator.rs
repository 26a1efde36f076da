//! Giving pages out and taking them back: a list of free extents for the whole store, and a list of
//! detached trees that are taken apart page by page as room is needed.
//!
//! No page is ever too small: large values are chains of extents, and an extent may be a single
//! page. So there is nothing to merge, and every free page can serve every collection.

use ic_stable_structures::Memory;
use zerocopy::{FromBytes, IntoBytes};

use super::extent::{EXTENT_HEADER, Extent, ExtentHeader};
use super::owned::TreePage;
use super::superblock::WASM_PAGE;
use super::{Kind, PAGE_SIZE, Pager, expect_kind};
use crate::error::{Error, Result};

/// How the pages of a store are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Pages ever given out, the superblock included.
    pub pages: u32,
    /// Pages in the free list.
    pub free: u32,
    /// Tells whether detached trees wait to be taken apart.
    pub detached: bool,
    /// Bytes of the memory.
    pub memory_bytes: u64,
}

impl<M: Memory> Pager<M> {
    /// How the pages are used.
    pub fn usage(&self) -> Usage {
        let heads = self.heads();
        Usage {
            pages: heads.pages.get(),
            free: heads.free_pages.get(),
            detached: heads.detached.get() != 0,
            memory_bytes: self.memory_bytes(),
        }
    }

    /// Returns how many steps of taking detached trees apart were done since the memory was opened.
    /// In a damaged memory any page may be among those of a detached tree: an offset found in a
    /// page before [`Pager::reserve`] holds only if this number is the same after it.
    #[inline]
    pub fn reclaimed(&self) -> u64 {
        self.reclaimed.get()
    }

    /// Makes sure that `pages` pages can be given out, growing the memory if need be.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]; nothing has changed then.
    pub fn reserve(&self, pages: u32) -> Result<()> {
        loop {
            let heads = self.heads();
            let unused = self.capacity().saturating_sub(heads.pages.get());
            let ready = heads.free_pages.get().saturating_add(unused);
            if ready >= pages {
                return Ok(());
            }
            if heads.detached.get() != 0 {
                // What could not be reclaimed is lost, and no reason to refuse room to others.
                let _ = self.reclaim_step();
                continue;
            }
            self.grow(pages - ready)?;
        }
    }

    /// Grows the memory by at least so many pages.
    pub(super) fn grow(&self, pages: u32) -> Result<()> {
        let wasm_pages = u64::from(pages).div_ceil(WASM_PAGE / PAGE_SIZE as u64);
        let end = self.capacity().max(self.heads().pages.get()).checked_add(pages);
        if end.is_none() || self.memory.grow(wasm_pages) < 0 {
            return Err(Error::OutOfMemory { pages: pages.into() });
        }
        Ok(())
    }

    /// Gives out one page.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] or [`Error::Damaged`].
    pub fn allocate(&self) -> Result<u32> {
        self.reserve(1)?;
        self.take(1).map(|extent| extent.start)
    }

    /// Gives out at least one page and at most `want`, side by side. They were reserved before.
    pub(super) fn take(&self, want: u32) -> Result<Extent> {
        let mut heads = self.heads();
        let free = heads.free.get();
        if free == 0 {
            let (start, unused) = (heads.pages.get(), self.capacity().saturating_sub(heads.pages.get()));
            let pages = want.min(unused);
            if pages == 0 {
                return Err(Error::OutOfMemory { pages: want.into() });
            }
            heads.pages = (start + pages).into();
            self.set_heads(heads);
            return Ok(Extent { start, pages });
        }
        let mut header = self.extent_header(free)?;
        let available = header.pages.get();
        let pages = want.min(available);
        let left = heads.free_pages.get().checked_sub(pages);
        heads.free_pages = left
            .ok_or_else(|| Error::Damaged { page: free, why: "more pages are free than are counted" })?
            .into();
        let start = if available > pages {
            header.pages = (available - pages).into();
            self.write(free, 0, header.as_bytes())?;
            free + available - pages
        } else {
            heads.free = header.next;
            if heads.free.get() == 0 {
                self.last_free.set(0);
            }
            free
        };
        if (heads.free.get() == 0) != (heads.free_pages.get() == 0) || heads.free >= heads.pages {
            return Err(Error::Damaged {
                page: free,
                why: "the list of free extents does not fit its count",
            });
        }
        self.set_heads(heads);
        Ok(Extent { start, pages })
    }

    /// Takes one page back.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such page.
    pub fn free(&self, page: u32) -> Result<()> {
        self.forget(page);
        let mut heads = self.heads();
        let header = ExtentHeader::new(1, heads.free.get(), page, 1);
        self.write(page, 0, header.as_bytes())?;
        if heads.free.get() == 0 {
            self.last_free.set(page);
        }
        heads.free = page.into();
        heads.free_pages = heads.free_pages.get().saturating_add(1).into();
        self.set_heads(heads);
        Ok(())
    }

    /// Takes back a page of the tree of a root.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is no page of that tree; nothing has changed then.
    pub fn free_node(&self, page: u32, root: u32) -> Result<()> {
        self.check_node(page, root)?;
        self.free(page)
    }

    /// Takes a whole chain of extents back, in constant time: it already is a list. Whether it is
    /// whole has to be checked before, with [`Pager::check_overflow`]. An extent names no owner in
    /// this format: a sound chain of another collection is not told from one's own.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page does not begin a chain, or begins one that is free
    /// already.
    pub fn free_overflow(&self, head: u32) -> Result<()> {
        let header = self.extent_header(head)?;
        let mut heads = self.heads();
        let tail = header.tail.get();
        let mut last = self.extent_header(tail)?;
        // The last free extent has no next one, as the last one of a chain: freed twice, it would
        // close a circle.
        if tail == self.last_free.get() || head == heads.free.get() {
            return Err(Error::Damaged { page: head, why: "it is free already" });
        }
        last.next = heads.free;
        self.write(tail, 0, last.as_bytes())?;
        if heads.free.get() == 0 {
            self.last_free.set(tail);
        }
        heads.free = head.into();
        let freed = header.overflow_pages.get();
        heads.free_pages = heads.free_pages.get().saturating_add(freed).into();
        self.set_heads(heads);
        Ok(())
    }

    /// Takes whole chains back.
    ///
    /// # Errors
    /// As [`Pager::free_overflow`]; those in front are free then.
    pub fn free_overflows(&self, heads: impl IntoIterator<Item = u32>) -> Result<()> {
        heads.into_iter().try_for_each(|head| self.free_overflow(head))
    }

    /// Takes a whole tree back, in constant time: it is taken apart later, as room is needed.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the page is no node.
    pub fn free_tree(&self, top: u32) -> Result<()> {
        self.forget(top);
        let mut heads = self.heads();
        self.set_link(top, heads.detached.get())?;
        heads.detached = top.into();
        self.set_heads(heads);
        Ok(())
    }

    pub(super) fn extent_header(&self, page: u32) -> Result<ExtentHeader> {
        let mut bytes = [0; EXTENT_HEADER];
        self.read(page, 0, &mut bytes)?;
        expect_kind(page, bytes[0], Kind::Extent)?;
        let short = || Error::Damaged { page, why: "it is too short" };
        let header = ExtentHeader::read_from_bytes(&bytes).map_err(|_| short())?;
        let end = page.checked_add(header.pages.get());
        let fits = end.is_some_and(|end| end <= self.heads().pages.get() && end > page);
        if fits {
            Ok(header)
        } else {
            Err(Error::Damaged { page, why: "an extent has an impossible length" })
        }
    }

    /// Takes one small piece of the detached trees apart: constant work, and every node is seen
    /// once for each page that it owns. Whatever is not sound in them is left alone, for its pages
    /// may be those of other collections: then space is lost, and nothing else.
    ///
    /// # Errors
    /// [`Error::Damaged`] where something was left alone. The next call continues after it.
    pub fn reclaim_step(&self) -> Result<()> {
        let page = self.heads().detached.get();
        if page == 0 {
            return Ok(());
        }
        self.reclaim_from(page).inspect_err(|_| {
            let mut heads = self.heads();
            heads.detached = 0.into();
            self.set_heads(heads);
        })
    }

    fn reclaim_from(&self, page: u32) -> Result<()> {
        self.reclaimed.set(self.reclaimed.get() + 1);
        let above = self.tree_page(page)?;
        // A superblock that is damaged may name a page that is in use, and cached.
        self.forget(page);
        let Some(owned) = self.release(page)? else {
            let mut heads = self.heads();
            heads.detached = self.link(page)?.into();
            self.set_heads(heads);
            return self.free(page);
        };
        // The reference is gone from the page, so what cannot be freed is not met again.
        let _ = self.free_owned(above, owned);
        Ok(())
    }

    /// Frees what a page of a detached tree owned, if it is a chain, or a page of the same tree
    /// below that one.
    fn free_owned(&self, above: TreePage, owned: u32) -> Result<()> {
        let mut kind = [0];
        self.read(owned, 0, &mut kind)?;
        // Chains are values, which are in leaves and buckets. Below other pages an extent is a page
        // that was freed.
        if kind[0] == Kind::Extent as u8 && above.has_values() {
            self.check_overflow(owned)?;
            return self.free_overflow(owned);
        }
        let below = self.tree_page(owned)?;
        // The next page of a bucket is on its own level.
        let next = u8::from(above.kind == Kind::Bucket && below.kind == Kind::Bucket);
        if below.owner != above.owner || below.level >= above.level.saturating_add(next) {
            return Err(Error::Damaged { page: owned, why: "it is not below the node that owns it" });
        }
        self.free_tree(owned)
    }
}
