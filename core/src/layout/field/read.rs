//! Reading along a path: by the numbers of the newest layout, or by the plan for an older one.

use core::ops::Range;

use super::step::{Place, Step};
use super::{Field, Source};
use crate::evolution::{FieldPlan, How, OldField, Plan, RecordPlan};
use crate::layout::{Invalid, StableLayout};

/// Bytes that are read without the heap.
const SHORT: usize = 64;

impl<R, T> Field<R, T> {
    /// The field's bytes in a record of the newest layout. Reads 4 to 8 bytes for each name of the path whose type
    /// varies in size, and nothing for the others.
    ///
    /// # Errors
    /// [`Source::invalid`] where the record's head does not fit its length.
    #[inline]
    pub fn locate<S: Source + ?Sized>(&self, source: &S) -> Result<Range<usize>, S::Error> {
        locate(self.steps(), source, 0..source.size())
    }
}

impl<R, T: StableLayout> Field<R, T> {
    /// Reads the field from a record of the newest layout: as [`Field::locate`], and then its own bytes.
    ///
    /// # Errors
    /// [`Source::invalid`] where the bytes are no value; what other fields hold is not looked at.
    #[inline]
    pub fn read<S: Source + ?Sized>(&self, source: &S) -> Result<T, S::Error> {
        let range = self.locate(source)?;
        with_bytes(source, range, |bytes| T::decode(bytes), |bytes| T::decode_vec(bytes))
    }

    /// Reads the field from a record of an older layout, for which `plan` was made. What was stored as it is is read
    /// where it stands; for what was converted, just what it was; for what was added, nothing. Only a record that is
    /// read by a `previous` type is read whole.
    ///
    /// # Errors
    /// As [`Field::read`].
    #[inline(never)]
    pub fn read_old<S: Source + ?Sized>(&self, plan: &Plan, source: &S) -> Result<T, S::Error> {
        let (mut plan, mut range, mut steps) = (plan, 0..source.size(), self.steps());
        let mut ahead = steps.clone();
        while let Some(step) = ahead.next() {
            let made = match &plan.how {
                How::Same => {
                    let range = locate(steps, source, range)?;
                    return with_bytes(source, range, |bytes| T::decode(bytes), |bytes| T::decode_vec(bytes));
                }
                How::Struct(record) => match follow(record, step, source, &range)? {
                    Followed::Stored(next, place) => {
                        (plan, range, steps) = (next, place, ahead.clone());
                        continue;
                    }
                    Followed::Made(bytes) => bytes,
                },
                _ => {
                    let whole = |bytes: &[u8]| (step.whole)(plan, bytes);
                    with_bytes(source, range, whole, |bytes| whole(&bytes))?
                }
            };
            return self.finish(made, ahead).map_err(|why| source.invalid(why));
        }
        let old = |bytes: &[u8]| T::decode_old(plan, bytes);
        with_bytes(source, range, old, |bytes| old(&bytes))
    }

    /// Goes on in bytes of the newest layout.
    fn finish(&self, made: Vec<u8>, rest: impl Iterator<Item = &'static Step> + Clone) -> Result<T, Invalid> {
        if rest.clone().next().is_none() {
            return T::decode_vec(made);
        }
        let range = locate(rest, made.as_slice(), 0..made.len())?;
        T::decode(made.get(range).ok_or(Invalid("a field ends behind its record"))?)
    }
}

#[inline(always)]
fn locate<S: Source + ?Sized>(
    steps: impl Iterator<Item = &'static Step>,
    source: &S,
    mut range: Range<usize>,
) -> Result<Range<usize>, S::Error> {
    for step in steps {
        range = step.newest.locate(source, &range)?;
    }
    Ok(range)
}

/// What a step in an old record leads to.
enum Followed<'p> {
    /// Bytes that were stored as the plan says, and that no conversion of this record changes.
    Stored(&'p Plan, Range<usize>),
    /// The newest encoding of a value that was added or converted.
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

/// Calls one of the two with the bytes of a range: `short` with borrowed ones, `long` with such as may be kept.
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
