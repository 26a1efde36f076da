//! Keys of numbers, `bool` and `char`: big-endian, so that their bytes have the order of the
//! values.

use core::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroU128,
};

use super::{KeyBuf, StableKey, big_endian};
use crate::layout::kinds::ByKind;
use crate::layout::{Invalid, Layout, Prim, StableLayout};
use crate::simd::reversed;

/// Removes bytes from the start and returns a reference to them. For an array by value, the
/// compiler would emit four loads instead of one.
#[inline(always)]
pub(super) fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N], Invalid> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Invalid("a key ends early"))?;
    *bytes = rest;
    Ok(taken)
}

/// Returns the last `len` bytes: what is left of a key.
pub(super) fn left(bytes: &[u8], len: usize) -> Result<&[u8], Invalid> {
    bytes.len().checked_sub(len).and_then(|read| bytes.get(read..)).ok_or(Invalid("a key ends early"))
}

macro_rules! integers {
    ($($ty:ident $prim:ident $flip:expr),*) => {$(
        impl StableKey for $ty {
            const KEY: &'static Layout = &Layout::Prim(Prim::$prim);

            #[inline]
            fn write_key(&self, out: &mut KeyBuf, _: bool) {
                let number = *self ^ $flip;
                if size_of::<$ty>() == 8 {
                    return out.push(reversed(number as u64).to_le_bytes());
                }
                out.push(number.to_be_bytes());
            }

            #[inline]
            fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
                let taken: &[u8; size_of::<$ty>()] = take(bytes)?;
                let number = match <&[u8; 8]>::try_from(&taken[..]) {
                    Ok(eight) => big_endian(*eight) as $ty,
                    Err(_) => $ty::from_be_bytes(*taken),
                };
                Ok(number ^ $flip)
            }
        }
    )*};
}

integers!(u16 U16 0, u32 U32 0, u64 U64 0, u128 U128 0);
integers!(i8 I8 i8::MIN, i16 I16 i16::MIN, i32 I32 i32::MIN, i64 I64 i64::MIN, i128 I128 i128::MIN);

/// Encodes `u8` like the other integers, and marks its arrays as their own keys.
impl StableKey for u8 {
    const KEY: &'static Layout = &Layout::Prim(Prim::U8);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        out.push([*self]);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        Ok(take::<1>(bytes)?[0])
    }

    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::byte(input)
    }
}

impl StableKey for bool {
    const KEY: &'static Layout = &Layout::Prim(Prim::Bool);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        out.push([u8::from(*self)]);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        bool::decode(take::<1>(bytes)?)
    }
}

impl StableKey for char {
    const KEY: &'static Layout = &Layout::Prim(Prim::Char);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        out.push(u32::from(*self).to_be_bytes());
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        let scalar = u32::from_be_bytes(*take(bytes)?);
        char::from_u32(scalar).ok_or(Invalid("a char is no Unicode scalar value"))
    }
}

macro_rules! non_zero {
    ($($ty:ident $inner:ident $prim:ident),*) => {$(
        impl StableKey for $ty {
            const KEY: &'static Layout = &Layout::NonZero(Prim::$prim);

            #[inline]
            fn write_key(&self, out: &mut KeyBuf, last: bool) {
                self.get().write_key(out, last);
            }

            #[inline]
            fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
                $ty::new($inner::read_key(bytes, last)?).ok_or(Invalid("a non-zero number is zero"))
            }
        }
    )*};
}

non_zero!(NonZeroU8 u8 U8, NonZeroU16 u16 U16, NonZeroU32 u32 U32, NonZeroU64 u64 U64, NonZeroU128 u128 U128);
non_zero!(NonZeroI8 i8 I8, NonZeroI16 i16 I16, NonZeroI32 i32 I32, NonZeroI64 i64 I64, NonZeroI128 i128 I128);
