//! Stored values as a search finds them.

use std::borrow::Cow;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::page::Pager;
use graven_core::{Error, Memory, Result};

use crate::engine::cell::format::CellHead;

/// Reads a value of an older layout and writes it in the current one.
pub(crate) type Convert = fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>;

/// The bytes of a value, or the overflow pages that hold them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueRef<'a> {
    /// In the leaf.
    Inline(&'a [u8]),
    /// In a chain of extents.
    Overflow { page: u32, len: usize },
}

/// A value as it was found.
#[derive(Debug, Clone, Copy)]
pub struct StoredValue<'a> {
    /// The leaf.
    pub(crate) page: u32,
    /// Index of its layout in the registry.
    pub(crate) layout: u16,
    pub(crate) value: ValueRef<'a>,
}

impl<'a> StoredValue<'a> {
    /// The value of a whole cell.
    ///
    /// # Errors
    /// [`Error::Damaged`] where the cell is too short for it.
    pub(crate) fn in_cell(
        page: u32,
        layout: u16,
        cell: &'a [u8],
        owns: bool,
        head: &CellHead,
    ) -> Result<Self> {
        let value = if owns {
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            let value = cell.get(head.value());
            ValueRef::Inline(value.ok_or_else(|| Error::Damaged { page, why: "a cell is too short" })?)
        };
        Ok(StoredValue { page, layout, value })
    }

    /// The bytes of the value, wherever it is.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub(crate) fn read(self, pager: &Pager<impl Memory>) -> Result<Cow<'a, [u8]>> {
        match self.value {
            ValueRef::Inline(bytes) => Ok(Cow::Borrowed(bytes)),
            ValueRef::Overflow { page, len } => pager.read_overflow(page, len).map(Cow::Owned),
        }
    }

    /// Bytes of the value.
    pub(crate) fn len(&self) -> usize {
        match self.value {
            ValueRef::Inline(bytes) => bytes.len(),
            ValueRef::Overflow { len, .. } => len,
        }
    }
}
