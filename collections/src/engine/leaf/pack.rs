//! Fixed leaves, packed by copying cells as they are.

use core::ops::Range;

use graven_core::page::node::{HEADER_SIZE, Slot};
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::simd::copy;

use crate::engine::cell::SLOT;

/// Returns `true` if all cells of a leaf are at valid offsets. This is checked before anything is
/// written.
pub(crate) fn has_cells(bytes: &PageBytes, count: usize, len: usize) -> bool {
    let (slots, _) = bytes[HEADER_SIZE..].as_chunks::<SLOT>();
    let places = HEADER_SIZE + SLOT * count..PAGE_SIZE + 1 - len;
    slots.get(..count).is_some_and(|slots| {
        slots.iter().all(|slot| places.contains(&Slot(u16::from_le_bytes(*slot)).place()))
    })
}

/// A leaf being packed: cells from its end down, slots from its beginning up.
pub(crate) struct Pack<'a> {
    out: &'a mut PageBytes,
    at: usize,
    count: usize,
    len: usize,
}

impl<'a> Pack<'a> {
    pub(crate) fn new(out: &'a mut PageBytes, len: usize) -> Self {
        Pack { out, at: PAGE_SIZE, count: 0, len }
    }

    /// Adds adjacent cells. Returns `false` if there is no room for them.
    pub(crate) fn append(&mut self, cells: &[u8]) -> bool {
        match self.len {
            16 => self.append_fixed::<16>(cells),
            len => cells.chunks_exact(len).all(|cell| self.add(|to| copy(to, cell))),
        }
    }

    fn append_fixed<const N: usize>(&mut self, cells: &[u8]) -> bool {
        cells.as_chunks::<N>().0.iter().all(|cell| {
            self.add(|to| {
                if let Some(to) = to.first_chunk_mut::<N>() {
                    *to = *cell;
                }
            })
        })
    }

    /// Copies the cells in a range of slots of another leaf. Returns `false` if there is no room or
    /// an offset is invalid.
    pub(crate) fn copy(&mut self, from: &PageBytes, slots: Range<usize>) -> bool {
        let (all, _) = from[HEADER_SIZE..].as_chunks::<SLOT>();
        let Some(slots) = all.get(slots) else { return false };
        match self.len {
            12 => self.copy_fixed::<12>(from, slots),
            16 => self.copy_fixed::<16>(from, slots),
            40 => self.copy_fixed::<40>(from, slots),
            len => slots.iter().all(|slot| {
                let place = Slot(u16::from_le_bytes(*slot)).place();
                from.get(place..place + len).is_some_and(|cell| self.add(|to| copy(to, cell)))
            }),
        }
    }

    fn copy_fixed<const N: usize>(&mut self, from: &PageBytes, slots: &[[u8; SLOT]]) -> bool {
        slots.iter().all(|slot| {
            let place = Slot(u16::from_le_bytes(*slot)).place();
            let Some(cell) = from.get(place..).and_then(<[u8]>::first_chunk::<N>) else { return false };
            self.add(|to| {
                if let Some(to) = to.first_chunk_mut::<N>() {
                    *to = *cell;
                }
            })
        })
    }

    /// Adds a cell, which `write` fills. Returns `false` if there is no room.
    #[inline(always)]
    pub(crate) fn add(&mut self, write: impl FnOnce(&mut [u8])) -> bool {
        let slot = HEADER_SIZE + SLOT * self.count;
        let Some(at) = self.at.checked_sub(self.len).filter(|at| *at >= slot + SLOT) else { return false };
        let Some(cell) = self.out.get_mut(at..self.at) else { return false };
        write(cell);
        let Some(place) = self.out.get_mut(slot..slot + SLOT) else { return false };
        place.copy_from_slice(&Slot::new(at, 0, false).0.to_le_bytes());
        (self.at, self.count) = (at, self.count + 1);
        true
    }
}
