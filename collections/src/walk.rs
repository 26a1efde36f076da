//! Results of operations that visit many entries: their progress, and what they decide about
//! each entry.

use graven_core::{Error, Result};

use crate::cursor::{Cursor, Direction};

/// How far a walk that changes entries is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[must_use]
pub struct Walked {
    /// Entries looked at by this call.
    pub seen: u64,
    /// Entries whose value this call changed.
    pub changed: u64,
    /// Entries that this call removed.
    pub removed: u64,
    /// The cursor of the next call; `None` when everything is done.
    pub next: Option<Cursor>,
}

impl Walked {
    /// Returns whether nothing is left of the range.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.next.is_none()
    }
}

/// Changes are made in one direction.
pub(crate) fn only_forward(direction: Direction) -> Result<()> {
    match direction {
        Direction::Forward => Ok(()),
        Direction::Backward => {
            Err(Error::BadCursor { why: "it goes backward, and changes are made forward" })
        }
    }
}

/// The fate of a decoded entry.
pub(crate) enum Decision<V> {
    /// It has this value, which may be what it had.
    Keep(V),
    /// It goes.
    Remove,
}

/// The entries that [`BTreeMap::extract_within`](crate::BTreeMap::extract_within) removed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Extracted<K, V> {
    /// The entries, no longer in the map.
    pub entries: Vec<(K, V)>,
    /// The cursor of the next call; `None` when everything is done.
    pub next: Option<Cursor>,
}
