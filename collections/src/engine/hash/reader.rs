//! A bucket page of any kind, of which only the needed parts are read.

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber, PageRef};
use graven_core::simd::is_same;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::cell::{CellFormat, CellHead, Form, MIN_CELL, SLOT, Sizes, freeblock_of};
use crate::engine::cell::{StoredValue, ValueLocation, ValueRef};
use crate::engine::fixed::group::groups;
use crate::engine::fixed::{Free, Sought, fixed_cell};
use crate::engine::hash::bucket::{BucketLayout, FULL};
use crate::engine::hash::table::Table;

/// A bucket page of which only the needed parts have been read, each to its own offset in `bytes`.
pub(crate) struct BucketReader<'a, M> {
    pub(crate) table: &'a Table<M>,
    pub(crate) page: PageNumber,
    pub(crate) bytes: &'a mut PageBytes,
    pub(crate) header: NodeHeader,
    pub(crate) layout: BucketLayout,
    page_ref: PageRef<'a, M>,
}

/// A new entry that is not written yet.
#[derive(Clone, Copy)]
pub(crate) struct New<'a> {
    pub(crate) hash: u64,
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) format: CellFormat,
    /// The first overflow page of the value once it is written, else 0.
    pub(crate) chain: PageNumber,
}

impl New<'_> {
    /// Returns the length of the cell.
    pub(crate) fn cell_len(&self) -> usize {
        self.format.len(self.key.len(), self.value.len())
    }

    /// Returns `true` if the value is in overflow pages.
    pub(crate) fn owns(&self) -> bool {
        self.format.form == Form::Overflow
    }
}

/// An entry that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) index: usize,
    pub(crate) slot: Slot,
    pub(crate) head: CellHead,
    pub(crate) layout: LayoutId,
}

impl<'a, M: Memory> BucketReader<'a, M> {
    /// Reads and checks the header of a page.
    pub(crate) fn open(table: &'a Table<M>, page: PageNumber, bytes: &'a mut PageBytes) -> Result<Self> {
        let page_ref = table.root.pager().page(page)?;
        let head = page_ref.load(bytes, 0, HEADER_SIZE);
        let head = head.ok_or_else(|| table.root.damaged(page, Damage::CellOutOfRange))?;
        let (header, layout) = table.layout(page, head)?;
        Ok(BucketReader { table, page, bytes, header, layout, page_ref })
    }

    #[inline(always)]
    fn load(&mut self, at: usize, len: usize) -> Result<&[u8], Damage> {
        self.page_ref.load(self.bytes, at, len).ok_or(Damage::CellOutOfRange)
    }

    fn write(&self, at: usize, bytes: &[u8]) -> Result<()> {
        self.page_ref.write(at, bytes).on_page(&self.table.root, self.page)
    }

    /// Writes the cell of an entry.
    fn write_cell(&mut self, at: usize, new: &New<'_>) -> Result<()> {
        let cell = self.bytes.get_mut(at..at + new.cell_len());
        let cell = cell.ok_or_else(|| self.table.root.damaged(self.page, Damage::CellOutOfRange))?;
        new.format.write(cell, new.key, new.chain, new.value);
        self.page_ref.write(at, cell).on_page(&self.table.root, self.page)
    }

    /// Searches the page for a key.
    pub(crate) fn seek(&mut self, sizes: Sizes, key: &[u8], hash: u64) -> Result<Sought<Hit>> {
        let (page_ref, table) = (self.page_ref, self.layout.table());
        let sought = table.seek(page_ref, hash, |index| self.compare(sizes, index, key));
        sought.on_page(&self.table.root, self.page)
    }

    /// Returns the first free slot in the order in which a hash is searched for.
    pub(crate) fn room(&self, hash: u64) -> Result<Option<Free>> {
        self.layout.table().free_in(self.page_ref, hash, usize::MAX).on_page(&self.table.root, self.page)
    }

    /// Returns the entry in a slot if it has this key. Reads no more than the comparison needs.
    fn compare(&mut self, sizes: Sizes, index: usize, key: &[u8]) -> Result<Option<Hit>, Damage> {
        if index >= self.layout.places {
            return Err(Damage::ControlBytes);
        }
        if self.layout.cell.is_none() {
            self.load(HEADER_SIZE + SLOT * index, SLOT)?;
        }
        let (slot, layout, format) =
            self.table.slot(sizes, self.bytes, (&self.header, self.layout), index)?;
        let at = slot.place();
        let bytes = self.load(at, (format.prefix() + key.len()).min(PAGE_SIZE - at))?;
        let head = format.head(bytes).ok_or(Damage::CellOutOfRange)?;
        let same =
            head.key_len == key.len() && bytes.get(head.key()).is_some_and(|found| is_same(found, key));
        Ok(same.then_some(Hit { index, slot, head, layout }))
    }

    /// Returns the value of an entry.
    pub(crate) fn found(&mut self, hit: &Hit) -> Result<StoredValue<'_>> {
        let page = self.page;
        let value = if hit.slot.owns() {
            ValueRef::Overflow { page: hit.head.page, len: hit.head.value_len }
        } else {
            let (value, table) = (hit.head.value(), self.table);
            let bytes = self.load(hit.slot.place() + value.start, value.len());
            ValueRef::Inline(bytes.on_page(&table.root, page)?)
        };
        Ok(StoredValue { page, layout: hit.layout, value })
    }

    /// Returns the location of the value of an entry.
    pub(crate) fn location(&self, hit: &Hit) -> Result<ValueLocation> {
        if hit.slot.owns() {
            return Ok(ValueLocation::in_overflow(self.page, hit.layout, hit.head.page, hit.head.value_len));
        }
        let value = hit.head.value();
        ValueLocation::in_page(self.page, hit.layout, hit.slot.place() + value.start, value.len())
            .on_page(&self.table.root, self.page)
    }

    /// Overwrites the cell of an entry if both cells are inline and have the same length and
    /// layout. Otherwise returns `false`.
    pub(crate) fn overwrite(&mut self, hit: &Hit, new: &New<'_>) -> Result<bool> {
        let alike = hit.layout == self.table.root.current() && hit.head.cell_len() == new.cell_len();
        if !alike || hit.slot.owns() || new.owns() {
            return Ok(false);
        }
        self.write_cell(hit.slot.place(), new).map(|()| true)
    }

    /// Writes a new entry into a free slot. Returns `false` if the page would have to be packed
    /// anew.
    pub(crate) fn put(&mut self, free: Free, new: &New<'_>) -> Result<bool> {
        let is_written = match self.layout.cell {
            Some(_) if new.owns() || self.header.layouts[0].get() != self.table.root.current() => false,
            Some(cell) => self.write_cell(fixed_cell(free.index(), cell), new).map(|()| true)?,
            None => self.put_cell(free.index(), None, new)?,
        };
        if is_written {
            let taken = self.layout.table().take(self.page_ref, free, new.hash);
            taken.on_page(&self.table.root, self.page)?;
        }
        Ok(is_written)
    }

    /// Replaces an entry with another of the same key. Returns `false` if the page is fixed or
    /// would have to be packed anew.
    pub(crate) fn swap(&mut self, hit: &Hit, new: &New<'_>) -> Result<bool> {
        Ok(self.layout.cell.is_none() && self.put_cell(hit.index, Some(hit), new)?)
    }

    /// Writes the cell and the slot of an entry into a slotted page, and frees the cell of the old
    /// entry in the slot. Returns `false` if the page would have to be packed anew.
    #[expect(clippy::indexing_slicing, reason = "`tag` is a position in `layouts`")]
    fn put_cell(&mut self, index: usize, old: Option<&Hit>, new: &New<'_>) -> Result<bool> {
        let current = self.table.root.current();
        let tag = |wanted| self.header.layouts.iter().position(|listed| listed.get() == wanted);
        let Some(tag) = tag(current).or_else(|| tag(LayoutId::NONE)) else { return Ok(false) };
        let Some(at) = self.claim(new.cell_len())? else { return Ok(false) };
        self.write_cell(at, new)?;
        if self.header.layouts[tag].get() != current {
            self.header.layouts[tag] = current.into();
            self.table.count(current, 1)?;
        }
        if let Some(old) = old {
            self.free_cell(old)?;
        }
        self.header.overflows = self.header.overflows.get().saturating_add(u16::from(new.owns())).into();
        self.write(HEADER_SIZE + SLOT * index, &Slot::new(at, tag, new.owns()).0.to_le_bytes())?;
        self.write(0, self.header.as_bytes()).map(|()| true)
    }

    /// Allocates `len` bytes for a cell and returns their offset. Takes the first freeblock if it
    /// fits exactly, else the gap below all cells.
    fn claim(&mut self, len: usize) -> Result<Option<usize>> {
        let (end, lowest) = (self.layout.end(), usize::from(self.header.cells));
        let (table, page) = (self.table, self.page);
        let freeblock = usize::from(self.header.freeblock);
        if lowest > PAGE_SIZE || lowest < end || (freeblock != 0 && freeblock < lowest) {
            return Err(table.root.damaged(page, Damage::FreeblockOutOfRange));
        }
        if freeblock != 0 {
            let bytes = self.load(freeblock, MIN_CELL).on_page(&table.root, page)?;
            let [next, freeblock_len] = bytes.first_chunk().copied().map_or([0; 2], freeblock_of);
            if usize::from(freeblock_len) == len {
                self.header.freeblock = next.into();
                self.header.fragmented = self.header.fragmented.get().saturating_sub(freeblock_len).into();
                return Ok((freeblock + len <= PAGE_SIZE).then_some(freeblock));
            }
        }
        if lowest - end < len {
            return Ok(None);
        }
        self.header.cells = ((lowest - len) as u16).into();
        Ok(Some(lowest - len))
    }

    /// Removes an entry from its slot: a group, the index there, and whether the search for it
    /// passes other groups.
    pub(crate) fn take_out(&mut self, hash: u64, hit: &Hit, slot: (usize, usize, bool)) -> Result<()> {
        if self.layout.cell.is_none() {
            self.free_cell(hit)?;
            self.write(HEADER_SIZE + SLOT * hit.index, &[0; SLOT])?;
            self.write(0, self.header.as_bytes())?;
        }
        self.layout.table().free(self.page_ref, hash, slot).on_page(&self.table.root, self.page)
    }

    /// Frees the bytes of a cell. The lowest cell extends the gap below it, others become
    /// freeblocks.
    fn free_cell(&mut self, old: &Hit) -> Result<()> {
        let (at, len) = (old.slot.place(), old.head.cell_len());
        let header = &mut self.header;
        if old.slot.owns() {
            header.overflows = header.overflows.get().saturating_sub(1).into();
        }
        if at == usize::from(header.cells) {
            header.cells = ((at + len) as u16).into();
            return Ok(());
        }
        let mut freeblock = [0; MIN_CELL];
        freeblock[..2].copy_from_slice(&header.freeblock.get().to_le_bytes());
        freeblock[2..].copy_from_slice(&(len as u16).to_le_bytes());
        header.freeblock = (at as u16).into();
        header.fragmented = header.fragmented.get().saturating_add(len as u16).into();
        self.write(at, &freeblock)
    }

    /// Returns `true` if the page may be nearly empty after a removal. `is_last` is `true` if the
    /// entry was the only one of its group: empty groups are rare unless the page is nearly empty.
    pub(crate) fn is_sparse(&self, is_last: bool) -> bool {
        let cells = PAGE_SIZE.saturating_sub(self.header.cells.get().into());
        match self.layout.cell {
            Some(_) => is_last,
            None => cells.saturating_sub(self.header.fragmented.get().into()) <= FULL / 2,
        }
    }

    /// Returns `true` if no slot is taken.
    pub(crate) fn is_vacant(&self) -> Result<bool> {
        for at in 0..groups(self.layout.places) {
            let group = self.layout.table().group(self.page_ref, at).on_page(&self.table.root, self.page)?;
            if group.count() > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
