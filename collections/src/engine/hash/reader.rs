//! A bucket page of any kind, of which only the needed parts are read.

use graven_core::page::node::{HEADER_SIZE, NodeHeader, Slot};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber, PageRef, Pager};
use graven_core::simd::is_same;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::cell::ValueLocation;
use crate::engine::cell::{CellFormat, CellHead, Form, MIN_CELL, SLOT, Sizes, freeblock_of};
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::group;
use crate::engine::fixed::group::{FREE, GROUP, Group, Groups, STRIDE, control_byte};
use crate::engine::fixed::{fixed_cell, pass};
use crate::engine::hash::bucket::BucketLayout;
use crate::engine::hash::bucket::FULL;
use crate::engine::hash::table::Table;

/// A bucket page of which only the needed parts have been read, each to its own offset in `bytes`.
pub(crate) struct BucketReader<'a, M> {
    pub(crate) table: &'a Table<M>,
    pub(crate) pager: &'a Pager<M>,
    pub(crate) page: PageNumber,
    pub(crate) bytes: &'a mut PageBytes,
    pub(crate) header: NodeHeader,
    pub(crate) layout: BucketLayout,
    page_ref: PageRef<'a, M>,
}

/// An entry that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) index: usize,
    pub(crate) slot: Slot,
    pub(crate) head: CellHead,
    pub(crate) layout: LayoutId,
}

/// The result of a search in one page.
pub(crate) struct Sought {
    pub(crate) hit: Option<Hit>,
    /// The first free slot in the groups that were searched.
    pub(crate) free: Option<usize>,
}

impl<'a, M: Memory> BucketReader<'a, M> {
    /// Reads and checks the header of a page.
    pub(crate) fn open(table: &'a Table<M>, page: PageNumber, bytes: &'a mut PageBytes) -> Result<Self> {
        let pager: &Pager<M> = table.root.pager();
        let page_ref = pager.page(page)?;
        let head = page_ref.load(bytes, 0, HEADER_SIZE);
        let head = head.ok_or_else(|| table.root.damaged(page, Damage::CellOutOfRange))?;
        let (header, layout) = table.layout(page, head)?;
        Ok(BucketReader { table, pager, page, bytes, header, layout, page_ref })
    }

    #[inline(always)]
    pub(crate) fn load(&mut self, at: usize, len: usize) -> Result<&[u8]> {
        let page = self.page;
        self.page_ref
            .load(self.bytes, at, len)
            .ok_or_else(|| self.table.root.damaged(page, Damage::CellOutOfRange))
    }

    pub(crate) fn write(&self, at: usize, bytes: &[u8]) -> Result<()> {
        self.page_ref.write(at, bytes).map_err(|reason| self.pager.damaged(self.page, reason))
    }

    /// Searches the page for a key. Returns its entry, and a free slot in the groups that were
    /// searched.
    pub(crate) fn seek(&mut self, sizes: Sizes, key: &[u8], hash: u64) -> Result<Sought> {
        let mut free = None;
        for at in Groups::new(hash, self.layout.places) {
            let group = self.group(at)?;
            for place in group.with(control_byte(hash)) {
                if let Some(hit) = self.compare(sizes, at * GROUP + place, key)? {
                    return Ok(Sought { hit: Some(hit), free });
                }
            }
            free = free.or_else(|| self.free_in(at, group));
            if group.ends(hash) {
                break;
            }
        }
        Ok(Sought { hit: None, free })
    }

    /// Returns the first free slot in the order in which a hash is searched for.
    pub(crate) fn room(&mut self, hash: u64) -> Result<Option<usize>> {
        for at in Groups::new(hash, self.layout.places) {
            let group = self.group(at)?;
            if let Some(free) = self.free_in(at, group) {
                return Ok(Some(free));
            }
        }
        Ok(None)
    }

    fn group(&mut self, group: usize) -> Result<Group> {
        let page = self.page;
        let bytes = self.load(self.layout.marks() + group * STRIDE, STRIDE)?;
        bytes
            .first_chunk()
            .map(Group::new)
            .ok_or_else(|| self.table.root.damaged(page, Damage::CellOutOfRange))
    }

    fn free_in(&self, at: usize, group: Group) -> Option<usize> {
        let free = group.free().next().map(|place| at * GROUP + place);
        free.filter(|free| *free < self.layout.places)
    }

    /// Returns the entry in a slot if it has this key. Reads no more than the comparison needs.
    fn compare(&mut self, sizes: Sizes, index: usize, key: &[u8]) -> Result<Option<Hit>> {
        if index >= self.layout.places {
            return Err(self.table.root.damaged(self.page, Damage::ControlBytes));
        }
        let slot = match self.layout.cell {
            Some(len) => Slot::new(fixed_cell(index, len), 0, false),
            None => {
                self.load(HEADER_SIZE + SLOT * index, SLOT)?;
                self.table.slot(self.page, self.bytes, self.layout, index)?
            }
        };
        let layout = self.header.layout_of(slot);
        let format = self.table.format(sizes, self.page, slot.owns(), layout)?;
        let (at, page, table) = (slot.place(), self.page, self.table);
        let interpolate = (format.prefix() + key.len()).min(PAGE_SIZE - at);
        let bytes = self.load(at, interpolate)?;
        let head = format.head(bytes).ok_or_else(|| table.root.damaged(page, Damage::CellOutOfRange))?;
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
            let value = hit.head.value();
            ValueRef::Inline(self.load(hit.slot.place() + value.start, value.len())?)
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
    pub(crate) fn overwrite(
        &mut self,
        hit: &Hit,
        format: CellFormat,
        key: &[u8],
        value: &[u8],
    ) -> Result<bool> {
        let len = format.len(key.len(), value.len());
        let alike = hit.layout == self.table.root.current() && hit.head.cell_len() == len;
        if !alike || hit.slot.owns() || format.form == Form::Overflow {
            return Ok(false);
        }
        let at = hit.slot.place();
        let cell = self
            .bytes
            .get_mut(at..at + len)
            .ok_or_else(|| self.table.root.damaged(self.page, Damage::CellOutOfRange))?;
        format.write(cell, key, PageNumber::NONE, value);
        self.page_ref.write(at, cell).map_err(|reason| self.pager.damaged(self.page, reason))?;
        Ok(true)
    }

    /// Writes a new entry into a free slot. Returns `false` if the page would have to be packed
    /// anew.
    #[expect(clippy::indexing_slicing, reason = "`tag` is a position in `layouts`")]
    pub(crate) fn put(
        &mut self,
        index: usize,
        hash: u64,
        format: CellFormat,
        key: &[u8],
        chain: PageNumber,
        value: &[u8],
    ) -> Result<bool> {
        let (current, len) = (self.table.root.current(), format.len(key.len(), value.len()));
        let owns = format.form == Form::Overflow;
        let (at, tag) = match self.layout.cell {
            Some(_) if owns || self.header.layouts[0].get() != current => return Ok(false),
            Some(cell) => (fixed_cell(index, cell), 0),
            None => {
                let tag = |wanted| self.header.layouts.iter().position(|listed| listed.get() == wanted);
                let Some(tag) = tag(current).or_else(|| tag(LayoutId::NONE)) else { return Ok(false) };
                let Some(at) = self.claim(len)? else { return Ok(false) };
                (at, tag)
            }
        };
        let cell = self
            .bytes
            .get_mut(at..at + len)
            .ok_or_else(|| self.table.root.damaged(self.page, Damage::CellOutOfRange))?;
        format.write(cell, key, chain, value);
        self.page_ref.write(at, cell).map_err(|reason| self.pager.damaged(self.page, reason))?;
        if self.layout.cell.is_none() {
            if self.header.layouts[tag].get() != current {
                self.header.layouts[tag] = current.into();
                self.table.count(current, 1)?;
            }
            self.header.overflows = self.header.overflows.get().saturating_add(u16::from(owns)).into();
            self.write(HEADER_SIZE + SLOT * index, &Slot::new(at, tag, owns).0.to_le_bytes())?;
            self.write(0, self.header.as_bytes())?;
        }
        pass(self.page_ref, self.layout.table(), hash, index / GROUP, true)
            .map_err(|reason| self.pager.damaged(self.page, reason))?;
        self.write(self.layout.control_byte(index), &[control_byte(hash)])?;
        Ok(true)
    }

    /// Replaces an entry with another of the same key. Returns `false` if the page is fixed or
    /// would have to be packed anew.
    #[expect(clippy::indexing_slicing, reason = "`tag` is a position in `layouts`")]
    pub(crate) fn swap(
        &mut self,
        hit: &Hit,
        format: CellFormat,
        key: &[u8],
        chain: PageNumber,
        value: &[u8],
    ) -> Result<bool> {
        let (current, len) = (self.table.root.current(), format.len(key.len(), value.len()));
        let owns = format.form == Form::Overflow;
        let tag = |wanted| self.header.layouts.iter().position(|listed| listed.get() == wanted);
        let (None, Some(tag)) = (self.layout.cell, tag(current).or_else(|| tag(LayoutId::NONE))) else {
            return Ok(false);
        };
        let Some(at) = self.claim(len)? else { return Ok(false) };
        let cell = self
            .bytes
            .get_mut(at..at + len)
            .ok_or_else(|| self.table.root.damaged(self.page, Damage::CellOutOfRange))?;
        format.write(cell, key, chain, value);
        self.page_ref.write(at, cell).map_err(|reason| self.pager.damaged(self.page, reason))?;
        if self.header.layouts[tag].get() != current {
            self.header.layouts[tag] = current.into();
            self.table.count(current, 1)?;
        }
        self.free_cell(hit.slot, hit.head.cell_len())?;
        self.header.overflows = self.header.overflows.get().saturating_add(u16::from(owns)).into();
        self.write(HEADER_SIZE + SLOT * hit.index, &Slot::new(at, tag, owns).0.to_le_bytes())?;
        self.write(0, self.header.as_bytes()).map(|()| true)
    }

    /// Allocates `len` bytes for a cell and returns their offset. Takes the first freeblock if it
    /// fits exactly, else the gap below all cells.
    fn claim(&mut self, len: usize) -> Result<Option<usize>> {
        let (end, lowest, page) = (self.layout.end(), usize::from(self.header.cells), self.page);
        let freeblock = usize::from(self.header.freeblock);
        if lowest > PAGE_SIZE || lowest < end || (freeblock != 0 && freeblock < lowest) {
            return Err(self.table.root.damaged(page, Damage::FreeblockOutOfRange));
        }
        if freeblock != 0 {
            let bytes = self.load(freeblock, MIN_CELL)?;
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

    /// Removes an entry.
    pub(crate) fn take_out(&mut self, hash: u64, hit: &Hit) -> Result<()> {
        if self.layout.cell.is_none() {
            self.free_cell(hit.slot, hit.head.cell_len())?;
            self.write(HEADER_SIZE + SLOT * hit.index, &[0; SLOT])?;
            self.write(0, self.header.as_bytes())?;
        }
        pass(self.page_ref, self.layout.table(), hash, hit.index / GROUP, false)
            .map_err(|reason| self.pager.damaged(self.page, reason))?;
        self.write(self.layout.control_byte(hit.index), &[FREE])
    }

    /// Frees the bytes of a cell. The lowest cell extends the gap below it, others become
    /// freeblocks.
    fn free_cell(&mut self, slot: Slot, len: usize) -> Result<()> {
        let at = slot.place();
        let header = &mut self.header;
        if slot.owns() {
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
        self.page_ref.write(at, &freeblock).map_err(|reason| self.pager.damaged(self.page, reason))
    }

    /// Returns `true` if the page may be nearly empty after the removal of `gone`.
    pub(crate) fn is_sparse(&mut self, gone: &Hit) -> Result<bool> {
        if self.layout.cell.is_some() {
            return Ok(self.group(gone.index / GROUP)?.count() == 0);
        }
        let cells = PAGE_SIZE.saturating_sub(self.header.cells.get().into());
        Ok(cells.saturating_sub(self.header.fragmented.get().into()) <= FULL / 2)
    }

    /// Returns `true` if no slot is taken.
    pub(crate) fn is_vacant(&mut self) -> Result<bool> {
        for at in 0..group::groups(self.layout.places) {
            if self.group(at)?.taken().next().is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
