//! Searching, inserting and locating an entry in a partly read leaf of fixed cells, by the hash of
//! its key.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{LayoutId, PageBytes, PageRef};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{CellFormat, CellHead, Form, Sizes, StoredValue, ValueLocation, ValueRef};
use crate::engine::fixed::group::{self, GROUP};
use crate::engine::fixed::{FixedCells, Free, Sought, fixed_cell};
use crate::engine::leaf::context::LeafContext;
use crate::engine::leaf::reader::NodeReader;

/// An entry in a leaf of fixed cells: its group, its index there, and if a search passes others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) hash: u64,
    pub(crate) group: usize,
    pub(crate) place: usize,
    pub(crate) is_behind: bool,
}

impl<M: Memory> NodeReader<'_, M> {
    /// Returns the sizes of a leaf's cells if they are fixed and in the current layout.
    #[inline(always)]
    pub(crate) fn current_cells(&self, context: &LeafContext<M>, sizes: Sizes) -> Option<FixedCells> {
        let fixed = FixedCells::of_leaf(sizes)?;
        let is_so = fixed.are_in(self.header(), context.root.current());
        (is_so && self.count() <= fixed.places).then_some(fixed)
    }

    /// Returns the sizes of a leaf's cells and the layout of its values, if they are fixed and in a
    /// previous layout.
    #[inline(always)]
    pub(crate) fn previous_cells(&self, context: &LeafContext<M>) -> Result<Option<(FixedCells, LayoutId)>> {
        if self.header().cell_len() == 0 { Ok(None) } else { self.cells_of_layout(context).map(Some) }
    }

    #[inline(never)]
    fn cells_of_layout(&self, context: &LeafContext<M>) -> Result<(FixedCells, LayoutId)> {
        let layout = self.header().layouts[0].get();
        let mut known = context.previous.iter().copied();
        let found = known.find(|(fixed, known)| *known == layout && fixed.are_in(self.header(), layout));
        found.filter(|(fixed, _)| self.count() <= fixed.places).ok_or_else(|| self.broken())
    }

    /// Searches a leaf of fixed cells for a key. Reads the first `len` bytes of the cell, and
    /// returns them.
    #[inline(always)]
    pub(crate) fn seek(
        &mut self,
        fixed: FixedCells,
        len: usize,
        key: &[u8],
        hash: u64,
    ) -> Result<(Sought, &[u8])> {
        let (page, pager) = (self.page, self.pager);
        let damaged = |reason| pager.damaged(page, reason);
        let cell = self.bytes.get_mut(HEADER_SIZE..HEADER_SIZE.saturating_add(len));
        let cell = cell.ok_or_else(|| damaged(Damage::CellOutOfRange))?;
        let sought = fixed.seek(self.page_ref, cell, key, hash).map_err(damaged)?;
        Ok((sought, cell))
    }

    /// Returns the entry of `key` in a leaf of fixed cells, and its value.
    #[inline(always)]
    pub(crate) fn seek_value(
        &mut self,
        (fixed, layout): (FixedCells, LayoutId),
        key: &[u8],
    ) -> Result<Option<(Hit, StoredValue<'_>)>> {
        let (page, hash) = (self.page, fixed.lookup_hash(key));
        let (sought, cell) = self.seek(fixed, fixed.len, key, hash)?;
        let Sought::Hit { group, place, is_behind, .. } = sought else { return Ok(None) };
        let value = StoredValue { page, layout, value: ValueRef::Inline(fixed.value(cell)) };
        Ok(Some((Hit { hash, group, place, is_behind }, value)))
    }

    /// Returns the location of the value of `key` in a leaf of fixed cells, without reading it.
    #[inline(always)]
    pub(crate) fn location_in_cells(
        &mut self,
        (fixed, layout): (FixedCells, LayoutId),
        key: &[u8],
    ) -> Result<Option<ValueLocation>> {
        let page = self.page;
        let (sought, _) = self.seek(fixed, fixed.key, key, fixed.lookup_hash(key))?;
        let Sought::Hit { group, place, .. } = sought else { return Ok(None) };
        let cell = fixed_cell(group.saturating_mul(GROUP).saturating_add(place), fixed.len);
        ValueLocation::in_page(page, layout, cell.saturating_add(fixed.key), fixed.value)
            .map(Some)
            .map_err(|reason| self.pager.damaged(page, reason))
    }

    /// Returns the position in the order of `key` and the header of its cell, or the position at
    /// which it would be inserted.
    pub(crate) fn search_cells(
        &mut self,
        fixed: FixedCells,
        key: &[u8],
    ) -> Result<Result<(usize, CellHead), usize>> {
        match self.seek(fixed, fixed.key, key, fixed.lookup_hash(key))?.0 {
            Sought::Hit { group, place, .. } => {
                let index = self.position_of(fixed, group.saturating_mul(GROUP).saturating_add(place))?;
                let format = CellFormat { key_size: Some(fixed.key), form: Form::Inline(Some(fixed.value)) };
                format.head(&[]).map(|head| Ok((index, head))).ok_or_else(|| self.broken())
            }
            Sought::Miss { .. } => self.position(fixed, key).map(Err),
        }
    }

    /// Writes a new entry's cell and control byte, and returns the number of the cell. `free` is a
    /// free cell that a search has met. The leaf must not be full.
    #[inline(always)]
    pub(crate) fn write_cell(
        &mut self,
        fixed: FixedCells,
        (hash, free): (u64, Option<Free>),
        key: &[u8],
        value: &[u8],
    ) -> Result<usize> {
        let number = match free {
            Some(free) => free.index(),
            None => claim_behind(self.page_ref, self.bytes, fixed, hash)
                .map_err(|reason| self.pager.damaged(self.page, reason))?,
        };
        let (page, pager, page_ref) = (self.page, self.pager, self.page_ref);
        let damaged = |reason| pager.damaged(page, reason);
        let cell = self.bytes.get_mut(HEADER_SIZE..HEADER_SIZE.saturating_add(fixed.len));
        let cell = cell.ok_or_else(|| damaged(Damage::CellOutOfRange))?;
        fixed.write(page_ref, fixed_cell(number, fixed.len), cell, key, value).map_err(damaged)?;
        if let Some(free) = free {
            fixed.table().take(page_ref, free, hash).map_err(damaged)?;
        }
        Ok(number)
    }
}

/// Claims a cell for an entry if the groups that were searched for it are full, and writes the
/// table. Returns the number of the cell. Later searches pass several groups, so the table is read
/// and written as a whole.
#[inline(never)]
fn claim_behind<M: Memory>(
    page: PageRef<'_, M>,
    bytes: &mut PageBytes,
    fixed: FixedCells,
    hash: u64,
) -> Result<usize, Damage> {
    let table = bytes.get_mut(HEADER_SIZE..fixed.table_end()).ok_or(Damage::BeyondEnd)?;
    page.read(HEADER_SIZE, table)?;
    let number = group::take(table, fixed.places, hash).ok_or(Damage::ControlBytes)?;
    page.write(HEADER_SIZE, table)?;
    Ok(number)
}
