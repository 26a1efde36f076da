//! Conversions between user types and bytes: keys, ranges of keys and values.

pub(crate) mod keys;
pub(crate) mod range;
pub(crate) mod value;
