//! An entry on its way into a bucket, and the overflow pages of its value. They are written before
//! the entry, and freed if the entry finds no room.

use graven_core::page::extent;
use graven_core::{Memory, Result};

use crate::engine::cell::{CellFormat, Form};
use crate::engine::hash::stats::Change;
use crate::engine::hash::table::Table;

/// An entry on its way in.
#[derive(Clone, Copy)]
pub(crate) struct New<'a> {
    pub(crate) hash: u64,
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) format: CellFormat,
    /// The chain of the value, once it is written.
    pub(crate) chain: u32,
}

impl<M: Memory> Table<M> {
    /// Reserves `more` pages and writes the chain of a value that is to be in one. `check` runs
    /// between, if making room may have taken apart what was read before.
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

    /// Frees the chain of a value that could not be put anywhere.
    pub(crate) fn or_free<T>(&self, new: New<'_>, put: Result<T>) -> Result<T> {
        if put.is_err() && new.chain != 0 {
            self.root.pager().free_overflow(new.chain)?;
        }
        put
    }
}
