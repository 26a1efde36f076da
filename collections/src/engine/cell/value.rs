//! Stored values as a search finds them.

use std::borrow::Cow;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::page::{LayoutId, PageNumber, Pager};
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::format::CellHead;

/// A function that converts a value of a previous layout to the current one.
pub(crate) type Convert = fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>;

/// The bytes of a value, or the overflow pages that hold them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueRef<'a> {
    /// The bytes, in a page.
    Inline(&'a [u8]),
    /// The first overflow page and the length of the value.
    Overflow { page: PageNumber, len: usize },
}

/// A stored value as a search found it: its page, its layout and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct StoredValue<'a> {
    /// The page of its cell or, without a cell, its first overflow page.
    pub(crate) page: PageNumber,
    /// The index of its layout in the registry.
    pub(crate) layout: LayoutId,
    pub(crate) value: ValueRef<'a>,
}

impl<'a> StoredValue<'a> {
    /// Returns the value of a whole cell.
    ///
    /// # Errors
    /// [`Damage::CellTooShort`] if the cell is too short for it.
    pub(crate) fn in_cell(
        page: PageNumber,
        layout: LayoutId,
        cell: &'a [u8],
        owns: bool,
        head: &CellHead,
    ) -> Result<Self, Damage> {
        let value = if owns {
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            let value = cell.get(head.value());
            ValueRef::Inline(value.ok_or(Damage::CellTooShort)?)
        };
        Ok(StoredValue { page, layout, value })
    }

    /// Returns the bytes of the value, inline or not.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub(crate) fn read(self, pager: &Pager<impl Memory>) -> Result<Cow<'a, [u8]>> {
        match self.value {
            ValueRef::Inline(bytes) => Ok(Cow::Borrowed(bytes)),
            ValueRef::Overflow { page, len } => pager.read_overflow(page, 0, len).map(Cow::Owned),
        }
    }

    /// Returns the length of the value.
    pub(crate) fn len(&self) -> usize {
        match self.value {
            ValueRef::Inline(bytes) => bytes.len(),
            ValueRef::Overflow { len, .. } => len,
        }
    }
}
