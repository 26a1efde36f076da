//! Bytes of the memory of a live canister, all of one version of it.

use std::cell::Cell;

use graven_core::explore::{MAX_PART_LEN, MemoryPart};

use super::calls::Explorer;
use super::transport::Transport;
use crate::failure::Failure;

/// A reader of a canister's memory. Parts of several versions would not fit together, so it fails
/// when the canister has worked since the first part.
pub(crate) struct Parts<T> {
    explorer: Explorer<T>,
    /// The version of the canister and the size of its memory, since the first part.
    first: Cell<Option<(u64, u64)>>,
}

impl<T: Transport> Parts<T> {
    pub(crate) fn new(explorer: Explorer<T>) -> Parts<T> {
        Parts { explorer, first: Cell::new(None) }
    }

    /// Reads bytes from an offset on, fewer than `len` only at the end of the memory or beyond
    /// [`MAX_PART_LEN`].
    pub(crate) fn read(&self, offset: u64, len: u32) -> Result<MemoryPart, Failure> {
        let part = self.explorer.memory(offset, len)?;
        let now = (part.version, part.memory_bytes);
        if self.first.replace(Some(now)).is_some_and(|first| first != now) {
            let why = "the canister worked while its memory was read: try again, or take a snapshot of it";
            return Err(Failure::Canister(why.to_owned()));
        }
        let expected = u64::from(len.min(MAX_PART_LEN)).min(part.memory_bytes.saturating_sub(offset));
        if part.bytes.len() as u64 != expected {
            let why = "the canister sent more or fewer bytes of its memory than were asked for";
            return Err(Failure::Canister(why.to_owned()));
        }
        Ok(part)
    }
}
