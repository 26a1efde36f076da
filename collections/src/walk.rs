//! The results of operations that visit many entries: their progress, and the decision about each
//! entry.

use graven_core::{CursorFault, Error, Result};

use crate::cursor::{Cursor, Direction};

/// The progress of an operation that changes entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Walked {
    /// The number of entries that this call read.
    pub seen: u64,
    /// The number of entries whose value this call changed.
    pub changed: u64,
    /// The number of entries that this call removed.
    pub removed: u64,
    /// The cursor of the next call, or `None` if nothing is left.
    pub next: Option<Cursor>,
}

impl Walked {
    /// Returns `true` if nothing of the range is left.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.next.is_none()
    }
}

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

/// The entries that [`BTreeMap::extract_within`](crate::BTreeMap::extract_within) removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Extracted<K, V> {
    /// The removed entries.
    pub entries: Vec<(K, V)>,
    /// The cursor of the next call, or `None` if nothing is left.
    pub next: Option<Cursor>,
}
