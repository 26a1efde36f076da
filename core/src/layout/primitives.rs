//! Layouts of integers, floats, `bool` and `char`, little-endian. Invalid bytes are errors.

use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128,
};

use super::kinds::ByKind;
use super::{Invalid, Layout, Prim, StableLayout};

/// Returns a reference to all bytes if there are `N`. For an array by value, the compiler would
/// emit four loads instead of one.
#[inline(always)]
fn exactly<const N: usize>(bytes: &[u8]) -> Result<&[u8; N], Invalid> {
    bytes.try_into().map_err(|_| Invalid("a number has the wrong length"))
}

macro_rules! numbers {
    ($($ty:ident $prim:ident),*) => {$(
        impl StableLayout for $ty {
            const LAYOUT: &'static Layout = &Layout::Prim(Prim::$prim);

            #[inline]
            fn encoded_len(&self) -> usize {
                size_of::<$ty>()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                out.copy_from_slice(&self.to_le_bytes());
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                exactly(bytes).map(|bytes| $ty::from_le_bytes(*bytes))
            }
        }
    )*};
}

numbers!(u16 U16, u32 U32, u64 U64, u128 U128, i8 I8, i16 I16, i32 I32, i64 I64, i128 I128, f32 F32, f64 F64);

/// Encodes `u8` like the other numbers, and marks its slices as their own encoding.
impl StableLayout for u8 {
    const LAYOUT: &'static Layout = &Layout::Prim(Prim::U8);

    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&[*self]);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        Ok(exactly::<1>(bytes)?[0])
    }

    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::byte(input)
    }
}

impl StableLayout for bool {
    const LAYOUT: &'static Layout = &Layout::Prim(Prim::Bool);

    #[inline]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&[u8::from(*self)]);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        match bytes {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Invalid("a bool is neither 0 nor 1")),
        }
    }
}

impl StableLayout for char {
    const LAYOUT: &'static Layout = &Layout::Prim(Prim::Char);

    #[inline]
    fn encoded_len(&self) -> usize {
        4
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&u32::from(*self).to_le_bytes());
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let scalar = u32::from_le_bytes(*exactly(bytes)?);
        char::from_u32(scalar).ok_or(Invalid("a char is no Unicode scalar value"))
    }
}

macro_rules! non_zero {
    ($($ty:ident $inner:ident $prim:ident),*) => {$(
        impl StableLayout for $ty {
            const LAYOUT: &'static Layout = &Layout::NonZero(Prim::$prim);

            #[inline]
            fn encoded_len(&self) -> usize {
                size_of::<$inner>()
            }

            #[inline]
            fn encode(&self, out: &mut [u8]) {
                self.get().encode(out);
            }

            #[inline]
            fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
                $ty::new($inner::decode(bytes)?).ok_or(Invalid("a non-zero number is zero"))
            }
        }
    )*};
}

non_zero!(NonZeroU8 u8 U8, NonZeroU16 u16 U16, NonZeroU32 u32 U32, NonZeroU64 u64 U64, NonZeroU128 u128 U128);
non_zero!(NonZeroI8 i8 I8, NonZeroI16 i16 I16, NonZeroI32 i32 I32, NonZeroI64 i64 I64, NonZeroI128 i128 I128);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    #[test]
    fn numbers_are_little_endian() {
        assert_eq!(encode(&0x0102_0304u32), [4, 3, 2, 1]);
        assert_eq!(encode(&-2i16), [0xfe, 0xff]);
        assert_eq!(encode(&1.5f64), [0, 0, 0, 0, 0, 0, 0xf8, 0x3f]);
        assert_eq!(encode(&'é'), [0xe9, 0, 0, 0]);
    }

    #[test]
    fn bytes_without_meaning_are_errors() {
        assert!(bool::decode(&[2]).is_err());
        assert!(bool::decode(&[]).is_err());
        assert!(char::decode(&[0, 0xd8, 0, 0]).is_err());
        assert!(u32::decode(&[0; 5]).is_err());
        assert!(NonZeroU64::decode(&[0; 8]).is_err());
    }
}
