//! Finding a key in a bucket whose only page is fixed and of the current layout, as nearly all are
//! where keys and values have constant sizes: sixteen bytes of the table are read, then one cell.

use graven_core::page::PageRef;
use graven_core::page::node::HEADER_SIZE;
use graven_core::{Memory, Result};

use crate::engine::cell::{Sizes, copy};
use crate::engine::hash::bucket::{BucketLayout, fixed_cell, fixed_len, fixed_slots};
use crate::engine::hash::group::{GROUP, Group, Groups, STRIDE, control_byte, first, groups};
use crate::engine::hash::position::position;
use crate::engine::hash::table::{Table, is_same};

/// Cells up to this length are built in one piece; of longer ones key and value are written where
/// they stand.
pub(crate) const SHORT_CELL: usize = 64;

/// Such pages of one map. The compiler knows all of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FixedBucket {
    /// Bytes of a cell.
    pub(crate) len: usize,
    pub(crate) key: usize,
    pub(crate) value: usize,
    pub(crate) places: usize,
}

/// A bucket is divided where none of the first groups of a search has room: the further entries
/// stand from where their search begins, the longer all searches take.
const REACH: usize = 8;

/// A place without an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Free {
    pub(crate) group: usize,
    /// Of the group.
    place: usize,
    /// Tells whether a search for the entry passes other groups.
    pub(crate) is_behind: bool,
}

impl Free {
    /// The first one of a group.
    #[inline(always)]
    fn of(at: usize, group: Group, is_behind: bool, places: usize) -> Option<Free> {
        let place = group.free().first().filter(|place| at * GROUP + *place < places)?;
        Some(Free { group: at, place, is_behind })
    }

    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.group * GROUP + self.place
    }

    /// Offset in a fixed page of the control byte.
    #[inline(always)]
    pub(crate) const fn control_byte(self) -> usize {
        HEADER_SIZE + self.group * STRIDE + self.place
    }
}

/// The result of a search.
pub(crate) enum Sought {
    /// The entry's place in a group, and whether the search passed others; its cell has been read.
    /// It may be the last one of its group.
    Hit { group: usize, place: usize, is_behind: bool, is_last: bool },
    /// There is no such entry, but a place for one in one of the groups at which the search looked.
    Miss { free: Option<Free> },
}

/// Bytes for a cell, whose content is arbitrary: a few on the stack, or some that are kept and
/// given back. In a closure or a structure the compiler would not tell them from the bytes of other
/// lengths.
macro_rules! lend {
    ($table:expr, $len:expr, $cell:ident, $long:ident) => {
        let (mut short, mut medium, mut $long) = ([0; 16], None, Box::<[u8]>::default());
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

    /// The value in a cell.
    #[inline(always)]
    pub(crate) fn value(self, cell: &[u8]) -> &[u8] {
        cell.get(self.key..self.key + self.value).unwrap_or_default()
    }

    /// Looks for a key; the last cell that may be its own is read into `cell`.
    #[inline(always)]
    pub(crate) fn seek<M: Memory>(
        self,
        page: PageRef<'_, M>,
        cell: &mut [u8],
        key: &[u8],
        hash: u64,
    ) -> Result<Sought> {
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
    fn group<M: Memory>(self, page: PageRef<'_, M>, at: usize) -> Result<Group> {
        let mut bytes = [0; STRIDE];
        page.read(HEADER_SIZE + at * STRIDE, &mut bytes)?;
        Ok(Group::new(&bytes))
    }

    /// Looks for a key in one group; gives its place there.
    #[inline(always)]
    fn seek_in<M: Memory>(
        self,
        page: PageRef<'_, M>,
        (at, group): (usize, Group),
        cell: &mut [u8],
        key: &[u8],
        hash: u64,
    ) -> Result<Option<usize>> {
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

    /// Writes a cell.
    #[inline(always)]
    pub(crate) fn write<M: Memory>(
        self,
        page: PageRef<'_, M>,
        at: usize,
        cell: &mut [u8],
        key: &[u8],
        value: &[u8],
    ) -> Result<()> {
        if self.len > SHORT_CELL {
            page.write(at, key)?;
            return page.write(at + self.key, value);
        }
        if self.len > self.key + self.value {
            // Zeros behind key and value in the shortest cells.
            cell.fill(0);
        }
        let (key_place, rest) = cell.split_at_mut(self.key);
        copy(key_place, key);
        copy(&mut rest[..self.value], value);
        page.write(at, cell)
    }
}

impl<M: Memory> Table<M> {
    /// The page of a hash's bucket, if it is such a page and is cached; else 0.
    #[inline(always)]
    pub(crate) fn cached_page(&self, hash: u64) -> u32 {
        let place = position(hash);
        match self.cache.page(place) {
            0 => self.uncached_page(place, false),
            page => page,
        }
    }

    /// Returns the same page for an operation that writes to it: its header has been checked, now
    /// or when it was cached.
    #[inline(always)]
    pub(crate) fn page_to_write(&self, hash: u64) -> u32 {
        let place = position(hash);
        match self.cache.page(place) {
            0 => self.uncached_page(place, true),
            page => page,
        }
    }

    /// Finds the page in the directory, without caching branches: a call that is alone in its
    /// message reads a few bytes. Checks its header before it is cached or written to.
    #[inline(never)]
    fn uncached_page(&self, place: u64, writes: bool) -> u32 {
        if self.is_bare() || !self.is_new() {
            return 0;
        }
        // Damage is reported by the slower path, which reads more.
        let page = self.entry(place).map_or(0, |entry| self.near_page(entry));
        if page == 0 {
            return 0;
        }
        let is_worth = self.cache.is_worth(place);
        if (writes || is_worth) && !self.is_own_fixed(page) {
            return 0;
        }
        if is_worth
            && let Ok(bucket) = self.bucket(place)
            && bucket.entry.page == page
        {
            self.note(&bucket);
        }
        page
    }

    /// Returns whether a page's header is that of a fixed page of this map. The directory alone may
    /// name any page.
    fn is_own_fixed(&self, page: u32) -> bool {
        let mut head = [0; HEADER_SIZE];
        let read = self.root.pager().read(page, 0, &mut head);
        let fixed = read.ok().and(FixedBucket::of(self.sizes));
        fixed.is_some_and(|fixed| self.is_plain_page(fixed, page, &head).unwrap_or(false))
    }

    /// Bytes for a long cell, whose content is arbitrary.
    #[inline(always)]
    pub(crate) fn long_cell(&self, len: usize) -> Box<[u8]> {
        let cell = self.cell.take();
        if cell.len() == len { cell } else { vec![0; len].into() }
    }

    /// A free place, where the groups at which a search looked have none: in one of the next
    /// groups, or in half of the bucket.
    #[inline(never)]
    pub(crate) fn room_for<'a>(
        &'a self,
        fixed: FixedBucket,
        page: PageRef<'a, M>,
        hash: u64,
    ) -> Result<Option<(PageRef<'a, M>, Free)>> {
        if let Some(free) = Self::free_in(fixed, page, hash, REACH)? {
            return Ok(Some((page, free)));
        }
        if !self.split(position(hash))? {
            return Ok(None);
        }
        let page = self.page_to_write(hash);
        if page == 0 {
            return Ok(None);
        }
        let page = self.root.pager().page(page)?;
        let free = Self::free_in(fixed, page, hash, groups(fixed.places))?;
        Ok(free.map(|free| (page, free)))
    }

    /// A free place in one of the first groups of a search.
    fn free_in(fixed: FixedBucket, page: PageRef<'_, M>, hash: u64, reach: usize) -> Result<Option<Free>> {
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
