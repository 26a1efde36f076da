//! A plain page that is being filled: how many places each group has left says where the next entry goes, so no mark
//! is read again. Groups are taken from their last place down; a search does not care.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageBytes};

use super::group::{self, GROUP};
use crate::btree_map::cell::{self, MIN_CELL, ROOM};

/// Groups of the page with the most places.
const MOST_GROUPS: usize = (ROOM / (MIN_CELL + 1)).div_ceil(GROUP);

/// A page on the heap.
pub(super) struct Fresh {
    pub(super) bytes: Box<PageBytes>,
    /// Free places of each group.
    left: [u8; MOST_GROUPS],
}

impl Fresh {
    /// A page without entries.
    pub(super) fn new(bytes: Box<PageBytes>, places: usize) -> Self {
        let mut left = [0; MOST_GROUPS];
        for (first, left) in (0..places).step_by(GROUP).zip(&mut left) {
            *left = GROUP.min(places - first) as u8;
        }
        Fresh { bytes, left }
    }

    /// Puts a cell into the first group of the search for its hash that has a free place. False if there is none;
    /// nothing has changed then.
    #[inline(always)]
    pub(super) fn put(&mut self, hash: u64, places: usize, cell: &[u8]) -> bool {
        let first = group::first(hash, places) / GROUP;
        self.put_into(first, hash, cell) || self.put_behind(first, hash, places, cell)
    }

    /// Puts it into one of the other groups.
    #[inline(never)]
    fn put_behind(&mut self, first: usize, hash: u64, places: usize, cell: &[u8]) -> bool {
        let mut groups = (first + 1..places.div_ceil(GROUP)).chain(0..first);
        groups.any(|group| self.put_into(group, hash, cell))
    }

    /// Puts a cell into a group, if a place is free there.
    #[inline(always)]
    fn put_into(&mut self, group: usize, hash: u64, cell: &[u8]) -> bool {
        let Some(left) = self.left.get_mut(group).filter(|left| **left > 0) else { return false };
        *left -= 1;
        let index = group * GROUP + usize::from(*left);
        // What is out of bounds is none of the page; saturating costs a comparison more.
        let to = PAGE_SIZE.wrapping_sub((index + 1) * cell.len());
        let Some(place) = self.bytes.get_mut(to..to.wrapping_add(cell.len())) else { return false };
        cell::copy(place, cell);
        let Some(mark) = self.bytes.get_mut(HEADER_SIZE + index) else { return false };
        *mark = group::mark(hash);
        true
    }
}
