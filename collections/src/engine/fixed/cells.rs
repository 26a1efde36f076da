//! The geometry of a page of fixed cells, and the search in it. A search reads sixteen bytes of the
//! table, then one cell.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageRef};
use graven_core::simd::{copy, is_same};
use graven_core::{Damage, Memory, Result};

use crate::engine::fixed::group::{self, GROUP, Group, Groups, STRIDE, control_byte, first, groups};

/// The longest cell that is built in one buffer. Key and value of longer cells are written
/// separately.
pub(crate) const SHORT_CELL: usize = 64;

/// The sizes of pages of fixed cells. For those of the current layout the compiler knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FixedCells {
    /// The bytes of a cell.
    pub(crate) len: usize,
    pub(crate) key: usize,
    pub(crate) value: usize,
    /// The number of cells that a page has room for.
    pub(crate) places: usize,
}

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
    pub(crate) fn of(at: usize, group: Group, is_behind: bool, places: usize) -> Option<Free> {
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

impl FixedCells {
    /// Returns the offset of the groups and the number of cells.
    #[inline(always)]
    pub(crate) const fn table(self) -> (usize, usize) {
        (HEADER_SIZE, self.places)
    }

    /// Returns the offset of the first byte after the table.
    #[inline(always)]
    pub(crate) const fn table_end(self) -> usize {
        HEADER_SIZE + STRIDE * groups(self.places)
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
    pub(crate) fn group<M: Memory>(self, page: PageRef<'_, M>, at: usize) -> Result<Group, Damage> {
        let mut bytes = [0; STRIDE];
        page.read(HEADER_SIZE + at * STRIDE, &mut bytes)?;
        Ok(Group::new(&bytes))
    }

    /// Returns a free slot in one of the first `reach` groups of a search.
    pub(crate) fn free_in<M: Memory>(
        self,
        page: PageRef<'_, M>,
        hash: u64,
        reach: usize,
    ) -> Result<Option<Free>, Damage> {
        let home = first(hash, self.places);
        for at in Groups::new(hash, self.places).take(reach) {
            let group = self.group(page, at)?;
            if let Some(free) = Free::of(at, group, at != home, self.places) {
                return Ok(Some(free));
            }
        }
        Ok(None)
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

/// Returns the offset of a cell.
#[inline(always)]
pub(crate) const fn fixed_cell(index: usize, len: usize) -> usize {
    // An index that is too large wraps to an offset outside the page, so reading the cell fails.
    PAGE_SIZE.wrapping_sub((index + 1) * len)
}

/// Adds or removes one entry in the overflow counts of the groups that a search for it passes
/// before its own. Most searches pass none. `table` is the offset of the groups.
#[inline(never)]
pub(crate) fn pass<M: Memory>(
    page: PageRef<'_, M>,
    (table, places): (usize, usize),
    hash: u64,
    group: usize,
    is_more: bool,
) -> Result<(), Damage> {
    let (mut passed, groups) = (first(hash, places), groups(places));
    // A search visits every group once, so `group` is reached within that many steps.
    for _ in 0..groups {
        if passed == group {
            return Ok(());
        }
        let at = table + group::overflow_count_at(passed);
        let mut overflow_count = [0];
        page.read(at, &mut overflow_count)?;
        let [before] = overflow_count;
        page.write(
            at,
            &[if is_more { group::one_more(before, hash) } else { group::one_less(before, hash) }],
        )?;
        passed = if passed + 1 >= groups { 0 } else { passed + 1 };
    }
    Err(Damage::WrongBucket)
}
