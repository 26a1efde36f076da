//! A picture of a memory: cells that stand for adjacent pages.

use graven_collections::stored::{PageOwner, StoredStore};
use graven_core::{Memory, Result};
use serde::ser::{Serialize, Serializer};

/// The cells of a picture, at most. Each stands for as many pages.
const MAX_CELLS: u32 = 16_384;

/// A picture of a memory.
#[derive(Debug, serde::Serialize)]
pub struct Picture {
    /// The number of pages that a cell stands for.
    pub pages_of_cell: u32,
    /// The cells in the order of their pages.
    pub cells: Vec<Cell>,
}

/// A cell of a picture. As JSON it is an array: the owner that has most of its pages (the position
/// of a root, -1 for the store, -2 for the free list, -3 for removed trees, -4 if it is unknown),
/// the mean fill in percent or -1, and 1 if a page of it has a previous layout.
#[derive(Debug, Default)]
pub struct Cell {
    owners: Vec<(PageOwner, u32)>,
    fill: u64,
    filled: u64,
    is_old: bool,
}

impl Picture {
    /// Draws the memory of a store. Reads the header of each page.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) only if the memory ends early.
    pub fn of<M: Memory>(store: &StoredStore<M>) -> Result<Picture> {
        let pages = store.usage().map_or(0, |usage| usage.pages);
        let pages_of_cell = pages.div_ceil(MAX_CELLS).max(1);
        let mut cells: Vec<Cell> = Vec::new();
        store.map(&mut |used| {
            for page in used.page.get()..used.page.get().saturating_add(used.pages) {
                let at = (page / pages_of_cell) as usize;
                cells.resize_with(cells.len().max(at + 1), Cell::default);
                let cell = &mut cells[at];
                match cell.owners.iter_mut().find(|(owner, _)| *owner == used.owner) {
                    Some((_, count)) => *count += 1,
                    None => cell.owners.push((used.owner, 1)),
                }
                if let Some(fill) = used.fill {
                    (cell.fill, cell.filled) = (cell.fill + u64::from(fill), cell.filled + 1);
                }
                cell.is_old |= used.is_old;
            }
        })?;
        Ok(Picture { pages_of_cell, cells })
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let most = self.owners.iter().max_by_key(|(_, count)| *count);
        let owner = match most.map(|(owner, _)| *owner) {
            Some(PageOwner::Root(at)) => at as i64,
            Some(PageOwner::Store) => -1,
            Some(PageOwner::Free) => -2,
            Some(PageOwner::Detached) => -3,
            Some(PageOwner::Unknown) | None => -4,
        };
        let fill = self.fill.checked_div(self.filled).map_or(-1, |fill| fill as i64);
        (owner, fill, u8::from(self.is_old)).serialize(serializer)
    }
}
