//! Searching a bucket whose only page is fixed and of the current layout, as almost all are if keys
//! and values have constant sizes. A search reads sixteen bytes of the table, then one cell.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PageNumber, PageRef};
use graven_core::simd::{copy, is_same};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::hash::bucket::{BucketLayout, fixed_cell, fixed_len, fixed_slots};
use crate::engine::hash::group::{GROUP, Group, Groups, STRIDE, control_byte, first, groups};
use crate::engine::hash::position::position;
use crate::engine::hash::table::Table;

/// The longest cell that is built in one buffer. Key and value of longer cells are written
/// separately.
pub(crate) const SHORT_CELL: usize = 64;

/// The sizes of a map's fixed pages, which the compiler knows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedBucket {
    /// The bytes of a cell.
    pub(crate) len: usize,
    pub(crate) key: usize,
    pub(crate) value: usize,
    pub(crate) places: usize,
}

/// The number of groups that are searched for a free slot before the bucket is split. The further
/// entries are from where their search begins, the longer all searches take.
const REACH: usize = 8;

/// A free slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Free {
    pub(crate) group: usize,
    /// The index in the group.
    place: usize,
    /// `true` if a search for the entry passes other groups.
    pub(crate) is_behind: bool,
}

impl Free {
    /// Returns the first free slot of a group.
    #[inline(always)]
    fn of(at: usize, group: Group, is_behind: bool, places: usize) -> Option<Free> {
        let place = group.free().first().filter(|place| at * GROUP + *place < places)?;
        Some(Free { group: at, place, is_behind })
    }

    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.group * GROUP + self.place
    }

    /// Returns the offset of the control byte in a fixed page.
    #[inline(always)]
    pub(crate) const fn control_byte(self) -> usize {
        HEADER_SIZE + self.group * STRIDE + self.place
    }
}

/// The result of a search.
pub(crate) enum Sought {
    /// The entry's group and its index there. Its cell has been read. `is_behind` is `true` if the
    /// search passed other groups, `is_last` if the entry may be the only one of its group.
    Hit { group: usize, place: usize, is_behind: bool, is_last: bool },
    /// No entry was found. `free` is a free slot in the groups that were searched, if there is one.
    Miss { free: Option<Free> },
}

/// Lends a buffer for a cell, with arbitrary contents: a few bytes on the stack, or a kept buffer
/// that is given back. This is a macro, because in a closure or a structure the compiler would not
/// distinguish buffers of different lengths.
macro_rules! lend {
    ($table:expr, $len:expr, $cell:ident, $long:ident) => {
        let (mut short, mut medium, mut $long) = ([0; 16], None, Box::<[u8]>::default());
        #[allow(clippy::indexing_slicing, reason = "the length was compared with that of the buffer")]
        let $cell: &mut [u8] = if $len <= 16 {
            &mut short[..$len]
        } else if $len <= $crate::engine::hash::fixed::SHORT_CELL {
            &mut medium.insert([0; $crate::engine::hash::fixed::SHORT_CELL])[..$len]
        } else {
            $long = $table.long_cell($len);
            &mut $long
        };
    };
}

pub(crate) use lend;

impl FixedBucket {
    #[inline(always)]
    pub(crate) const fn of(sizes: Sizes) -> Option<FixedBucket> {
        match (fixed_len(sizes), sizes.key, sizes.value) {
            (Some(len), Some(key), Some(value)) => {
                Some(FixedBucket { len, key, value, places: fixed_slots(len) })
            }
            _ => None,
        }
    }

    #[inline(always)]
    pub(crate) const fn layout(self) -> BucketLayout {
        BucketLayout { places: self.places, cell: Some(self.len) }
    }

    /// Returns the value in a cell.
    #[inline(always)]
    pub(crate) fn value(self, cell: &[u8]) -> &[u8] {
        cell.get(self.key..self.key + self.value).unwrap_or_default()
    }

    /// Searches for a key. `cell` receives the last cell that was compared with it.
    #[inline(always)]
    pub(crate) fn seek<M: Memory>(
        self,
        page: PageRef<'_, M>,
        cell: &mut [u8],
        key: &[u8],
        hash: u64,
    ) -> Result<Sought, Damage> {
        let home = first(hash, self.places);
        let group = self.group(page, home)?;
        if let Some(place) = self.seek_in(page, (home, group), cell, key, hash)? {
            return Ok(Sought::Hit { group: home, place, is_behind: false, is_last: group.count() < 2 });
        }
        let (mut ends, mut free) = (group.ends(hash), Free::of(home, group, false, self.places));
        let mut at = home;
        while !ends {
            at = if at + 1 >= groups(self.places) { 0 } else { at + 1 };
            if at == home {
                break;
            }
            let group = self.group(page, at)?;
            if let Some(place) = self.seek_in(page, (at, group), cell, key, hash)? {
                return Ok(Sought::Hit { group: at, place, is_behind: true, is_last: group.count() < 2 });
            }
            if free.is_none() {
                free = Free::of(at, group, true, self.places);
            }
            ends = group.ends(hash);
        }
        Ok(Sought::Miss { free })
    }

    #[inline(always)]
    fn group<M: Memory>(self, page: PageRef<'_, M>, at: usize) -> Result<Group, Damage> {
        let mut bytes = [0; STRIDE];
        page.read(HEADER_SIZE + at * STRIDE, &mut bytes)?;
        Ok(Group::new(&bytes))
    }

    /// Searches one group for a key. Returns its index in the group.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    fn seek_in<M: Memory>(
        self,
        page: PageRef<'_, M>,
        (at, group): (usize, Group),
        cell: &mut [u8],
        key: &[u8],
        hash: u64,
    ) -> Result<Option<usize>, Damage> {
        let mut places = group.with(control_byte(hash));
        while let Some(place) = places.first() {
            let index = at * GROUP + place;
            page.read(fixed_cell(index, self.len), cell)?;
            if is_same(&cell[..self.key], key) {
                return Ok(Some(place));
            }
            places = places.rest();
        }
        Ok(None)
    }

    /// Writes a cell with this key and value.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    pub(crate) fn write<M: Memory>(
        self,
        page: PageRef<'_, M>,
        at: usize,
        cell: &mut [u8],
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Damage> {
        if self.len > SHORT_CELL {
            page.write(at, key)?;
            return page.write(at + self.key, value);
        }
        if self.len > self.key + self.value {
            // The shortest cells are padded with zeros.
            cell.fill(0);
        }
        let (key_place, rest) = cell.split_at_mut(self.key);
        copy(key_place, key);
        copy(&mut rest[..self.value], value);
        page.write(at, cell)
    }
}

impl<M: Memory> Table<M> {
    /// Returns the page of a hash's bucket if it is the only one, fixed, of the current layout and
    /// of full size. Otherwise returns 0.
    #[inline(always)]
    pub(crate) fn cached_page(&self, hash: u64) -> PageNumber {
        let place = position(hash);
        let page = self.cache.page(place);
        if page.is_none() { self.uncached_page(place, false) } else { page }
    }

    /// Returns the same page as [`Table::cached_page`], for an operation that writes to it. Its
    /// header has been checked, now or when it was cached.
    #[inline(always)]
    pub(crate) fn page_to_write(&self, hash: u64) -> PageNumber {
        let place = position(hash);
        let page = self.cache.page(place);
        if page.is_none() { self.uncached_page(place, true) } else { page }
    }

    /// Finds the page in the directory without caching branches, so that a call alone in its
    /// message reads only a few bytes. Checks its header before the page is cached or written to.
    #[inline(never)]
    fn uncached_page(&self, place: u64, writes: bool) -> PageNumber {
        if self.is_bare() || !self.is_new() {
            return PageNumber::NONE;
        }
        // Damage is reported by the slower path, which reads more.
        let page = self.entry(place).map_or(PageNumber::NONE, |entry| self.near_page(entry));
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
        let read = self.root.pager().read(page, 0, &mut head);
        let fixed = read.ok().and(FixedBucket::of(self.sizes));
        fixed.is_some_and(|fixed| self.is_plain_page(fixed, page, &head).unwrap_or(false))
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
        fixed: FixedBucket,
        page: PageRef<'a, M>,
        hash: u64,
    ) -> Result<Option<(PageRef<'a, M>, Free)>> {
        let damaged = |page: PageRef<'_, M>, reason| self.root.damaged(page.number(), reason);
        let free = Self::free_in(fixed, page, hash, REACH).map_err(|reason| damaged(page, reason))?;
        if let Some(free) = free {
            return Ok(Some((page, free)));
        }
        if !self.split(position(hash))? {
            return Ok(None);
        }
        let page = self.page_to_write(hash);
        if page.is_none() {
            return Ok(None);
        }
        let page = self.root.pager().page(page)?;
        let free = Self::free_in(fixed, page, hash, groups(fixed.places));
        let free = free.map_err(|reason| damaged(page, reason))?;
        Ok(free.map(|free| (page, free)))
    }

    /// Returns a free slot in one of the first `reach` groups of a search.
    fn free_in(
        fixed: FixedBucket,
        page: PageRef<'_, M>,
        hash: u64,
        reach: usize,
    ) -> Result<Option<Free>, Damage> {
        let home = first(hash, fixed.places);
        for at in Groups::new(hash, fixed.places).take(reach) {
            let group = fixed.group(page, at)?;
            if let Some(free) = Free::of(at, group, at != home, fixed.places) {
                return Ok(Some(free));
            }
        }
        Ok(None)
    }
}
