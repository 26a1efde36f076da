//! Makes sure, without a write, that the writes of an upgrade cannot fail half-way: pages to
//! allocate exist, and pages to free are intact.

use std::collections::BTreeSet;

use ic_stable_structures::Memory;

use super::owned::Owned;
use super::{Kind, PageNumber, Pager};
use crate::error::{Damage, Result};

/// A page of a tree as it will be reclaimed.
struct DetachedPage {
    level: u8,
    owner: PageNumber,
    /// The things that it owns. The last one is freed first.
    owned: Vec<Owned>,
}

impl<M: Memory> Pager<M> {
    /// Makes sure that `pages` pages can be allocated once the pages in `going` are free, with all
    /// that is below them and their overflow pages. Grows the memory if necessary, and writes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](crate::Error::OutOfMemory), or
    /// [`Error::Damaged`](crate::Error::Damaged) if the free pages are damaged.
    pub(crate) fn prepare(&self, pages: u32, going: &[PageNumber]) -> Result<()> {
        let unused = self.capacity().saturating_sub(self.heads().pages.get());
        let ready = self.free_up_to(pages)?.saturating_add(unused);
        let missing = pages.saturating_sub(ready);
        if missing == 0 || self.detached_up_to(missing, going)? >= missing {
            return Ok(());
        }
        self.grow(missing)
    }

    /// Returns the number of free pages that can be allocated. Stops counting at `most`.
    fn free_up_to(&self, most: u32) -> Result<u32> {
        let heads = self.heads();
        let (mut page, mut count) = (heads.free.get(), 0u32);
        while page.is_some() && count < most {
            let header = self.extent_header(page)?;
            count = count.saturating_add(header.pages.get());
            page = header.next.get();
        }
        let counted = heads.free_pages.get();
        if count > counted || (page.is_none() && count < counted) {
            return Err(Damage::FreeListCount.on(heads.free.get()));
        }
        Ok(count)
    }

    /// Returns the number of pages that freeing `going` and the detached trees yields. Stops
    /// counting at `most`. Visits pages in the order in which they will be reclaimed, so that
    /// damage is found before.
    fn detached_up_to(&self, most: u32, going: &[PageNumber]) -> Result<u32> {
        let mut next = self.heads().detached.get();
        let mut going: Vec<PageNumber> = going.iter().copied().filter(|page| page.is_some()).collect();
        let (mut way, mut seen, mut count) = (Vec::<DetachedPage>::new(), BTreeSet::new(), 0u32);
        while count < most {
            let owned = match way.last_mut().map(|dying| dying.owned.pop()) {
                Some(Some(owned)) => owned,
                Some(None) => {
                    way.pop();
                    count = count.saturating_add(1);
                    continue;
                }
                None => match going.pop() {
                    Some(page) => Owned::Page(page),
                    None if next.is_none() => break,
                    None => {
                        let link = self.link(next)?;
                        Owned::Page(core::mem::replace(&mut next, link))
                    }
                },
            };
            let page = owned.page();
            if !seen.insert(page) {
                return Err(self.damaged(page, Damage::SharedPage));
            }
            if let (Owned::Value(head, len), Some(above)) = (owned, way.last()) {
                let pages = self.of_root(above.owner).check_overflow_of(head, len)?;
                count = count.saturating_add(pages);
                continue;
            }
            let mut kind = [0];
            self.read(page, 0, &mut kind)?;
            if kind[0] == Kind::Extent as u8 && way.is_empty() {
                // The value of a Cell, which was checked with its root.
                count = count.saturating_add(self.extent_header(page)?.overflow_pages.get());
            } else if kind[0] == Kind::Root as u8 && way.is_empty() {
                count = count.saturating_add(1);
            } else {
                let dying = self.detached_page(page)?;
                // Each level is lower than the one above, so the path is finite. The next page of a
                // bucket has the same level, and no page is visited twice.
                let next = u8::from(kind[0] == Kind::Bucket as u8);
                if way.last().is_some_and(|above| dying.level >= above.level.saturating_add(next)) {
                    return Err(self.damaged(page, Damage::WrongLevel));
                }
                way.push(dying);
            }
        }
        Ok(count)
    }

    /// Returns a page of a tree that is to be reclaimed.
    fn detached_page(&self, page: PageNumber) -> Result<DetachedPage> {
        let head = self.tree_page(page)?;
        Ok(DetachedPage { level: head.level, owner: head.owner, owned: self.owned(page)? })
    }

    /// Checks that a page is the topmost one of the tree of a root.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if it belongs to another collection or is not that
    /// page.
    pub fn check_tree(&self, top: PageNumber, root: PageNumber, height: u32) -> Result<()> {
        let page = self.tree_page(top)?;
        if page.owner == root && u32::from(page.level) + 1 == height {
            return Ok(());
        }
        Err(self.damaged(top, Damage::WrongLevel))
    }
}
