//! Reads of a field along its path, in records of the current layout or, by a plan, of a previous
//! one.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use core::ops::Range;

use super::step::{Place, Step};
use super::{Field, Source, Steps};
use crate::evolution::{Conversion, FieldPlan, OldField, Plan, RecordPlan};
use crate::layout::kinds::decode_vec;
use crate::layout::{Invalid, StableLayout};

/// The largest number of bytes that are read without the heap.
const SHORT: usize = 64;

impl<R, T> Field<R, T> {
    /// Returns the range of the field's bytes in a record of the current layout. Reads 4 to 8 bytes
    /// for each name of the path whose type varies in size, and nothing for the others.
    ///
    /// # Errors
    /// [`Source::invalid`] if the record's head does not fit its length.
    #[inline]
    pub fn locate<S: Source + ?Sized>(&self, source: &S) -> Result<Range<usize>, S::Error> {
        locate(self.steps(), source, 0..source.size())
    }
}

impl<R, T: StableLayout> Field<R, T> {
    /// Reads the field from a record of the current layout. Locates it like [`Field::locate`], then
    /// reads its bytes.
    ///
    /// # Errors
    /// [`Source::invalid`] if the bytes are not a value. Other fields are not checked.
    #[inline]
    pub fn read<S: Source + ?Sized>(&self, source: &S) -> Result<T, S::Error> {
        let range = self.locate(source)?;
        with_bytes(source, range, |bytes| T::decode(bytes), decode_vec)
    }

    /// Reads the field from the bytes of the path's first field, without the rest of the record.
    ///
    /// # Errors
    /// As for [`Field::read`].
    #[doc(hidden)]
    pub fn read_in_first<S: Source + ?Sized>(&self, source: &S) -> Result<T, S::Error> {
        let mut range = 0..source.size();
        for step in self.steps().skip(1) {
            range = step.newest.locate(source, &range)?;
        }
        with_bytes(source, range, |bytes| T::decode(bytes), decode_vec)
    }

    /// Reads the field from a record of a previous layout, for which `plan` was made. An unchanged
    /// field is read in place, and a converted one in its old form. For an added field, nothing is
    /// read. The whole record is read only if a `previous` type has to decode it.
    ///
    /// # Errors
    /// As for [`Field::read`].
    pub fn read_old<S: Source + ?Sized>(&self, plan: &Plan, source: &S) -> Result<T, S::Error> {
        match reach(self.steps(), plan, source)? {
            Reached::Newest(range) => with_bytes(source, range, |bytes| T::decode(bytes), decode_vec),
            Reached::Stored(plan, range) => {
                let old = |bytes: &[u8]| T::decode_old(plan, bytes);
                with_bytes(source, range, old, |bytes| old(&bytes))
            }
            Reached::Made(bytes) => decode_vec(bytes).map_err(|why| source.invalid(why)),
        }
    }
}

#[inline]
fn locate<S: Source + ?Sized>(
    steps: Steps<'_>,
    source: &S,
    mut range: Range<usize>,
) -> Result<Range<usize>, S::Error> {
    for step in steps {
        range = step.newest.locate(source, &range)?;
    }
    Ok(range)
}

/// The end of a path in an old record.
enum Reached<'p> {
    /// Bytes of the current layout.
    Newest(Range<usize>),
    /// Bytes to decode by the plan.
    Stored(&'p Plan, Range<usize>),
    /// The current encoding of the field, which is not stored in these bytes.
    Made(Vec<u8>),
}

/// Follows a path in a record of a previous layout.
#[inline(never)]
fn reach<'p, S: Source + ?Sized>(
    mut steps: Steps<'_>,
    mut plan: &'p Plan,
    source: &S,
) -> Result<Reached<'p>, S::Error> {
    let mut range = 0..source.size();
    loop {
        if plan.is_identity() {
            return locate(steps, source, range).map(Reached::Newest);
        }
        let Some(step) = steps.next() else { return Ok(Reached::Stored(plan, range)) };
        let made = match &plan.conversion {
            Conversion::Struct(record) => match follow(record, step, source, &range)? {
                Followed::Stored(next, place) => {
                    (plan, range) = (next, place);
                    continue;
                }
                Followed::Made(bytes) => bytes,
            },
            _ => {
                let whole = |bytes: &[u8]| (step.whole)(plan, bytes);
                with_bytes(source, range, whole, |bytes| whole(&bytes))?
            }
        };
        let rest = part(made, steps).map_err(|why| source.invalid(why))?;
        return Ok(Reached::Made(rest));
    }
}

/// Returns the part of `made` at the end of the remaining path. `made` is in the current layout.
fn part(made: Vec<u8>, rest: Steps<'_>) -> Result<Vec<u8>, Invalid> {
    let range = locate(rest, made.as_slice(), 0..made.len())?;
    if range == (0..made.len()) {
        return Ok(made);
    }
    made.as_slice().read_vec(range)
}

/// The end of a step in an old record.
enum Followed<'p> {
    /// Stored bytes to decode by the plan. No conversion of this record changes them.
    Stored(&'p Plan, Range<usize>),
    /// The current encoding of a value that was added or converted.
    Made(Vec<u8>),
}

fn follow<'p, S: Source + ?Sized>(
    record: &'p RecordPlan,
    step: &Step,
    source: &S,
    range: &Range<usize>,
) -> Result<Followed<'p>, S::Error> {
    let made = |stored: Option<OldField<'_, '_>>| (step.made)(stored);
    let Some(Some(FieldPlan { at, after, step: conversions, plan })) = record.fields.get(step.index) else {
        return made(None).map(Followed::Made).map_err(|why| source.invalid(why));
    };
    let place = Place { head: record.head, at: *at, after: *after, size: plan.size };
    let place = place.locate(source, range)?;
    if *conversions == 0 {
        return Ok(Followed::Stored(plan, place));
    }
    let made = |bytes: &[u8]| made(Some(OldField { step: *conversions, plan, bytes }));
    with_bytes(source, place, made, |bytes| made(&bytes)).map(Followed::Made)
}

/// Calls `short` with a slice of the bytes of a range. If they are not on the heap and do not fit
/// in a buffer on the stack, calls `long` with a vector.
#[inline(always)]
fn with_bytes<S: Source + ?Sized, V>(
    source: &S,
    range: Range<usize>,
    short: impl FnOnce(&[u8]) -> Result<V, Invalid>,
    long: impl FnOnce(Vec<u8>) -> Result<V, Invalid>,
) -> Result<V, S::Error> {
    let value = if let Some(bytes) = source.slice(range.clone()) {
        short(bytes)
    } else {
        let mut buffer = [0; SHORT];
        match buffer.get_mut(..range.len()) {
            Some(bytes) => {
                source.read(range.start, bytes)?;
                short(bytes)
            }
            None => long(source.read_vec(range)?),
        }
    };
    value.map_err(|why| source.invalid(why))
}
