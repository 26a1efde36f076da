//! Allocates and frees pages. The store has one list of free extents, and one list of detached
//! trees, whose pages are reclaimed as they are needed.
//!
//! No page is ever too small, since a large value can have extents of single pages. So free extents
//! need no merging, and every free page can serve every collection.

use ic_stable_structures::Memory;
use zerocopy::IntoBytes;

use super::extent::{Extent, ExtentHeader};
use super::owned::{Owned, TreePage};
use super::superblock::WASM_PAGE;
use super::{Kind, PAGE_SIZE, PageNumber, Pager, StoredPage};
use crate::error::{Damage, Error, Result};

/// The usage of the pages of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct Usage {
    /// The number of pages that were ever allocated, the superblock included.
    pub pages: u32,
    /// The number of pages in the free list.
    pub free: u32,
    /// `true` if there are detached trees with pages to reclaim.
    pub detached: bool,
    /// The size of the memory in bytes.
    pub memory_bytes: u64,
}

impl<M: Memory> Pager<M> {
    /// Returns how the pages are used.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let heads = self.heads();
        Usage {
            pages: heads.pages.get(),
            free: heads.free_pages.get(),
            detached: heads.detached.get().is_some(),
            memory_bytes: self.memory_bytes(),
        }
    }

    /// Returns the number of reclaim steps since the memory was opened. In a damaged memory a
    /// detached tree may contain any page. An offset found before [`Pager::reserve`] is valid only
    /// if this number is the same after it.
    #[inline]
    #[must_use]
    pub fn reclaimed(&self) -> u64 {
        self.reclaimed.get()
    }

    /// Makes sure that `pages` pages can be allocated. Grows the memory if necessary.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`]. Nothing has changed then.
    #[expect(clippy::arithmetic_side_effects, reason = "more pages are needed than are ready")]
    pub fn reserve(&self, pages: u32) -> Result<()> {
        loop {
            let heads = self.heads();
            let unused = self.capacity().saturating_sub(heads.pages.get());
            let ready = heads.free_pages.get().saturating_add(unused);
            if ready >= pages {
                return Ok(());
            }
            if heads.detached.get().is_some() {
                // A page that cannot be reclaimed is lost. That is no reason to refuse memory to
                // others.
                let _ = self.reclaim_step();
                continue;
            }
            self.grow(pages - ready)?;
        }
    }

    /// Grows the memory by at least the given number of pages.
    #[expect(clippy::arithmetic_side_effects, reason = "the divisor is a constant")]
    pub(super) fn grow(&self, pages: u32) -> Result<()> {
        let wasm_pages = u64::from(pages).div_ceil(WASM_PAGE / PAGE_SIZE as u64);
        let end = self.capacity().max(self.heads().pages.get()).checked_add(pages);
        if end.is_none() || self.memory().grow(wasm_pages) < 0 {
            return Err(Error::OutOfMemory { pages: pages.into() });
        }
        Ok(())
    }

    /// Allocates one page.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] or [`Error::Damaged`].
    pub fn allocate(&self) -> Result<PageNumber> {
        self.reserve(1)?;
        self.take(1).map(|extent| extent.start)
    }

    /// Allocates at least one page and at most `want`, side by side. They must be reserved.
    pub(super) fn take(&self, want: u32) -> Result<Extent> {
        // The free list belongs to the store, so its errors name no root.
        self.take_free(want).map_err(Error::of_store)
    }

    #[expect(clippy::arithmetic_side_effects, reason = "the end of an extent is a `u32`")]
    fn take_free(&self, want: u32) -> Result<Extent> {
        let mut heads = self.heads();
        let free = heads.free.get();
        if free.is_none() {
            let end = heads.pages.get();
            let unused = self.capacity().saturating_sub(end);
            let pages = want.min(unused);
            if pages == 0 {
                return Err(Error::OutOfMemory { pages: want.into() });
            }
            heads.pages = (end + pages).into();
            self.set_heads(heads);
            return Ok(Extent { start: PageNumber::new(end), pages });
        }
        let mut header = self.extent_header(free)?;
        let available = header.pages.get();
        let pages = want.min(available);
        let left = heads.free_pages.get().checked_sub(pages);
        heads.free_pages = left.ok_or_else(|| self.damaged(free, Damage::FreeListCount))?.into();
        let start = if available > pages {
            header.pages = (available - pages).into();
            self.write(free, 0, header.as_bytes())?;
            PageNumber::new(free.get() + available - pages)
        } else {
            heads.free = header.next;
            free
        };
        if heads.free.get().is_none() != (heads.free_pages.get() == 0)
            || heads.free.get().get() >= heads.pages.get()
        {
            return Err(self.damaged(free, Damage::FreeListCount));
        }
        self.set_heads(heads);
        Ok(Extent { start, pages })
    }

    /// Frees one page.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such page.
    pub fn free(&self, page: PageNumber) -> Result<()> {
        self.forget(page);
        let mut heads = self.heads();
        self.write(page, 0, ExtentHeader::free(1, heads.free.get()).as_bytes())?;
        heads.free = page.into();
        heads.free_pages = heads.free_pages.get().saturating_add(1).into();
        self.set_heads(heads);
        Ok(())
    }

    /// Frees a page of the tree of a root.
    ///
    /// # Errors
    /// [`Error::Damaged`] if it is not a page of that tree. Nothing has changed then.
    pub fn free_node(&self, page: PageNumber, root: PageNumber) -> Result<()> {
        self.check_node(page, root)?;
        self.free(page)
    }

    /// Frees all overflow pages of a value of this root in constant time, since its extents already
    /// are a list. [`Pager::check_overflow_of`] must have checked the list before.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if this root has no overflow pages there, or no
    /// longer. Nothing has changed then.
    pub fn free_overflow(&self, head: PageNumber) -> Result<()> {
        let mut heads = self.heads();
        let mut first = self.own_extent(head)?;
        let (tail, pages) = (first.tail.get(), first.overflow_pages.get());
        let last = self.own_extent(tail)?;
        // Free extents have no owner, so a second reference to this value finds nothing.
        if tail != head {
            first.owner = StoredPage::default();
            self.write(head, 0, first.as_bytes())?;
        }
        let last = ExtentHeader::free(last.pages.get(), heads.free.get());
        self.write(tail, 0, last.as_bytes())?;
        heads.free = head.into();
        heads.free_pages = heads.free_pages.get().saturating_add(pages).into();
        self.set_heads(heads);
        Ok(())
    }

    /// Frees the overflow pages of several values.
    ///
    /// # Errors
    /// As [`Pager::free_overflow`]. The values before the damaged one are free then.
    pub fn free_overflows(&self, heads: impl IntoIterator<Item = PageNumber>) -> Result<()> {
        heads.into_iter().try_for_each(|head| self.free_overflow(head))
    }

    /// Frees a whole tree in constant time. Its pages are reclaimed later, as they are needed.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the page is not part of a tree.
    pub fn free_tree(&self, top: PageNumber) -> Result<()> {
        self.forget(top);
        let mut heads = self.heads();
        self.set_link(top, heads.detached.get())?;
        heads.detached = top.into();
        self.set_heads(heads);
        Ok(())
    }

    /// Reclaims a small piece of the detached trees. Each page is visited once for each page that
    /// it owns. Leaves alone whatever is damaged, since its pages may be those of other
    /// collections. Then only space is lost.
    ///
    /// # Errors
    /// [`Error::Damaged`] if something was left alone. The next call continues after it.
    pub fn reclaim_step(&self) -> Result<()> {
        let page = self.heads().detached.get();
        if page.is_none() {
            return Ok(());
        }
        self.reclaim_from(page).map_err(|error| {
            let mut heads = self.heads();
            heads.detached = StoredPage::default();
            self.set_heads(heads);
            error.of_store()
        })
    }

    #[expect(clippy::arithmetic_side_effects, reason = "a `u64` counts the steps")]
    fn reclaim_from(&self, page: PageNumber) -> Result<()> {
        self.reclaimed.set(self.reclaimed.get() + 1);
        let above = self.tree_page(page)?;
        // A damaged superblock may name a page that is in use and cached.
        self.forget(page);
        let Some(owned) = self.release(page)? else {
            let mut heads = self.heads();
            heads.detached = self.link(page)?.into();
            self.set_heads(heads);
            return self.free(page);
        };
        // The page no longer refers to it, so a page that cannot be freed is not found again.
        let _ = self.free_owned(above, owned);
        Ok(())
    }

    /// Frees what a page of a detached tree owned: overflow pages, or a page of the same tree below
    /// it.
    fn free_owned(&self, above: TreePage, owned: Owned) -> Result<()> {
        let owned = match owned {
            Owned::Page(page) => page,
            Owned::Value(head, len) => {
                let pager = self.of_root(above.owner);
                pager.check_overflow_of(head, len)?;
                return pager.free_overflow(head);
            }
        };
        let below = self.tree_page(owned)?;
        // The next page of a bucket has the same level.
        let next = u8::from(above.kind == Kind::Bucket && below.kind == Kind::Bucket);
        if below.owner != above.owner || below.level >= above.level.saturating_add(next) {
            return Err(self.damaged(owned, Damage::WrongLevel));
        }
        self.free_tree(owned)
    }
}
