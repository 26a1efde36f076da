//! The geometry of a page of fixed cells, and the search in it. A search reads sixteen bytes of the
//! table, then one cell.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageRef};
use graven_core::simd::{copy, is_same};
use graven_core::{Damage, Memory, Result};

use crate::engine::fixed::table::{SlotTable, Sought};

/// The longest cell that is built in one buffer. Key and value of longer cells are written
/// separately.
pub(crate) const SHORT_CELL: usize = 64;

/// The sizes of pages of fixed cells. For those of the current layout the compiler knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FixedCells {
    /// The bytes of a cell.
    pub(crate) len: usize,
    pub(crate) key: usize,
    pub(crate) value: usize,
    /// The number of cells that a page has room for.
    pub(crate) places: usize,
}

impl FixedCells {
    /// Returns the table of control bytes.
    #[inline(always)]
    pub(crate) const fn table(self) -> SlotTable {
        SlotTable { at: HEADER_SIZE, places: self.places }
    }

    /// Returns the offset of the first byte after the table.
    #[inline(always)]
    pub(crate) const fn table_end(self) -> usize {
        self.table().end()
    }

    /// Returns the value in a cell.
    #[inline(always)]
    pub(crate) fn value(self, cell: &[u8]) -> &[u8] {
        cell.get(self.key..self.key + self.value).unwrap_or_default()
    }

    /// Searches for a key. `cell` receives the last cell that was compared with it.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    pub(crate) fn seek<M: Memory>(
        self,
        page: PageRef<'_, M>,
        cell: &mut [u8],
        key: &[u8],
        hash: u64,
    ) -> Result<Sought, Damage> {
        self.table().seek(page, hash, |index| {
            page.read(fixed_cell(index, self.len), cell)?;
            Ok(is_same(&cell[..self.key], key).then_some(()))
        })
    }

    /// Writes a cell with this key and value.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    pub(crate) fn write<M: Memory>(
        self,
        page: PageRef<'_, M>,
        at: usize,
        cell: &mut [u8],
        key: &[u8],
        value: &[u8],
    ) -> Result<(), Damage> {
        if self.len > SHORT_CELL {
            page.write(at, key)?;
            return page.write(at + self.key, value);
        }
        if self.len > self.key + self.value {
            // The shortest cells are padded with zeros.
            cell.fill(0);
        }
        let (key_place, rest) = cell.split_at_mut(self.key);
        copy(key_place, key);
        copy(&mut rest[..self.value], value);
        page.write(at, cell)
    }
}

/// Returns the offset of a cell.
#[inline(always)]
pub(crate) const fn fixed_cell(index: usize, len: usize) -> usize {
    // An index that is too large wraps to an offset outside the page, so reading the cell fails.
    PAGE_SIZE.wrapping_sub((index + 1) * len)
}
