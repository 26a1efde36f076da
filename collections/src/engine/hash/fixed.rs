//! Fixed pages of buckets, as almost all are if keys and values have constant sizes: their sizes,
//! and the way to the only page of a bucket.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PageNumber, PageRef};
use graven_core::{Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::fixed::group::groups;
use crate::engine::fixed::{FixedCells, Free};
use crate::engine::hash::bucket::{BucketLayout, fixed_len, fixed_slots};
use crate::engine::hash::position::position;
use crate::engine::hash::table::Table;

/// The number of groups that are searched for a free slot before the bucket is split. The further
/// entries are from where their search begins, the longer all searches take.
const REACH: usize = 8;

/// Lends a buffer for a cell, with arbitrary contents: a few bytes on the stack, or a kept buffer
/// that is given back. This is a macro, because in a closure or a structure the compiler would not
/// distinguish buffers of different lengths.
macro_rules! lend {
    ($table:expr, $len:expr, $cell:ident, $long:ident) => {
        let (mut short, mut medium, mut $long) = ([0; 16], None, Box::<[u8]>::default());
        #[allow(clippy::indexing_slicing, reason = "the length was compared with that of the buffer")]
        let $cell: &mut [u8] = if $len <= 16 {
            &mut short[..$len]
        } else if $len <= $crate::engine::fixed::SHORT_CELL {
            &mut medium.insert([0; $crate::engine::fixed::SHORT_CELL])[..$len]
        } else {
            $long = $table.long_cell($len);
            &mut $long
        };
    };
}

pub(crate) use lend;

impl FixedCells {
    /// Returns the sizes of the fixed pages of a hash map, if it can have any.
    #[inline(always)]
    pub(crate) const fn of_bucket(sizes: Sizes) -> Option<FixedCells> {
        match (fixed_len(sizes), sizes.key, sizes.value) {
            (Some(len), Some(key), Some(value)) => {
                Some(FixedCells { len, key, value, places: fixed_slots(len) })
            }
            _ => None,
        }
    }

    #[inline(always)]
    pub(crate) const fn layout(self) -> BucketLayout {
        BucketLayout { places: self.places, cell: Some(self.len) }
    }
}

impl<M: Memory> Table<M> {
    /// Returns `true` if pages may be fixed, and so be cached. The key of another map is encoded
    /// for the uncached path only.
    #[inline(always)]
    pub(crate) const fn may_cache(sizes: Sizes) -> bool {
        fixed_len(sizes).is_some()
    }

    /// Returns the page of a key's bucket if it is one that may be cached, with the sizes of its
    /// cells and the hash of the key.
    #[inline(always)]
    pub(crate) fn cached(
        &self,
        sizes: Sizes,
        key: &[u8],
        writes: bool,
    ) -> Option<(FixedCells, PageNumber, u64)> {
        let fixed = FixedCells::of_bucket(sizes)?;
        let hash = self.hash(sizes, key);
        let page = self.cached_page(hash, writes);
        page.is_some().then_some((fixed, page, hash))
    }

    /// Returns the page of a hash's bucket if it is the only one, fixed, of the current layout and
    /// of full size. Otherwise returns 0. If the operation `writes` to the page, its header has
    /// been checked, now or when it was cached.
    #[inline(always)]
    fn cached_page(&self, hash: u64, writes: bool) -> PageNumber {
        let place = position(hash);
        let page = self.cache.page(place);
        if page.is_none() { self.uncached_page(place, writes) } else { page }
    }

    /// Finds the page in the directory without caching branches, so that a call alone in its
    /// message reads only a few bytes. Checks its header before the page is cached or written to.
    #[inline(never)]
    fn uncached_page(&self, place: u64, writes: bool) -> PageNumber {
        if self.is_bare() || !self.is_new() {
            return PageNumber::NONE;
        }
        // Damage is reported by the slower path, which reads more.
        let page = self.entry(place).map_or(PageNumber::NONE, |entry| self.cacheable_page(entry));
        if page.is_none() {
            return PageNumber::NONE;
        }
        let is_worth = self.cache.is_worth(place);
        if (writes || is_worth) && !self.is_own_fixed(page) {
            return PageNumber::NONE;
        }
        if is_worth
            && let Ok(bucket) = self.bucket(place)
            && bucket.entry.page == page
        {
            self.note(&bucket);
        }
        page
    }

    /// Returns `true` if a page's header is that of a fixed page of this map. A damaged directory
    /// may name any page.
    fn is_own_fixed(&self, page: PageNumber) -> bool {
        let mut head = [0; HEADER_SIZE];
        let layout = self.root.pager().read(page, 0, &mut head).and_then(|()| self.layout(page, &head));
        layout.is_ok_and(|(header, layout)| self.is_cacheable(&header, layout))
    }

    /// Returns a buffer for a long cell, with arbitrary contents.
    #[inline(always)]
    pub(crate) fn long_cell(&self, len: usize) -> Box<[u8]> {
        let cell = self.cell.take();
        if cell.len() == len { cell } else { vec![0; len].into() }
    }

    /// Finds a free slot if the groups that were searched have none: in one of the next groups, or
    /// in a half of the bucket after a split. Returns it with its page.
    #[inline(never)]
    pub(crate) fn room_for<'a>(
        &'a self,
        fixed: FixedCells,
        page: PageRef<'a, M>,
        hash: u64,
    ) -> Result<Option<(PageRef<'a, M>, Free)>> {
        let damaged = |page: PageRef<'_, M>, reason| self.root.damaged(page.number(), reason);
        let free = fixed.table().free_in(page, hash, REACH).map_err(|reason| damaged(page, reason))?;
        if let Some(free) = free {
            return Ok(Some((page, free)));
        }
        if !self.split(position(hash))? {
            return Ok(None);
        }
        let page = self.cached_page(hash, true);
        if page.is_none() {
            return Ok(None);
        }
        let page = self.root.pager().page(page)?;
        let free = fixed.table().free_in(page, hash, groups(fixed.places));
        let free = free.map_err(|reason| damaged(page, reason))?;
        Ok(free.map(|free| (page, free)))
    }
}
