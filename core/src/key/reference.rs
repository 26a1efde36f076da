//! Forms of a key for look-ups: the key itself, or a borrowed form.

use super::lists::{write_bytes, write_list};
use super::{KeyBuf, StableKey};
use crate::layout::{Blob, Text};

/// A form of a key of type `K` for look-ups: `K` itself, `str` for `String` and `Text<N>`, `[T]`
/// for `Vec<T>`, `[u8]` for `Blob<N>`. In tuples of up to four parts, one part may be borrowed. In
/// tuples of up to three, several texts may be borrowed. For example, `("ab", 1)` is a form of a
/// `(String, u64)`.
pub trait KeyRef<K: StableKey> {
    /// Appends the encoding of the key. `last` is `true` if nothing follows it.
    fn write_ref(&self, out: &mut KeyBuf, last: bool);
}

impl<K: StableKey> KeyRef<K> for K {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        self.write_key(out, last);
    }
}

impl KeyRef<String> for str {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }
}

impl<const N: usize> KeyRef<Text<N>> for str {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }
}

impl<K: StableKey> KeyRef<Vec<K>> for [K] {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        write_list(self, out, last);
    }
}

impl<K: StableKey, const N: usize> KeyRef<Vec<K>> for [K; N] {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        write_list(self, out, last);
    }
}

impl<const N: usize> KeyRef<Blob<N>> for [u8] {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self, out, last);
    }
}

/// A form of a part of type `K` in a compound key: `K` itself, or a reference to its borrowed form.
pub trait KeyPart<K: StableKey> {
    /// Appends the encoding of the part. `last` is `true` if nothing follows it.
    fn write_part(&self, out: &mut KeyBuf, last: bool);
}

impl<K: StableKey> KeyPart<K> for K {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        self.write_key(out, last);
    }
}

impl KeyPart<String> for &str {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }
}

impl<const N: usize> KeyPart<Text<N>> for &str {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self.as_bytes(), out, last);
    }
}

impl<K: StableKey> KeyPart<Vec<K>> for &[K] {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        write_list(self, out, last);
    }
}

impl<K: StableKey, const N: usize> KeyPart<Vec<K>> for &[K; N] {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        write_list(*self, out, last);
    }
}

impl<const N: usize> KeyPart<Blob<N>> for &[u8] {
    #[inline]
    fn write_part(&self, out: &mut KeyBuf, last: bool) {
        write_bytes(self, out, last);
    }
}

/// Implements `KeyRef` for tuples with borrowed parts. One implementation for all kinds of parts
/// would overlap with that for the keys themselves.
macro_rules! borrowed {
    ($([$($generics:tt)*] $(($key:ty: $part:ty, $i:tt))+;)+) => {$(
        impl<$($generics)*> KeyRef<($($key,)+)> for ($($part,)+) {
            #[inline]
            fn write_ref(&self, out: &mut KeyBuf, last: bool) {
                const LAST: usize = [$($i),+].len() - 1;
                $(KeyPart::<$key>::write_part(&self.$i, out, last && $i == LAST);)+
            }
        }
    )+};
}

/// Implements `KeyRef` for tuples with one borrowed part, in each position.
macro_rules! one_borrowed {
    ($([$($generics:tt)*] $key:ty: $part:ty;)+) => {$(
        borrowed! {
            [$($generics)* B: StableKey] ($key: $part, 0) (B: B, 1);
            [$($generics)* A: StableKey] (A: A, 0) ($key: $part, 1);
            [$($generics)* B: StableKey, C: StableKey] ($key: $part, 0) (B: B, 1) (C: C, 2);
            [$($generics)* A: StableKey, C: StableKey] (A: A, 0) ($key: $part, 1) (C: C, 2);
            [$($generics)* A: StableKey, B: StableKey] (A: A, 0) (B: B, 1) ($key: $part, 2);
            [$($generics)* B: StableKey, C: StableKey, D: StableKey]
                ($key: $part, 0) (B: B, 1) (C: C, 2) (D: D, 3);
            [$($generics)* A: StableKey, C: StableKey, D: StableKey]
                (A: A, 0) ($key: $part, 1) (C: C, 2) (D: D, 3);
            [$($generics)* A: StableKey, B: StableKey, D: StableKey]
                (A: A, 0) (B: B, 1) ($key: $part, 2) (D: D, 3);
            [$($generics)* A: StableKey, B: StableKey, C: StableKey]
                (A: A, 0) (B: B, 1) (C: C, 2) ($key: $part, 3);
        }
    )+};
}

one_borrowed! {
    [] String: &str;
    [const N: usize,] Text<N>: &str;
    [T: StableKey,] Vec<T>: &[T];
    [const N: usize,] Blob<N>: &[u8];
}

borrowed! {
    [] (String: &str, 0) (String: &str, 1);
    [C: StableKey] (String: &str, 0) (String: &str, 1) (C: C, 2);
    [B: StableKey] (String: &str, 0) (B: B, 1) (String: &str, 2);
    [A: StableKey] (A: A, 0) (String: &str, 1) (String: &str, 2);
    [] (String: &str, 0) (String: &str, 1) (String: &str, 2);
}
