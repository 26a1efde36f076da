//! One bucket more or less where all pages of the group are plain: each entry is hashed once and goes into the new
//! page of its bucket. Pages that followed others go, as their entries come into the first page of their bucket,
//! which has room for them again. This is the dearest step of an insert, so nothing in it is done twice.

use graven_core::page::PAGE_SIZE;
use graven_core::page::PageBytes;
use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::{Memory, Result};

use super::bucket::{Grid, plain_len, plain_places};
use super::directory::{self, Entry};
use super::fresh::Fresh;
use super::group::GONE;
use super::hash;
use super::shape::{PartsOf, Shape, Span};
use super::table::{Table, broken, count_down};
use crate::btree_map::cell::Sizes;

/// Pages of a group that follow others.
const MOST_AFTER: usize = 8;

/// The new pages of a group, one for each of its buckets.
struct Targets {
    parts: PartsOf,
    pages: Vec<Fresh>,
}

impl<M: Memory> Table<M> {
    /// Goes on to the shape `after`. False where that is not as simple; nothing has been written then.
    pub(super) fn resize_plain(
        &self,
        after: Shape,
        span: Span,
        entries: &[Entry],
        gone: Option<Entry>,
    ) -> Result<bool> {
        let (Some(len), true) = (plain_len(self.sizes), self.is_new()) else {
            return Ok(false);
        };
        let grid = Grid { places: plain_places(len), cell: Some(len) };
        if entries.iter().chain(&gone).any(|entry| !entry.is_plain() || entry.places() != grid.places) {
            return Ok(false);
        }
        let buckets = entries.len() + usize::from(gone.is_none());
        let pages = (0..buckets).map(|_| Fresh::new(self.empty().bytes, grid.places)).collect();
        let mut targets = Targets { parts: after.parts_of(span), pages };
        let mut old = Box::new([0; PAGE_SIZE]);
        let mut behind = Vec::new();
        for entry in entries.iter().chain(&gone) {
            let (mut page, mut left) = (entry.page, self.most_pages());
            while page != 0 {
                let Some(header) = self.read_plain(page, grid, &mut old)? else { return Ok(false) };
                if page != entry.page {
                    behind.push(page);
                }
                // More pages than these do not become one.
                if behind.len() > MOST_AFTER || !self.spread(&old, (grid.places, len), &mut targets) {
                    return Ok(false);
                }
                page = header.next.get();
                left = count_down(left, page)?;
            }
        }
        behind.extend(gone.map(|entry| entry.page));
        self.write_pages(after, span, targets.pages, entries, &behind)?;
        Ok(true)
    }

    /// Reads a page; nothing if it is not a plain one.
    fn read_plain(&self, page: u32, grid: Grid, bytes: &mut PageBytes) -> Result<Option<NodeHeader>> {
        self.root.pager().read(page, 0, bytes.as_mut_slice())?;
        let (header, found) = self.grid(page, &bytes[..])?;
        Ok((found == grid).then_some(header))
    }

    /// Puts the entries of a page into those of their buckets; false if one does not fit or belongs to none. The
    /// compiler knows the sizes that are met most.
    fn spread(&self, old: &PageBytes, (places, len): (usize, usize), targets: &mut Targets) -> bool {
        let sizes = |key| Sizes { key: Some(key), value: None };
        match (self.sizes.key, len) {
            (Some(8), 8) => self.spread_parts(sizes(8), old, (places, 8), targets),
            (Some(8), 12) => self.spread_parts(sizes(8), old, (places, 12), targets),
            (Some(8), 16) => self.spread_parts(sizes(8), old, (places, 16), targets),
            (Some(8), 24) => self.spread_parts(sizes(8), old, (places, 24), targets),
            (Some(32), 40) => self.spread_parts(sizes(32), old, (places, 40), targets),
            _ => self.spread_parts(self.sizes, old, (places, len), targets),
        }
    }

    /// The same, which also knows whether two bits of the hash are all that matters.
    #[inline(always)]
    fn spread_parts(
        &self,
        sizes: Sizes,
        old: &PageBytes,
        (places, len): (usize, usize),
        Targets { parts, pages }: &mut Targets,
    ) -> bool {
        match parts.are_bits() {
            true => self.spread_sized(sizes, old, (places, len), parts, pages, |hash| parts.bits(hash)),
            false => self.spread_sized(sizes, old, (places, len), parts, pages, |hash| parts.part(hash)),
        }
    }

    #[inline(always)]
    fn spread_sized(
        &self,
        sizes: Sizes,
        old: &PageBytes,
        (places, len): (usize, usize),
        parts: &PartsOf,
        pages: &mut [Fresh],
        part: impl Fn(u64) -> usize,
    ) -> bool {
        let (seed, key_size) = (self.seed(), sizes.key.unwrap_or_default());
        // The cell of the first place is the last one of the page.
        let cells = old.rchunks_exact(len);
        for (mark, cell) in old[HEADER_SIZE..HEADER_SIZE + places].iter().zip(cells) {
            if *mark <= GONE {
                continue;
            }
            let Some(key) = cell.get(..key_size) else { return false };
            let hash = hash::hash_sized(sizes, seed, key);
            if !parts.is_of_group(hash) {
                return false;
            }
            let Some(page) = pages.get_mut(part(hash)) else { return false };
            if !page.put(hash, places, cell) {
                return false;
            }
        }
        true
    }

    /// Writes the pages, once there is room for them, and gives back those that are needed no more.
    fn write_pages(
        &self,
        after: Shape,
        span: Span,
        pages: Vec<Fresh>,
        entries: &[Entry],
        spare: &[u32],
    ) -> Result<()> {
        let pager = self.root.pager();
        let is_more = pages.len() > entries.len();
        let branches = directory::pages(after.buckets).saturating_sub(directory::pages(self.buckets()));
        if is_more {
            pager.reserve(branches + 1)?;
        }
        let mut state = self.root.state();
        for (part, fresh) in pages.into_iter().enumerate() {
            match (entries.get(part), entries.first()) {
                (Some(entry), _) => {
                    pager.write_page(entry.page, fresh.bytes)?;
                    if entry.is_linked() {
                        self.set_entry(state, span.bucket(part), entry.linked(false))?;
                    }
                }
                (None, Some(like)) => {
                    let page = pager.allocate()?;
                    pager.write_page(page, fresh.bytes)?;
                    state = self.push_entry(state, span.bucket(part), like.at(page).linked(false))?;
                }
                (None, None) => return Err(broken(self.root.page())),
            }
        }
        for page in spare {
            pager.free(*page)?;
        }
        if !is_more {
            state = self.pop_entry(state, after.buckets)?;
        }
        let pages = i64::from(is_more) - spare.len() as i64;
        self.count(self.root.newest(), pages)?;
        self.set_extra(self.seed(), after, self.chained())?;
        let pages = i64::from(state.pages.get()).saturating_add(pages);
        state.pages = u32::try_from(pages.max(0)).unwrap_or(u32::MAX).into();
        self.root.set_state(state)
    }
}
