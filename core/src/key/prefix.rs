//! Prefixes of keys: text and bytes, lists and arrays, and tuples of the first parts.

use super::lists::{write_first_bytes, write_first_elements};
use super::{KeyBuf, KeyPart, StableKey};
use crate::layout::{Blob, Text};

/// A prefix of keys of type `K`: `str` for `String` and `Text<N>`, a slice or a shorter array for
/// `Vec<T>` and `[T; N]`, `[u8]` for `Blob<N>`, and a shorter tuple for a tuple.
///
/// In a tuple as long as the key, the last element is a reference to a prefix of the key's last
/// part: `("CH", &"Zü"[..])` is a prefix of `("CH", "Zürich")`, but not of `("CH", "Zug")`. The
/// other elements are keys or [borrowed forms](KeyPart) of keys.
pub trait KeyPrefix<K: StableKey> {
    /// Appends the bytes with which all keys of this prefix begin. `last` is `true` if nothing
    /// follows the key.
    fn write_prefix(&self, out: &mut KeyBuf, last: bool);
}

impl KeyPrefix<String> for str {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_bytes(self.as_bytes(), out, last);
    }
}

impl<const N: usize> KeyPrefix<Text<N>> for str {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_bytes(self.as_bytes(), out, last);
    }
}

impl KeyPrefix<String> for String {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_bytes(self.as_bytes(), out, last);
    }
}

impl<const N: usize> KeyPrefix<Text<N>> for String {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_bytes(self.as_bytes(), out, last);
    }
}

impl<const N: usize> KeyPrefix<Blob<N>> for [u8] {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_bytes(self, out, last);
    }
}

impl<T: StableKey> KeyPrefix<Vec<T>> for [T] {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_elements(self, out, last);
    }
}

impl<T: StableKey, const M: usize> KeyPrefix<Vec<T>> for [T; M] {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        write_first_elements(self, out, last);
    }
}

/// Writes the first elements. No key begins with more than `N` of them.
impl<T: StableKey, const N: usize> KeyPrefix<[T; N]> for [T] {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        for (count, element) in (1..).zip(self) {
            element.write_key(out, last && count == N);
        }
    }
}

/// Writes the first elements. No key begins with more than `N` of them.
impl<T: StableKey, const N: usize, const M: usize> KeyPrefix<[T; N]> for [T; M] {
    fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
        KeyPrefix::<[T; N]>::write_prefix(self.as_slice(), out, last);
    }
}

/// Implements `KeyPrefix` for tuples of the first parts, as prefixes of keys with one more part,
/// two more, and so on.
macro_rules! shorter {
    ([$($part:ident $key:ident $i:tt)+] [$($more:ident)*]) => {};
    ([$($part:ident $key:ident $i:tt)+] [$($more:ident)*] $next:ident $($rest:ident)*) => {
        impl<$($key: StableKey, $part: KeyPart<$key>,)+ $($more: StableKey,)* $next: StableKey>
            KeyPrefix<($($key,)+ $($more,)* $next,)> for ($($part,)+)
        {
            fn write_prefix(&self, out: &mut KeyBuf, _: bool) {
                $(self.$i.write_part(out, false);)+
            }
        }

        shorter!([$($part $key $i)+] [$($more)* $next] $($rest)*);
    };
}

shorter!([P0 A 0] [] B C D E F G H I J K L);
shorter!([P0 A 0 P1 B 1] [] C D E F G H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2] [] D E F G H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3] [] E F G H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4] [] F G H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5] [] G H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6] [] H I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7] [] I J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8] [] J K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8 P9 J 9] [] K L);
shorter!([P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8 P9 J 9 P10 K 10] [] L);

/// Implements `KeyPrefix` for tuples whose last element is a prefix of the key's last part.
macro_rules! with_prefix {
    ($($($part:ident $key:ident $i:tt)+; $j:tt,)+) => {$(
        impl<$($key: StableKey, $part: KeyPart<$key>,)+ Last: StableKey, Prefix: KeyPrefix<Last> + ?Sized>
            KeyPrefix<($($key,)+ Last,)> for ($($part,)+ &Prefix,)
        {
            fn write_prefix(&self, out: &mut KeyBuf, last: bool) {
                $(self.$i.write_part(out, false);)+
                self.$j.write_prefix(out, last);
            }
        }
    )+};
}

with_prefix! {
    P0 A 0; 1,
    P0 A 0 P1 B 1; 2,
    P0 A 0 P1 B 1 P2 C 2; 3,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3; 4,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4; 5,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5; 6,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6; 7,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7; 8,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8; 9,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8 P9 J 9; 10,
    P0 A 0 P1 B 1 P2 C 2 P3 D 3 P4 E 4 P5 F 5 P6 G 6 P7 H 7 P8 I 8 P9 J 9 P10 K 10; 11,
}
