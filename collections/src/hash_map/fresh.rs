//! A plain page that is being filled: its groups are taken from their first place on, so how full each is says
//! where the next entry goes, and no mark is read again.

use graven_core::page::PageBytes;
use graven_core::page::node::HEADER_SIZE;

use super::bucket::plain_cell;
use super::group::{self, GROUP};
use crate::btree_map::cell::{self, MIN_CELL, ROOM};

/// Groups of the page with the most places.
const MOST_GROUPS: usize = (ROOM / (MIN_CELL + 1)).div_ceil(GROUP);

/// A page on the heap without gaps between the entries of a group.
pub(super) struct Fresh {
    pub(super) bytes: Box<PageBytes>,
    /// Places that are taken in each group.
    taken: [u8; MOST_GROUPS],
}

impl Fresh {
    /// A page without entries.
    pub(super) const fn new(bytes: Box<PageBytes>) -> Self {
        Fresh { bytes, taken: [0; MOST_GROUPS] }
    }

    /// Puts a cell where a search for its hash comes to it soonest. False if there is no room; nothing has changed
    /// then.
    #[inline(always)]
    pub(super) fn put(&mut self, hash: u64, places: usize, cell: &[u8]) -> bool {
        let first = group::first(hash, places);
        if self.put_into(first, hash, places, cell) {
            return true;
        }
        let groups = (first..places).step_by(GROUP).skip(1).chain((0..first).step_by(GROUP));
        groups.into_iter().any(|at| self.put_into(at, hash, places, cell))
    }

    /// Puts a cell into the group that begins at a place, if one is free there.
    #[inline(always)]
    fn put_into(&mut self, at: usize, hash: u64, places: usize, cell: &[u8]) -> bool {
        let Some(taken) = self.taken.get_mut(at / GROUP) else { return false };
        let index = at + usize::from(*taken);
        if usize::from(*taken) == GROUP || index >= places {
            return false;
        }
        let to = plain_cell(index, cell.len());
        let Some(place) = self.bytes.get_mut(to..to + cell.len()) else { return false };
        cell::copy(place, cell);
        let Some(mark) = self.bytes.get_mut(HEADER_SIZE + index) else { return false };
        *mark = group::mark(hash);
        *taken += 1;
        true
    }
}
