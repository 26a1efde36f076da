//! The page of a root: what the collection is, where it begins, and which layouts its values have.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::page::PAGE_SIZE;

/// Offset of the name.
pub const NAME_AT: usize = 64;
/// Bytes for the name; zeros fill them up.
pub const NAME_ROOM: usize = 256;
/// Offset of the rows.
pub const ROWS_AT: usize = 320;
/// Rows that a root may have: layouts of values that it tells apart.
pub const MAX_ROWS: usize = 64;
/// Offset of the sweep's cursor: two bytes of length, then the encoded key to go on from.
pub const CURSOR_AT: usize = ROWS_AT + MAX_ROWS * size_of::<Row>();
/// Offset of what only the collection itself understands.
pub const EXTRA_AT: usize = 3584;
/// Bytes for that; zeros at first.
pub const EXTRA_ROOM: usize = PAGE_SIZE - EXTRA_AT;
/// Offset in the header of the position in the catalog.
pub const ORDINAL_AT: usize = 4;
/// Offset in the header of what changes with every entry.
pub const STATE_AT: usize = 8;
/// A key layout's index where there are no keys.
pub const NO_KEY: u16 = 0xffff;

/// The header of a root's page.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RootHeader {
    /// [`Kind::Root`](crate::page::Kind::Root).
    pub kind: u8,
    /// The [`CollectionKind`](super::CollectionKind).
    pub collection: u8,
    /// Bytes of the name.
    pub name_len: U16,
    /// Position in the catalog.
    pub ordinal: U32,
    /// The state that changes with every entry.
    pub state: RootState,
    /// The key layout's index in the registry.
    pub key_layout: U16,
    /// Position of the newest layout's row.
    pub newest: U16,
    /// Number of rows.
    pub rows: U16,
    /// Zero.
    pub reserved: U16,
    /// The beginning of the key layout's fingerprint.
    pub key_fingerprint: [u8; 16],
}

/// The state that changes with every entry.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct RootState {
    /// The topmost node, or the first extent of a cell's value; 0 if there is none.
    pub top: U32,
    /// Levels of nodes.
    pub height: U32,
    /// Entries.
    pub len: U64,
    /// Bytes of the encoded keys and values.
    pub bytes: U64,
    /// Pages, the root's own included.
    pub pages: U32,
}

/// A layout in which values of the root were stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct Row {
    /// Its index in the registry.
    pub layout: U16,
    /// Zero.
    pub reserved: [u8; 2],
    /// Pages that hold values of it.
    pub pages: U32,
    /// Zero.
    pub unused: [u8; 8],
    /// Its fingerprint.
    pub fingerprint: [u8; 16],
}

const _: () = assert!(size_of::<RootHeader>() == 60 && size_of::<Row>() == 32);
