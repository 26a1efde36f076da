//! Leaves of fixed cells: all keys have one size, all values another one, in one layout, and each
//! cell is a key with its value.
//!
//! ```text
//! header | groups of control bytes | order   ...   cells, one after another from the page's end
//! ```
//! A key is found by its control byte, without regard to the order. The order has the number of
//! each entry's cell, in the order of the keys: one byte, or two if there are more than 255 cells.
//! So an insert moves a few bytes of the order and no cell, and a removal leaves a free cell where
//! one was. `seek` searches by the hash of a key, `order` by the key.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use graven_core::key::big_endian;
use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber, PageRef};
use graven_core::{Damage, Memory, simd};

use crate::engine::cell::{MIN_CELL, ROOM, Sizes};
use crate::engine::fixed::group::{GROUP, STRIDE, groups, most_places};
use crate::engine::fixed::{FixedCells, fixed_cell};

/// The longest cell of such a leaf. Two of them fit, so a leaf can be split.
const LONGEST: usize = (ROOM - STRIDE) / 2 - 1;

/// The most cells that are numbered by one byte.
const SHORT_ORDER: usize = u8::MAX as usize;

/// The number of cells of the leaf with the most.
pub(crate) const MOST_CELLS: usize = places(MIN_CELL);

const _: () = assert!(places(13) == 255 && places(12) == 269 && places(LONGEST) == 2);

/// An odd number whose lower 46 bits are those of the golden ratio, so that the groups of adjacent
/// numbers are spread evenly.
const SPREAD: u64 = 0x9e37_678d_de6e_5fd3;

/// Returns the number of cells that a leaf has room for.
#[inline(always)]
const fn places(len: usize) -> usize {
    let short = most_places(ROOM, len.saturating_add(1));
    if short <= SHORT_ORDER {
        return short;
    }
    let long = most_places(ROOM, len.saturating_add(2));
    if long > SHORT_ORDER { long } else { SHORT_ORDER }
}

/// The most cells of a leaf in which all searches begin in the first group. Such leaves have few
/// groups, and their cells stay together at the end of the page, so walks read few free ones.
pub(crate) const FEW: usize = 3 * GROUP;

/// The bits of a hash that select the group in which a search begins.
const HOME: u64 = 0x3fff << 32;

/// Returns a hash with a word more.
#[inline(always)]
const fn mixed(hash: u64, word: u64) -> u64 {
    let mixed = hash ^ word;
    (mixed ^ mixed >> 32).wrapping_mul(SPREAD)
}

/// Returns the hash of a key of more than eight bytes, or of less.
#[inline(always)]
fn hash_of_words(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    if words.is_empty() {
        return mixed(0, rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    }
    let hash = words.iter().fold(0, |hash, word| mixed(hash, u64::from_le_bytes(*word)));
    if rest.is_empty() { hash } else { mixed(hash, simd::word(rest)) }
}

impl FixedCells {
    /// Returns the sizes of leaves of fixed cells, if keys and values of these sizes are in such
    /// leaves.
    #[inline(always)]
    pub(crate) const fn of_leaf(sizes: Sizes) -> Option<FixedCells> {
        let (Some(key), Some(value)) = (sizes.key, sizes.value) else { return None };
        let sum = key.saturating_add(value);
        if key == 0 || sum > LONGEST {
            return None;
        }
        let len = if sum > MIN_CELL { sum } else { MIN_CELL };
        Some(FixedCells { len, key, value, places: places(len) })
    }

    /// Returns `true` if leaves have so few cells that all searches begin in the first group.
    #[inline(always)]
    pub(crate) const fn are_few(self) -> bool {
        self.places <= FEW
    }

    /// Returns the hash of a key in leaves. Nobody gains by making keys collide: a leaf has at most
    /// 573 of them, and a search compares each with the key at most once.
    #[inline(always)]
    pub(crate) fn leaf_hash(self, key: &[u8]) -> u64 {
        self.hash_by(key, big_endian)
    }

    /// Returns [`FixedCells::leaf_hash`] of a key that was just encoded. The compiler sees that a
    /// number's bytes are swapped twice, and omits both swaps.
    #[inline(always)]
    pub(crate) fn lookup_hash(self, key: &[u8]) -> u64 {
        self.hash_by(key, u64::from_be_bytes)
    }

    #[inline(always)]
    fn hash_by(self, key: &[u8], number: impl FnOnce([u8; 8]) -> u64) -> u64 {
        let hash = match <[u8; 8]>::try_from(key) {
            Ok(bytes) => mixed(0, number(bytes)),
            Err(_) => hash_of_words(key),
        };
        if self.are_few() { hash & !HOME } else { hash }
    }

    /// Returns the geometry of a leaf of fixed cells, without the sizes of keys and values.
    pub(crate) fn in_leaf(header: &NodeHeader) -> FixedCells {
        let len = header.cell_len().clamp(MIN_CELL, ROOM);
        FixedCells { len, key: 0, value: 0, places: places(len) }
    }

    /// Returns the offset of the order.
    #[inline(always)]
    #[expect(clippy::arithmetic_side_effects, reason = "a page has few groups")]
    pub(crate) const fn order(self) -> usize {
        HEADER_SIZE + STRIDE * groups(self.places)
    }

    /// Returns the number of bytes of a cell's number in the order.
    #[inline(always)]
    pub(crate) const fn width(self) -> usize {
        if self.places > SHORT_ORDER { 2 } else { 1 }
    }

    /// Returns the offset of an entry in the order. A page has less than 2^16 entries.
    #[inline(always)]
    pub(crate) const fn order_at(self, index: usize) -> usize {
        self.order().wrapping_add(index.wrapping_mul(self.width()))
    }

    /// Returns the number of the cell of an entry, from a page whose order was read.
    #[inline(always)]
    pub(crate) fn number(self, bytes: &PageBytes, index: usize) -> Option<usize> {
        let at = self.order_at(index);
        if self.width() == 1 {
            return bytes.get(at).copied().map(usize::from);
        }
        let number = bytes.get(at..)?.first_chunk();
        number.map(|number| usize::from(u16::from_le_bytes(*number)))
    }

    /// Sets the number of the cell of an entry in the order. Returns `None` if there is no room.
    #[inline(always)]
    pub(crate) fn set_number(self, bytes: &mut PageBytes, index: usize, number: usize) -> Option<()> {
        let at = self.order_at(index);
        if self.width() == 1 {
            *bytes.get_mut(at)? = number as u8;
        } else {
            *bytes.get_mut(at..)?.first_chunk_mut()? = (number as u16).to_le_bytes();
        }
        Some(())
    }

    /// Returns the header of an empty leaf.
    pub(crate) fn leaf_header(self, owner: PageNumber, layout: LayoutId) -> NodeHeader {
        let cells = fixed_cell(self.places.saturating_sub(1), self.len);
        NodeHeader::fixed(owner, layout, self.len, cells)
    }

    /// Returns `true` if a leaf has cells of these sizes, in one layout.
    #[inline(always)]
    pub(crate) fn are_in(self, header: &NodeHeader, layout: LayoutId) -> bool {
        header.cell_len() == self.len && header.layouts[0].get() == layout
    }
}

/// Reads the order and the cells of a leaf whose header was read. Long cells that have no entry are
/// left out.
pub(crate) fn load_entries<M: Memory>(
    fixed: FixedCells,
    page: PageRef<'_, M>,
    bytes: &mut PageBytes,
) -> Option<()> {
    let (len, last) = (fixed.len, fixed.places.saturating_sub(1));
    let count = usize::from(NodeHeader::of(bytes).count);
    let order = page.load(bytes, fixed.order(), fixed.order_at(count).checked_sub(fixed.order())?)?;
    if !fixed.are_few() {
        let cells = fixed_cell(last, len);
        return page.load(bytes, cells, PAGE_SIZE.checked_sub(cells)?).map(drop);
    }
    // There are at most `FEW`, so each has a bit of its own.
    let (mut named, mut all) = (0u64, 0);
    for number in order {
        named |= 1 << (number & 63);
        all |= number;
    }
    if all > 63 {
        return None;
    }
    while named != 0 {
        let first = named.trailing_zeros();
        let run = named.wrapping_shr(first).trailing_ones();
        named &= named.wrapping_add(1u64.wrapping_shl(first));
        let end = PAGE_SIZE.checked_sub(len.checked_mul(first as usize)?)?;
        let start = end.checked_sub(len.checked_mul(run as usize)?)?;
        page.load(bytes, start, len.checked_mul(run as usize)?)?;
    }
    Some(())
}

/// Returns the slot that stands for an entry of a leaf of fixed cells: the offset of its cell.
#[inline(always)]
pub(crate) fn slot_in_order(bytes: &PageBytes, index: usize) -> Result<Slot, Damage> {
    let (header, fixed) = (NodeHeader::of(bytes), FixedCells::in_leaf(NodeHeader::of(bytes)));
    let place = fixed.number(bytes, index).map(|number| fixed_cell(number, fixed.len));
    let cells = usize::from(header.cells).max(HEADER_SIZE)..PAGE_SIZE;
    let place = place.filter(|place| cells.contains(place) && header.cell_len() == fixed.len);
    place.map(|place| Slot::new(place, 0, false)).ok_or(Damage::SlotOutOfRange)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::fixed::group::first;

    fn of(key: usize, value: usize) -> Option<FixedCells> {
        FixedCells::of_leaf(Sizes { key: Some(key), value: Some(value) })
    }

    #[test]
    fn an_encoded_key_and_its_bytes_have_one_hash() {
        for fixed in [of(8, 8), of(8, 160)].map(Option::unwrap) {
            for number in [0, 1, 255, 0x0102_0304_0506_0708, u64::MAX] {
                let bytes: [u8; 8] = u64::to_be_bytes(number);
                assert_eq!(fixed.leaf_hash(&bytes), fixed.lookup_hash(&bytes));
            }
            assert_eq!(fixed.leaf_hash(&[1, 2]), fixed.leaf_hash(&258u64.to_be_bytes()));
            assert_ne!(fixed.leaf_hash(&[1; 9]), fixed.leaf_hash(&[1; 10]));
        }
    }

    /// Entries of a full leaf are where their search begins if their keys follow each other.
    #[test]
    fn adjacent_numbers_fill_groups_evenly() {
        for (start, fixed) in [(0u64, of(8, 8)), (1 << 20, of(8, 8)), (17 << 56, of(8, 16)), (5, of(8, 40))] {
            let fixed = fixed.unwrap();
            let mut groups = vec![0; groups(fixed.places)];
            for number in start..start + fixed.places as u64 {
                groups[first(fixed.leaf_hash(&number.to_be_bytes()), fixed.places)] += 1;
            }
            let spilled: usize = groups.iter().map(|count: &usize| count.saturating_sub(GROUP)).sum();
            assert!(spilled <= fixed.places / 20, "{spilled} of {} from {start}: {groups:?}", fixed.places);
        }
    }

    #[test]
    fn sizes_that_fit_are_in_leaves_of_fixed_cells() {
        assert_eq!((of(0, 100), of(8, LONGEST - 7)), (None, None));
        for (key, value) in [
            (1, 0),
            (4, 0),
            (8, 0),
            (8, 4),
            (8, 5),
            (8, 8),
            (32, 0),
            (32, 128),
            (37, 8),
            (8, 1_024),
            (8, LONGEST - 8),
        ] {
            let fixed = of(key, value).unwrap();
            let end = fixed.order_at(fixed.places);
            assert!(fixed.places <= MOST_CELLS && (fixed.places < 256) == (fixed.width() == 1));
            let last = fixed_cell(fixed.places - 1, fixed.len);
            let is_full = last < end + fixed.len + fixed.width() + STRIDE || fixed.places == SHORT_ORDER;
            assert!(end <= last && is_full, "{fixed:?}");
            assert_eq!(fixed.are_few(), fixed.len > 84, "{fixed:?}");
        }
    }
}
