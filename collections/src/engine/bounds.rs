//! Ranges of encoded keys, and the direction of a walk over one.

use std::ops::Bound;

use graven_core::key::KeyBuf;

/// The encoded bounds of a range.
pub(crate) type KeyRange = (Bound<KeyBuf>, Bound<KeyBuf>);

/// The direction of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// From the least key to the greatest.
    Forward = 0,
    /// From the greatest key to the least.
    Backward = 1,
}
