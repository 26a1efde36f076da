//! The statistics of a table: entries, bytes and pages. An operation collects its changes and
//! applies them at its end.

use graven_core::{Memory, Result};

use crate::engine::hash::table::Table;

/// The changes of an operation to the statistics.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Change {
    pub(crate) entries: i64,
    /// Bytes of keys and values.
    pub(crate) bytes: i64,
    /// Bytes of values in overflow pages.
    pub(crate) chained: i64,
    pub(crate) pages: i64,
}

impl<M: Memory> Table<M> {
    /// Adds the changes of an operation to the statistics.
    pub(crate) fn settle(&self, change: Change) -> Result<()> {
        if change.chained != 0 {
            self.set_chained(self.chained().saturating_add_signed(change.chained))?;
        }
        let mut state = self.root.state();
        state.len = state.len.get().saturating_add_signed(change.entries).into();
        state.bytes = state.bytes.get().saturating_add_signed(change.bytes).into();
        state.change_pages(change.pages);
        self.root.set_state(state)
    }
}
