//! A buffer for one encoded key, which needs the heap only for long keys.

use crate::simd;

const INLINE: usize = 40;

/// The bytes of an encoded key.
#[derive(Clone)]
pub struct KeyBuf {
    len: usize,
    inline: [u8; INLINE],
    heap: Vec<u8>,
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "`len` counts the inline bytes where it is at most `INLINE`, bytes that exist have a length, and keys \
              are encoded for every access"
)]
impl KeyBuf {
    /// Returns an empty buffer.
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        KeyBuf { len: 0, inline: [0; INLINE], heap: Vec::new() }
    }

    /// Returns the bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        if self.len <= INLINE { &self.inline[..self.len] } else { &self.heap }
    }

    /// Returns the number of bytes.
    #[must_use]
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns `true` if there are no bytes.
    #[must_use]
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends an array. The compiler knows its length, so this takes one or two store
    /// instructions.
    #[inline]
    pub fn push<const N: usize>(&mut self, bytes: [u8; N]) {
        let end = self.len + N;
        if let Some(place) = self.inline.get_mut(self.len..end) {
            place.copy_from_slice(&bytes);
            self.len = end;
        } else {
            self.extend(&bytes);
        }
    }

    /// Appends bytes.
    pub fn extend(&mut self, bytes: &[u8]) {
        let end = self.len + bytes.len();
        if end <= INLINE {
            simd::copy(&mut self.inline[self.len..end], bytes);
        } else {
            if self.len <= INLINE {
                self.heap.clear();
                self.heap.extend_from_slice(&self.inline[..self.len]);
            }
            self.heap.extend_from_slice(bytes);
        }
        self.len = end;
    }

    /// Inverts the bytes from `start` on.
    #[inline]
    pub fn invert(&mut self, start: usize) {
        let bytes = if self.len <= INLINE { &mut self.inline[..self.len] } else { &mut self.heap[..] };
        let (words, rest) = bytes[start..].as_chunks_mut::<8>();
        words.iter_mut().for_each(|word| *word = (!u64::from_ne_bytes(*word)).to_ne_bytes());
        rest.iter_mut().for_each(|byte| *byte = !*byte);
    }

    /// Returns the smallest key that is greater than all keys with this prefix, or `None` if there
    /// is none.
    #[must_use]
    pub fn after_prefix(&self) -> Option<KeyBuf> {
        let bytes = self.as_slice();
        let last = bytes.iter().rposition(|byte| *byte != 0xff)?;
        let (last, before) = bytes.get(..=last)?.split_last()?;
        let mut after = KeyBuf::new();
        after.extend(before);
        after.push([last.checked_add(1)?]);
        Some(after)
    }
}

impl PartialEq for KeyBuf {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        simd::is_same(self.as_slice(), other.as_slice())
    }
}

impl Default for KeyBuf {
    fn default() -> Self {
        KeyBuf::new()
    }
}

impl From<&[u8]> for KeyBuf {
    #[inline]
    fn from(bytes: &[u8]) -> Self {
        let mut buf = KeyBuf::new();
        buf.extend(bytes);
        buf
    }
}

impl core::fmt::Debug for KeyBuf {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_slice().fmt(f)
    }
}
