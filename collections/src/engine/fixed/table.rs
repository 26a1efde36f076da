//! The table of control bytes of a page in memory: searching it, and taking and freeing slots.

use graven_core::page::PageRef;
use graven_core::{Damage, Memory, Result};

use crate::engine::fixed::group::{self, FREE, GROUP, Group, Groups, STRIDE, control_byte, first, groups};

/// A table of control bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotTable {
    /// The offset of the first group in the page.
    pub(crate) at: usize,
    /// The number of slots.
    pub(crate) places: usize,
}

/// A free slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Free {
    pub(crate) group: usize,
    /// The index in the group.
    place: usize,
    /// `true` if a search for the entry passes other groups.
    pub(crate) is_behind: bool,
}

impl Free {
    #[inline(always)]
    pub(crate) const fn index(self) -> usize {
        self.group * GROUP + self.place
    }
}

/// The result of a search. A hit has what the comparison returned.
pub(crate) enum Sought<H = ()> {
    /// The entry's group and its index there. `is_behind` is `true` if the search passed other
    /// groups, `is_last` if the entry may be the only one of its group.
    Hit { hit: H, group: usize, place: usize, is_behind: bool, is_last: bool },
    /// No entry was found. `free` is a free slot in the groups that were searched, if there is one.
    Miss { free: Option<Free> },
}

impl SlotTable {
    /// Returns the offset of the first byte after the table.
    #[inline(always)]
    pub(crate) const fn end(self) -> usize {
        self.at + STRIDE * groups(self.places)
    }

    /// Searches for an entry. Calls `compare` with each slot that may have it.
    #[inline(always)]
    pub(crate) fn seek<M: Memory, H>(
        self,
        page: PageRef<'_, M>,
        hash: u64,
        mut compare: impl FnMut(usize) -> Result<Option<H>, Damage>,
    ) -> Result<Sought<H>, Damage> {
        let home = first(hash, self.places);
        let group = self.group(page, home)?;
        if let Some((place, hit)) = seek_in((home, group), hash, &mut compare)? {
            return Ok(Sought::Hit { hit, group: home, place, is_behind: false, is_last: group.count() < 2 });
        }
        let (mut ends, mut free) = (group.ends(hash), self.free_of(home, group, false));
        let mut at = home;
        while !ends {
            at = if at + 1 >= groups(self.places) { 0 } else { at + 1 };
            if at == home {
                break;
            }
            let group = self.group(page, at)?;
            if let Some((place, hit)) = seek_in((at, group), hash, &mut compare)? {
                return Ok(Sought::Hit {
                    hit,
                    group: at,
                    place,
                    is_behind: true,
                    is_last: group.count() < 2,
                });
            }
            if free.is_none() {
                free = self.free_of(at, group, true);
            }
            ends = group.ends(hash);
        }
        Ok(Sought::Miss { free })
    }

    #[inline(always)]
    pub(crate) fn group<M: Memory>(self, page: PageRef<'_, M>, at: usize) -> Result<Group, Damage> {
        let mut bytes = [0; STRIDE];
        page.read(self.at + at * STRIDE, &mut bytes)?;
        Ok(Group::new(&bytes))
    }

    /// Returns the first free slot of a group.
    #[inline(always)]
    pub(crate) fn free_of(self, at: usize, group: Group, is_behind: bool) -> Option<Free> {
        let place = group.free().first().filter(|place| at * GROUP + *place < self.places)?;
        Some(Free { group: at, place, is_behind })
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
            if let Some(free) = self.free_of(at, group, at != home) {
                return Ok(Some(free));
            }
        }
        Ok(None)
    }

    /// Takes a free slot for an entry whose cell has been written, and counts the entry in the
    /// groups that its search passes.
    #[inline(always)]
    pub(crate) fn take<M: Memory>(self, page: PageRef<'_, M>, free: Free, hash: u64) -> Result<(), Damage> {
        if free.is_behind {
            self.pass(page, hash, free.group, group::one_more)?;
        }
        page.write(self.at + free.group * STRIDE + free.place, &[control_byte(hash)])
    }

    /// Frees the slot of an entry, and removes it from the counts of the groups that its search
    /// passes.
    #[inline(always)]
    pub(crate) fn free<M: Memory>(
        self,
        page: PageRef<'_, M>,
        hash: u64,
        (group, place, is_behind): (usize, usize, bool),
    ) -> Result<(), Damage> {
        if is_behind {
            self.pass(page, hash, group, group::one_less)?;
        }
        page.write(self.at + group * STRIDE + place, &[FREE])
    }

    /// Changes the overflow counts of the groups that a search passes before `group`. Most searches
    /// pass none.
    #[inline(never)]
    pub(crate) fn pass<M: Memory>(
        self,
        page: PageRef<'_, M>,
        hash: u64,
        group: usize,
        change: impl Fn(u8, u64) -> u8,
    ) -> Result<(), Damage> {
        for passed in Groups::new(hash, self.places) {
            if passed == group {
                return Ok(());
            }
            let (at, mut overflow_count) = (self.at + group::overflow_count_at(passed), [0]);
            page.read(at, &mut overflow_count)?;
            page.write(at, &overflow_count.map(|before| change(before, hash)))?;
        }
        Err(Damage::WrongBucket)
    }
}

/// Searches one group for an entry. Returns its index in the group, and what `compare` returned.
#[inline(always)]
fn seek_in<H>(
    (at, group): (usize, Group),
    hash: u64,
    compare: &mut impl FnMut(usize) -> Result<Option<H>, Damage>,
) -> Result<Option<(usize, H)>, Damage> {
    let mut places = group.with(control_byte(hash));
    while let Some(place) = places.first() {
        if let Some(hit) = compare(at * GROUP + place)? {
            return Ok(Some((place, hit)));
        }
        places = places.rest();
    }
    Ok(None)
}
