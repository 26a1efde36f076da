//! A fixed page that is being filled. It counts the taken slots of each group, so no control byte
//! is read again.

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::simd;

use crate::engine::cell::{MIN_CELL, ROOM};
use crate::engine::fixed::group::{
    self, GROUP, control_byte, control_byte_at, first, groups, one_more, overflow_count_at,
};
use crate::engine::fixed::{FixedCells, fixed_cell};

/// The number of groups of the page with the most slots.
const MOST_GROUPS: usize = groups(group::most_places(ROOM, MIN_CELL));

/// A fixed page that is built on the heap.
pub(crate) struct FixedBuilder {
    pub(crate) bytes: Box<PageBytes>,
    /// The number of taken slots of each group.
    taken: [u8; MOST_GROUPS],
}

impl FixedBuilder {
    /// Returns a page without entries. Bytes of the buffer that belong to no taken slot are not
    /// cleared.
    #[expect(clippy::indexing_slicing, reason = "the table is in the page")]
    pub(crate) fn new(mut bytes: Box<PageBytes>, header: &NodeHeader, fixed: FixedCells) -> Self {
        *NodeHeader::of_mut(&mut bytes) = *header;
        bytes[HEADER_SIZE..fixed.table_end()].fill(0);
        FixedBuilder { bytes, taken: [0; MOST_GROUPS] }
    }

    /// Puts a cell into the first group with a free slot, in the search order of its hash. Returns
    /// its number, or `None` if no slot is free.
    #[inline(always)]
    pub(crate) fn put(&mut self, hash: u64, fixed: FixedCells, cell: &[u8]) -> Option<usize> {
        let home = first(hash, fixed.places);
        let (bytes, taken) = (&mut *self.bytes, &mut self.taken);
        match put_into(bytes, taken, (home, hash), fixed, cell) {
            Some(number) => Some(number),
            None => put_behind(bytes, taken, (home, hash), fixed, cell),
        }
    }
}

/// Puts a cell into one of the groups behind `home`, and counts it in those before.
#[inline(never)]
fn put_behind(
    bytes: &mut PageBytes,
    taken: &mut [u8; MOST_GROUPS],
    (home, hash): (usize, u64),
    fixed: FixedCells,
    cell: &[u8],
) -> Option<usize> {
    let (mut passed, groups) = (home, groups(fixed.places));
    for _ in 1..groups {
        let overflow_count = bytes.get_mut(HEADER_SIZE + overflow_count_at(passed))?;
        *overflow_count = one_more(*overflow_count, hash);
        passed = if passed + 1 >= groups { 0 } else { passed + 1 };
        if let Some(number) = put_into(bytes, taken, (passed, hash), fixed, cell) {
            return Some(number);
        }
    }
    None
}

/// Puts a cell into a group. Returns its number, or `None` if the group has no free slot.
#[inline(always)]
fn put_into(
    bytes: &mut PageBytes,
    taken: &mut [u8; MOST_GROUPS],
    (at, hash): (usize, u64),
    fixed: FixedCells,
    cell: &[u8],
) -> Option<usize> {
    let taken = taken.get_mut(at)?;
    let place = usize::from(*taken);
    let number = at * GROUP + place;
    if place >= GROUP || number >= fixed.places {
        return None;
    }
    let to = fixed_cell(number, fixed.len);
    simd::copy(bytes.get_mut(to..to.wrapping_add(cell.len()))?, cell);
    *bytes.get_mut(HEADER_SIZE + at * group::STRIDE + place)? = control_byte(hash);
    *taken += 1;
    Some(number)
}

const _: () = assert!(control_byte_at(GROUP) == group::STRIDE && MOST_GROUPS * group::STRIDE < PAGE_SIZE);
