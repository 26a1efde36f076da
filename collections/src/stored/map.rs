//! The use of each page of a memory, from the headers of pages.

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{Kind, LayoutId, PAGE_SIZE, PageNumber, StorePages};
use graven_core::{Memory, Result};
use zerocopy::FromBytes;

use super::StoredStore;

/// The owner of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PageOwner {
    /// The superblock, the catalog or the registry.
    Store,
    /// The free list.
    Free,
    /// A detached tree, whose pages are freed as they are needed.
    Detached,
    /// The root at this position in [`StoredStore::roots`].
    Root(usize),
    /// Nothing that a header names.
    Unknown,
}

/// The use of a run of adjacent pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageUse {
    /// The first page.
    pub page: PageNumber,
    /// The number of pages: 1, or those of an extent.
    pub pages: u32,
    /// The owner.
    pub owner: PageOwner,
    /// The part of the page that cells take in percent, where the header says so.
    pub fill: Option<u8>,
    /// `true` if a leaf lists another layout than the current one of its root.
    pub is_old: bool,
}

impl<M: Memory> StoredStore<M> {
    /// Calls `visit` with the use of all pages in order. Reads 32 bytes of each page, and the lists
    /// of the store. Damaged headers give a wrong picture and no error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) only if the memory ends early.
    pub fn map(&self, visit: &mut dyn FnMut(PageUse)) -> Result<()> {
        let Some(pager) = &self.pager else { return Ok(()) };
        let (store, end) = (pager.account(), pager.heads().pages.get());
        let mut page = 0;
        while page < end {
            let mut header = [0; HEADER_SIZE];
            let number = PageNumber::new(page);
            if page > 0 {
                pager.read(number, 0, &mut header)?;
            }
            let used = self.page_use(number, &header, &store);
            let pages = used.pages.clamp(1, end.saturating_sub(page).max(1));
            visit(PageUse { pages, ..used });
            page = page.saturating_add(pages);
        }
        Ok(())
    }

    fn page_use(&self, page: PageNumber, header: &[u8; HEADER_SIZE], store: &StorePages) -> PageUse {
        let kind = header[0];
        let pages = if kind == Kind::Extent as u8 { word(header, 4) } else { 1 };
        let plain = PageUse { page, pages, owner: PageOwner::Unknown, fill: None, is_old: false };
        if store.lists.contains(page) {
            return PageUse { owner: PageOwner::Store, pages: 1, ..plain };
        }
        if store.free.contains(page) {
            return PageUse { owner: PageOwner::Free, fill: Some(0), ..plain };
        }
        if store.detached.contains(page) {
            return PageUse { owner: PageOwner::Detached, ..plain };
        }
        let owner = match kind {
            kind if kind == Kind::Root as u8 => page,
            kind if kind == Kind::Extent as u8 => PageNumber::new(word(header, 20)),
            _ => PageNumber::new(word(header, 12)),
        };
        let Some(at) = self.roots.iter().position(|root| root.root().page() == owner) else { return plain };
        let current = self.roots.get(at).map(|root| root.root().current());
        let is_old = |layout: LayoutId| {
            layout != LayoutId::NONE && layout != LayoutId::INTERNAL && Some(layout) != current
        };
        let (fill, is_old) = match (kind, NodeHeader::read_from_bytes(&header[..])) {
            (kind, Ok(node)) if kind == Kind::Node as u8 => {
                let is_old = header[1] == 0 && node.layouts.iter().any(|layout| is_old(layout.get()));
                (Some(fill(&node)), is_old)
            }
            (kind, Ok(node)) if kind == Kind::Bucket as u8 => {
                (None, node.layouts.iter().any(|layout| is_old(layout.get())))
            }
            (kind, _) if kind == Kind::Array as u8 => {
                (None, is_old(LayoutId::new((word(header, 0) >> 16) as u16)))
            }
            _ => (None, false),
        };
        PageUse { owner: PageOwner::Root(at), fill, is_old, ..plain }
    }
}

/// Returns the number at an offset of a header.
fn word(header: &[u8; HEADER_SIZE], at: usize) -> u32 {
    header.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |word| u32::from_le_bytes(*word))
}

/// Returns the part of a node that cells and slots take, in percent.
fn fill(node: &NodeHeader) -> u8 {
    let count = usize::from(node.count.get());
    let used = match node.cell_len() {
        0 => {
            let cells = PAGE_SIZE.saturating_sub(node.cells.get().into());
            cells.saturating_sub(node.fragmented.get().into()).saturating_add(count.saturating_mul(2))
        }
        len => count.saturating_mul(len.saturating_add(2)),
    };
    (used.saturating_mul(100) / (PAGE_SIZE - HEADER_SIZE)).min(100) as u8
}
