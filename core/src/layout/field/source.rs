//! Where the bytes of a record are. A reader asks for just those that it needs.

use core::ops::Range;

use crate::layout::Invalid;

/// The bytes of one record, wherever they are.
pub trait Source {
    /// Why they cannot be read.
    type Error;

    /// Number of bytes.
    fn size(&self) -> usize;

    /// The error that stands for bytes that are no value.
    fn invalid(&self, why: Invalid) -> Self::Error;

    /// Reads the bytes from `at` on.
    ///
    /// # Errors
    /// Where they are not there.
    fn read(&self, at: usize, out: &mut [u8]) -> Result<(), Self::Error>;

    /// Reads a range of any length; no more is allocated than there can be bytes.
    ///
    /// # Errors
    /// Where they are not there.
    fn read_vec(&self, range: Range<usize>) -> Result<Vec<u8>, Self::Error>;

    /// The bytes of a range, if they are on the heap already.
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
