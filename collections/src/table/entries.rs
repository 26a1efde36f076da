//! The entries of a row, as they follow from it.

use graven_core::Result;
use graven_core::key::KeyBuf;

use crate::codec::keys::check_len;
use crate::table::record::Record;

/// An entry of a row in the index at this position.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub(super) index: usize,
    pub(super) key: KeyBuf,
}

/// The values of a row in an index, which the derive's code writes one after the other.
#[derive(Debug)]
pub struct Values<'a> {
    index: usize,
    entries: &'a mut Vec<Entry>,
}

impl Values<'_> {
    /// Returns the place of the next value.
    #[inline]
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "an entry was just pushed")]
    pub fn next_value(&mut self) -> &mut KeyBuf {
        // In its place from the beginning: a copy costs more than what is written.
        self.entries.push(Entry { index: self.index, key: KeyBuf::new() });
        &mut self.entries.last_mut().expect("it was just pushed").key
    }
}

/// Adds the entries of a row in the index at a position to `entries`. `key` is that of the row.
///
/// # Errors
/// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
pub(super) fn add_entries<R: Record>(
    index: usize,
    row: &R,
    key: &KeyBuf,
    entries: &mut Vec<Entry>,
) -> Result<()> {
    let Some(spec) = R::INDEXES.get(index) else { return Ok(()) };
    let first = entries.len();
    (spec.values)(row, &mut Values { index, entries });
    for entry in entries.iter_mut().skip(first) {
        if !spec.is_unique {
            entry.key.extend(key.as_slice());
        }
        check_len(entry.key.len())?;
    }
    // A list may have a value twice.
    let mut at = first.saturating_add(1);
    while let Some((before, [entry, ..])) = entries.split_at_checked(at) {
        if before.iter().skip(first).any(|known| known == entry) {
            entries.swap_remove(at);
        } else {
            at = at.saturating_add(1);
        }
    }
    Ok(())
}
