//! Rows of the index: the number of a nested collection, its length and, beside records, the number
//! of its record. The key of a row begins with a byte that says whether the collection is in use.
//! The key of a collection in use follows, or the number of a removed one.

use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::{Damage, Result};

use crate::engine::cell::{StoredValue, ValueRef};

/// The size of a row in bytes: number, entries, position of the first value (each `u64`).
pub(crate) const ROW: usize = 24;

/// The size of a row in bytes with the number of a record (`u64`) after the others.
pub(crate) const RECORD_ROW: usize = 32;

/// The offset of the number of entries in a row.
const LEN_AT: usize = 8;

/// The number of bytes that change with the entries.
const COUNTS: usize = 16;

/// The byte before the number of a removed collection that still has entries.
const REMOVED: u8 = 0;

/// The byte before the key of a collection in use.
const IN_USE: u8 = 1;

/// The row of one nested collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// The number of the collection, which is never reused. The keys of all its entries begin with
    /// it.
    pub(crate) number: u64,
    pub(crate) len: u64,
    /// The position of the first value of a list, 0 for other collections.
    pub(crate) first: u64,
    /// The number of its record. It is 0 without records and for removed collections.
    pub(crate) record: u64,
}

impl Row {
    pub(crate) fn read(found: StoredValue<'_>) -> Result<Row, Damage> {
        let row = match found.value {
            ValueRef::Inline(bytes) => Row::from_slice(bytes),
            ValueRef::Overflow { .. } => None,
        };
        row.ok_or(Damage::InvalidRow)
    }

    /// Decodes a row of either size.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Row> {
        let word = |word: &[u8; 8]| u64::from_le_bytes(*word);
        match bytes.as_chunks() {
            ([number, len, first, record @ ..], []) if record.len() < 2 => {
                let record = record.first().map_or(0, word);
                Some(Row { number: word(number), len: word(len), first: word(first), record })
            }
            _ => None,
        }
    }

    /// Returns the bytes of the row. A row without a record is shorter.
    pub(crate) fn bytes(self) -> [u8; RECORD_ROW] {
        let mut bytes = [0; RECORD_ROW];
        let words = [self.number, self.len, self.first, self.record];
        for (word, value) in bytes.chunks_exact_mut(8).zip(words) {
            word.copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// Returns the part of a row that changes, and its offset.
    pub(crate) fn counts(self) -> (usize, [u8; COUNTS]) {
        let mut counts = [0; COUNTS];
        counts.copy_from_slice(&self.bytes()[LEN_AT..LEN_AT + COUNTS]);
        (LEN_AT, counts)
    }
}

/// Returns the key of the row of a collection in use.
pub(crate) fn in_use<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q) -> KeyBuf {
    let mut bytes = KeyBuf::from(&[IN_USE][..]);
    key.write_ref(&mut bytes, true);
    bytes
}

/// Returns the key of the row of a removed collection.
pub(crate) fn removed(number: u64) -> KeyBuf {
    let mut bytes = KeyBuf::from(&[REMOVED][..]);
    bytes.push(number.to_be_bytes());
    bytes
}

/// Returns the key that separates the rows of removed collections from those in use.
pub(crate) fn border() -> KeyBuf {
    KeyBuf::from(&[IN_USE][..])
}

/// Returns the encoded key of a collection from the key of its row, or `None` if it was removed.
pub(crate) fn key_of(row: &[u8]) -> Option<&[u8]> {
    match row {
        [IN_USE, key @ ..] => Some(key),
        _ => None,
    }
}
