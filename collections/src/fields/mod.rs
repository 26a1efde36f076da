//! Fields that are read and written without the rest of the value, and views that do not decode the
//! whole value: the code that the collections share.
//!
//! ```text
//! ValueLocation       where a value stands, before anything of it is read        (location)
//! get        reads one field; update changes one of constant size       (this file)
//! View       the bytes of one value, read at once, decoded on demand    (view)
//! indexed!   the methods of collections with values by index            (indexed, log)
//! ```
//! A collection finds the [`ValueLocation`] of a value; all other steps are here.
//! `graven_core::layout::field` has the paths and follows them through older layouts.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod cell;
pub(crate) mod indexed;
mod log;
mod slab;
pub(crate) mod view;

use graven_core::evolution::Plan;
use graven_core::layout::field::{Field, Source};
use graven_core::layout::{Invalid, StableLayout};
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

use crate::codec::value;
use crate::codec::value::Encoded;
use crate::engine::cell::Convert;
use crate::engine::cell::{LocatedBytes, ValueLocation};

/// Reads a field of the value at a location.
///
/// # Errors
/// [`Error::Damaged`].
#[inline]
pub(crate) fn get<V, T: StableLayout, M: Memory>(
    root: &Root<M>,
    location: ValueLocation,
    field: Field<V, T>,
) -> Result<T> {
    let bytes = location.bytes(root.pager());
    match location.plan(root)? {
        None => field.read(&bytes),
        Some(plan) => field.read_old(plan, &bytes),
    }
}

/// The result of changing a field of a value.
pub(crate) struct Updated<R> {
    /// The result of the closure.
    pub(crate) result: R,
    /// The whole value in the current layout, which the caller stores over the one of an older
    /// layout. `None` if the value was in the current layout, so the field was changed in place.
    pub(crate) record: Option<Vec<u8>>,
}

/// Changes a field of constant size. In a value of the current layout, overwrites the field's bytes
/// if they have changed. A value of an older layout is converted, and the caller writes it. User
/// code, which is the conversion and `change`, runs before anything is written.
///
/// # Errors
/// [`Error::Damaged`].
pub(crate) fn update<V: StableLayout, T: StableLayout, R, M: Memory>(
    root: &Root<M>,
    location: ValueLocation,
    field: Field<V, T>,
    change: impl FnOnce(&mut T) -> R,
) -> Result<Updated<R>> {
    const { assert!(T::SIZE.is_some(), "only a field of constant size can be set: change the whole value instead") }
    let bytes = location.bytes(root.pager());
    if let Some(plan) = location.plan(root)? {
        let mut record = current(location, &bytes, plan, value::convert::<V>)?;
        let invalid = |why: Invalid| root.damaged(location.page, why.into());
        let range = field.locate(record.as_slice()).map_err(invalid)?;
        let place = record.get_mut(range).filter(|place| Some(place.len()) == T::SIZE);
        let place = place.ok_or_else(|| invalid(Invalid("a field ends behind its record")))?;
        let mut value = T::decode(place).map_err(invalid)?;
        let result = change(&mut value);
        value.encode(place);
        return Ok(Updated { result, record: Some(record) });
    }
    let range = field.locate(&bytes)?;
    let (mut value, before) = before::<T, _>(&bytes, range.clone())?;
    let result = change(&mut value);
    let after = Encoded::new(&value)?;
    if after.as_slice() != before.as_slice() {
        location.write(root.pager(), range.start, after.as_slice())?;
    }
    Ok(Updated { result, record: None })
}

/// Converts a value of an older layout to the current one.
#[inline(never)]
fn current<M: Memory>(
    location: ValueLocation,
    bytes: &LocatedBytes<'_, M>,
    plan: &Plan,
    convert: Convert,
) -> Result<Vec<u8>> {
    let old = bytes.read_vec(0..location.len)?;
    convert(plan, &old).map_err(|invalid| bytes.invalid(invalid))
}

/// Returns a field of constant size and its bytes.
#[expect(clippy::indexing_slicing, reason = "the length was compared with that of the buffer")]
fn before<'a, T: StableLayout, S: Source<Error = Error>>(
    source: &S,
    range: core::ops::Range<usize>,
) -> Result<(T, Encoded<'a>)> {
    let bytes = if range.len() <= value::INLINE {
        let mut short = [0; value::INLINE];
        source.read(range.start, &mut short[..range.len()])?;
        Encoded::Short(short, range.len())
    } else {
        Encoded::Long(source.read_vec(range)?)
    };
    let value = T::decode(bytes.as_slice()).map_err(|why| source.invalid(why))?;
    Ok((value, bytes))
}
