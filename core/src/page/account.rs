//! Accounting for the pages that belong to no live tree: the superblock, the lists of the store,
//! free extents and detached trees. A check of the whole memory adds those of the roots.

use ic_stable_structures::Memory;

use super::owned::Owned;
use super::{Kind, PageNumber, PageSet, Pager};
use crate::error::{Damage, Error, Result};

/// The pages that belong to the store itself.
#[derive(Debug, Default)]
pub struct StorePages {
    /// The superblock, the catalog, and the pages of the registry.
    pub lists: PageSet,
    /// The pages of free extents.
    pub free: PageSet,
    /// The pages of detached trees, with their overflow pages.
    pub detached: PageSet,
    /// The faults that ended a list early.
    pub faults: Vec<Error>,
}

impl StorePages {
    /// Returns `true` if a page belongs to the store.
    #[must_use]
    pub fn contains(&self, page: PageNumber) -> bool {
        self.lists.contains(page) || self.free.contains(page) || self.detached.contains(page)
    }
}

impl<M: Memory> Pager<M> {
    /// Visits all pages of the store that belong to no root. Reads a header for each extent, and a
    /// page for each node of a detached tree.
    #[must_use]
    pub fn account(&self) -> StorePages {
        let mut pages = StorePages::default();
        let heads = self.heads();
        pages.lists.insert(PageNumber::NONE);
        pages.lists.insert(heads.catalog.get());
        let faults = [
            self.account_registry(&mut pages),
            self.account_free(&mut pages),
            self.account_detached(&mut pages),
        ];
        pages.faults = faults.into_iter().filter_map(Result::err).map(Error::of_store).collect();
        pages
    }

    fn account_registry(&self, pages: &mut StorePages) -> Result<()> {
        let mut next = self.heads().registry.get();
        while let Some(page) = next.some() {
            if !pages.lists.insert(page) {
                return Err(self.damaged(page, Damage::Cycle));
            }
            let mut header = [0; 8];
            self.read(page, 0, &mut header)?;
            super::expect_kind(header[0], Kind::Registry).map_err(|reason| self.damaged(page, reason))?;
            let [.., a, b, c, d] = header;
            next = PageNumber::from_le_bytes([a, b, c, d]);
        }
        Ok(())
    }

    fn account_free(&self, pages: &mut StorePages) -> Result<()> {
        let (heads, mut count) = (self.heads(), 0_u32);
        let mut next = heads.free.get();
        while let Some(page) = next.some() {
            let header = self.extent_header(page)?;
            if pages.lists.contains(page) || pages.free.insert_run(page, header.pages.get()).is_some() {
                return Err(self.damaged(page, Damage::Cycle));
            }
            count = count.saturating_add(header.pages.get());
            next = header.next.get();
        }
        if count == heads.free_pages.get() {
            Ok(())
        } else {
            Err(self.damaged(heads.free.get(), Damage::FreeListCount))
        }
    }

    fn account_detached(&self, pages: &mut StorePages) -> Result<()> {
        let mut next = self.heads().detached.get();
        while let Some(top) = next.some() {
            self.account_tree(top, pages)?;
            next = self.link(top)?;
        }
        Ok(())
    }

    /// Visits a detached tree. What does not fit the page above is lost when the tree is taken
    /// apart, so it is no page of the tree.
    fn account_tree(&self, top: PageNumber, pages: &mut StorePages) -> Result<()> {
        let mut waiting = vec![top];
        while let Some(page) = waiting.pop() {
            if pages.free.contains(page) || pages.lists.contains(page) || !pages.detached.insert(page) {
                return Err(self.damaged(page, Damage::DetachedInUse));
            }
            let above = self.tree_page(page)?;
            for owned in self.owned(page)? {
                match owned {
                    Owned::Value(head, len) => self.account_value(above.owner, head, len, pages)?,
                    Owned::Page(below) => {
                        let found = self.tree_page(below)?;
                        let is_next = found.kind == Kind::Bucket && above.kind == Kind::Bucket;
                        if found.owner != above.owner
                            || found.level >= above.level.saturating_add(u8::from(is_next))
                        {
                            return Err(self.damaged(below, Damage::WrongLevel));
                        }
                        waiting.push(below);
                    }
                }
            }
        }
        Ok(())
    }

    fn account_value(
        &self,
        owner: PageNumber,
        head: PageNumber,
        len: usize,
        pages: &mut StorePages,
    ) -> Result<()> {
        let pager = self.of_root(owner);
        pager.check_overflow_of(head, len)?;
        pager.visit_extents(head, &mut |extent, count| match pages.detached.insert_run(extent, count) {
            None => Ok(()),
            Some(page) => Err(pager.damaged(page, Damage::OverflowShared)),
        })
    }
}
