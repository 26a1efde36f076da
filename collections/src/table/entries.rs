//! The entries of a row, as they follow from it.

use graven_core::key::KeyBuf;

/// An entry of a row in the index at this position.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub(super) index: usize,
    pub(super) key: KeyBuf,
    /// The encoded record of the fields that the index includes, if it includes any.
    pub(super) included: Option<Box<[u8]>>,
}

impl Entry {
    /// Returns the encoded record of the fields that the index includes.
    pub(super) fn included(&self) -> &[u8] {
        self.included.as_deref().unwrap_or_default()
    }

    /// Returns `true` if another entry has its place in the same index.
    #[inline]
    pub(super) fn is_at(&self, other: &Entry) -> bool {
        self.index == other.index && self.key == other.key
    }
}

/// The values of a row in an index, which the derive's code writes one after the other.
#[derive(Debug)]
pub struct Values<'a> {
    index: usize,
    entries: &'a mut Vec<Entry>,
}

impl<'a> Values<'a> {
    pub(super) const fn new(index: usize, entries: &'a mut Vec<Entry>) -> Self {
        Values { index, entries }
    }

    /// Returns the place of the next value.
    #[inline]
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "an entry was just pushed")]
    pub fn next_value(&mut self) -> &mut KeyBuf {
        // In its place from the beginning: a copy costs more than what is written.
        self.entries.push(Entry { index: self.index, key: KeyBuf::new(), included: None });
        &mut self.entries.last_mut().expect("it was just pushed").key
    }
}
