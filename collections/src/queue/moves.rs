//! Values that were read and their new heap positions, in buffers that are used again, since a push
//! or a pop should not allocate.

use graven_core::Result;
use graven_core::page::PageOffset;
use graven_core::simd::copy;

use crate::queue::handles::HANDLE;

/// A heap position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) number: u64,
    /// The address of the value there if values are in arrays. Else that of the superblock, where
    /// no value is.
    pub(super) at: PageOffset,
}

impl Place {
    /// Returns a heap position whose address is not known.
    #[inline(always)]
    pub(super) fn unknown(number: u64) -> Place {
        Place { number, at: PageOffset::default() }
    }
}

/// A value in the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    start: u32,
    len: u32,
}

impl Held {
    /// Returns the bytes of the value.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`take` made room for what it returned")]
    fn of(self, bytes: &[u8], width: Option<usize>) -> &[u8] {
        &bytes[self.start as usize..][..width.unwrap_or(self.len as usize)]
    }

    /// Returns the value that comes `n` after it, of those that were read with it.
    #[inline(always)]
    pub(super) fn nth(self, n: usize) -> Held {
        Held { start: self.start + n as u32 * self.len, ..self }
    }
}

/// A value and its new heap position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) to: Place,
    pub(super) held: Held,
    /// The address of the row of its handle, once that is found.
    pub(super) row: PageOffset,
}

/// Largest size of a buffer that is kept.
const KEPT: usize = 1 << 16;

/// A buffer of values that were read, and the moves of some of them.
#[derive(Debug, Default)]
pub(super) struct Moves {
    bytes: Vec<u8>,
    used: usize,
    /// Each value leaves the position to which the next one moves.
    pub(super) all: Vec<Move>,
}

impl Moves {
    /// Removes all values and moves.
    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.all.clear();
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
    }

    /// Returns room for `count` values of `len` bytes: the first of them, and the bytes of all.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`bytes` has grown to `end`")]
    pub(super) fn take(&mut self, len: usize, count: usize) -> (Held, &mut [u8]) {
        let (start, end) = (self.used, self.used + len * count);
        self.used = end;
        if self.bytes.len() < end {
            self.grow(end);
        }
        (Held { start: start as u32, len: len as u32 }, &mut self.bytes[start..end])
    }

    #[inline(never)]
    fn grow(&mut self, end: usize) {
        self.bytes.resize(end.next_power_of_two().max(1024), 0);
    }

    /// Copies the bytes of a value into the buffer.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Held {
        let (held, room) = self.take(bytes.len(), 1);
        copy(room, bytes);
        held
    }

    /// Returns a new value with a key and the index of its handle.
    #[inline(always)]
    pub(super) fn begin_with(&mut self, key: &[u8], handle: u32) -> Held {
        let (held, room) = self.take(key.len() + HANDLE, 1);
        copy(room.split_at_mut(key.len()).0, key);
        self.set_handle(held, handle);
        held
    }

    /// Sets the index of a value's handle.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`take` made room for what it returned")]
    pub(super) fn set_handle(&mut self, held: Held, handle: u32) {
        let at = (held.start + held.len) as usize - HANDLE;
        self.bytes[at..at + HANDLE].copy_from_slice(&handle.to_le_bytes());
    }

    /// Returns the bytes of a value, which has `width` bytes if all have the same size.
    #[inline(always)]
    pub(super) fn bytes(&self, held: Held, width: Option<usize>) -> &[u8] {
        held.of(&self.bytes, width)
    }

    /// Calls `find` with each value that moves, and keeps the address that it returns.
    #[inline(always)]
    pub(super) fn find_rows(
        &mut self,
        width: Option<usize>,
        mut find: impl FnMut(&[u8]) -> Result<PageOffset>,
    ) -> Result<()> {
        for Move { held, row, .. } in &mut self.all {
            *row = find(held.of(&self.bytes, width))?;
        }
        Ok(())
    }

    /// Records that a value moves to a heap position.
    #[inline(always)]
    pub(super) fn put(&mut self, to: Place, held: Held) {
        self.all.push(Move { to, held, row: PageOffset::default() });
    }
}
