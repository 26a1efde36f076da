//! Values that can be borrowed from their encoding: text and bytes.

use crate::layout::{Blob, Invalid, StableLayout, Text};

/// A type that can be borrowed from its encoding without making a value of it.
pub trait Borrows: StableLayout {
    /// The type that is borrowed: `str` or `[u8]`.
    type Borrowed: ?Sized;

    /// Borrows a value from its encoding in the current layout.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not the encoding of a value, as in [`StableLayout::decode`].
    fn borrowed(bytes: &[u8]) -> Result<&Self::Borrowed, Invalid>;
}

impl Borrows for String {
    type Borrowed = str;

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&str, Invalid> {
        core::str::from_utf8(bytes).map_err(|_| Invalid("a string is not UTF-8"))
    }
}

impl<const N: usize> Borrows for Text<N> {
    type Borrowed = str;

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&str, Invalid> {
        core::str::from_utf8(Blob::<N>::borrowed(bytes)?).map_err(|_| Invalid("a text is not UTF-8"))
    }
}

impl<const N: usize> Borrows for Blob<N> {
    type Borrowed = [u8];

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&[u8], Invalid> {
        crate::layout::bounded::decode_bounded::<N>(bytes)
    }
}

impl Borrows for Vec<u8> {
    type Borrowed = [u8];

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&[u8], Invalid> {
        Ok(bytes)
    }
}

impl<const N: usize> Borrows for [u8; N] {
    type Borrowed = [u8];

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&[u8], Invalid> {
        if bytes.len() == N { Ok(bytes) } else { Err(Invalid("an array has the wrong length")) }
    }
}

/// Borrows the value in the box.
impl<T: Borrows> Borrows for Box<T> {
    type Borrowed = T::Borrowed;

    #[inline]
    fn borrowed(bytes: &[u8]) -> Result<&T::Borrowed, Invalid> {
        T::borrowed(bytes)
    }
}
