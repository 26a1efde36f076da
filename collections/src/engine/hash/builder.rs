//! A fixed page that is being filled. It counts the taken slots of each group, so no control byte
//! is read again.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::simd;

use crate::engine::cell::{MIN_CELL, ROOM};
use crate::engine::hash::bucket::fixed_cell;
use crate::engine::hash::fixed::FixedBucket;
use crate::engine::hash::group;
use crate::engine::hash::group::{
    GROUP, control_byte, control_byte_at, first, groups, one_more, overflow_count_at,
};

/// The number of groups of the page with the most slots.
const MOST_GROUPS: usize = groups(group::most_places(ROOM, MIN_CELL));

/// A fixed page that is built on the heap.
pub(crate) struct BucketBuilder {
    pub(crate) bytes: Box<PageBytes>,
    /// The number of taken slots of each group.
    taken: [u8; MOST_GROUPS],
}

impl BucketBuilder {
    /// Returns a page without entries. Bytes of the buffer that belong to no taken slot are not
    /// cleared.
    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    pub(crate) fn new(mut bytes: Box<PageBytes>, header: &[u8; HEADER_SIZE], fixed: FixedBucket) -> Self {
        bytes[..HEADER_SIZE].copy_from_slice(header);
        bytes[HEADER_SIZE..fixed.layout().end()].fill(0);
        BucketBuilder { bytes, taken: [0; MOST_GROUPS] }
    }

    /// Puts a cell into the first group with a free slot, in the search order of its hash. Returns
    /// `false` if there is none.
    #[inline(always)]
    pub(crate) fn put(&mut self, hash: u64, fixed: FixedBucket, cell: &[u8]) -> bool {
        let home = first(hash, fixed.places);
        self.put_into(home, hash, fixed, cell) || self.put_behind(home, hash, fixed, cell)
    }

    /// Puts a cell into one of the other groups, and counts it in those before.
    #[inline(never)]
    fn put_behind(&mut self, home: usize, hash: u64, fixed: FixedBucket, cell: &[u8]) -> bool {
        let mut passed = home;
        for at in (home + 1..groups(fixed.places)).chain(0..home) {
            let Some(overflow_count) = self.bytes.get_mut(HEADER_SIZE + overflow_count_at(passed)) else {
                return false;
            };
            *overflow_count = one_more(*overflow_count, hash);
            if self.put_into(at, hash, fixed, cell) {
                return true;
            }
            passed = at;
        }
        false
    }

    /// Puts a cell into a group. Returns `false` if the group has no free slot.
    #[inline(always)]
    fn put_into(&mut self, at: usize, hash: u64, fixed: FixedBucket, cell: &[u8]) -> bool {
        let Some(taken) = self.taken.get_mut(at) else { return false };
        let index = at * GROUP + usize::from(*taken);
        if usize::from(*taken) >= GROUP || index >= fixed.places {
            return false;
        }
        let to = fixed_cell(index, fixed.len);
        let Some(place) = self.bytes.get_mut(to..to.wrapping_add(cell.len())) else { return false };
        simd::copy(place, cell);
        let Some(place) = self.bytes.get_mut(HEADER_SIZE + at * group::STRIDE + usize::from(*taken)) else {
            return false;
        };
        *place = control_byte(hash);
        *taken += 1;
        true
    }
}

const _: () = assert!(control_byte_at(GROUP) == group::STRIDE && MOST_GROUPS * group::STRIDE < PAGE_SIZE);
