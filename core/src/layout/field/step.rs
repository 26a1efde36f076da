//! One name of a path: a field of a record, and its offset in records of one layout.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use core::ops::Range;

use super::Source;
use crate::evolution::{OldField, Plan};
use crate::layout::Invalid;
use crate::layout::record::head_size;

/// A function that returns the current encoding of a field from its old form, or that of its
/// default.
pub(super) type Made = fn(Option<OldField<'_, '_>>) -> Result<Vec<u8>, Invalid>;

/// A function that decodes a whole record and returns the current encoding of one field.
pub(super) type Whole = fn(&Plan, &[u8]) -> Result<Vec<u8>, Invalid>;

/// A field of a record type, as the derive describes it.
#[derive(Debug)]
pub struct Step {
    name: &'static str,
    pub(super) index: usize,
    pub(super) newest: Place,
    pub(super) made: Made,
    pub(super) whole: Whole,
}

/// The location of a field in the records of one layout.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The size of the head in bytes.
    pub(super) head: usize,
    /// The field's offset in the head.
    pub(super) at: usize,
    /// The offset in the head of the end of the dynamic field before it.
    pub(super) after: Option<usize>,
    /// The field's constant size, or `None` if it varies.
    pub(super) size: Option<usize>,
}

impl Step {
    /// Returns the location of the field at `index` of a record whose fields have these sizes.
    #[doc(hidden)]
    #[must_use]
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "constant evaluation has no iterators, and the derive names a field that exists"
    )]
    pub const fn new(
        name: &'static str,
        index: usize,
        sizes: &[Option<usize>],
        made: Made,
        whole: Whole,
    ) -> Step {
        let (mut head, mut at, mut after, mut i) = (0, 0, None, 0);
        while i < sizes.len() {
            if i == index {
                at = head;
            } else if i < index && sizes[i].is_none() {
                after = Some(head);
            }
            head += head_size(sizes[i]);
            i += 1;
        }
        Step { name, index, newest: Place { head, at, after, size: sizes[index] }, made, whole }
    }

    /// Returns the field's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// Returns the error for a missing field that every version has.
///
/// # Errors
/// Always.
#[doc(hidden)]
pub fn always_there(_: Option<OldField<'_, '_>>) -> Result<Vec<u8>, Invalid> {
    Err(Invalid("a record lacks a field that all versions have"))
}

/// The largest part of a head that is read at once for the two ends in it. A second read costs as
/// much as about twenty bytes.
const SPAN: usize = 32;

impl Place {
    /// Returns the range of the field's bytes in the record at `record` of a source.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "the record has room for its head, in which the field or its end is, and the end is compared with it"
    )]
    #[inline]
    pub(super) fn locate<S: Source + ?Sized>(
        self,
        source: &S,
        record: &Range<usize>,
    ) -> Result<Range<usize>, S::Error> {
        let Some(room) = record.len().checked_sub(self.head) else {
            return Err(source.invalid(Invalid("a record ends within its head")));
        };
        if let Some(size) = self.size {
            let start = record.start + self.at;
            return Ok(start..start + size);
        }
        let (start, end) = self.ends(source, record.start)?;
        if start > end {
            return Err(source.invalid(Invalid("a field ends before it begins")));
        }
        if end > room {
            return Err(source.invalid(Invalid("a field ends behind its record")));
        }
        let tail = record.start + self.head;
        Ok(tail + start..tail + end)
    }

    /// Returns the start and end of a dynamic field in the tail.
    #[expect(clippy::arithmetic_side_effects, reason = "both offsets are in the head, in ascending order")]
    fn ends<S: Source + ?Sized>(self, source: &S, record: usize) -> Result<(usize, usize), S::Error> {
        let at = |at: usize| -> Result<usize, S::Error> {
            let mut bytes = [0; 4];
            source.read(record + at, &mut bytes)?;
            Ok(u32::from_le_bytes(bytes) as usize)
        };
        let Some(after) = self.after else { return Ok((0, at(self.at)?)) };
        let mut span = [0; SPAN];
        let Some(bytes) = span.get_mut(..self.at + 4 - after) else {
            return Ok((at(after)?, at(self.at)?));
        };
        source.read(record + after, bytes)?;
        let number = |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize);
        Ok((number(bytes.first_chunk()), number(bytes.last_chunk())))
    }
}
