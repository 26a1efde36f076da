//! The format of cells: the offsets of key and value.
//!
//! ```text
//! leaf, value inside      [key length u16]? [value length u16]? key value
//! leaf, value in extents  first extent u32, value length u32, [key length u16]? key
//! inner node              child u32, [key length u16]? key
//! ```
//! Lengths are stored only where the layout does not fix them.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_core::simd::copy;

/// The bytes that cells and slots of a node share.
pub(crate) const ROOM: usize = PAGE_SIZE - HEADER_SIZE;

/// The longest cell: two of them and their slots fit into a node, so a node can always be split in
/// two.
pub(crate) const MAX_CELL: usize = ROOM / 2 - SLOT;

/// The shortest cell: a freed one holds the offset of the next freeblock and its own length.
pub(crate) const MIN_CELL: usize = 4;

/// The bytes of a slot.
pub(crate) const SLOT: usize = 2;

/// Returns the offset of the next freeblock and the length of this one, from its first bytes.
#[inline(always)]
pub(crate) fn freeblock_of([next_low, next_high, len_low, len_high]: [u8; MIN_CELL]) -> [u16; 2] {
    [[next_low, next_high], [len_low, len_high]].map(u16::from_le_bytes)
}

/// The three forms of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A leaf's cell with the value inline, and the size of values if that is constant.
    Inline(Option<usize>),
    /// A leaf's cell with the value in overflow pages.
    Overflow,
    /// An inner node's cell.
    Child,
}

/// The format of cells: the size of keys if that is constant, and the form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CellFormat {
    pub(crate) key_size: Option<usize>,
    pub(crate) form: Form,
}

/// The header of a cell: the bytes before key and value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CellHead {
    /// The number of bytes before the key.
    pub(crate) prefix: usize,
    pub(crate) key_len: usize,
    /// The length of the value, inline or not.
    pub(crate) value_len: usize,
    /// The first overflow page or the child.
    pub(crate) page: PageNumber,
    /// `true` if the value is inline, after the key.
    inline: bool,
}

impl CellFormat {
    /// Returns the number of bytes before the key.
    #[inline(always)]
    #[expect(clippy::arithmetic_side_effects, reason = "all terms are small constants")]
    pub(crate) const fn prefix(self) -> usize {
        let key = if self.key_size.is_some() { 0 } else { 2 };
        key + match self.form {
            Form::Inline(Some(_)) => 0,
            Form::Inline(None) => 2,
            Form::Overflow => 8,
            Form::Child => 4,
        }
    }

    /// Reads the header of a cell. Returns `None` if there are too few bytes.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`prefix` bytes are there, and all numbers are in them")]
    #[expect(clippy::arithmetic_side_effects, reason = "all numbers are in `prefix` bytes")]
    pub(crate) fn head(self, bytes: &[u8]) -> Option<CellHead> {
        let prefix = self.prefix();
        let bytes = bytes.get(..prefix)?;
        let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let key_len = |at: usize| self.key_size.unwrap_or_else(|| u16_at(at));
        let (key_len, value_len, page) = match self.form {
            Form::Inline(Some(size)) => (key_len(0), size, PageNumber::NONE),
            Form::Inline(None) => (key_len(0), u16_at(prefix - 2), PageNumber::NONE),
            Form::Overflow => (key_len(8), u32_at(4) as usize, PageNumber::new(u32_at(0))),
            Form::Child => (key_len(4), 0, PageNumber::new(u32_at(0))),
        };
        Some(CellHead { prefix, key_len, value_len, page, inline: matches!(self.form, Form::Inline(_)) })
    }

    /// Returns the length of the cell of a key and a value.
    #[inline(always)]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "key and value are on the heap, which a `usize` counts"
    )]
    pub(crate) fn len(self, key: usize, value: usize) -> usize {
        let value = if matches!(self.form, Form::Inline(_)) { value } else { 0 };
        (self.prefix() + key + value).max(MIN_CELL)
    }

    /// Writes a cell. `page` is the first overflow page or the child, if the form has one.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`len` bytes are there, and the compiler knows the form")]
    #[expect(clippy::arithmetic_side_effects, reason = "`out` has room for the whole cell")]
    pub(crate) fn write(self, out: &mut [u8], key: &[u8], page: PageNumber, value: &[u8]) {
        if out.len() <= MIN_CELL {
            // A cell shorter than `MIN_CELL` must not keep old bytes after its end.
            out.fill(0);
        }
        if let (Form::Inline(Some(_)), Some(size)) = (self.form, self.key_size) {
            let (key_place, value_place) = out.split_at_mut(size);
            copy(key_place, key);
            return copy(&mut value_place[..value.len()], value);
        }
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            copy(&mut out[at..at + bytes.len()], bytes);
            at += bytes.len();
        };
        if self.form == Form::Overflow || self.form == Form::Child {
            put(&page.to_le_bytes());
        }
        if self.form == Form::Overflow {
            put(&(value.len() as u32).to_le_bytes());
        }
        if self.key_size.is_none() {
            put(&(key.len() as u16).to_le_bytes());
        }
        if self.form == Form::Inline(None) {
            put(&(value.len() as u16).to_le_bytes());
        }
        put(key);
        if matches!(self.form, Form::Inline(_)) {
            put(value);
        }
    }
}

impl CellHead {
    /// Returns the length of the whole cell.
    #[inline]
    pub(crate) fn cell_len(&self) -> usize {
        self.value_end().max(MIN_CELL)
    }

    /// Returns the key in a cell.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "the length of a cell is checked where its head is read")]
    pub(crate) fn key_in<'a>(&self, cell: &'a [u8]) -> &'a [u8] {
        &cell[self.key()]
    }

    /// Returns the value in a cell, which is empty if the value is not inline.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "the length of a cell is checked where its head is read")]
    pub(crate) fn value_in<'a>(&self, cell: &'a [u8]) -> &'a [u8] {
        &cell[self.value()]
    }

    /// Returns the range of the key in the cell.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a key and an inline value have lengths of `u16` or of a type"
    )]
    pub(crate) fn key(&self) -> core::ops::Range<usize> {
        self.prefix..self.prefix + self.key_len
    }

    /// Returns the range of the value in the cell, which is empty if the value is not inline.
    #[inline]
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a key and an inline value have lengths of `u16` or of a type"
    )]
    pub(crate) fn value(&self) -> core::ops::Range<usize> {
        self.prefix + self.key_len..self.value_end()
    }

    #[expect(
        clippy::arithmetic_side_effects,
        reason = "a key and an inline value have lengths of `u16` or of a type"
    )]
    fn value_end(&self) -> usize {
        self.prefix + self.key_len + if self.inline { self.value_len } else { 0 }
    }

    /// Returns the bytes of the entry as the statistics count them.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "two lengths fit into a `u64`")]
    pub(crate) fn entry_bytes(&self) -> u64 {
        self.key_len as u64 + self.value_len as u64
    }
}

/// The constant sizes of the keys and values of a map. Hot paths take them as an argument, so that
/// the compiler folds them in. Others read them from the tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) key: Option<usize>,
    pub(crate) value: Option<usize>,
}
