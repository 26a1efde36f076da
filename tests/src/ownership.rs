//! The pages of an image and who owns them, as docs/format.md describes it: what links them is read
//! from the bytes alone.

use std::collections::BTreeSet;

use graven_core::page::{Kind, PAGE_SIZE};

/// The owner of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The superblock, the catalog or the registry.
    Store,
    /// The collection with this root's page.
    Root(u32),
    /// A tree that this collection had, which waits to be taken apart.
    Detached(u32),
    /// Nobody: the page is free.
    Free,
}

impl Owner {
    /// Returns whether the page is or was a part of this collection.
    #[must_use]
    pub fn is_of(self, root: u32) -> bool {
        self == Owner::Root(root) || self == Owner::Detached(root)
    }
}

/// Offsets in the superblock.
pub mod superblock {
    #![allow(missing_docs)]

    pub const PAGES: usize = 32;
    pub const FREE: usize = 36;
    pub const DETACHED: usize = 44;
}

/// Offset of the owner in pages of trees.
pub const OWNER_AT: usize = 12;
/// Offset in pages of trees of the next detached tree.
pub const LINK_AT: usize = 24;
/// Offset in a bucket of its next page.
pub const NEXT_AT: usize = 28;
/// Offset of the first slot or entry.
pub const SLOTS_AT: usize = 32;
/// Offset in a root of the state of its second tree.
pub const SECOND_STATE_AT: usize = 3840;

/// The bit of a slot whose cell begins with a page.
const OWNS: u16 = 1 << 14;

/// Returns a number of `width` bytes, or 0 where the image has none.
#[must_use]
pub fn number(image: &[u8], at: usize, width: usize) -> u64 {
    let mut bytes = [0; 8];
    if let Some(found) = image.get(at..at + width) {
        bytes[..width].copy_from_slice(found);
    }
    u64::from_le_bytes(bytes)
}

/// Returns the page number at an offset of the image.
#[must_use]
pub fn page_at(image: &[u8], at: usize) -> u32 {
    number(image, at, 4) as u32
}

/// Returns the kind in the first byte of a page.
#[must_use]
pub fn kind_of(image: &[u8], page: u32) -> u8 {
    image.get(page as usize * PAGE_SIZE).copied().unwrap_or(0)
}

/// Returns whether a kind is that of pages of trees.
#[must_use]
pub fn is_tree(kind: u8) -> bool {
    [Kind::Node, Kind::Branch, Kind::Array, Kind::Bucket].into_iter().any(|tree| tree as u8 == kind)
}

/// Returns the offsets in the image at which a page names those below it. Sound or not, they are in
/// the image.
#[must_use]
pub fn references(image: &[u8], page: u32) -> Vec<usize> {
    let start = page as usize * PAGE_SIZE;
    let kind = kind_of(image, page);
    let count = number(image, start + 2, 2) as usize;
    let mut found = Vec::new();
    // A leaf of fixed cells has no slots.
    let is_fixed = kind == Kind::Node as u8 && page_at(image, start + NEXT_AT) != 0;
    if kind == Kind::Node as u8 && !is_fixed || kind == Kind::Bucket as u8 {
        let slots = (0..count).map(|slot| number(image, start + SLOTS_AT + 2 * slot, 2) as u16);
        found.extend(slots.filter(|slot| slot & OWNS != 0).map(|slot| usize::from(slot & 0xfff)));
    }
    if kind == Kind::Bucket as u8 {
        found.push(NEXT_AT);
    }
    if kind == Kind::Branch as u8 {
        let width = number(image, start + 4, 2) as usize;
        found.extend((0..count).map(|entry| SLOTS_AT + width * entry));
    }
    if kind == Kind::Root as u8 {
        found.push(8);
        // Queues, ranked maps, nested collections and records have two trees.
        if matches!(number(image, start + 1, 1), 9 | 12..=20) {
            found.push(SECOND_STATE_AT);
        }
    }
    found.retain(|at| at + 4 <= PAGE_SIZE);
    found.into_iter().map(|at| start + at).filter(|at| at + 4 <= image.len()).collect()
}

/// The owners of all pages of a sound image.
#[derive(Debug)]
pub struct Ownership {
    owners: Vec<Owner>,
    /// Pages with a header; the others are the inside of extents.
    headed: Vec<bool>,
}

impl Ownership {
    /// Reads a sound image.
    #[must_use]
    pub fn of(image: &[u8]) -> Self {
        let pages = page_at(image, superblock::PAGES) as usize;
        let mut all = Ownership { owners: vec![Owner::Store; pages], headed: vec![false; pages] };
        let roots = page_at(image, 48) as usize * PAGE_SIZE;
        for root in 0..number(image, roots + 2, 2) as usize {
            let page = page_at(image, roots + 16 + 4 * root);
            all.walk(image, page, Owner::Root(page));
        }
        let mut detached = page_at(image, superblock::DETACHED);
        while detached != 0 {
            let start = detached as usize * PAGE_SIZE;
            all.walk(image, detached, Owner::Detached(page_at(image, start + OWNER_AT)));
            detached = page_at(image, start + LINK_AT);
        }
        all.extents(image, page_at(image, superblock::FREE), Owner::Free);
        all
    }

    fn walk(&mut self, image: &[u8], page: u32, owner: Owner) {
        // The entries of a directory name a bucket several times.
        if page == 0 || self.headed[page as usize] {
            return;
        }
        if kind_of(image, page) == Kind::Extent as u8 {
            return self.extents(image, page, owner);
        }
        (self.owners[page as usize], self.headed[page as usize]) = (owner, true);
        for at in references(image, page) {
            self.walk(image, page_at(image, at), owner);
        }
    }

    fn extents(&mut self, image: &[u8], mut page: u32, owner: Owner) {
        while page != 0 {
            let start = page as usize * PAGE_SIZE;
            let pages = page as usize..(page + page_at(image, start + 4)) as usize;
            self.owners[pages].fill(owner);
            self.headed[page as usize] = true;
            page = page_at(image, start + 8);
        }
    }

    /// The number of pages that were ever given out.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.owners.len() as u32
    }

    /// Returns whether there are no pages, which no image has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    /// The owner of a page, if it was there.
    #[must_use]
    pub fn owner(&self, page: u32) -> Option<Owner> {
        self.owners.get(page as usize).copied()
    }

    /// The pages with a header whose owner fits.
    pub fn headed(&self, fits: impl Fn(Owner) -> bool) -> impl Iterator<Item = u32> {
        let owned = self.owners.iter().zip(&self.headed).enumerate();
        owned.filter(move |(_, (owner, headed))| **headed && fits(**owner)).map(|(page, _)| page as u32)
    }
}

/// The pages that the next operations of any collection may be given, in an image that need not be
/// sound: those of free extents, and the tops of detached trees.
#[must_use]
pub fn spare_pages(image: &[u8]) -> BTreeSet<u32> {
    let (mut spare, mut starts) = (BTreeSet::new(), BTreeSet::new());
    let mut free = page_at(image, superblock::FREE);
    while free != 0 && kind_of(image, free) == Kind::Extent as u8 && starts.insert(free) {
        let start = free as usize * PAGE_SIZE;
        let pages = page_at(image, start + 4);
        spare.extend(free..free.saturating_add(pages.min(page_at(image, superblock::PAGES))));
        free = page_at(image, start + 8);
    }
    let mut detached = page_at(image, superblock::DETACHED);
    while detached != 0 && is_tree(kind_of(image, detached)) && starts.insert(detached) {
        spare.insert(detached);
        detached = page_at(image, detached as usize * PAGE_SIZE + LINK_AT);
    }
    spare
}

/// Returns the pages of a chain as they are freed, if it is sound: its extents are as many as
/// counted, and the last one is the one that is named.
fn sound_chain(image: &[u8], head: u32) -> Option<Vec<u32>> {
    let start = |page: u32| page as usize * PAGE_SIZE;
    let (tail, count) = (page_at(image, start(head) + 12), page_at(image, start(head) + 16));
    let end = page_at(image, superblock::PAGES);
    let (mut page, mut pages) = (head, Vec::new());
    while pages.len() < count.min(end) as usize && kind_of(image, page) == Kind::Extent as u8 {
        let extent = page_at(image, start(page) + 4);
        let next = page_at(image, start(page) + 8);
        if extent == 0 || page.checked_add(extent).is_none_or(|after| after > end) {
            return None;
        }
        pages.extend(page..page + extent);
        if page == tail {
            return (next == 0 && pages.len() == count as usize).then_some(pages);
        }
        page = next;
    }
    None
}

/// Returns whether a sound chain belongs to the collection and to something else, or to it twice.
/// An extent does not say whose it is, so no operation can tell that from a sound collection.
#[must_use]
pub fn shares_a_chain(image: &[u8], pages: &Ownership, root: u32) -> bool {
    let mut claimed = BTreeSet::new();
    for page in pages.headed(|owner| owner.is_of(root)) {
        for at in references(image, page) {
            let chain = sound_chain(image, page_at(image, at)).unwrap_or_default();
            let is_its_own = |page: u32| pages.owner(page).is_some_and(|owner| owner.is_of(root));
            if !chain.into_iter().all(|page| is_its_own(page) && claimed.insert(page)) {
                return true;
            }
        }
    }
    false
}
