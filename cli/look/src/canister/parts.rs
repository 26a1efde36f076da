//! Bytes of the memory of a live canister, all of one version of it.

use std::cell::Cell;

use graven_core::explore::{MAX_PART_LEN, MemoryPart};

use super::{CanisterError, Explorer, Transport};

/// A reader of a canister's memory. Parts of several versions would not fit together, so it fails
/// when the canister has worked since the first part.
#[derive(Debug)]
pub struct Parts<T> {
    explorer: Explorer<T>,
    /// The version of the canister and the size of its memory, since the first part.
    first: Cell<Option<(u64, u64)>>,
}

impl<T: Transport> Parts<T> {
    /// Returns a reader that has not read anything.
    pub fn new(explorer: Explorer<T>) -> Self {
        Parts { explorer, first: Cell::new(None) }
    }

    /// Reads bytes from an offset on, fewer than `len` only at the end of the memory or beyond
    /// [`MAX_PART_LEN`].
    ///
    /// # Errors
    /// [`CanisterError::Changed`] if the canister has worked since the first part, and any that a
    /// call has.
    pub fn read(&self, offset: u64, len: u32) -> Result<MemoryPart, CanisterError> {
        let part = self.explorer.memory(offset, len)?;
        let now = (part.version, part.memory_bytes);
        if self.first.replace(Some(now)).is_some_and(|first| first != now) {
            return Err(CanisterError::Changed);
        }
        let expected = u64::from(len.min(MAX_PART_LEN)).min(part.memory_bytes.saturating_sub(offset));
        if part.bytes.len() as u64 != expected {
            let why = "the canister sent more or fewer bytes of its memory than were asked for";
            return Err(CanisterError::other(why));
        }
        Ok(part)
    }
}
