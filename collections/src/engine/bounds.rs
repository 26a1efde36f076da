//! Ranges of encoded keys, and the direction of a walk over one.

use std::ops::Bound;

use graven_core::key::KeyBuf;

/// Both ends of a range, encoded.
pub(crate) type KeyRange = (Bound<KeyBuf>, Bound<KeyBuf>);

/// Which way a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// From the least to the greatest.
    Forward = 0,
    /// From the greatest to the least.
    Backward = 1,
}
