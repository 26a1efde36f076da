//! Counting one entry: what every insert and removal does.

use ic_stable_structures::Memory;

use super::Root;
use crate::error::Result;

impl<M: Memory> Root<M> {
    /// Counts one more entry of so many bytes, in one write; gives how many there are.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) where the root has no page.
    #[inline(always)]
    pub fn count_in(&self, bytes: u64) -> Result<u64> {
        let state = self.state.get();
        // Counters of a damaged root may be anything; wherever they matter, they are checked.
        self.set_counts(state.len.get().wrapping_add(1), state.bytes.get().wrapping_add(bytes))
    }

    /// Counts one entry of so many bytes less, in one write; gives how many there are.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) where the root has no page.
    #[inline(always)]
    pub fn count_out(&self, bytes: u64) -> Result<u64> {
        let state = self.state.get();
        self.set_counts(state.len.get().saturating_sub(1), state.bytes.get().saturating_sub(bytes))
    }

    #[inline(always)]
    fn set_counts(&self, len: u64, bytes: u64) -> Result<u64> {
        let mut state = self.state.get();
        (state.len, state.bytes) = (len.into(), bytes.into());
        self.state.set(state);
        let mut written = [0; 16];
        written[..8].copy_from_slice(&len.to_le_bytes());
        written[8..].copy_from_slice(&bytes.to_le_bytes());
        // The page has been read when the store was opened.
        self.pager.put_there(self.page, self.state_at + 8, &written)?;
        Ok(len)
    }
}
