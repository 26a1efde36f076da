//! The numbers of layouts.

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The position of a layout in the store's registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct LayoutId(u16);

impl LayoutId {
    /// The number of no layout, for unused elements of a list.
    pub const NONE: LayoutId = LayoutId(0xffff);
    /// The layout of values that only the collection itself encodes. No registry lists it.
    pub const INTERNAL: LayoutId = LayoutId(0xfffe);

    /// Returns the layout at a position.
    #[inline(always)]
    #[must_use]
    pub const fn new(index: u16) -> Self {
        LayoutId(index)
    }

    /// Returns the position.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

/// The position of a layout, as a header stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(transparent)]
pub struct StoredLayout(U16);

impl StoredLayout {
    /// Returns the layout.
    #[inline(always)]
    #[must_use]
    pub const fn get(self) -> LayoutId {
        LayoutId(self.0.get())
    }
}

impl From<LayoutId> for StoredLayout {
    #[inline(always)]
    fn from(layout: LayoutId) -> Self {
        StoredLayout(layout.0.into())
    }
}
