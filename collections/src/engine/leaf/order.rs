//! The order of a partly read leaf of fixed cells: the position of a key that the leaf does not
//! have, inserting and removing an entry.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use std::cmp::Ordering;

use graven_core::key::big_endian;
use graven_core::page::PAGE_SIZE;
use graven_core::simd::{LANES, Lanes};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::compare;
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::leaf::path::{KEY_PREFIX, key_prefix_of, lookup_prefix_of};
use crate::engine::leaf::reader::NodeReader;
use crate::engine::leaf::search::{MAX_INTERPOLATIONS, is_spread_evenly, share};

/// The offset of the count in a header.
const COUNT_AT: usize = 2;

impl<M: Memory> NodeReader<'_, M> {
    /// Returns the position in the order of a key that the leaf does not have.
    #[inline(always)]
    pub(crate) fn position(&mut self, fixed: FixedCells, key: &[u8]) -> Result<usize> {
        let head = lookup_prefix_of(key);
        let (mut low, mut high) = (0, self.count());
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
            let Some(number) = self.number(fixed, at) else { return Err(self.broken()) };
            match self.compare_cell(fixed, fixed_cell(number, fixed.len), head, key) {
                (found, Ordering::Less) => (low, below) = (at.wrapping_add(1), found),
                (found, Ordering::Greater) => (high, above) = (at, found),
                (_, Ordering::Equal) => return Err(self.pager.damaged(self.page, Damage::ControlBytes)),
            }
        }
        Ok(low)
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

    /// Returns the position in the order of a cell. The order has been read then.
    #[inline(always)]
    pub(crate) fn position_of(&mut self, fixed: FixedCells, cell: usize) -> Result<usize> {
        let (count, order) = (self.count(), fixed.order());
        let len = fixed.order_at(count).wrapping_sub(order).next_multiple_of(LANES);
        let bytes = self.page_ref.load(self.bytes, order, len).unwrap_or_default();
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
        Err(self.broken())
    }

    /// Inserts the number of a cell into the order, and writes the order and the count.
    #[inline(always)]
    pub(crate) fn insert_in_order(&mut self, fixed: FixedCells, index: usize, cell: usize) -> Result<()> {
        let count = self.count();
        let (at, from) = (fixed.order_at(index), fixed.order_at(index.wrapping_add(1)));
        let end = fixed.order_at(count.wrapping_add(1));
        if index > count || end > PAGE_SIZE {
            return Err(self.broken());
        }
        if index < count {
            // Read again, straight to the new offset: moving what was read would cost more.
            let moved = self.bytes.get_mut(from..end).map(|moved| self.page_ref.read(at, moved));
            let Some(Ok(())) = moved else { return Err(self.broken()) };
        }
        fixed.set_number(self.bytes, index, cell).ok_or_else(|| self.broken())?;
        self.write_order(at, end, count.wrapping_add(1))
    }

    /// Removes an entry from the order, and writes the order and the count.
    #[inline(always)]
    pub(crate) fn remove_from_order(&mut self, fixed: FixedCells, index: usize) -> Result<()> {
        let count = self.count().wrapping_sub(1);
        let (at, from) = (fixed.order_at(index), fixed.order_at(index.wrapping_add(1)));
        let end = fixed.order_at(count);
        let moved = self.bytes.get_mut(at..end).map(|moved| self.page_ref.read(from, moved));
        let Some(Ok(())) = moved else { return Err(self.broken()) };
        self.write_order(at, end, count)
    }

    #[inline(always)]
    fn write_order(&mut self, from: usize, to: usize, count: usize) -> Result<()> {
        self.header_mut().count = (count as u16).into();
        let count = (count as u16).to_le_bytes();
        let order = self.bytes.get(from..to).and_then(|order| self.page_ref.store(from, order));
        order.and_then(|()| self.page_ref.store(COUNT_AT, &count)).ok_or_else(|| self.broken())
    }
}

/// Returns `true` if a number of two bytes begins in a lane and is `cell`.
#[inline(always)]
fn has_high_byte(lanes: &[u8; LANES], lane: usize, cell: usize) -> bool {
    let high = lanes.get(lane.wrapping_add(1));
    lane.is_multiple_of(2) && high.is_some_and(|high| usize::from(*high) == cell >> 8)
}
