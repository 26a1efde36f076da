//! Lookups of many values in one operation, with the common checks made once.

use std::cell::Ref;

use graven_core::Memory;
use graven_core::page::PageOffset;

use crate::engine::array::run::divide;
use crate::engine::array::sequence::Sequence;

/// The addresses of the values of a sequence whose arrays are all in its directory. The sequence
/// must not change while a view of it exists.
pub(crate) struct View<'a> {
    arrays: Ref<'a, Vec<PageOffset>>,
    first: u64,
    len: u64,
}

impl<M: Memory> Sequence<M> {
    /// Returns the addresses of all values, if there is a directory.
    #[inline(always)]
    pub(crate) fn view(&self) -> Option<View<'_>> {
        let (arrays, first, len) = (self.directory.arrays()?, self.first.get(), self.len());
        Some(View { arrays, first, len })
    }
}

impl View<'_> {
    /// Returns the address of `count` adjacent values from an index on, if one array holds them
    /// all.
    #[inline(always)]
    pub(crate) fn find(&self, index: u64, count: u64, size: usize) -> Option<PageOffset> {
        if index.checked_add(count)? > self.len {
            return None;
        }
        let (array, slot) = divide(self.first.wrapping_add(index), size)?;
        if slot + count > super::leaf::capacity(size) {
            return None;
        }
        Some(self.arrays.get(array as usize)?.nth(slot, size))
    }
}
