//! Shortcuts for values whose bytes on the heap are their encoding: bytes, text, and lists and
//! arrays of bytes.
//!
//! A generic container does not know whether its elements are bytes, and Rust has no
//! specialization. [`StableLayout::by_kind`](super::StableLayout::by_kind) and its counterpart for
//! keys call the method of a [`ByKind`] that fits the type. The compiler resolves the call, so
//! there is no test at run time. Users' types always use [`ByKind::other`].

use core::marker::PhantomData;

use super::{Invalid, StableLayout};
use crate::simd::copied;

/// A function over types with special cases for some built-in types.
pub trait ByKind {
    /// The argument of the function for a type.
    type In<T: 'static>;
    /// The result of the function for a type.
    type Out<T: 'static>;

    /// Handles `u8`.
    fn byte(input: Self::In<u8>) -> Self::Out<u8> {
        Self::other::<u8>(input)
    }

    /// Handles `String`.
    #[inline(always)]
    fn string(input: Self::In<String>) -> Self::Out<String> {
        Self::other::<String>(input)
    }

    /// Handles `Vec<T>`.
    #[inline(always)]
    fn list<T: StableLayout>(input: Self::In<Vec<T>>) -> Self::Out<Vec<T>> {
        Self::other::<Vec<T>>(input)
    }

    /// Handles `[T; N]`.
    #[inline(always)]
    fn array<T: StableLayout, const N: usize>(input: Self::In<[T; N]>) -> Self::Out<[T; N]> {
        Self::other::<[T; N]>(input)
    }

    /// Handles all other types.
    fn other<T: 'static>(input: Self::In<T>) -> Self::Out<T>;
}

/// Returns a value's encoding if the value's own bytes are its encoding. This spares large values a
/// copy.
#[inline(always)]
pub fn encoded<V: StableLayout>(value: &V) -> Option<&[u8]> {
    V::by_kind::<Encoded<'_>>(value)
}

/// Decodes a value like [`StableLayout::decode`], but takes the bytes, which the value may keep.
///
/// # Errors
/// [`Invalid`] if the bytes are not the encoding of a value.
#[inline(always)]
pub fn decode_vec<V: StableLayout>(bytes: Vec<u8>) -> Result<V, Invalid> {
    match V::by_kind::<DecodeVec>(bytes) {
        Ok(decoded) => decoded,
        Err(bytes) => V::decode(&bytes),
    }
}

/// Decodes a value like [`StableLayout::decode`] to its place. A [`Result`] with the value would
/// overlap it with the error, and such a value is not moved in registers but copied in memory.
///
/// # Errors
/// [`Invalid`] if the bytes are not the encoding of a value.
#[inline(always)]
pub fn decode_to<V: StableLayout>(bytes: &[u8], place: &mut Option<V>) -> Result<(), Invalid> {
    *place = Some(match V::by_kind::<BytesOf<'_>>(bytes) {
        Some(array) => array,
        None => V::decode(bytes)?,
    });
    Ok(())
}

/// Returns the bytes of a slice if they are the encodings of its elements.
#[inline(always)]
pub(super) fn slice_bytes<T: StableLayout>(slice: &[T]) -> Option<&[u8]> {
    T::by_kind::<SliceBytes<'_>>(slice)
}

/// Returns a list of these bytes, if they are the encodings of its elements.
#[inline(always)]
pub(super) fn list_of_bytes<T: StableLayout>(bytes: &[u8]) -> Option<Vec<T>> {
    T::by_kind::<ListOfBytes<'_>>(bytes)
}

/// Returns an array of these bytes, if they are the encodings of its elements and there are `N`.
#[inline(always)]
pub(super) fn array_of_bytes<T: StableLayout, const N: usize>(bytes: &[u8]) -> Option<[T; N]> {
    T::by_kind::<ArrayOfBytes<'_, N>>(bytes)
}

struct Encoded<'a>(PhantomData<&'a ()>);

impl<'a> ByKind for Encoded<'a> {
    type In<T: 'static> = &'a T;
    type Out<T: 'static> = Option<&'a [u8]>;

    #[inline(always)]
    fn string(text: &'a String) -> Option<&'a [u8]> {
        Some(text.as_bytes())
    }

    #[inline(always)]
    fn list<T: StableLayout>(list: &'a Vec<T>) -> Option<&'a [u8]> {
        slice_bytes(list)
    }

    #[inline(always)]
    fn array<T: StableLayout, const N: usize>(array: &'a [T; N]) -> Option<&'a [u8]> {
        slice_bytes(array)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a T) -> Option<&'a [u8]> {
        None
    }
}

/// The function of [`decode_vec`]. It returns the bytes if the value cannot keep them.
struct DecodeVec;

impl ByKind for DecodeVec {
    type In<T: 'static> = Vec<u8>;
    type Out<T: 'static> = Result<Result<T, Invalid>, Vec<u8>>;

    #[inline(always)]
    fn string(bytes: Vec<u8>) -> Result<Result<String, Invalid>, Vec<u8>> {
        Ok(String::from_utf8(bytes).map_err(|_| Invalid("a string is not UTF-8")))
    }

    #[inline(always)]
    fn list<T: StableLayout>(bytes: Vec<u8>) -> Result<Result<Vec<T>, Invalid>, Vec<u8>> {
        T::by_kind::<KeptBytes>(bytes).map(Ok)
    }

    #[inline(always)]
    fn other<T: 'static>(bytes: Vec<u8>) -> Result<Result<T, Invalid>, Vec<u8>> {
        Err(bytes)
    }
}

/// Decodes an array of bytes, or returns `None`.
struct BytesOf<'a>(PhantomData<&'a ()>);

impl<'a> ByKind for BytesOf<'a> {
    type In<T: 'static> = &'a [u8];
    type Out<T: 'static> = Option<T>;

    #[inline(always)]
    fn array<T: StableLayout, const N: usize>(bytes: &'a [u8]) -> Option<[T; N]> {
        array_of_bytes(bytes)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [u8]) -> Option<T> {
        None
    }
}

struct KeptBytes;

impl ByKind for KeptBytes {
    type In<T: 'static> = Vec<u8>;
    type Out<T: 'static> = Result<Vec<T>, Vec<u8>>;

    #[inline(always)]
    fn byte(bytes: Vec<u8>) -> Result<Vec<u8>, Vec<u8>> {
        Ok(bytes)
    }

    #[inline(always)]
    fn other<T: 'static>(bytes: Vec<u8>) -> Result<Vec<T>, Vec<u8>> {
        Err(bytes)
    }
}

struct SliceBytes<'a>(PhantomData<&'a ()>);

impl<'a> ByKind for SliceBytes<'a> {
    type In<T: 'static> = &'a [T];
    type Out<T: 'static> = Option<&'a [u8]>;

    #[inline(always)]
    fn byte(slice: &'a [u8]) -> Option<&'a [u8]> {
        Some(slice)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [T]) -> Option<&'a [u8]> {
        None
    }
}

struct ListOfBytes<'a>(PhantomData<&'a ()>);

impl<'a> ByKind for ListOfBytes<'a> {
    type In<T: 'static> = &'a [u8];
    type Out<T: 'static> = Option<Vec<T>>;

    #[inline(always)]
    fn byte(bytes: &'a [u8]) -> Option<Vec<u8>> {
        Some(bytes.to_vec())
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [u8]) -> Option<Vec<T>> {
        None
    }
}

struct ArrayOfBytes<'a, const N: usize>(PhantomData<&'a ()>);

impl<'a, const N: usize> ByKind for ArrayOfBytes<'a, N> {
    type In<T: 'static> = &'a [u8];
    type Out<T: 'static> = Option<[T; N]>;

    #[inline(always)]
    fn byte(bytes: &'a [u8]) -> Option<[u8; N]> {
        bytes.try_into().ok().map(copied)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [u8]) -> Option<[T; N]> {
        None
    }
}
