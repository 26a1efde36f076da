//! Records and items that are added without their types.

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use super::kinds::Nestable;
use super::row::Row;
use super::trees::Trees;
use crate::{Deque, StableVec};

/// The outcome of adding an item.
pub(crate) enum Added {
    New,
    /// There is an item with this key.
    Duplicate,
    /// The index of the next value of the list.
    Expected(u64),
    /// There is no record with the key of the collection.
    NoRecord,
}

/// Returns the position of the first value of a new list.
fn first_position<M: Memory>(is_deque: bool) -> u64 {
    if is_deque { <Deque<(), M> as Nestable>::FIRST } else { <StableVec<(), M> as Nestable>::FIRST }
}

impl<M: Memory> Trees<M> {
    /// Adds a record without items. `key` is that of its row. Returns `false` if there is one.
    pub(crate) fn add_record(&self, key: &KeyBuf, is_deque: bool, value: &[u8]) -> Result<bool> {
        let is_new = self.row(key)?.is_none();
        if is_new {
            self.create_record(key, first_position::<M>(is_deque), value)?;
        }
        Ok(is_new)
    }

    /// Adds an item with an encoded key to the collection of a row. Creates the collection if it
    /// has no record.
    pub(crate) fn add_item(&self, key: &KeyBuf, item: &[u8], value: &[u8]) -> Result<Added> {
        let Some(row) = self.row_or_new(key, false)? else { return Ok(Added::NoRecord) };
        self.add_entry(key, row, item, value)
    }

    /// Adds the value at an index to the list of a row. Creates the list if it has no record.
    pub(crate) fn add_to_list(
        &self,
        key: &KeyBuf,
        is_deque: bool,
        index: u64,
        value: &[u8],
    ) -> Result<Added> {
        let Some(row) = self.row_or_new(key, is_deque)? else { return Ok(Added::NoRecord) };
        if index != row.len {
            return Ok(Added::Expected(row.len));
        }
        self.add_entry(key, row, &row.first.saturating_add(index).to_be_bytes(), value)
    }

    fn row_or_new(&self, key: &KeyBuf, is_deque: bool) -> Result<Option<Row>> {
        if let Some((row, _)) = self.row(key)? {
            return Ok(Some(row));
        }
        if self.has_records() {
            return Ok(None);
        }
        self.create(key, first_position::<M>(is_deque))?;
        Ok(self.row(key)?.map(|(row, _)| row))
    }

    fn add_entry(&self, key: &KeyBuf, row: Row, own: &[u8], value: &[u8]) -> Result<Added> {
        let mut entry = KeyBuf::from(&row.number.to_be_bytes()[..]);
        entry.extend(own);
        if !self.entries.add(self.entries.context.sizes, entry.as_slice(), value)? {
            return Ok(Added::Duplicate);
        }
        self.set_row(key, Row { len: row.len.saturating_add(1), ..row })?;
        Ok(Added::New)
    }
}
