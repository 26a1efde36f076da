//! The numbers of pages.

#![deny(clippy::arithmetic_side_effects)]

use core::fmt;

use zerocopy::little_endian::U32;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The size of a page in bytes. A replica charges for writes in units of this size.
pub const PAGE_SIZE: usize = 4096;

/// The number of a page. Its address is 4,096 times the number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct PageNumber(u32);

impl PageNumber {
    /// The number of the superblock. A link with this number leads to no page.
    pub const NONE: PageNumber = PageNumber(0);

    /// Returns the page with a number.
    #[inline(always)]
    #[must_use]
    pub const fn new(number: u32) -> Self {
        PageNumber(number)
    }

    /// Returns the number.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Returns `true` if a link with this number leads to no page.
    #[inline(always)]
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Returns `true` if a link with this number leads to a page.
    #[inline(always)]
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Returns the page, or `None` if a link with this number leads to no page.
    #[inline(always)]
    #[must_use]
    pub fn some(self) -> Option<Self> {
        (self.0 != 0).then_some(self)
    }

    /// Returns the offset of the page in memory.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::arithmetic_side_effects, reason = "the number is a `u32`, so the product fits")]
    pub const fn address(self) -> u64 {
        self.0 as u64 * PAGE_SIZE as u64
    }

    /// Returns the page that contains an offset in memory.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::arithmetic_side_effects, reason = "the divisor is not 0")]
    pub const fn at_address(address: u64) -> Self {
        PageNumber((address / PAGE_SIZE as u64) as u32)
    }

    /// Returns the page `pages` pages after this one, or `None` if its number would be too high.
    #[inline]
    #[must_use]
    pub fn checked_add(self, pages: u32) -> Option<Self> {
        self.0.checked_add(pages).map(PageNumber)
    }

    /// Returns the number as it is stored.
    #[inline(always)]
    #[must_use]
    pub const fn to_le_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    /// Reads a number as it is stored.
    #[inline(always)]
    #[must_use]
    pub const fn from_le_bytes(bytes: [u8; 4]) -> Self {
        PageNumber(u32::from_le_bytes(bytes))
    }
}

impl fmt::Display for PageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a page, as a header stores it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(transparent)]
pub struct StoredPage(U32);

impl StoredPage {
    /// Returns the page.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> PageNumber {
        PageNumber(self.0.get())
    }
}

impl From<PageNumber> for StoredPage {
    #[inline(always)]
    fn from(page: PageNumber) -> Self {
        StoredPage(page.0.into())
    }
}
