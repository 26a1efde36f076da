//! Rows with their entries in one index.

use std::ops::Range;

use graven_core::key::KeyBuf;

use crate::table::entries::Entry;

/// A row, as one index sees it.
pub(super) struct RowEntries {
    pub(super) key: KeyBuf,
    /// The key of the row that it refers to, if the index is that of a reference.
    pub(super) target: Option<KeyBuf>,
    /// Its entries, as positions in the list of the batch.
    pub(super) entries: Range<usize>,
}

/// Rows with their entries in one index. It keeps its memory when it is cleared.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) rows: Vec<RowEntries>,
    entries: Vec<Entry>,
}

impl Batch {
    /// Adds a row without entries. Returns it and the list to which its entries are to be added.
    /// Both are written in place, because moving them takes more than making them.
    #[expect(clippy::expect_used, reason = "a row was just pushed")]
    pub(super) fn add(&mut self, key: &[u8]) -> (&mut RowEntries, &mut Vec<Entry>) {
        let first = self.entries.len();
        self.rows.push(RowEntries { key: KeyBuf::new(), target: None, entries: first..first });
        let row = self.rows.last_mut().expect("it was just pushed");
        row.key.extend(key);
        (row, &mut self.entries)
    }

    /// Returns the entries of one of its rows.
    pub(super) fn entries_of(&self, row: &RowEntries) -> &[Entry] {
        self.entries.get(row.entries.clone()).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.entries.clear();
    }
}
