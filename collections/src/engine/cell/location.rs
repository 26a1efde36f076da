//! Locations of values that were found and not read yet.

use core::ops::Range;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::layout::field::Source;
use graven_core::page::{PAGE_SIZE, Pager};
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

/// A value as it was found, unread: what [`StoredValue`](crate::engine::cell::StoredValue) is
/// before its bytes are loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ValueLocation {
    /// The leaf or bucket, or where a chain begins.
    pub(crate) page: u32,
    /// Index of its layout in the registry.
    pub(crate) layout: u16,
    /// Bytes of the value.
    pub(crate) len: usize,
    pub(crate) at: ValueOffset,
}

/// The first byte of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueOffset {
    /// At this offset in the page.
    Page(usize),
    /// In the chain of extents that begins with this page.
    Overflow(u32),
}

impl ValueLocation {
    /// The value at an offset in a page, in which it has to end.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it does not.
    #[inline]
    pub(crate) fn in_page(page: u32, layout: u16, at: usize, len: usize) -> Result<ValueLocation> {
        if at.checked_add(len).is_none_or(|end| end > PAGE_SIZE) {
            return Err(Error::Damaged { page, why: "a cell reaches beyond its node" });
        }
        Ok(ValueLocation { page, layout, len, at: ValueOffset::Page(at) })
    }

    /// The value in a chain, to which `page` points.
    #[inline]
    pub(crate) fn in_overflow(page: u32, layout: u16, chain: u32, len: usize) -> ValueLocation {
        ValueLocation { page, layout, len, at: ValueOffset::Overflow(chain) }
    }

    /// Its bytes, to be read from.
    #[inline]
    pub(crate) fn bytes<M: Memory>(self, pager: &Pager<M>) -> LocatedBytes<'_, M> {
        LocatedBytes { pager, location: self }
    }

    /// How to read it, if it is of an older layout.
    ///
    /// # Errors
    /// [`Error::Damaged`] where its root has no such layout.
    #[inline]
    pub(crate) fn plan<M: Memory>(self, root: &Root<M>) -> Result<Option<&Plan>> {
        if self.layout == root.current() {
            return Ok(None);
        }
        root.old_layout(self.layout, self.page).map(|layout| Some(&*layout.plan))
    }

    /// Overwrites a part of it.
    ///
    /// # Errors
    /// [`Error::Damaged`] where there is no such part; nothing is written then.
    pub(crate) fn write<M: Memory>(self, pager: &Pager<M>, at: usize, bytes: &[u8]) -> Result<()> {
        match self.at {
            ValueOffset::Page(start) => pager.write(self.page, start + at, bytes),
            ValueOffset::Overflow(chain) => pager.write_overflow_part(chain, at, bytes),
        }
    }
}

/// The bytes of a value where they stand.
pub(crate) struct LocatedBytes<'a, M> {
    pager: &'a Pager<M>,
    location: ValueLocation,
}

impl<M: Memory> Source for LocatedBytes<'_, M> {
    type Error = Error;

    #[inline]
    fn size(&self) -> usize {
        self.location.len
    }

    #[cold]
    fn invalid(&self, why: Invalid) -> Error {
        Error::invalid(self.location.page, why)
    }

    #[inline]
    fn read(&self, at: usize, out: &mut [u8]) -> Result<()> {
        match self.location.at {
            ValueOffset::Page(start) => self.pager.read(self.location.page, start + at, out),
            ValueOffset::Overflow(chain) => self.pager.read_overflow_part(chain, at, out),
        }
    }

    fn read_vec(&self, range: Range<usize>) -> Result<Vec<u8>> {
        if let ValueOffset::Overflow(chain) = self.location.at {
            if range == (0..self.location.len) {
                return self.pager.read_overflow(chain, self.location.len);
            }
            // A length that is made up must not be allocated.
            self.pager.overflow_extents(chain, range.end)?;
        }
        let mut bytes = vec![0; range.len()];
        self.read(range.start, &mut bytes)?;
        Ok(bytes)
    }
}
