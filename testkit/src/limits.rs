//! The limits of one message. The defaults are the replica's.

use crate::message::Mode;

/// Stable pages of 4 KiB that one message may write, and may read or write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimits {
    /// In updates, timers, heartbeats and callbacks.
    pub message: u64,
    /// In the phases of an install or upgrade.
    pub upgrade: u64,
    /// In queries.
    pub query: u64,
}

impl PageLimits {
    pub(crate) fn of(&self, mode: Mode) -> u64 {
        match mode {
            Mode::Start | Mode::Init | Mode::PreUpgrade => self.upgrade,
            Mode::Query | Mode::CompositeQuery | Mode::InspectMessage => self.query,
            _ => self.message,
        }
    }
}

/// The limits of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions of an update, timer, heartbeat or callback: 40 billion.
    pub update_instructions: u64,
    /// Instructions of a query: 5 billion.
    pub query_instructions: u64,
    /// Instructions of an install or upgrade, all phases together: 300 billion.
    pub install_instructions: u64,
    /// Instructions that a single operation of an update or upgrade may need: 2 billion. Longer
    /// messages are cut into slices of that size, an operation cannot be cut.
    pub slice_instructions: u64,
    /// Bytes of the reply to an update: 2 MiB.
    pub update_reply_bytes: usize,
    /// Bytes of the reply to a query: 3 MiB.
    pub query_reply_bytes: usize,
    /// Stable pages that a message may touch: 2 GiB of them, 8 GiB in upgrades, 1 GiB in queries.
    pub stable_pages: PageLimits,
}

impl Default for Limits {
    fn default() -> Self {
        const PAGES_PER_GIB: u64 = 1 << 18;
        Self {
            update_instructions: 40_000_000_000,
            query_instructions: 5_000_000_000,
            install_instructions: 300_000_000_000,
            slice_instructions: 2_000_000_000,
            update_reply_bytes: 2 << 20,
            query_reply_bytes: 3 << 20,
            stable_pages: PageLimits {
                message: 2 * PAGES_PER_GIB,
                upgrade: 8 * PAGES_PER_GIB,
                query: PAGES_PER_GIB,
            },
        }
    }
}
