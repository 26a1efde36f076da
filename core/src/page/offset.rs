//! Offsets of values in pages that exist.

#![expect(clippy::arithmetic_side_effects, reason = "an offset is in a located part of the memory")]

use super::{PAGE_SIZE, PageNumber};

/// The address of a value, checked once for many reads and writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageOffset(pub(super) u64);

impl PageOffset {
    /// Returns the page of the value.
    #[must_use]
    pub const fn page(self) -> PageNumber {
        PageNumber::at_address(self.0)
    }

    /// Returns the offset of the value in its page.
    #[must_use]
    pub const fn in_page(self) -> usize {
        (self.0 % PAGE_SIZE as u64) as usize
    }

    /// Returns the address of the value `n` values of `size` bytes after this one. It must be
    /// within the part that was located.
    #[inline(always)]
    #[must_use]
    pub const fn nth(self, n: u64, size: usize) -> Self {
        PageOffset(self.0 + n * size as u64)
    }

    /// Returns `true` if `next` follows this value of `size` bytes.
    #[inline(always)]
    #[must_use]
    pub const fn is_before(self, next: Self, size: usize) -> bool {
        next.0 == self.0 + size as u64
    }
}
