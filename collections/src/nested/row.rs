//! Rows of the index: which number a nested collection has, and how long it is. Their keys are a byte that says whether
//! the collection is in use, then its key, or for one that was removed its number.

use graven_core::key::{KeyBuf, KeyRef, StableKey};
use graven_core::{Error, Result};

use crate::btree_map::tree::{Found, Place};

/// Bytes of a row: number, entries, position of the first value (each `u64`).
pub(super) const ROW: usize = 24;

/// What the entries of a row count from, inside the row.
const LEN_AT: usize = 8;

/// In front of the numbers of collections that were removed and of which something is left.
const REMOVED: u8 = 0;

/// In front of the keys of those in use.
const IN_USE: u8 = 1;

/// One nested collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number, which no other one ever gets: all its entries begin with it.
    pub(super) number: u64,
    pub(super) len: u64,
    /// Position of the first value of a list; 0 for others.
    pub(super) first: u64,
}

impl Row {
    pub(super) fn read(found: Found<'_>) -> Result<Row> {
        let damaged = Error::Damaged { page: found.page, why: "a row of the index is not one" };
        let Place::Inline(bytes) = found.place else { return Err(damaged) };
        bytes.try_into().map(Row::from_bytes).map_err(|_| damaged)
    }

    pub(super) fn from_bytes(bytes: &[u8; ROW]) -> Row {
        let word = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(word)
        };
        Row { number: word(0), len: word(8), first: word(16) }
    }

    pub(super) fn bytes(self) -> [u8; ROW] {
        let mut bytes = [0; ROW];
        for (word, value) in bytes.chunks_exact_mut(8).zip([self.number, self.len, self.first]) {
            word.copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    /// What of a row changes, and where in it that is.
    pub(super) fn counts(self) -> (usize, [u8; ROW - LEN_AT]) {
        let mut counts = [0; ROW - LEN_AT];
        counts.copy_from_slice(&self.bytes()[LEN_AT..]);
        (LEN_AT, counts)
    }
}

/// The key of the row of a collection in use.
pub(super) fn in_use<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q) -> KeyBuf {
    let mut bytes = KeyBuf::from(&[IN_USE][..]);
    key.write_ref(&mut bytes);
    bytes
}

/// The key of the row of a collection that was removed.
pub(super) fn removed(number: u64) -> KeyBuf {
    let mut bytes = KeyBuf::from(&[REMOVED][..]);
    bytes.push(number.to_be_bytes());
    bytes
}

/// Where the rows of collections in use begin, and those of removed ones end.
pub(super) fn border() -> KeyBuf {
    KeyBuf::from(&[IN_USE][..])
}

/// The bytes of a collection's key in the key of its row; `None` for one that was removed.
pub(super) fn key_of(row: &[u8]) -> Option<&[u8]> {
    match row {
        [IN_USE, key @ ..] => Some(key),
        _ => None,
    }
}
