//! What a key can be looked up by: the key itself, its borrowed form, or what it begins with.

use super::{KeyBuf, StableKey};

/// A value that stands for a key of type `K` in a look-up: `K` itself, `str` for `String`, `[u8]` for
/// `Vec<u8>`.
pub trait KeyRef<K: StableKey> {
    /// Appends the encoding of the whole key.
    fn write_ref(&self, out: &mut KeyBuf);
}

impl<K: StableKey> KeyRef<K> for K {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf) {
        self.write_key(out, true);
    }
}

impl KeyRef<String> for str {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf) {
        out.extend(self.as_bytes());
    }
}

impl KeyRef<Vec<u8>> for [u8] {
    #[inline]
    fn write_ref(&self, out: &mut KeyBuf) {
        out.extend(self);
    }
}

/// What keys of type `K` may begin with: `str` for `String`, `[u8]` for `Vec<u8>`, a shorter tuple for a
/// tuple.
pub trait KeyPrefix<K: StableKey> {
    /// Appends the bytes that all such keys begin with.
    fn write_prefix(&self, out: &mut KeyBuf);
}

impl KeyPrefix<String> for str {
    fn write_prefix(&self, out: &mut KeyBuf) {
        out.extend(self.as_bytes());
    }
}

impl KeyPrefix<Vec<u8>> for [u8] {
    fn write_prefix(&self, out: &mut KeyBuf) {
        out.extend(self);
    }
}

macro_rules! prefixes {
    ($(($($part:ident $i:tt)+) of ($($whole:ident)+);)+) => {$(
        impl<$($whole: StableKey),+> KeyPrefix<($($whole,)+)> for ($($part,)+) {
            fn write_prefix(&self, out: &mut KeyBuf) {
                $(self.$i.write_key(out, false);)+
            }
        }
    )+};
}

prefixes! {
    (A 0) of (A B);
    (A 0) of (A B C);
    (A 0 B 1) of (A B C);
    (A 0) of (A B C D);
    (A 0 B 1) of (A B C D);
    (A 0 B 1 C 2) of (A B C D);
}

/// Text that begins with the last part of a prefix: `("CH", prefix of the name)`.
impl<A: StableKey> KeyPrefix<(A, String)> for (A, &str) {
    fn write_prefix(&self, out: &mut KeyBuf) {
        self.0.write_key(out, false);
        out.extend(self.1.as_bytes());
    }
}
