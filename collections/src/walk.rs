//! The results of operations that visit many entries, and the decision about each entry.

use graven_core::{CursorFault, Error, Result};

use crate::cursor::{Cursor, Direction};
use crate::engine::progress::Step;

/// The numbers of entries that a walk has read, changed and removed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Walked {
    pub(crate) seen: u64,
    pub(crate) changed: u64,
    pub(crate) removed: u64,
}

impl Walked {
    pub(crate) const fn step(self, next: Option<Cursor>) -> Step<Cursor> {
        Step { seen: self.seen, count: self.changed + self.removed, next }
    }
}

/// The entries that a call removed, and its progress.
pub type Extracted<T> = (Vec<T>, Step<Cursor>);

/// Returns an error for a backward cursor: changes are made forward.
pub(crate) fn only_forward(direction: Direction) -> Result<()> {
    match direction {
        Direction::Forward => Ok(()),
        Direction::Backward => Err(Error::BadCursor { reason: CursorFault::ForwardOnly }),
    }
}

/// The decision about a decoded entry.
pub(crate) enum Decision<V> {
    /// The entry stays with this value, which may be unchanged.
    Keep(V),
    /// The entry is removed.
    Remove,
}
