//! Records: a head of constant size, then a tail for the fields that vary in size.
//!
//! The head holds the fields of constant size themselves. For each other field, it holds the offset
//! of the field's end in the tail, in four bytes. A field in the tail begins where the one before
//! it ends. So any field can be found without reading the others, and a field of constant size can
//! be overwritten in place.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use super::{Invalid, StableLayout};

/// Returns the number of bytes that a field takes in the head.
#[must_use]
pub const fn head_size(size: Option<usize>) -> usize {
    match size {
        Some(size) => size,
        None => 4,
    }
}

/// Returns the number of bytes that a field takes in the tail.
#[inline]
pub fn tail_len<T: StableLayout>(value: &T) -> usize {
    if T::SIZE.is_some() { 0 } else { value.encoded_len() }
}

/// A writer of a record's fields, one after another.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    head: &'a mut [u8],
    tail: &'a mut [u8],
    end: u32,
}

impl<'a> RecordWriter<'a> {
    /// Returns a writer of a record that fills `out`. Its head takes the first `head` bytes.
    #[inline]
    pub fn new(out: &'a mut [u8], head: usize) -> Self {
        let (head, tail) = out.split_at_mut(head);
        RecordWriter { head, tail, end: 0 }
    }

    /// Writes the next field.
    #[inline]
    #[expect(clippy::arithmetic_side_effects, reason = "the value's length was checked to be a `u32`")]
    pub fn field<T: StableLayout>(&mut self, value: &T) {
        let head = core::mem::take(&mut self.head);
        let (slot, head) = head.split_at_mut(head_size(T::SIZE));
        self.head = head;
        if T::SIZE.is_some() {
            value.encode(slot);
            return;
        }
        let len = value.encoded_len();
        let tail = core::mem::take(&mut self.tail);
        let (place, tail) = tail.split_at_mut(len);
        self.tail = tail;
        value.encode(place);
        self.end += len as u32;
        slot.copy_from_slice(&self.end.to_le_bytes());
    }
}

/// A reader of a record's fields, one after another.
#[derive(Debug)]
pub struct RecordReader<'a> {
    head: &'a [u8],
    tail: &'a [u8],
    end: u32,
}

impl<'a> RecordReader<'a> {
    /// Returns a reader at the first field of the record that fills `bytes`. Its head takes the
    /// first `head` bytes.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes end within the head.
    #[inline]
    pub fn new(bytes: &'a [u8], head: usize) -> Result<Self, Invalid> {
        let (head, tail) = bytes.split_at_checked(head).ok_or(Invalid("a record ends within its head"))?;
        Ok(RecordReader { head, tail, end: 0 })
    }

    /// Reads the next field.
    ///
    /// # Errors
    /// [`Invalid`] if its bytes are missing or are not a value.
    #[inline]
    pub fn field<T: StableLayout>(&mut self) -> Result<T, Invalid> {
        T::decode(self.bytes(T::SIZE)?)
    }

    /// Returns the bytes of the next field, which has this constant size or varies.
    ///
    /// # Errors
    /// [`Invalid`] if they are missing.
    #[inline]
    pub fn bytes(&mut self, size: Option<usize>) -> Result<&'a [u8], Invalid> {
        let split = self.head.split_at_checked(head_size(size));
        let (slot, head) = split.ok_or(Invalid("a record has fewer fields than its layout"))?;
        self.head = head;
        if size.is_some() {
            return Ok(slot);
        }
        let end = u32_at(slot, 0)?;
        let len = end.checked_sub(self.end).ok_or(Invalid("a field ends before it begins"))?;
        let split = self.tail.split_at_checked(len as usize);
        let (field, tail) = split.ok_or(Invalid("a field ends behind its record"))?;
        (self.end, self.tail) = (end, tail);
        Ok(field)
    }

    /// Checks that no bytes are left.
    ///
    /// # Errors
    /// [`Invalid`] if the tail is longer than its fields.
    #[inline]
    pub fn finish(self) -> Result<(), Invalid> {
        if self.tail.is_empty() { Ok(()) } else { Err(Invalid("a record is longer than its fields")) }
    }
}

#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Result<u32, Invalid> {
    let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    bytes.map(|b| u32::from_le_bytes(*b)).ok_or(Invalid("a number ends behind its record"))
}
