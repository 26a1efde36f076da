//! A new entry and the overflow pages of its value. They are written before the entry, and freed if
//! the entry cannot be written.

use graven_core::page::{PageNumber, extent};
use graven_core::{Memory, Result};

use crate::engine::cell::{CellFormat, Form};
use crate::engine::hash::stats::Change;
use crate::engine::hash::table::Table;

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

impl<M: Memory> Table<M> {
    /// Reserves `more` pages, and writes the value to overflow pages if its format says so. Runs
    /// `check` in between if the reservation may have freed pages that were read before. Returns
    /// the entry with its overflow page.
    pub(crate) fn chain_for<'a>(
        &self,
        new: New<'a>,
        more: u32,
        change: &mut Change,
        check: impl FnOnce() -> Result<()>,
    ) -> Result<New<'a>> {
        let is_chained = new.format.form == Form::Overflow;
        let pages = if is_chained { extent::pages_for(new.value.len()) } else { 0 };
        if self.reserve(pages.saturating_add(more))? {
            check()?;
        }
        if !is_chained {
            return Ok(new);
        }
        let (chain, pages) = self.root.pager().write_overflow(new.value)?;
        change.chained += new.value.len() as i64;
        change.pages += i64::from(pages);
        Ok(New { chain, ..new })
    }

    /// Returns `put`. If it is an error, frees the overflow pages of the value first.
    pub(crate) fn or_free<T>(&self, new: New<'_>, put: Result<T>) -> Result<T> {
        if put.is_err() && new.chain.is_some() {
            self.root.pager().free_overflow(new.chain)?;
        }
        put
    }
}
