//! Keys of the built-in types.

use ic_principal::Principal;

use super::{KeyBuf, StableKey, big_endian};
use crate::layout::{Blob, Invalid, Layout, Prim, StableLayout, Text};

/// Takes bytes off the front. Lends them: of a result that held them the compiler would make four loads instead of one.
#[inline(always)]
fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Result<&'a [u8; N], Invalid> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Invalid("a key ends early"))?;
    *bytes = rest;
    Ok(taken)
}

macro_rules! integers {
    ($($ty:ident $prim:ident $flip:expr),*) => {$(
        impl StableKey for $ty {
            const KEY: &'static Layout = &Layout::Prim(Prim::$prim);

            #[inline]
            fn write_key(&self, out: &mut KeyBuf, _: bool) {
                out.push((*self ^ $flip).to_be_bytes());
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

/// `u8` is an integer like the others, and the one whose arrays are their own keys.
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
    fn array_key<const N: usize>(array: &[Self; N]) -> Option<[u8; N]> {
        Some(*array)
    }

    #[inline(always)]
    fn array_from_key<const N: usize>(bytes: &mut &[u8]) -> Option<[Self; N]> {
        take(bytes).ok().copied()
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

/// In the order of `Principal`'s `Ord`: by length, then by bytes.
impl StableKey for Principal {
    const KEY: &'static Layout = &Layout::Principal;

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        let mut bytes = [0; 30];
        self.encode(&mut bytes);
        out.push(bytes);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        Principal::decode(take::<30>(bytes)?)
    }
}

/// Writes bytes of any length: as they are at the end, escaped and terminated elsewhere.
fn write_bytes(bytes: &[u8], out: &mut KeyBuf, last: bool) {
    if last {
        return out.extend(bytes);
    }
    for (i, run) in bytes.split(|byte| *byte == 0).enumerate() {
        if i > 0 {
            out.push([0, 0xff]);
        }
        out.extend(run);
    }
    out.push([0, 0]);
}

fn read_bytes(bytes: &mut &[u8], last: bool) -> Result<Vec<u8>, Invalid> {
    if last {
        return Ok(core::mem::take(bytes).to_vec());
    }
    let mut read = Vec::new();
    loop {
        let zero = bytes.iter().position(|byte| *byte == 0).ok_or(Invalid("a text in a key does not end"))?;
        read.extend_from_slice(&bytes[..zero]);
        *bytes = &bytes[zero + 1..];
        match take(bytes)? {
            [0] => return Ok(read),
            [0xff] => read.push(0),
            _ => return Err(Invalid("a zero byte in a key is neither escaped nor an end")),
        }
    }
}

impl StableKey for String {
    const KEY: &'static Layout = &Layout::String;

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        String::decode_vec(read_bytes(bytes, last)?)
    }
}

impl StableKey for Vec<u8> {
    const KEY: &'static Layout = &Layout::Vec(&Layout::Prim(Prim::U8));

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self, out, last);
    }

    #[inline]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        read_bytes(bytes, last)
    }
}

/// Like `Vec<u8>`: as a key it is not filled up.
impl<const N: usize> StableKey for Blob<N> {
    const KEY: &'static Layout = &Layout::Blob(N as u32);

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self, out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        Blob::new(read_bytes(bytes, last)?).map_err(|_| Invalid("a key is longer than its bound"))
    }
}

/// Like `String`: as a key it is not filled up.
impl<const N: usize> StableKey for Text<N> {
    const KEY: &'static Layout = &Layout::Text(N as u32);

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        let text = String::decode_vec(read_bytes(bytes, last)?)?;
        Text::new(text).map_err(|_| Invalid("a key is longer than its bound"))
    }
}

/// `None` before all `Some`.
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

/// Turns the order of keys around, as `std::cmp::Reverse`.
///
/// # Example: newest first
/// ```
/// use graven_core::key::{Reverse, encode_key};
/// assert!(encode_key(&Reverse(9u64)).as_slice() < encode_key(&Reverse(8u64)).as_slice());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reverse<T>(pub T);

impl<T: Ord> Ord for Reverse<T> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        other.0.cmp(&self.0)
    }
}

impl<T: PartialOrd> PartialOrd for Reverse<T> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        other.0.partial_cmp(&self.0)
    }
}

/// The inverted bytes of the key, terminated even at the end: else "ab" would not come before "a".
impl<T: StableKey> StableKey for Reverse<T> {
    const KEY: &'static Layout = &Layout::Reverse(T::KEY);

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        let start = out.len();
        self.0.write_key(out, false);
        out.invert(start);
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        // Short keys of one size, as most are, without asking for memory.
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
        *bytes = &bytes[bytes.len() - rest.len()..];
        Ok(Reverse(key))
    }
}

impl<T: StableKey, const N: usize> StableKey for [T; N] {
    const KEY: &'static Layout = &Layout::Array(T::KEY, N as u32);

    #[inline]
    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        if let Some(bytes) = T::array_key(self) {
            return out.push(bytes);
        }
        for (i, item) in self.iter().enumerate() {
            item.write_key(out, last && i + 1 == N);
        }
    }

    #[inline(always)]
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        if let Some(array) = T::array_from_key(bytes) {
            return Ok(array);
        }
        crate::layout::try_array(|i| T::read_key(bytes, last && i + 1 == N))
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

            #[inline]
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{decode_key, encode_key};

    fn ordered<K: StableKey + Ord + core::fmt::Debug + Clone>(mut keys: Vec<K>) {
        keys.sort();
        let encoded: Vec<Vec<u8>> = keys.iter().map(|key| encode_key(key).as_slice().to_vec()).collect();
        assert!(encoded.is_sorted(), "{keys:?} {encoded:?}");
        for (key, bytes) in keys.iter().zip(&encoded) {
            assert_eq!(&decode_key::<K>(bytes).unwrap(), key);
            assert!(K::KEY_SIZE.is_none_or(|size| size == bytes.len()));
        }
    }

    fn texts() -> Vec<String> {
        ["", "a", "a\0", "a\0b", "ab", "b", "\0", "\0\0", "ÿ"].map(String::from).to_vec()
    }

    #[test]
    fn order_of_bytes_is_order_of_keys() {
        ordered(vec![0u64, 1, 255, 256, u64::MAX]);
        ordered(vec![i32::MIN, -1, 0, 1, i32::MAX]);
        ordered(vec!['a', 'é', '\u{10ffff}']);
        ordered(texts());
        ordered(texts().into_iter().map(|text| (text, 1u8)).collect());
        ordered(texts().into_iter().map(Reverse).collect());
        ordered(texts().into_iter().map(|text| (Reverse(text), 7i8)).collect());
        ordered(texts().into_iter().map(|text| (false, Some(text))).chain([(true, None)]).collect());
        ordered(texts().into_iter().map(|text| [text.clone(), text]).collect());
        ordered(vec![Principal::from_slice(&[9]), Principal::from_slice(&[1, 2]), Principal::anonymous()]);
    }

    #[test]
    fn damaged_keys_are_errors() {
        assert!(decode_key::<u64>(&[0; 7]).is_err());
        assert!(decode_key::<u64>(&[0; 9]).is_err());
        assert!(decode_key::<(String, u8)>(&[b'a', 0, 1, 1]).is_err());
        assert!(decode_key::<(String, u8)>(b"abc").is_err());
        assert!(decode_key::<String>(&[0xff]).is_err());
    }

    #[test]
    fn the_end_of_a_prefix() {
        let end = |bytes: &[u8]| KeyBuf::from(bytes).after_prefix().map(|end| end.as_slice().to_vec());
        assert_eq!(end(b"ab"), Some(b"ac".to_vec()));
        assert_eq!(end(&[1, 0xff]), Some(vec![2]));
        assert_eq!(end(&[0xff, 0xff]), None);
    }
}
