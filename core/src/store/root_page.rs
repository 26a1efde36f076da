//! The page of a root: the kind of the collection, its topmost page, its size, and the layouts of
//! its values.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::page::{PAGE_SIZE, ROOT_NAME_AT, ROOT_NAME_LEN_AT, StoredLayout, StoredPage};
use crate::simd;

/// The offset of the name.
pub const NAME_AT: usize = ROOT_NAME_AT;
/// The number of bytes for the name, padded with zeros.
pub const NAME_ROOM: usize = 256;
/// The offset of the rows.
pub const ROWS_AT: usize = 320;
/// The largest number of layouts that a root can list.
pub const MAX_ROWS: usize = 64;
/// The offset of the sweep's cursor: two bytes of length, then the encoded key to continue from.
pub const CURSOR_AT: usize = ROWS_AT + MAX_ROWS * size_of::<LayoutUsage>();
/// The offset of the extra bytes, which only the collection interprets.
pub const EXTRA_AT: usize = 3584;
/// The number of extra bytes. They are zeros at first.
pub const EXTRA_ROOM: usize = PAGE_SIZE - EXTRA_AT;
/// The offset of the state of a second tree in the extra bytes.
pub const SECOND_AT: usize = 256;
/// The offset of the extra bytes of a second tree in the extra bytes.
pub const SECOND_EXTRA_AT: usize = SECOND_AT + 32;
/// The offset in the header of the position in the catalog.
pub const ORDINAL_AT: usize = 4;
/// The offset in the header of the state.
pub const STATE_AT: usize = 8;
/// The header of a root's page.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct RootHeader {
    /// [`Kind::Root`](crate::page::Kind::Root).
    pub kind: u8,
    /// The [`CollectionKind`](super::CollectionKind).
    pub collection: u8,
    /// The length of the name in bytes.
    pub name_len: U16,
    /// The position in the catalog.
    pub ordinal: U32,
    /// The state that changes with every entry.
    pub state: RootState,
    /// The key layout's index in the registry.
    pub key_layout: StoredLayout,
    /// The position of the current layout's row.
    pub current: U16,
    /// The number of rows.
    pub rows: U16,
    /// Features of this root that every reader must know: that of tables and indexes.
    pub read_features: u8,
    /// Features of this root that every writer must know: none so far.
    pub write_features: u8,
    /// The beginning of the key layout's fingerprint.
    pub key_fingerprint: [u8; 16],
    /// [`RootHeader::checksum`].
    pub check: U32,
}

impl RootHeader {
    /// Returns the checksum of what a root is: its collection, its name and the layout of its keys.
    /// They change only when the root is renamed.
    #[must_use]
    pub fn checksum(&self, name: &[u8]) -> U32 {
        let (name_len, key_layout) = (u64::from(self.name_len.get()), u64::from(self.key_layout.get().get()));
        let mut state = mix(0, u64::from(self.collection) | name_len << 8 | key_layout << 24);
        for word in self.key_fingerprint.as_chunks::<8>().0 {
            state = mix(state, u64::from_le_bytes(*word));
        }
        let (words, rest) = name.as_chunks::<8>();
        for word in words {
            state = mix(state, u64::from_le_bytes(*word));
        }
        (mix(state, simd::word(rest)) as u32).into()
    }
}

#[inline(always)]
const fn mix(state: u64, word: u64) -> u64 {
    let product = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    product ^ product >> 32
}

/// The state that changes with every entry.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct RootState {
    /// The topmost node, or the first extent of a cell's value, or 0 if there is none.
    pub top: StoredPage,
    /// The number of levels.
    pub height: U32,
    /// The number of entries.
    pub len: U64,
    /// The size of the encoded keys and values in bytes.
    pub bytes: U64,
    /// The number of pages, the root's own included.
    pub pages: U32,
}

// Damage may have changed the counts. Accesses do not depend on them, so they saturate instead of
// failing.
impl RootState {
    /// Adds to the number of pages.
    pub fn add_pages(&mut self, pages: u32) {
        self.pages = self.pages.get().saturating_add(pages).into();
    }

    /// Subtracts from the number of pages.
    pub fn remove_pages(&mut self, pages: u32) {
        self.pages = self.pages.get().saturating_sub(pages).into();
    }

    /// Changes the number of pages.
    pub fn change_pages(&mut self, change: i64) {
        let pages = i64::from(self.pages.get()).saturating_add(change).clamp(0, u32::MAX.into());
        self.pages = (pages as u32).into();
    }

    /// Adds entries, and the bytes of their keys and values.
    pub fn add_entries(&mut self, entries: u64, bytes: u64) {
        self.len = self.len.get().saturating_add(entries).into();
        self.add_bytes(bytes);
    }

    /// Subtracts entries, and the bytes of their keys and values.
    pub fn remove_entries(&mut self, entries: u64, bytes: u64) {
        self.len = self.len.get().saturating_sub(entries).into();
        self.remove_bytes(bytes);
    }

    /// Adds to the bytes of the entries.
    pub fn add_bytes(&mut self, bytes: u64) {
        self.bytes = self.bytes.get().saturating_add(bytes).into();
    }

    /// Subtracts from the bytes of the entries.
    pub fn remove_bytes(&mut self, bytes: u64) {
        self.bytes = self.bytes.get().saturating_sub(bytes).into();
    }
}

/// A layout in which values of the root were stored, and the number of pages that hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct LayoutUsage {
    /// Its index in the registry.
    pub layout: StoredLayout,
    /// Zero.
    pub reserved: [u8; 2],
    /// The number of pages that hold values of it.
    pub pages: U32,
    /// Zero.
    pub unused: [u8; 8],
    /// Its fingerprint.
    pub fingerprint: [u8; 16],
}

const _: () = assert!(size_of::<RootHeader>() == ROOT_NAME_AT && size_of::<LayoutUsage>() == 32);
const _: () = assert!(core::mem::offset_of!(RootHeader, name_len) == ROOT_NAME_LEN_AT);
