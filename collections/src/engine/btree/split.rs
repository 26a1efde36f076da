//! Splits and merges of fixed leaves: keys of one size, and values of one size in the current
//! layout. Most leaves of most maps are fixed, so their cells are copied as they are, without a
//! list of them.

use crate::engine::leaf::pack::{Pack, has_cells};
use core::ops::Range;

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{PAGE_SIZE, PageBytes, PageNumber, PageRef};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{CellFormat, Form, MIN_CELL, ROOM, SLOT, Sizes};
use crate::engine::leaf::node;
use crate::engine::leaf::node::Split;
use crate::engine::leaf::reader::NodeReader;

/// A new entry of a leaf.
struct New<'a> {
    index: usize,
    format: CellFormat,
    key: &'a [u8],
    value: &'a [u8],
}

impl<M: Memory> Tree<M> {
    /// Adds an entry to a fixed leaf that has no contiguous room for it, by packing the leaf anew
    /// or splitting it. Returns `false` if the leaf is not fixed; then nothing was done.
    #[inline(never)]
    pub(crate) fn split_fixed(
        &self,
        sizes: Sizes,
        part: &mut NodeReader<'_, M>,
        index: usize,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool> {
        let (Some(key_size), Some(value_size)) = (sizes.key, sizes.value) else { return Ok(false) };
        let len = (key_size + value_size).max(MIN_CELL);
        let (count, capacity) = (part.count(), ROOM / (len + SLOT));
        if !node::is_fixed(part.header(), self.root().current()) || count > capacity || index > count {
            return Ok(false);
        }
        let format = CellFormat { key_size: sizes.key, form: Form::Inline(sizes.value) };
        let new = New { index, format, key, value };
        let total = count + 1;
        // Keys inserted in ascending order fill leaves: the left one stays as it is.
        let is_last = index == count;
        let left = match (total <= capacity, is_last) {
            (true, _) => total,
            (_, true) => count,
            (_, false) => total - total / 2,
        };
        if left != total {
            self.root().pager().reserve(self.context.spare_pages(2))?;
        }
        let before = *part.header();
        part.load(0, PAGE_SIZE)?;
        // Making room frees detached trees. In damaged memory, this leaf may be one of their pages.
        let is_same = part.header().as_bytes() == before.as_bytes();
        if !is_same || !has_cells(part.bytes, count, len) {
            return Err(part.broken());
        }
        let pager = self.root().pager();
        if left == total {
            return pager.with_spare(|out| {
                self.pack_part(part, &new, 0..total, len, out)?;
                self.write_packed(part.page_ref, out, total, len)?;
                self.root().count_values(1, (key.len() + value.len()) as i64).map(|()| true)
            });
        }
        // The key of the right leaf's first cell separates the two.
        let separator = part.cell_bytes(&new, left, len)?.split_at(key_size).0.to_vec();
        let right = pager.allocate()?;
        let mut state = self.root().state();
        let (mut writes, split) = (Vec::new(), if is_last { Split::Ascending } else { Split::Even });
        self.grow_parents(&mut state, vec![(separator, right)], split, key, &mut writes)?;
        state.add_pages(1);
        state.add_entries(1, (key.len() + value.len()) as u64);
        pager.with_spare(|out| {
            self.pack_part(part, &new, left..total, len, out)?;
            let at = pager.page(right)?;
            self.root().count_pages(self.root().current(), 1)?;
            self.write_packed(at, out, total - left, len)?;
            // Not `left < count`: with two cells and a new one before the last, `left` is two as
            // well.
            if !is_last {
                self.pack_part(part, &new, 0..left, len, out)?;
                self.write_packed(part.page_ref, out, left, len)?;
            }
            Ok(())
        })?;
        writes.into_iter().try_for_each(|write| self.write(write))?;
        self.root().set_state(state).map(|()| true)
    }

    /// Packs two fixed leaves into the left one. Returns `false` if they are not fixed; then
    /// nothing was done.
    pub(crate) fn merge_fixed(
        &self,
        left: PageNumber,
        right: PageNumber,
        headers: &[NodeHeader],
    ) -> Result<bool> {
        let ([first, second], Some(key), Some(value)) =
            (headers, self.context.sizes.key, self.context.sizes.value)
        else {
            return Ok(false);
        };
        let (current, len) = (self.root().current(), (key + value).max(MIN_CELL));
        if !node::is_fixed(first, current) || !node::is_fixed(second, current) {
            return Ok(false);
        }
        let pager = self.root().pager();
        let (left_at, from) = (pager.page(left)?, pager.read_page(right)?);
        let counts = [first.count.get() as usize, second.count.get() as usize];
        pager.with_spare(|out| {
            pager.with_scratch(|bytes| {
                pager.read(left, 0, bytes)?;
                let are_whole = has_cells(bytes, counts[0], len) && has_cells(&from, counts[1], len);
                let mut pack = Pack::new(out, len);
                if !are_whole || !pack.copy(bytes, 0..counts[0]) || !pack.copy(&from, 0..counts[1]) {
                    return Err(self.root().damaged(left, Damage::SlotOutOfRange));
                }
                Ok(())
            })?;
            self.write_header(out, counts[0] + counts[1], len);
            self.root().count_pages(current, -1)?;
            self.write_packed(left_at, out, counts[0] + counts[1], len).map(|()| true)
        })
    }

    pub(crate) fn write_header(&self, out: &mut PageBytes, count: usize, len: usize) {
        let mut header = NodeHeader::new(0, self.root().page());
        header.layouts[0] = self.root().current().into();
        header.count = (count as u16).into();
        header.cells = ((PAGE_SIZE - len * count) as u16).into();
        out[..HEADER_SIZE].copy_from_slice(header.as_bytes());
    }

    /// Packs a range of cells into a page. The range counts the new cell.
    fn pack_part(
        &self,
        part: &mut NodeReader<'_, M>,
        new: &New<'_>,
        cells: Range<usize>,
        len: usize,
        out: &mut PageBytes,
    ) -> Result<()> {
        let mut pack = Pack::new(out, len);
        // After the new cell, indices in the old leaf are one less.
        let (before, after) = match new.index {
            index if index < cells.start => (0..0, cells.start - 1..cells.end - 1),
            index if index < cells.end => (cells.start..index, index..cells.end - 1),
            _ => (cells.clone(), 0..0),
        };
        let is_here = cells.contains(&new.index);
        let packed = pack.copy(part.bytes, before)
            && (!is_here || pack.add(|cell| new.format.write(cell, new.key, PageNumber::NONE, new.value)))
            && pack.copy(part.bytes, after);
        if !packed {
            return Err(part.broken());
        }
        self.write_header(out, cells.len(), len);
        Ok(())
    }

    /// Writes a packed leaf without the gap in it.
    #[expect(clippy::indexing_slicing, reason = "a built leaf is not longer than its page")]
    fn write_packed(&self, page: PageRef<'_, M>, out: &PageBytes, count: usize, len: usize) -> Result<()> {
        let (slots_end, cells) = (HEADER_SIZE + SLOT * count, PAGE_SIZE - len * count);
        let written = if cells <= slots_end + 25 {
            // A second write costs as much as 25 bytes.
            page.store(0, out)
        } else {
            page.store(0, &out[..slots_end]).and_then(|()| page.store(cells, &out[cells..]))
        };
        written.ok_or_else(|| self.root().damaged(self.root().page(), Damage::NoRoom))
    }
}

impl<M: Memory> NodeReader<'_, M> {
    /// Returns the cell in a slot of a leaf that was read whole.
    #[inline(always)]
    fn old_cell(&self, index: usize, len: usize) -> Result<&[u8]> {
        let slot = node::slot(self.bytes, index, self.count());
        let slot = slot.map_err(|reason| self.pager.damaged(self.page, reason))?;
        self.bytes.get(slot.place()..slot.place() + len).ok_or_else(|| self.broken())
    }

    /// Returns the bytes of a cell, counting the new one.
    fn cell_bytes(&self, new: &New<'_>, index: usize, len: usize) -> Result<Vec<u8>> {
        if index != new.index {
            return Ok(self.old_cell(index - usize::from(index > new.index), len)?.to_vec());
        }
        let mut cell = vec![0; len];
        new.format.write(&mut cell, new.key, PageNumber::NONE, new.value);
        Ok(cell)
    }
}
