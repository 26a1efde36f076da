//! A leaf of a sequence with the positions that it covers, and the array that counts its values.

use graven_core::page::PageNumber;

/// A leaf with the positions that it covers. The default leaf covers none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Leaf {
    pub(crate) page: PageNumber,
    pub(crate) start: u64,
    /// The first position of the next leaf, or the position after the last value.
    pub(crate) end: u64,
}

impl Leaf {
    #[inline(always)]
    pub(crate) fn holds(&self, position: u64) -> bool {
        (self.start..self.end).contains(&position)
    }

    pub(crate) fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }
}

/// The array that counts its values.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counting {
    /// Its page, or 0 if no array does.
    pub(crate) page: PageNumber,
    /// Its first position.
    pub(crate) start: u64,
}
