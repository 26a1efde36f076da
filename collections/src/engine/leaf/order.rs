//! The order of a partly read leaf of fixed cells: the position of a key that the leaf does not
//! have, inserting and removing an entry.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::cmp::Ordering;

use graven_core::key::big_endian;
use graven_core::simd::{LANES, Lanes};
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::cell::compare;
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::leaf::path::{KEY_PREFIX, key_prefix_of, lookup_prefix_of};
use crate::engine::leaf::reader::NodeReader;
use crate::engine::leaf::search::{MAX_INTERPOLATIONS, is_spread_evenly, share};

/// The offset of the count in a header.
const COUNT_AT: usize = 2;

impl<M: Memory> NodeReader<'_, M> {
    /// Returns the position in the order of a key that the leaf does not have. Reads the order to
    /// where it is once an entry was inserted before all others, so that the entries after the
    /// position need not be moved.
    #[inline(always)]
    pub(crate) fn position(&mut self, fixed: FixedCells, key: &[u8]) -> Result<usize> {
        let (head, count) = (lookup_prefix_of(key), self.count());
        self.load_order(fixed, fixed.order_at(1), fixed.order_at(count))?;
        let (mut low, mut high) = (0, count);
        let (mut below, mut above) = (self.path.low, self.path.high);
        let (mut interpolations, mut is_open) = (MAX_INTERPOLATIONS, below > 0 && above == u64::MAX);
        while low < high {
            let may_interpolate = interpolations > 0
                && below < above
                && (is_spread_evenly(fixed.key) || below < head && head < above);
            let at = if is_open {
                // The last leaf has no upper fence key to interpolate with. Entries often come in
                // ascending order, so compare the last one first.
                is_open = false;
                high.wrapping_sub(1)
            } else if may_interpolate {
                interpolations = interpolations.wrapping_sub(1);
                low.wrapping_add(share(head, below, above, high.wrapping_sub(low)))
            } else {
                low.wrapping_add(high) / 2
            };
            let number = fixed.number(self.bytes, at.wrapping_add(1));
            let Some(number) = number else { return Err(self.out_of_order()) };
            match self.compare_cell(fixed, fixed_cell(number, fixed.len), head, key) {
                (found, Ordering::Less) => (low, below) = (at.wrapping_add(1), found),
                (found, Ordering::Greater) => (high, above) = (at, found),
                (_, Ordering::Equal) => return Err(self.pager.damaged(self.page, Damage::ControlBytes)),
            }
        }
        Ok(low)
    }

    /// Reads the order up to offset `end` of the page, to offset `to` of the buffer.
    #[inline(always)]
    fn load_order(&mut self, fixed: FixedCells, to: usize, end: usize) -> Result<()> {
        let len = end.wrapping_sub(fixed.order());
        let order = self.bytes.get_mut(to..to.wrapping_add(len));
        let read = order.map(|order| self.page_ref.read(fixed.order(), order));
        if let Some(Ok(())) = read { Ok(()) } else { Err(self.out_of_order()) }
    }

    /// Returns the prefix of the key of a cell, and the order of that key and `key`, whose prefix
    /// is `head`. Of keys that rarely begin alike only the prefix is read. Returns `Equal` for
    /// damage, since a result with an error costs each comparison some twenty instructions.
    #[inline(always)]
    fn compare_cell(&mut self, fixed: FixedCells, place: usize, head: u64, key: &[u8]) -> (u64, Ordering) {
        let found = if fixed.key >= KEY_PREFIX && is_spread_evenly(fixed.key) {
            let mut found = [0; KEY_PREFIX];
            self.page_ref.read(place, &mut found).map_or(head, |()| big_endian(found))
        } else {
            let found = self.page_ref.load(self.bytes, place, fixed.key).unwrap_or(key);
            match key_prefix_of(found) {
                prefix if prefix == head => return (head, compare(found, key)),
                prefix => prefix,
            }
        };
        if found == head { (head, self.compare_whole(fixed, place, key)) } else { (found, found.cmp(&head)) }
    }

    #[inline(never)]
    fn compare_whole(&mut self, fixed: FixedCells, place: usize, key: &[u8]) -> Ordering {
        self.load(place, fixed.key).map_or(Ordering::Equal, |found| compare(found, key))
    }

    /// Returns the position in the order of a cell. Reads the order to where it is once the first
    /// entry was removed, so that the entries after the position need not be moved.
    #[inline(always)]
    pub(crate) fn position_of(&mut self, fixed: FixedCells, cell: usize) -> Result<usize> {
        let (count, order) = (self.count(), fixed.order());
        let len = fixed.order_at(count).wrapping_sub(order).next_multiple_of(LANES);
        let to = order.wrapping_sub(fixed.width());
        self.load_order(fixed, to, order.wrapping_add(len))?;
        let bytes = self.bytes.get(to..to.wrapping_add(len)).unwrap_or_default();
        for (chunk, lanes) in bytes.as_chunks::<LANES>().0.iter().enumerate() {
            let mut found = Lanes::new(lanes).equal(cell as u8);
            while found != 0 {
                let lane = found.trailing_zeros() as usize;
                let at = chunk.wrapping_mul(LANES).wrapping_add(lane);
                let index = if fixed.width() == 1 { at } else { at / 2 };
                if index < count && (fixed.width() == 1 || has_high_byte(lanes, lane, cell)) {
                    return Ok(index);
                }
                found &= found.wrapping_sub(1);
            }
        }
        Err(self.out_of_order())
    }

    /// Inserts the number of a cell into the order, and writes the order and the count. The entries
    /// after `index`, if there are any, were read by [`NodeReader::position`].
    #[inline(always)]
    pub(crate) fn insert_in_order(&mut self, fixed: FixedCells, index: usize, cell: usize) -> Result<()> {
        let count = self.count().wrapping_add(1);
        fixed.set_number(self.bytes, index, cell).ok_or_else(|| self.out_of_order())?;
        self.write_order(fixed, index, count)
    }

    /// Removes an entry from the order, and writes the order and the count. The entries after it
    /// were read by [`NodeReader::position_of`].
    #[inline(always)]
    pub(crate) fn remove_from_order(&mut self, fixed: FixedCells, index: usize) -> Result<()> {
        let count = self.count().wrapping_sub(1);
        self.write_order(fixed, index, count)
    }

    /// Returns the error for a damaged order. It is not a call with `self`, for which the reader
    /// would have to be in memory.
    #[inline(always)]
    fn out_of_order(&self) -> Error {
        self.pager.damaged(self.page, Damage::SlotOutOfRange)
    }

    /// Writes the count and the order from a position on.
    #[inline(always)]
    fn write_order(&mut self, fixed: FixedCells, from: usize, count: usize) -> Result<()> {
        let (at, end) = (fixed.order_at(from), fixed.order_at(count));
        self.header_mut().count = (count as u16).into();
        let count = (count as u16).to_le_bytes();
        let order = self.bytes.get(at..end).and_then(|order| self.page_ref.store(at, order));
        order.and_then(|()| self.page_ref.store(COUNT_AT, &count)).ok_or_else(|| self.out_of_order())
    }
}

/// Returns `true` if a number of two bytes begins in a lane and is `cell`.
#[inline(always)]
fn has_high_byte(lanes: &[u8; LANES], lane: usize, cell: usize) -> bool {
    let high = lanes.get(lane.wrapping_add(1));
    lane.is_multiple_of(2) && high.is_some_and(|high| usize::from(*high) == cell >> 8)
}
