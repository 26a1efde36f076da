//! The source of a record's bytes. A reader requests only those that it needs.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use core::ops::Range;

use crate::layout::Invalid;

/// The bytes of one record, wherever they are.
pub trait Source {
    /// The error of a read.
    type Error;

    /// Returns the number of bytes.
    fn size(&self) -> usize;

    /// Returns the error for bytes that are not a value.
    fn invalid(&self, why: Invalid) -> Self::Error;

    /// Reads the bytes from `at` on into `out`.
    ///
    /// # Errors
    /// An error if there are no such bytes.
    fn read(&self, at: usize, out: &mut [u8]) -> Result<(), Self::Error>;

    /// Reads a range of any length. Allocates no more bytes than the record can have.
    ///
    /// # Errors
    /// An error if there are no such bytes.
    fn read_vec(&self, range: Range<usize>) -> Result<Vec<u8>, Self::Error>;

    /// Returns the bytes of a range, if they are on the heap.
    #[inline(always)]
    fn slice(&self, range: Range<usize>) -> Option<&[u8]> {
        let _ = range;
        None
    }
}

const OUTSIDE: Invalid = Invalid("a field ends behind its record");

impl Source for [u8] {
    type Error = Invalid;

    #[inline]
    fn size(&self) -> usize {
        self.len()
    }

    #[inline]
    fn invalid(&self, why: Invalid) -> Invalid {
        why
    }

    #[inline]
    fn read(&self, at: usize, out: &mut [u8]) -> Result<(), Invalid> {
        let bytes = self.get(at..).and_then(|rest| rest.get(..out.len())).ok_or(OUTSIDE)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn read_vec(&self, range: Range<usize>) -> Result<Vec<u8>, Invalid> {
        self.get(range).map(<[u8]>::to_vec).ok_or(OUTSIDE)
    }

    #[inline]
    fn slice(&self, range: Range<usize>) -> Option<&[u8]> {
        self.get(range)
    }
}
