//! Counts values and their bytes in one write, for every insert and removal.
//!
//! Counters of a damaged root may have any value. Code that relies on one checks it.

use ic_stable_structures::Memory;

use super::Root;
use crate::error::Result;
use crate::store::root_page::RootState;

impl<M: Memory> Root<M> {
    /// Adds to the numbers of values and of their bytes.
    ///
    /// # Errors
    /// Never: the root has a page.
    #[inline]
    pub fn count_values(&self, values: i64, bytes: i64) -> Result<()> {
        self.note_change();
        let state = self.state.get();
        let len = state.len.get().saturating_add_signed(values);
        self.set_counts(len, state.bytes.get().saturating_add_signed(bytes));
        Ok(())
    }

    /// Counts a value that was added, after its own write.
    #[inline(always)]
    pub fn count_one(&self, bytes: usize) {
        self.note_change();
        let state = self.state.get();
        let counts =
            self.keep_counts(state.len.get().wrapping_add(1), state.bytes.get().wrapping_add(bytes as u64));
        self.pager.write_value(self.counts, &counts);
    }

    /// Adds to the numbers of values and of their bytes on the heap alone, since the last array
    /// counts its values.
    #[inline(always)]
    pub fn count_on_heap(&self, values: i64, bytes: i64) {
        let state = self.state.get();
        let len = state.len.get().wrapping_add_signed(values);
        self.keep_counts(len, state.bytes.get().wrapping_add_signed(bytes));
    }

    /// Writes the numbers of values and of their bytes.
    pub fn write_counts(&self) {
        let state = self.state.get();
        self.set_counts(state.len.get(), state.bytes.get());
    }

    /// Counts a value that was removed.
    #[inline(always)]
    pub fn count_one_less(&self, bytes: usize) {
        self.note_change();
        let state = self.state.get();
        self.set_counts(state.len.get().wrapping_sub(1), state.bytes.get().wrapping_sub(bytes as u64));
    }

    #[inline(always)]
    fn set_counts(&self, len: u64, bytes: u64) {
        let counts = self.keep_counts(len, bytes);
        self.pager.write_value(self.counts, &counts);
    }

    /// Changes the counters on the heap. Returns their encoded bytes.
    #[inline(always)]
    fn keep_counts(&self, len: u64, bytes: u64) -> [u8; 16] {
        self.state.set(RootState { len: len.into(), bytes: bytes.into(), ..self.state.get() });
        let mut counts = [0; 16];
        counts[..8].copy_from_slice(&len.to_le_bytes());
        counts[8..].copy_from_slice(&bytes.to_le_bytes());
        counts
    }
}
