//! How far an operation on many values is.

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[must_use]
pub struct Moved {
    /// Entries moved by this call.
    pub moved: u64,
    /// Tells whether none is left to be moved.
    pub done: bool,
}
