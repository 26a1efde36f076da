//! Values that were read and their new positions, in a buffer that is used again, since a push or a
//! pop should not allocate.

use graven_core::simd::copy;

use crate::engine::array::At;
use crate::queue::handles::HANDLE;

/// A value in the buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    start: usize,
    len: usize,
    /// The address from which it was read, if it is in an array.
    pub(super) location: Option<At>,
}

/// A value and its new heap position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) place: u64,
    /// The address, if it is known.
    pub(super) location: Option<At>,
    pub(super) held: Held,
}

impl Held {
    /// Returns the value with the address from which it was read.
    #[inline]
    pub(super) fn at(self, location: At) -> Held {
        Held { location: Some(location), ..self }
    }

    /// Returns the value that comes `n` after it, of those that were read with it.
    #[inline]
    pub(super) fn nth(&self, n: usize) -> Held {
        let location = self.location.map(|location| At { at: location.at + n * self.len, ..location });
        Held { start: self.start + n * self.len, location, ..*self }
    }
}

/// Largest size of a buffer that is kept.
const KEPT: usize = 1 << 16;

/// A buffer of values that were read, and the moves of some of them.
#[derive(Debug, Default)]
pub(super) struct Moves {
    bytes: Vec<u8>,
    used: usize,
    moves: Vec<Move>,
}

impl Moves {
    /// Removes all values and moves.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.used = 0;
        self.moves.clear();
        if self.bytes.len() > KEPT {
            self.bytes = Vec::new();
        }
    }

    /// Returns room for `count` values of `len` bytes: the first of them, and the bytes of all.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "`bytes` has grown to `end`")]
    pub(super) fn take(&mut self, len: usize, count: usize) -> (Held, &mut [u8]) {
        let (start, end) = (self.used, self.used + len * count);
        self.used = end;
        if self.bytes.len() < end {
            self.bytes.resize(end.next_power_of_two().max(1024), 0);
        }
        (Held { start, len, location: None }, &mut self.bytes[start..end])
    }

    /// Copies the bytes of a value into the buffer.
    pub(super) fn keep(&mut self, bytes: &[u8]) -> Held {
        let (held, room) = self.take(bytes.len(), 1);
        copy(room, bytes);
        held
    }

    /// Returns a new value with a key. Its handle is set later.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "`take` returned room for the key and a handle")]
    pub(super) fn begin_with(&mut self, key: &[u8]) -> Held {
        let (held, room) = self.take(key.len() + HANDLE, 1);
        copy(&mut room[..key.len()], key);
        held
    }

    /// Sets the index of a value's handle.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "`take` made room for what it returned")]
    pub(super) fn set_handle(&mut self, held: &Held, handle: u32) {
        let at = held.start + held.len - HANDLE;
        self.bytes[at..at + HANDLE].copy_from_slice(&handle.to_le_bytes());
    }

    /// Returns the bytes of a value.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "`take` made room for what it returned")]
    pub(super) fn bytes(&self, held: &Held) -> &[u8] {
        &self.bytes[held.start..held.start + held.len]
    }

    /// Returns the bytes of `count` values that were read together.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "`take` made room for what it returned")]
    pub(super) fn run(&self, held: &Held, count: usize) -> &[u8] {
        &self.bytes[held.start..held.start + held.len * count]
    }

    /// Records that a value moves to a heap position.
    #[inline]
    pub(super) fn put(&mut self, place: u64, location: Option<At>, held: Held) {
        self.moves.push(Move { place, location, held });
    }

    /// Returns all moves.
    #[inline]
    pub(super) fn all(&self) -> &[Move] {
        &self.moves
    }
}
