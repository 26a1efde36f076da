//! Locations of values that were found but not read yet.

use core::ops::Range;

use graven_core::evolution::Plan;
use graven_core::layout::Invalid;
use graven_core::layout::field::Source;
use graven_core::page::{LayoutId, PAGE_SIZE, PageNumber, Pager};
use graven_core::store::Root;
use graven_core::{Damage, Error, Memory, Result};

/// The location of a value that was found but not read: a
/// [`StoredValue`](crate::engine::cell::StoredValue) before its bytes are loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ValueLocation {
    /// The page of its cell or, without a cell, its first overflow page.
    pub(crate) page: PageNumber,
    /// The index of its layout in the registry.
    pub(crate) layout: LayoutId,
    /// The length of the value.
    pub(crate) len: usize,
    pub(crate) at: ValueOffset,
}

/// The position of the first byte of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ValueOffset {
    /// At this offset in the page.
    Page(usize),
    /// In the overflow pages that begin with this one.
    Overflow(PageNumber),
}

impl ValueLocation {
    /// Returns the location of a value at an offset in a page.
    ///
    /// # Errors
    /// [`Damage::CellOutOfRange`] if the value ends after the page.
    #[inline]
    pub(crate) fn in_page(page: PageNumber, layout: LayoutId, at: usize, len: usize) -> Result<Self, Damage> {
        if at.checked_add(len).is_none_or(|end| end > PAGE_SIZE) {
            return Err(Damage::CellOutOfRange);
        }
        Ok(ValueLocation { page, layout, len, at: ValueOffset::Page(at) })
    }

    /// Returns the location of a value in the overflow pages that begin with `chain`.
    #[inline]
    pub(crate) fn in_overflow(
        page: PageNumber,
        layout: LayoutId,
        chain: PageNumber,
        len: usize,
    ) -> ValueLocation {
        ValueLocation { page, layout, len, at: ValueOffset::Overflow(chain) }
    }

    /// Returns a source that reads its bytes.
    #[inline]
    pub(crate) fn bytes<M: Memory>(self, pager: &Pager<M>) -> LocatedBytes<'_, M> {
        LocatedBytes { pager, location: self }
    }

    /// Returns the plan to read it, or `None` if it is in the current layout.
    ///
    /// # Errors
    /// [`Error::Damaged`] if its root has no such layout.
    #[inline]
    pub(crate) fn plan<M: Memory>(self, root: &Root<M>) -> Result<Option<&Plan>> {
        if self.layout == root.current() {
            return Ok(None);
        }
        root.old_layout(self.layout, self.page).map(|layout| Some(&*layout.plan))
    }

    /// Overwrites a part of the value from offset `at` on.
    ///
    /// # Errors
    /// [`Error::Damaged`] if there is no such part. Then nothing is written.
    pub(crate) fn write<M: Memory>(self, pager: &Pager<M>, at: usize, bytes: &[u8]) -> Result<()> {
        match self.at {
            ValueOffset::Page(start) => pager.write(self.page, start.saturating_add(at), bytes),
            ValueOffset::Overflow(chain) => pager.write_overflow_part(chain, at, bytes),
        }
    }
}

/// A source that reads the bytes of a value in place.
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
        self.pager.damaged(self.location.page, why.into())
    }

    #[inline]
    fn read(&self, at: usize, out: &mut [u8]) -> Result<()> {
        match self.location.at {
            ValueOffset::Page(start) => self.pager.read(self.location.page, start.saturating_add(at), out),
            ValueOffset::Overflow(chain) => self.pager.read_overflow_part(chain, at, out),
        }
    }

    fn read_vec(&self, range: Range<usize>) -> Result<Vec<u8>> {
        if let ValueOffset::Overflow(chain) = self.location.at {
            return self.pager.read_overflow(chain, range.start, range.len());
        }
        let mut bytes = vec![0; range.len()];
        self.read(range.start, &mut bytes)?;
        Ok(bytes)
    }
}
