//! A plain page that is being filled: how many places of each group are taken says where the next entry goes, so no
//! mark is read again.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageBytes};

use crate::engine::cell;
use crate::engine::cell::{MIN_CELL, ROOM};
use crate::engine::hash::bucket::plain_cell;
use crate::engine::hash::group;
use crate::engine::hash::group::{GROUP, beyond_at, first, groups, mark, mark_at, one_more};
use crate::engine::hash::plain::Plain;

/// Groups of the page with the most places.
const MOST_GROUPS: usize = groups(group::most_places(ROOM, MIN_CELL));

/// A page on the heap.
pub(crate) struct Fresh {
    pub(crate) bytes: Box<PageBytes>,
    /// Places of each group that are taken.
    taken: [u8; MOST_GROUPS],
}

impl Fresh {
    /// A page without entries. What the buffer holds stays where no place is taken.
    pub(crate) fn new(mut bytes: Box<PageBytes>, header: &[u8; HEADER_SIZE], plain: Plain) -> Self {
        bytes[..HEADER_SIZE].copy_from_slice(header);
        bytes[HEADER_SIZE..plain.grid().end()].fill(0);
        Fresh { bytes, taken: [0; MOST_GROUPS] }
    }

    /// Puts a cell into the first group of the search for its hash that has a free place. False if there is none.
    #[inline(always)]
    pub(crate) fn put(&mut self, hash: u64, plain: Plain, cell: &[u8]) -> bool {
        let home = first(hash, plain.places);
        self.put_into(home, hash, plain, cell) || self.put_behind(home, hash, plain, cell)
    }

    /// Puts it into one of the other groups.
    #[inline(never)]
    fn put_behind(&mut self, home: usize, hash: u64, plain: Plain, cell: &[u8]) -> bool {
        let mut passed = home;
        for at in (home + 1..groups(plain.places)).chain(0..home) {
            let Some(beyond) = self.bytes.get_mut(HEADER_SIZE + beyond_at(passed)) else { return false };
            *beyond = one_more(*beyond, hash);
            if self.put_into(at, hash, plain, cell) {
                return true;
            }
            passed = at;
        }
        false
    }

    /// Puts a cell into a group, if a place is free there.
    #[inline(always)]
    fn put_into(&mut self, at: usize, hash: u64, plain: Plain, cell: &[u8]) -> bool {
        let Some(taken) = self.taken.get_mut(at) else { return false };
        let index = at * GROUP + usize::from(*taken);
        if usize::from(*taken) >= GROUP || index >= plain.places {
            return false;
        }
        let to = plain_cell(index, plain.len);
        let Some(place) = self.bytes.get_mut(to..to.wrapping_add(cell.len())) else { return false };
        cell::copy(place, cell);
        let Some(place) = self.bytes.get_mut(HEADER_SIZE + at * group::STRIDE + usize::from(*taken)) else {
            return false;
        };
        *place = mark(hash);
        *taken += 1;
        true
    }
}

const _: () = assert!(mark_at(GROUP) == group::STRIDE && MOST_GROUPS * group::STRIDE < PAGE_SIZE);
