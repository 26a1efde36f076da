//! The pages that a page of a tree owns, which are below it. Knows only what is needed to reclaim
//! any tree in steps, and to count its pages before.

use ic_stable_structures::Memory;
use zerocopy::{FromBytes, IntoBytes};

use super::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use super::node::{HEADER_SIZE, LINK_AT, NEXT_AT, NodeHeader, OWNER_AT, Slot};
use super::{Kind, PAGE_SIZE, PageNumber, Pager, expect_kind};
use crate::error::{Damage, Result};

/// The part of the header that pages of all trees share.
#[derive(Debug, Clone, Copy)]
pub(super) struct TreePage {
    pub(super) kind: Kind,
    pub(super) level: u8,
    /// The page of the root that it belongs to.
    pub(super) owner: PageNumber,
}

/// The thing that a page of a tree owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owned {
    /// A page of the same tree.
    Page(PageNumber),
    /// A value of this many bytes in overflow pages, which begin with this one.
    Value(PageNumber, usize),
}

impl Owned {
    pub(super) fn page(self) -> PageNumber {
        match self {
            Owned::Page(page) | Owned::Value(page, _) => page,
        }
    }
}

impl<M: Memory> Pager<M> {
    /// Checks that a page belongs to the tree of a root.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if it belongs to another collection or to no tree.
    pub fn check_node(&self, page: PageNumber, root: PageNumber) -> Result<()> {
        if self.tree_page(page)?.owner == root {
            return Ok(());
        }
        Err(self.damaged(page, Damage::WrongOwner))
    }

    /// Returns the shared part of the header of a page of a tree.
    pub(super) fn tree_page(&self, page: PageNumber) -> Result<TreePage> {
        let kind = self.tree_kind(page)?;
        let mut header = [0; OWNER_AT + 4];
        self.read(page, 0, &mut header)?;
        let owner = header.last_chunk().map_or(PageNumber::NONE, |owner| PageNumber::from_le_bytes(*owner));
        Ok(TreePage { kind, level: header[1], owner })
    }

    /// Returns the kind of a page, which must be one that trees consist of.
    pub(super) fn tree_kind(&self, page: PageNumber) -> Result<Kind> {
        let mut kind = [0];
        self.read(page, 0, &mut kind)?;
        let known = [Kind::Node, Kind::Branch, Kind::Array, Kind::Bucket];
        let known = known.into_iter().find(|known| *known as u8 == kind[0]);
        known.ok_or_else(|| self.damaged(page, Damage::WrongKind))
    }

    /// Sets the next page in the list of detached trees.
    pub(super) fn set_link(&self, page: PageNumber, next: PageNumber) -> Result<()> {
        self.tree_kind(page)?;
        self.write(page, LINK_AT, &next.to_le_bytes())
    }

    /// Returns the next page in the list of detached trees.
    pub(super) fn link(&self, page: PageNumber) -> Result<PageNumber> {
        self.tree_kind(page)?;
        self.read_number(page, LINK_AT)
    }

    /// Removes the last reference from a page of a detached tree and returns what it was to, or
    /// `None` if none is left.
    pub(super) fn release(&self, page: PageNumber) -> Result<Option<Owned>> {
        match self.tree_kind(page)? {
            Kind::Branch => self.release_entry(page),
            Kind::Node => self.release_slot(page),
            Kind::Bucket => match self.release_slot(page)? {
                None => self.release_next(page),
                owned => Ok(owned),
            },
            _ => Ok(None),
        }
    }

    /// Removes the last reference of a branch. Adjacent entries may refer to the same page, which
    /// is owned once.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all factors are `u16`, so a `usize` holds the product"
    )]
    fn release_entry(&self, page: PageNumber) -> Result<Option<Owned>> {
        let mut header = self.branch_header(page)?;
        let entry =
            |index| self.read_number(page, BRANCH_HEADER + usize::from(index) * usize::from(header.width));
        let mut left = header.count.get();
        let mut in_front = left.checked_sub(1).map(entry).transpose()?;
        while let Some(owned) = in_front {
            left = left.saturating_sub(1);
            in_front = left.checked_sub(1).map(entry).transpose()?;
            if owned.is_some() && in_front != Some(owned) {
                header.count = left.into();
                self.write(page, 0, header.as_bytes())?;
                return Ok(Some(Owned::Page(owned)));
            }
        }
        Ok(None)
    }

    fn release_slot(&self, page: PageNumber) -> Result<Option<Owned>> {
        let mut header = self.node_header(page)?;
        let Some((index, slot)) = self.last_owning_slot(page, &header)? else { return Ok(None) };
        let owned = self.owned_by_slot(page, &header, slot)?;
        header.count = (index as u16).into();
        header.overflows = header.overflows.get().saturating_sub(1).into();
        self.write(page, 0, header.as_bytes())?;
        Ok(Some(owned))
    }

    fn release_next(&self, page: PageNumber) -> Result<Option<Owned>> {
        let next = self.read_number(page, NEXT_AT)?;
        if next.is_none() {
            return Ok(None);
        }
        self.write(page, NEXT_AT, &[0; 4])?;
        Ok(Some(Owned::Page(next)))
    }

    /// Returns what the cell of a slot owns: a value, if the page is a leaf or bucket, else a page.
    fn owned_by_slot(&self, page: PageNumber, header: &NodeHeader, slot: Slot) -> Result<Owned> {
        let owned = self.read_number(page, slot.place())?;
        if header.level != 0 && header.kind == Kind::Node as u8 {
            return Ok(Owned::Page(owned));
        }
        let len = self.read_number(page, slot.place().saturating_add(4))?;
        Ok(Owned::Value(owned, len.get() as usize))
    }

    fn last_owning_slot(&self, page: PageNumber, header: &NodeHeader) -> Result<Option<(usize, Slot)>> {
        if !may_own(header) {
            return Ok(None);
        }
        let found = self.slots(page, header)?.into_iter().enumerate().rfind(|(_, slot)| slot.owns());
        found.map(Some).ok_or_else(|| self.damaged(page, Damage::OverflowCount))
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all factors are `u16`, so a `usize` holds the product"
    )]
    fn slots(&self, page: PageNumber, header: &NodeHeader) -> Result<Vec<Slot>> {
        let mut slots = vec![0; 2 * header.count.get() as usize];
        self.read(page, HEADER_SIZE, &mut slots)?;
        Ok(slots.as_chunks().0.iter().map(|slot| Slot(u16::from_le_bytes(*slot))).collect())
    }

    /// Returns all that a page of a tree owns. The last one is released first.
    pub(super) fn owned(&self, page: PageNumber) -> Result<Vec<Owned>> {
        match self.tree_kind(page)? {
            Kind::Branch => self.owned_by_branch(page),
            Kind::Node => self.owned_by_slots(page),
            Kind::Bucket => {
                let next = self.read_number(page, NEXT_AT)?.some();
                Ok(next.map(Owned::Page).into_iter().chain(self.owned_by_slots(page)?).collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all factors are `u16`, so a `usize` holds the product"
    )]
    fn owned_by_branch(&self, page: PageNumber) -> Result<Vec<Owned>> {
        let header = self.branch_header(page)?;
        let width = usize::from(header.width);
        let mut entries = vec![0; usize::from(header.count) * width];
        self.read(page, BRANCH_HEADER, &mut entries)?;
        let owned = entries.chunks_exact(width).filter_map(|entry| entry.first_chunk::<4>());
        let mut owned: Vec<PageNumber> = owned.map(|page| PageNumber::from_le_bytes(*page)).collect();
        owned.dedup();
        owned.retain(|page| page.is_some());
        Ok(owned.into_iter().map(Owned::Page).collect())
    }

    fn owned_by_slots(&self, page: PageNumber) -> Result<Vec<Owned>> {
        let header = self.node_header(page)?;
        let refs = header.overflows.get() as usize;
        if !may_own(&header) {
            return Ok(Vec::new());
        }
        let owning: Vec<Slot> = self.slots(page, &header)?.into_iter().filter(|slot| slot.owns()).collect();
        let first = owning.len().checked_sub(refs);
        let first = first.ok_or_else(|| self.damaged(page, Damage::OverflowCount))?;
        owning.iter().skip(first).map(|slot| self.owned_by_slot(page, &header, *slot)).collect()
    }

    /// Returns the header of a node or bucket.
    pub(super) fn node_header(&self, page: PageNumber) -> Result<NodeHeader> {
        let mut bytes = [0; HEADER_SIZE];
        self.read(page, 0, &mut bytes)?;
        if bytes[0] != Kind::Bucket as u8 {
            expect_kind(bytes[0], Kind::Node).map_err(|reason| self.damaged(page, reason))?;
        }
        NodeHeader::read_from_bytes(&bytes).map_err(|_| self.damaged(page, Damage::BeyondEnd))
    }

    /// Returns the header of a branch, whose entries are all inside the page.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the page is not a branch.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "all factors are `u16`, so a `usize` holds the product"
    )]
    pub fn branch_header(&self, page: PageNumber) -> Result<BranchHeader> {
        let mut bytes = [0; BRANCH_HEADER];
        self.read(page, 0, &mut bytes)?;
        expect_kind(bytes[0], Kind::Branch).map_err(|reason| self.damaged(page, reason))?;
        let header = BranchHeader::read_from_bytes(&bytes);
        let header = header.map_err(|_| self.damaged(page, Damage::BeyondEnd))?;
        let (count, width) = (usize::from(header.count), usize::from(header.width));
        if width < 4 || count * width > BRANCH_ROOM {
            return Err(self.damaged(page, Damage::BranchCount));
        }
        Ok(header)
    }

    /// Reads a number of 4 bytes, which most often is that of a page.
    fn read_number(&self, page: PageNumber, offset: usize) -> Result<PageNumber> {
        let mut bytes = [0; 4];
        if offset > PAGE_SIZE - 4 {
            return Err(self.damaged(page, Damage::BeyondEnd));
        }
        self.read(page, offset, &mut bytes)?;
        Ok(PageNumber::from_le_bytes(bytes))
    }
}

/// Returns `true` if slots of a node or bucket may own pages. A leaf of fixed cells has no slots.
fn may_own(header: &NodeHeader) -> bool {
    let has_slots = header.kind == Kind::Bucket as u8 || header.cell_len() == 0;
    header.overflows.get() != 0 && has_slots
}
