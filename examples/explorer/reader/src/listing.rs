//! The entries of a root, a page of rows at a time.

use std::vec;

use graven_collections::stored::{EncodedRange, Entries, StoredEntry, StoredRoot, Value};
use graven_look::{Slices, between, described, hex, key_range, prefix_range};

use crate::request::{By, Row, Rows, Shown};
use crate::within::Within;

/// The rows of a page, at most.
const MAX_ROWS: usize = 100;

/// The bytes of values after which a page ends.
const MAX_PAGE_BYTES: usize = 1 << 20;

/// The bytes of a value that is still shown.
const MAX_VALUE_BYTES: usize = 256 << 10;

/// A list of entries that remembers how far it was read.
pub(crate) struct Listing<S: Slices + 'static> {
    root: &'static StoredRoot<Within<S>>,
    entries: Source<S>,
    /// The entry after those that were shown.
    ahead: Option<StoredEntry>,
}

enum Source<S: Slices + 'static> {
    Walk(Box<Entries<'static, Within<S>>>),
    Found(vec::IntoIter<StoredEntry>),
}

impl<S: Slices> Listing<S> {
    /// Begins a list.
    ///
    /// # Errors
    /// A sentence that says why there are no such entries.
    pub(crate) fn new(root: &'static StoredRoot<Within<S>>, by: By, text: &str) -> Result<Self, String> {
        let entries = match by {
            By::All => Source::Walk(Box::new(root.entries())),
            By::Key => by_key(root, key_range(root, text)?)?,
            By::Prefix => Source::Walk(Box::new(root.range(prefix_range(root, text)?))),
            By::Range => Source::Walk(Box::new(root.range(between(root, text)?))),
        };
        Ok(Listing { root, entries, ahead: None })
    }

    /// Returns the next page of rows.
    pub(crate) fn next(&mut self) -> Rows {
        let (mut rows, mut bytes) = (Rows::default(), 0);
        loop {
            let entry = match self.ahead.take().map_or_else(|| self.step(), |entry| Ok(Some(entry))) {
                Ok(Some(entry)) => entry,
                Ok(None) => return rows,
                Err(error) => return Rows { error: Some(error), ..rows },
            };
            if rows.rows.len() == MAX_ROWS || bytes > MAX_PAGE_BYTES {
                self.ahead = Some(entry);
                return Rows { more: true, ..rows };
            }
            bytes += entry.value.as_ref().map_or(0, Vec::len).min(MAX_VALUE_BYTES) + entry.key.len();
            match self.row(&entry) {
                Ok(row) => rows.rows.push(row),
                Err(error) => return Rows { error: Some(error), ..rows },
            }
        }
    }

    fn step(&mut self) -> Result<Option<StoredEntry>, String> {
        match &mut self.entries {
            Source::Walk(entries) => entries.try_next().map_err(|error| error.to_string()),
            Source::Found(entries) => Ok(entries.next()),
        }
    }

    fn row(&self, entry: &StoredEntry) -> Result<Row, String> {
        let len = entry.value.as_ref().map_or_else(|len| *len, Vec::len);
        let parts = if len > MAX_VALUE_BYTES {
            let value = Value::Text(format!("{len} bytes, which are too many to show"));
            vec![("key", Value::Text(hex(&entry.key))), ("value", value)]
        } else {
            self.root.decode(entry).map_err(|error| error.to_string())?
        };
        let layout = entry.layout.and_then(|layout| self.root.layout(layout)).map(described);
        Ok(Row { parts: Shown::new(parts), layout, page: entry.page.get() })
    }
}

/// Returns the entries of one key. A hash finds it without a walk.
fn by_key<S: Slices>(root: &'static StoredRoot<Within<S>>, range: EncodedRange) -> Result<Source<S>, String> {
    if root.seed().is_none() {
        return Ok(Source::Walk(Box::new(root.range(range))));
    }
    let found = root.find(range).map_err(|error| error.to_string())?;
    Ok(Source::Found(found.into_iter()))
}
