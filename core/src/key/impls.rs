//! Keys made of other keys, principals and durations.

use core::cmp::Reverse;
use core::marker::PhantomData;
use core::time::Duration;

use ic_principal::Principal;

use super::numbers::{left, take};
use super::{KeyBuf, StableKey};
use crate::layout::containers::padded;
use crate::layout::kinds::ByKind;
use crate::layout::{Invalid, Layout, StableLayout};

/// Orders principals like their `Ord`: by length, then by bytes.
impl StableKey for Principal {
    const KEY: &'static Layout = &Layout::Principal;

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        out.push(padded(self));
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        Principal::decode(take::<30>(bytes)?)
    }
}

/// Orders `None` before all `Some`.
impl<T: StableKey> StableKey for Option<T> {
    const KEY: &'static Layout = &Layout::Option(T::KEY);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        out.push([u8::from(self.is_some())]);
        if let Some(key) = self {
            key.write_key(out, last);
        }
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        if bool::read_key(bytes, false)? { T::read_key(bytes, last).map(Some) } else { Ok(None) }
    }
}

/// Orders `Ok` before `Err`.
impl<T: StableKey, E: StableKey> StableKey for Result<T, E> {
    const KEY: &'static Layout = &Layout::Result(T::KEY, E::KEY);

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        out.push([u8::from(self.is_err())]);
        match self {
            Ok(key) => key.write_key(out, last),
            Err(key) => key.write_key(out, last),
        }
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        if bool::read_key(bytes, false)? {
            E::read_key(bytes, last).map(Err)
        } else {
            T::read_key(bytes, last).map(Ok)
        }
    }
}

/// Encodes the key in the box.
impl<T: StableKey> StableKey for Box<T> {
    const KEY: &'static Layout = T::KEY;

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        T::write_key(self, out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        T::read_key(bytes, last).map(Box::new)
    }
}

/// Takes no bytes.
impl<T: ?Sized + 'static> StableKey for PhantomData<T> {
    const KEY: &'static Layout = <()>::KEY;

    fn write_key(&self, _: &mut KeyBuf, _: bool) {}

    fn read_key(_: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        Ok(PhantomData)
    }
}

/// Encodes the seconds, then the nanoseconds.
impl StableKey for Duration {
    const KEY: &'static Layout = &Layout::Duration;

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        (self.as_secs(), self.subsec_nanos()).write_key(out, false);
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        match <(u64, u32)>::read_key(bytes, false)? {
            (seconds, nanos @ 0..1_000_000_000) => Ok(Duration::new(seconds, nanos)),
            _ => Err(Invalid("a duration has a second or more of nanoseconds")),
        }
    }
}

/// Encodes the inverted bytes of the key, always with its terminator. Without it, "ab" would not
/// come before "a".
impl<T: StableKey> StableKey for Reverse<T> {
    const KEY: &'static Layout = &Layout::Reverse(T::KEY);

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        let start = out.len();
        self.0.write_key(out, false);
        out.invert(start);
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        // Most keys are short and of constant size, so they need no heap.
        let mut short = [0; 32];
        if let Some(room) = T::KEY_SIZE.and_then(|size| short.get_mut(..size)) {
            let (inverted, rest) = bytes.split_at_checked(room.len()).ok_or(Invalid("a key ends early"))?;
            room.iter_mut().zip(inverted).for_each(|(to, byte)| *to = !byte);
            *bytes = rest;
            return T::read_key(&mut &*room, false).map(Reverse);
        }
        let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        let mut rest = inverted.as_slice();
        let key = T::read_key(&mut rest, false)?;
        *bytes = left(bytes, rest.len())?;
        Ok(Reverse(key))
    }
}

impl<T: StableKey, const N: usize> StableKey for [T; N] {
    const KEY: &'static Layout = &Layout::Array(T::KEY, N as u32);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        if let Some(bytes) = T::by_kind::<ArrayBytes<'_, N>>(self) {
            return out.push(bytes);
        }
        for (count, item) in (1..).zip(self) {
            item.write_key(out, last && count == N);
        }
    }

    #[inline(always)]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        if let Some(array) = T::by_kind::<ReadArray<'_, '_, N>>(bytes) {
            return Ok(array);
        }
        crate::layout::try_array(|i| T::read_key(bytes, last && N.checked_sub(1) == Some(i)))
    }
}

struct ArrayBytes<'a, const N: usize>(PhantomData<&'a ()>);

impl<'a, const N: usize> ByKind for ArrayBytes<'a, N> {
    type In<T: 'static> = &'a [T; N];
    type Out<T: 'static> = Option<[u8; N]>;

    #[inline(always)]
    fn byte(array: &'a [u8; N]) -> Option<[u8; N]> {
        Some(*array)
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a [T; N]) -> Option<[u8; N]> {
        None
    }
}

struct ReadArray<'a, 'b, const N: usize>(PhantomData<(&'a (), &'b ())>);

impl<'a, 'b: 'a, const N: usize> ByKind for ReadArray<'a, 'b, N> {
    type In<T: 'static> = &'a mut &'b [u8];
    type Out<T: 'static> = Option<[T; N]>;

    #[inline(always)]
    fn byte(bytes: &'a mut &'b [u8]) -> Option<[u8; N]> {
        take(bytes).ok().copied()
    }

    #[inline(always)]
    fn other<T: 'static>(_: &'a mut &'b [u8]) -> Option<[T; N]> {
        None
    }
}

impl StableKey for () {
    const KEY: &'static Layout = &Layout::Tuple(&[]);

    fn write_key(&self, _: &mut KeyBuf, _: bool) {}

    fn read_key(_: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        Ok(())
    }
}

macro_rules! tuples {
    ($($($part:ident $i:tt)* ; $last:ident $j:tt,)+) => {$(
        impl<$($part: StableKey,)* $last: StableKey> StableKey for ($($part,)* $last,) {
            const KEY: &'static Layout = &Layout::Tuple(&[$($part::KEY,)* $last::KEY]);

            #[inline]
            fn write_key(&self, out: &mut KeyBuf, last: bool) {
                $(self.$i.write_key(out, false);)*
                self.$j.write_key(out, last);
            }

            #[inline(always)]
            fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
                Ok(($($part::read_key(bytes, false)?,)* $last::read_key(bytes, last)?,))
            }
        }
    )+};
}

tuples! {
    ; A 0,
    A 0; B 1,
    A 0 B 1; C 2,
    A 0 B 1 C 2; D 3,
    A 0 B 1 C 2 D 3; E 4,
    A 0 B 1 C 2 D 3 E 4; F 5,
    A 0 B 1 C 2 D 3 E 4 F 5; G 6,
    A 0 B 1 C 2 D 3 E 4 F 5 G 6; H 7,
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7; I 8,
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8; J 9,
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9; K 10,
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10; L 11,
}
