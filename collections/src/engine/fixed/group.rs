//! Groups of fifteen slots, which are searched at once. The control byte of each slot says if the
//! slot is free, and most of the time if its entry is the one searched for. A sixteenth byte counts
//! the entries whose search continues after the group, so a removal needs no tombstone. One half of
//! it counts hashes that begin with a 0, the other half those with a 1, which ends nearly half of
//! the searches that would continue in vain.

use graven_core::simd::Lanes;

/// The number of slots in a group.
pub(crate) const GROUP: usize = 15;

/// The bytes of a group in the table.
pub(crate) const STRIDE: usize = 16;

/// The control byte of a free slot.
pub(crate) const FREE: u8 = 0;

/// The bit that is set in the control byte of every taken slot.
const TAKEN: u8 = 0x80;

/// The saturated count of entries of one half that were placed after a group. It is never
/// decremented.
pub(crate) const MAX_OVERFLOW_COUNT: u8 = 15;

/// The bits of a group's slots in a mask. The last bit is that of the overflow count.
const SLOTS: u32 = (1 << GROUP) - 1;

/// Returns the control byte of an entry.
#[inline(always)]
pub(crate) const fn control_byte(hash: u64) -> u8 {
    (hash >> 56) as u8 | TAKEN
}

/// Returns the group in which the search for a hash begins, in a table of `places` slots. Groups
/// are chosen in proportion to their numbers of slots.
#[inline(always)]
pub(crate) const fn first(hash: u64, places: usize) -> usize {
    let share = ((places as u64) << 14) / GROUP as u64;
    (((hash >> 32 & 0x3fff) * share) >> 28) as usize
}

/// Returns the number of groups of a table with `places` slots.
#[inline(always)]
pub(crate) const fn groups(places: usize) -> usize {
    places.div_ceil(GROUP)
}

/// Returns the offset in the table of the control byte of a slot.
#[inline(always)]
pub(crate) const fn control_byte_at(index: usize) -> usize {
    index / GROUP * STRIDE + index % GROUP
}

/// Returns the offset in the table of the overflow count of a group.
#[inline(always)]
pub(crate) const fn overflow_count_at(group: usize) -> usize {
    group * STRIDE + GROUP
}

/// Returns how many slots fit into `room` bytes, each with `each` bytes for its entry.
#[inline(always)]
pub(crate) const fn most_places(room: usize, each: usize) -> usize {
    let whole = STRIDE + GROUP * each;
    let rest = room % whole;
    let more = if rest > STRIDE && each > 0 { (rest - STRIDE) / each } else { 0 };
    room / whole * GROUP + more
}

/// Returns the bit offset of a hash's half in an overflow count.
#[inline(always)]
const fn half(hash: u64) -> u64 {
    hash >> 63 << 2
}

/// Returns the half of a group's overflow count that belongs to a hash.
pub(crate) const fn counted(overflow_count: u8, hash: u64) -> u8 {
    overflow_count >> half(hash) & MAX_OVERFLOW_COUNT
}

/// The bytes of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    lanes: Lanes,
    overflow_count: u8,
}

impl Group {
    #[inline(always)]
    pub(crate) fn new(all: &[u8; STRIDE]) -> Self {
        let [.., overflow_count] = *all;
        Group { lanes: Lanes::new(all), overflow_count }
    }

    /// Returns the slots with this control byte.
    #[inline(always)]
    pub(crate) fn with(self, control_byte: u8) -> Places {
        Places(self.lanes.equal(control_byte) & SLOTS)
    }

    /// Returns the free slots. In the last group of a table they may include some after its end.
    #[inline(always)]
    pub(crate) fn free(self) -> Places {
        Places(!self.lanes.high() & SLOTS)
    }

    /// Returns the taken slots.
    #[inline(always)]
    pub(crate) fn taken(self) -> Places {
        Places(self.lanes.high() & SLOTS)
    }

    /// Returns the number of slots with an entry.
    pub(crate) fn count(self) -> usize {
        self.taken().0.count_ones() as usize
    }

    /// Returns `true` if the search for a hash ends here, because the overflow count of its half is
    /// 0.
    #[inline(always)]
    pub(crate) const fn ends(self, hash: u64) -> bool {
        counted(self.overflow_count, hash) == 0
    }
}

/// Slots in a group, in ascending order: a bit for each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Places(u32);

impl Places {
    #[inline(always)]
    pub(crate) const fn first(self) -> Option<usize> {
        if self.0 == 0 { None } else { Some(self.0.trailing_zeros() as usize) }
    }

    /// Returns all but the first one.
    #[inline(always)]
    pub(crate) const fn rest(self) -> Places {
        Places(self.0 & self.0.wrapping_sub(1))
    }
}

impl Iterator for Places {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let first = self.first()?;
        *self = self.rest();
        Some(first)
    }
}

/// The groups of a table, in the order in which a search visits them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups {
    at: usize,
    groups: usize,
    left: usize,
}

impl Groups {
    #[inline(always)]
    pub(crate) fn new(hash: u64, places: usize) -> Self {
        let groups = groups(places);
        Groups { at: first(hash, places), groups, left: groups }
    }
}

impl Iterator for Groups {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let at = self.at;
        self.at += 1;
        if self.at == self.groups {
            self.at = 0;
        }
        Some(at)
    }
}

/// Returns the groups that a search for a hash visits before it reaches a slot's own group.
pub(crate) fn passed(hash: u64, places: usize, index: usize) -> impl Iterator<Item = usize> {
    Groups::new(hash, places).take_while(move |group| *group != index / GROUP)
}

/// Returns an overflow count with one entry more, unless it is saturated.
pub(crate) const fn one_more(overflow_count: u8, hash: u64) -> u8 {
    if counted(overflow_count, hash) == MAX_OVERFLOW_COUNT {
        overflow_count
    } else {
        overflow_count + (1 << half(hash))
    }
}

/// Returns an overflow count with one entry less, unless it is 0 or saturated.
pub(crate) const fn one_less(overflow_count: u8, hash: u64) -> u8 {
    match counted(overflow_count, hash) {
        0 | MAX_OVERFLOW_COUNT => overflow_count,
        _ => overflow_count - (1 << half(hash)),
    }
}

/// Takes the first free slot for an entry, in a table on the heap. Returns `None` if there is none.
pub(crate) fn take(table: &mut [u8], places: usize, hash: u64) -> Option<usize> {
    for group in Groups::new(hash, places) {
        let bytes = table.get(group * STRIDE..)?.first_chunk()?;
        let index = Group::new(bytes).free().next().map(|place| group * GROUP + place);
        if let Some(index) = index.filter(|index| *index < places) {
            *table.get_mut(control_byte_at(index))? = control_byte(hash);
            pass(table, places, hash, index);
            return Some(index);
        }
    }
    None
}

/// Adds an entry to the overflow counts of the groups that its search passes, in a table on the
/// heap.
#[inline(always)]
pub(crate) fn pass(table: &mut [u8], places: usize, hash: u64, index: usize) {
    for passed in passed(hash, places, index) {
        if let Some(overflow_count) = table.get_mut(overflow_count_at(passed)) {
            *overflow_count = one_more(*overflow_count, hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::fixed::group::*;

    #[test]
    fn places_are_those_of_a_plain_look() {
        let mut state = 1u64;
        for _ in 0..5_000 {
            let bytes: [u8; STRIDE] = std::array::from_fn(|_| {
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(9);
                [0, 0, 0x82, 0x83, 0x80, 0x81, 0xff, 0xfe][(state >> 60) as usize & 7]
            });
            let (group, all) = (Group::new(&bytes), || bytes[..GROUP].iter().enumerate());
            for wanted in [0x80, 0x81, 0x82, 0x83, 0xff] {
                let exact = all().filter(|(_, byte)| **byte == wanted).map(|(at, _)| at);
                assert!(group.with(wanted).eq(exact), "{bytes:x?} {wanted}");
            }
            assert!(group.free().eq(all().filter(|(_, byte)| **byte == 0).map(|(at, _)| at)), "{bytes:x?}");
            assert!(group.taken().eq(all().filter(|(_, byte)| **byte != 0).map(|(at, _)| at)), "{bytes:x?}");
            assert_eq!(group.ends(0), bytes[GROUP] & 15 == 0, "{bytes:x?}");
            assert_eq!(group.ends(1 << 63), bytes[GROUP] >> 4 == 0, "{bytes:x?}");
        }
    }

    #[test]
    fn every_group_is_looked_at_once() {
        for places in 1..900 {
            for hash in [0, u64::MAX, 0x1234_5678_9abc_def0] {
                let mut seen: Vec<usize> = Groups::new(hash, places).collect();
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..places.div_ceil(GROUP)), "{places}");
            }
        }
    }

    #[test]
    fn tables_and_cells_fit_into_their_room() {
        for room in 100..4_064 {
            for each in 2..40 {
                let places = most_places(room, each);
                let bytes = |places: usize| STRIDE * groups(places) + each * places;
                assert!(bytes(places) <= room && bytes(places + 1) > room, "{room} {each} {places}");
            }
        }
    }
}
