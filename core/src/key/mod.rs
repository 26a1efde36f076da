//! Order-preserving encodings of keys. Keys have the order of their bytes, so ordered collections
//! compare without calling users' code. Encodings of values are in `layout`.
//!
//! Numbers are big-endian, signed ones with the sign bit flipped. Text and bytes are unchanged if
//! nothing follows them. Otherwise two zero bytes end them, and each zero byte within becomes 0x00
//! 0xff.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

#[cfg(feature = "candid")]
mod big;
mod buffer;
mod floats;
mod impls;
mod lists;
pub(crate) mod magnitude;
mod numbers;
mod prefix;
mod reference;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "it negates numbers of its own")]
mod tests;
mod violation;

/// A wrapper that reverses the order of keys.
///
/// # Example: newest first
/// ```
/// use graven_core::key::{Reverse, encode_key};
/// assert!(encode_key(&Reverse(9u64)).as_slice() < encode_key(&Reverse(8u64)).as_slice());
/// ```
pub use core::cmp::Reverse;

pub use buffer::KeyBuf;
pub use floats::{TotalF32, TotalF64};
pub use prefix::KeyPrefix;
pub use reference::{KeyPart, KeyRef};

use crate::layout::kinds::ByKind;
use crate::layout::{Invalid, Layout};
use crate::simd::reversed;

/// The largest number of bytes of an encoded key.
pub const MAX_KEY_LEN: usize = 992;

/// A type whose values can be keys of ordered collections.
///
/// Derive it with `#[derive(StableKey)]`. Fields compare in the order of their declaration, and
/// variants of enums before their fields, as with std's derived `Ord`.
///
/// An implementation by hand must keep two promises: the order of the encodings is that of the
/// keys, and no encoding begins with another one unless `last` is set.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a key",
    label = "no order-preserving bytes are known for this type",
    note = "add `#[derive(StableKey)]` to a type of your own; its fields have to be keys as well",
    note = "instead of `f64` use `TotalF64`, which has a total order; instead of `usize` use `u64`"
)]
pub trait StableKey: Sized + 'static {
    /// The layout of the key. Its versions are 0, because keys do not migrate in place.
    const KEY: &'static Layout;

    /// The constant length of encoded keys in bytes, or `None` if it varies.
    const KEY_SIZE: Option<usize> = Self::KEY.key_size();

    /// Appends the encoding. `last` is `true` if nothing follows it.
    fn write_key(&self, out: &mut KeyBuf, last: bool);

    /// Reads a key from the start of `bytes` and removes its bytes. `last` is `true` if nothing
    /// follows the key.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not the encoding of a key.
    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid>;

    /// Calls the method of `S` that fits this type. All but some built-in types use
    /// `ByKind::other`.
    #[doc(hidden)]
    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::other::<Self>(input)
    }
}

/// Returns the encoding of a key.
///
/// # Example: order of bytes is order of keys
/// ```
/// use graven_core::key::encode_key;
/// assert!(encode_key(&-5i32).as_slice() < encode_key(&3i32).as_slice());
/// assert!(encode_key(&("a".to_string(), 9u8)).as_slice() < encode_key(&("ab".to_string(), 1u8)).as_slice());
/// ```
#[must_use]
#[inline]
pub fn encode_key<K: StableKey>(key: &K) -> KeyBuf {
    let mut out = KeyBuf::new();
    key.write_key(&mut out, true);
    out
}

/// Decodes a key from exactly its encoding.
///
/// # Errors
/// [`Invalid`] if the bytes are not the encoding of a key.
#[inline(always)]
pub fn decode_key<K: StableKey>(mut bytes: &[u8]) -> Result<K, Invalid> {
    let key = K::read_key(&mut bytes, true)?;
    if bytes.is_empty() { Ok(key) } else { Err(Invalid("a key is longer than its parts")) }
}

/// Returns the number with these big-endian bytes.
#[doc(hidden)]
#[inline(always)]
#[must_use]
pub fn big_endian(bytes: [u8; 8]) -> u64 {
    reversed(u64::from_le_bytes(bytes))
}
