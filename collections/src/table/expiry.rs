//! The time at which a row expires, as the derive declares it.

use graven_core::key::{KeyBuf, StableKey};

/// The declaration of the time at which a row expires.
#[derive(Debug)]
pub struct ExpirySpec {
    /// The position of its index in [`Record::INDEXES`](super::Record::INDEXES).
    pub index: usize,
    /// `true` if a row may have no such time.
    pub is_optional: bool,
    /// Writes a time as a value of the index.
    pub value: fn(u64, &mut KeyBuf),
}

/// A field with the time at which a row expires.
#[diagnostic::on_unimplemented(
    message = "a row does not expire at a `{Self}`",
    label = "no time is of this type",
    note = "the field is a `u64` of nanoseconds since 1970, or an `Option<u64>` if a row may not expire"
)]
pub trait ExpiryTime: StableKey {
    /// `true` if a row may have no such time.
    const IS_OPTIONAL: bool;

    /// Returns the field of a row that expires at this time.
    fn at(time: u64) -> Self;
}

impl ExpiryTime for u64 {
    const IS_OPTIONAL: bool = false;

    fn at(time: u64) -> Self {
        time
    }
}

impl ExpiryTime for Option<u64> {
    const IS_OPTIONAL: bool = true;

    fn at(time: u64) -> Self {
        Some(time)
    }
}

/// Writes a time as a value of an index of such times. `last` is `true` if no key of a row
/// follows.
#[doc(hidden)]
pub fn write_time<F: ExpiryTime>(time: u64, out: &mut KeyBuf, last: bool) {
    F::at(time).write_key(out, last);
}
