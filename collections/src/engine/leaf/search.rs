//! Search for a key in a node with slots, reading as little of it as possible. Leaves of fixed
//! cells are searched by `seek`, and their order by `order`.
//!
//! Keys of a constant length are found by interpolation of their first eight bytes, as if these
//! were spread evenly between the fence keys of the node. Hashes, principals, times and counters
//! nearly are: three probes find one among 160. Where many keys begin alike, what is left is
//! halved. Other keys cost a few probes more than a binary search.

use graven_core::page::PAGE_SIZE;
use std::cmp::Ordering;

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{CellFormat, CellHead, SLOT, compare};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::node;
use crate::engine::leaf::path::{DescentPath, key_prefix_of, lookup_prefix_of};
use crate::engine::leaf::reader::{NodeReader, not_of_level};

/// The number of probes that interpolate. Further probes halve what is left.
pub(crate) const MAX_INTERPOLATIONS: u32 = 6;

impl<M: Memory> NodeReader<'_, M> {
    /// Returns the slot index of `key` in a leaf of any kind and the header of its cell, or the
    /// index at which it would be inserted.
    #[inline(never)]
    pub(crate) fn search(
        &mut self,
        context: &LeafContext<M>,
        key: &[u8],
    ) -> Result<Result<(usize, CellHead), usize>> {
        if let Some((fixed, _)) = self.previous_cells(context)? {
            return self.search_cells(fixed, key);
        }
        let sizes = context.sizes;
        if let Some(size) = sizes.key.filter(|_| self.has_keys_in_front(context))
            && let Some(found) = self.probe((0, size), 0, key)
        {
            let (index, _) = match found? {
                Ok(found) => found,
                Err(index) => return Ok(Err(index)),
            };
            let slot = self.slot(index)?;
            let format = self.format(context, sizes, slot)?;
            return Ok(Ok((index, self.head(format, slot.place())?)));
        }
        self.load_slots(0, self.count())?;
        let (mut low, mut high) = (0, self.count());
        while low < high {
            let middle = (low + high) / 2;
            let slot = self.slot(middle)?;
            let format = self.format(context, sizes, slot)?;
            match self.compare(format, slot, key)? {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(Ok((middle, self.head(format, slot.place())?))),
            }
        }
        Ok(Err(low))
    }

    /// Returns the child of an inner node that leads to `key`.
    pub(crate) fn child(&mut self, context: &LeafContext<M>, key: &[u8]) -> Result<DescentPath> {
        if self.count() == 0 {
            return Err(not_of_level(self.pager, self.path));
        }
        let format = context.inner_format();
        let size = format.key_size.unwrap_or(0);
        let index = match self.probe((format.prefix(), size), 1, key) {
            Some(found) => found?.map_or_else(|above| above - 1, |(index, _)| index),
            None => self.search_child(format, key)?,
        };
        let slot = self.slot(index)?;
        let head = self.head(format, slot.place())?;
        Ok(DescentPath { page: head.page, level: self.path.level.saturating_sub(1), ..self.path })
    }

    fn search_child(&mut self, format: CellFormat, key: &[u8]) -> Result<usize> {
        self.load_slots(0, self.count())?;
        let (mut low, mut high) = (1, self.count());
        while low < high {
            let middle = (low + high) / 2;
            let slot = self.slot(middle)?;
            if self.compare(format, slot, key)?.is_le() { low = middle + 1 } else { high = middle }
        }
        Ok(low - 1)
    }

    /// Searches for a key of constant size, if `key` has that size. `prefix` is the number of bytes
    /// before it in a cell.
    fn probe(
        &mut self,
        (prefix, size): (usize, usize),
        first: usize,
        key: &[u8],
    ) -> Option<Result<Result<(usize, usize), usize>>> {
        // A bound may be just the beginning of keys.
        (key.len() == size && size > 0).then(|| self.interpolate(prefix, first, key))
    }

    /// Searches for a key of constant size from slot `first` on. Returns its slot index and the
    /// offset of its cell, or the slot index at which it would be inserted.
    fn interpolate(
        &mut self,
        prefix: usize,
        first: usize,
        key: &[u8],
    ) -> Result<Result<(usize, usize), usize>> {
        let (size, len) = (key.len(), prefix + key.len());
        let (mut low, mut high) = (first, self.count());
        let last = PAGE_SIZE - len;
        let head = lookup_prefix_of(key);
        let (mut below, mut above) = (self.path.low, self.path.high);
        let mut interpolations = MAX_INTERPOLATIONS;
        // The last node has no upper fence key to interpolate with. Entries often come in ascending
        // order, so probe the last one first.
        let mut is_open = below > 0 && above == u64::MAX;
        while low < high {
            let at = if is_open {
                is_open = false;
                high - 1
            } else if interpolations > 0
                && below < above
                && (is_spread_evenly(size) || below < head && head < above)
            {
                interpolations -= 1;
                low + share(head, below, above, high - low)
            } else {
                (low + high) / 2
            };
            let Some(place) = self.place(at) else { return Err(self.broken()) };
            if place > last {
                return Err(self.broken());
            }
            let cell = self.page_ref.load(self.bytes, place, len);
            let Some(found) = cell.and_then(|cell| cell.get(prefix..len)) else {
                return Err(self.broken());
            };
            let found_head = key_prefix_of(found);
            let (is_hit, is_less) = if found_head == head {
                let order = if size > 8 { compare(found, key) } else { Ordering::Equal };
                (order.is_eq(), order.is_lt())
            } else {
                (false, found_head < head)
            };
            if is_hit {
                if place < HEADER_SIZE + SLOT * self.count() {
                    return Err(self.pager.damaged(self.page, Damage::SlotOutOfRange));
                }
                self.path.low = found_head;
                return Ok(Ok((at, place)));
            }
            if is_less {
                (low, below) = (at + 1, found_head);
            } else {
                (high, above) = (at, found_head);
            }
        }
        // In an inner node, these are the prefixes of the keys around the child.
        (self.path.low, self.path.high) = (below, above);
        Ok(Err(low))
    }

    /// Compares the key in a slot with `key`. Reads only the bytes that `key` may take, up to a
    /// limit, and the rest if those are equal.
    #[expect(
        clippy::indexing_slicing,
        reason = "`head` returns `None` for bytes that are shorter than `prefix`"
    )]
    fn compare(&mut self, format: CellFormat, slot: Slot, key: &[u8]) -> Result<Ordering> {
        let (page, at, prefix) = (self.page, slot.place(), format.prefix());
        if let Some(size) = format.key_size {
            return Ok(compare(self.load(at + prefix, size)?, key));
        }
        let interpolate = (prefix + key.len() + 1).min(48).min(PAGE_SIZE - at);
        let broken = || self.pager.damaged(page, Damage::CellTooShort);
        let bytes = self.load(at, interpolate)?;
        let head = format.head(bytes).ok_or_else(broken)?;
        let common = head.key_len.min(interpolate - prefix).min(key.len());
        let order = compare(&bytes[prefix..prefix + common], &key[..common]);
        if order.is_ne() || common == head.key_len || common == key.len() {
            return Ok(order.then(head.key_len.cmp(&key.len())));
        }
        Ok(compare(self.load(at + prefix, head.key_len)?, key))
    }

    /// Returns `true` if all values are inline and in layouts of constant sizes: then cells begin
    /// with their keys.
    fn has_keys_in_front(&self, context: &LeafContext<M>) -> bool {
        let constant = |layout| matches!(context.root.size_of(layout, self.page), Ok(Some(_)));
        self.header().overflows.get() == 0 && node::listed(self.header()).all(constant)
    }
}

/// Returns `true` if keys of that size are rarely composite: numbers, principals and digests. Where
/// several keys begin alike, a prefix that is that of a bound says nothing of the place.
#[inline(always)]
pub(crate) const fn is_spread_evenly(size: usize) -> bool {
    matches!(size, 0..=8 | 30 | 32)
}

/// Returns the index among `places` that a key prefix would have if prefixes were spread evenly
/// from `below` to `above`.
#[inline(always)]
pub(crate) fn share(head: u64, below: u64, above: u64, places: usize) -> usize {
    // Exact for consecutive keys. Large spans lose 11 bits so that the product fits: a page has
    // fewer than 2^11 slots.
    let span = above.wrapping_sub(below);
    let spare = if span >> 53 == 0 { 0 } else { 11 };
    let (part, all) = (head.wrapping_sub(below) >> spare, span >> spare);
    // In damaged memory a prefix may be outside the bounds. Any index will do then.
    (part.wrapping_mul(places as u64).checked_div(all).unwrap_or(0) as usize).min(places - 1)
}

#[cfg(test)]
mod tests {
    use crate::engine::leaf::search::share;

    #[test]
    fn a_share_is_a_place_whatever_the_heads() {
        let heads = [0, 1, 7, 1 << 31, 1 << 52, (1 << 53) - 1, 1 << 53, 1 << 63, u64::MAX - 1, u64::MAX];
        for below in heads {
            for above in heads.into_iter().filter(|above| *above > below) {
                for head in heads {
                    for places in [1, 2, 160, 2032] {
                        assert!(share(head, below, above, places) < places, "{head} in {below}..{above}");
                    }
                }
                assert_eq!(share(below, below, above, 100), 0);
                assert!(share(above, below, above, 100) >= 49, "{below}..{above}");
            }
        }
        assert_eq!(share(500, 0, 1000, 100), 50);
    }
}
