//! Conversions between user types and bytes: keys, ranges of keys and values.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

pub(crate) mod keys;
pub(crate) mod range;
pub(crate) mod value;
