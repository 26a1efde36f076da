//! Fields of rows in the entries of an index, so that a question for them reads no row.

use graven_core::layout::field::Field;
use graven_core::layout::record::{RecordReader, head_size};
use graven_core::layout::{Invalid, StableLayout};

/// The fields of rows that the entries of an index have beside their values. They are encoded as a
/// record of these fields.
#[derive(Debug)]
pub struct Included<R> {
    /// Their names and constant sizes, in the order of the record.
    pub fields: &'static [(&'static str, Option<usize>)],
    /// Encodes those of a row.
    pub write: fn(&R, &mut Vec<u8>),
}

impl<R> Included<R> {
    /// Returns the constant size of the record, if it has one.
    pub(super) fn size(&self) -> Option<usize> {
        self.fields.iter().try_fold(0_usize, |sum, (_, size)| size.and_then(|size| sum.checked_add(size)))
    }

    /// Returns the position of the field with which a path begins, if it is here.
    pub(super) fn position<T>(&self, field: Field<R, T>) -> Option<usize> {
        self.fields.iter().position(|(name, _)| *name == field.first_name())
    }

    /// Reads a field in the one at a position of an encoded record.
    pub(super) fn read<T: StableLayout>(
        &self,
        position: usize,
        field: Field<R, T>,
        record: &[u8],
    ) -> Result<T, Invalid> {
        let head = self.fields.iter().fold(0_usize, |sum, (_, size)| sum.saturating_add(head_size(*size)));
        let mut reader = RecordReader::new(record, head)?;
        for (_, size) in self.fields.iter().take(position) {
            reader.bytes(*size)?;
        }
        let Some((_, size)) = self.fields.get(position) else { return Err(Invalid("a field is missing")) };
        field.read_in_first(reader.bytes(*size)?)
    }
}
