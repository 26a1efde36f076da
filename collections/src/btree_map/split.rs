//! Splitting a full leaf whose cells are all alike: keys of one size, values of one size in the newest layout. That is
//! what most leaves of most maps are, so their cells are copied as they are, without a list of them being made.

use core::ops::Range;

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{Located, PAGE_SIZE, PageBytes};
use graven_core::{Error, Memory, Result};
use zerocopy::IntoBytes;

use super::cell::{CellFormat, Form, MIN_CELL, ROOM, SLOT, Sizes, copy};
use super::node::{self, Split};
use super::part::Part;
use super::tree::Tree;

/// A new entry of a leaf.
struct New<'a> {
    index: usize,
    format: CellFormat,
    key: &'a [u8],
    value: &'a [u8],
}

impl<M: Memory> Tree<M> {
    /// Adds an entry to a leaf that has no room for it as it is: packs the leaf anew, or splits it. False if the leaf
    /// is not such a one, and nothing was done.
    #[inline(never)]
    pub(super) fn put_split(
        &self,
        sizes: Sizes,
        part: &mut Part<'_, M>,
        index: usize,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool> {
        let (Some(key_size), Some(value_size)) = (sizes.key, sizes.value) else { return Ok(false) };
        let len = (key_size + value_size).max(MIN_CELL);
        let (count, capacity) = (part.count(), ROOM / (len + SLOT));
        if !node::is_plain(part.header(), self.root.newest()) || count > capacity || index > count {
            return Ok(false);
        }
        let format = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
        let new = New { index, format, key, value };
        let total = count + 1;
        // Keys that come in ascending order fill leaves: the left one stays as it is.
        let is_last = index == count;
        let left = match (total <= capacity, is_last) {
            (true, _) => total,
            (_, true) => count,
            (_, false) => total - total / 2,
        };
        part.load(0, PAGE_SIZE)?;
        if !has_cells(part.bytes, count, len) {
            return Err(part.broken());
        }
        let pager = self.root.pager();
        if left == total {
            return pager.with_spare(|out| {
                self.pack_part(part, &new, 0..total, len, out)?;
                self.write_packed(part.located, out, total, len)?;
                self.root.count_values(1, (key.len() + value.len()) as i64).map(|()| true)
            });
        }
        // The key of the right leaf's first cell tells the two apart.
        let separator = part.cell_bytes(&new, left, len)?[..key_size].to_vec();
        pager.reserve(self.spare_pages(2))?;
        let right = pager.allocate()?;
        let mut state = self.root.state();
        let (mut writes, split) = (Vec::new(), if is_last { Split::Ascending } else { Split::Even });
        self.grow_parents(&mut state, vec![(separator, right)], split, key, &mut writes)?;
        state.pages = state.pages.get().saturating_add(1).into();
        state.len = state.len.get().saturating_add(1).into();
        state.bytes = state.bytes.get().saturating_add((key.len() + value.len()) as u64).into();
        pager.with_spare(|out| {
            self.pack_part(part, &new, left..total, len, out)?;
            let at = pager.locate(right)?;
            self.root.count_pages(self.root.newest(), 1)?;
            self.write_packed(at, out, total - left, len)?;
            // Not told by `left`: of two cells and a new one the left leaf keeps two, too, but not the same.
            if !is_last {
                self.pack_part(part, &new, 0..left, len, out)?;
                self.write_packed(part.located, out, left, len)?;
            }
            Ok(())
        })?;
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root.set_state(state).map(|()| true)
    }

    /// Packs two neighbours of such leaves into the left one; false if they are others, and nothing was done.
    pub(super) fn merge_plain(&self, left: u32, right: u32, headers: &[NodeHeader]) -> Result<bool> {
        let ([first, second], Some(key), Some(value)) = (headers, self.sizes.key, self.sizes.value) else {
            return Ok(false);
        };
        let (newest, len) = (self.root.newest(), (key + value).max(MIN_CELL));
        if !node::is_plain(first, newest) || !node::is_plain(second, newest) {
            return Ok(false);
        }
        let pager = self.root.pager();
        let (left_at, from) = (pager.locate(left)?, pager.read_page(right)?);
        let counts = [first.count.get() as usize, second.count.get() as usize];
        pager.with_spare(|out| {
            pager.with_scratch(|bytes| {
                pager.read(left, 0, bytes)?;
                let are_whole = has_cells(bytes, counts[0], len) && has_cells(&from, counts[1], len);
                let mut pack = Pack::new(out, len);
                if !are_whole || !pack.copy(bytes, 0..counts[0]) || !pack.copy(&from, 0..counts[1]) {
                    return Err(Error::Damaged { page: left, why: "its cells are not where they can be" });
                }
                Ok(())
            })?;
            self.write_header(out, counts[0] + counts[1], len);
            self.root.count_pages(newest, -1)?;
            self.write_packed(left_at, out, counts[0] + counts[1], len).map(|()| true)
        })
    }

    pub(super) fn write_header(&self, out: &mut PageBytes, count: usize, len: usize) {
        let mut header = NodeHeader::new(0, self.root.page());
        header.layouts[0] = self.root.newest().into();
        header.count = (count as u16).into();
        header.cells = ((PAGE_SIZE - len * count) as u16).into();
        out[..HEADER_SIZE].copy_from_slice(header.as_bytes());
    }

    /// Packs some of a leaf's cells, the new one among them, from the end of a page on.
    fn pack_part(
        &self,
        part: &mut Part<'_, M>,
        new: &New<'_>,
        cells: Range<usize>,
        len: usize,
        out: &mut PageBytes,
    ) -> Result<()> {
        let mut pack = Pack::new(out, len);
        // Behind the new cell, indices in the old leaf are one less.
        let (before, after) = match new.index {
            index if index < cells.start => (0..0, cells.start - 1..cells.end - 1),
            index if index < cells.end => (cells.start..index, index..cells.end - 1),
            _ => (cells.clone(), 0..0),
        };
        let is_here = cells.contains(&new.index);
        let packed = pack.copy(part.bytes, before)
            && (!is_here || pack.add(|cell| new.format.write(cell, new.key, 0, new.value)))
            && pack.copy(part.bytes, after);
        if !packed {
            return Err(part.broken());
        }
        self.write_header(out, cells.len(), len);
        Ok(())
    }

    /// Writes a packed leaf, but not the gap in it.
    fn write_packed(&self, page: Located, out: &PageBytes, count: usize, len: usize) -> Result<()> {
        let pager = self.root.pager();
        let (slots_end, cells) = (HEADER_SIZE + SLOT * count, PAGE_SIZE - len * count);
        let written = if cells <= slots_end + 25 {
            // One write more costs as much as so many bytes.
            pager.put(page, 0, out)
        } else {
            pager.put(page, 0, &out[..slots_end]).and_then(|()| pager.put(page, cells, &out[cells..]))
        };
        written.ok_or_else(|| Error::Damaged { page: self.root.page(), why: "a leaf has no room" })
    }
}

/// Whether all cells of a leaf are where they can be. Nothing is written before that is known.
pub(super) fn has_cells(bytes: &PageBytes, count: usize, len: usize) -> bool {
    let (slots, _) = bytes[HEADER_SIZE..].as_chunks::<SLOT>();
    let places = HEADER_SIZE + SLOT * count..PAGE_SIZE + 1 - len;
    slots.get(..count).is_some_and(|slots| {
        slots.iter().all(|slot| places.contains(&Slot(u16::from_le_bytes(*slot)).place()))
    })
}

/// A leaf being packed: cells from its end down, slots from its beginning up.
pub(super) struct Pack<'a> {
    out: &'a mut PageBytes,
    at: usize,
    count: usize,
    len: usize,
}

impl<'a> Pack<'a> {
    pub(super) fn new(out: &'a mut PageBytes, len: usize) -> Self {
        Pack { out, at: PAGE_SIZE, count: 0, len }
    }

    /// Adds cells that stand one behind the other; false if there is no room for them.
    pub(super) fn append(&mut self, cells: &[u8]) -> bool {
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

    /// Copies the cells in some slots of another leaf; false if one is not where it can be.
    pub(super) fn copy(&mut self, from: &PageBytes, slots: Range<usize>) -> bool {
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

    /// Adds a cell, which `write` writes.
    #[inline(always)]
    fn add(&mut self, write: impl FnOnce(&mut [u8])) -> bool {
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

impl<M: Memory> Part<'_, M> {
    /// The cell in a slot of a leaf that was read whole.
    #[inline(always)]
    fn old_cell(&self, index: usize, len: usize) -> Result<&[u8]> {
        let slot = node::slot(self.page, self.bytes, index, self.count())?;
        self.bytes.get(slot.place()..slot.place() + len).ok_or_else(|| self.broken())
    }

    /// The same once there is a new one.
    fn cell_bytes(&self, new: &New<'_>, index: usize, len: usize) -> Result<Vec<u8>> {
        if index != new.index {
            return Ok(self.old_cell(index - usize::from(index > new.index), len)?.to_vec());
        }
        let mut cell = vec![0; len];
        new.format.write(&mut cell, new.key, 0, new.value);
        Ok(cell)
    }
}
