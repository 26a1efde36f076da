//! The progress of operations on many entries.

/// The progress of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Moved {
    /// The number of entries moved by this call.
    pub moved: u64,
    /// `true` if no entry is left to move.
    pub done: bool,
}
