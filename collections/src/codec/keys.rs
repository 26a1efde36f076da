//! Encodes keys for a tree.

use graven_core::key::{KeyBuf, KeyRef, MAX_KEY_LEN, StableKey, encode_key};
use graven_core::{Error, Result};

/// Returns the encoding of a key or of its borrowed form.
#[inline(always)]
pub(crate) fn written<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q) -> KeyBuf {
    // Not by way of `written_as`, since a key that is returned twice is moved.
    let mut bytes = KeyBuf::new();
    key.write_ref(&mut bytes, true);
    bytes
}

/// Returns the encoding of a key. `last` is `true` if nothing follows it.
#[inline(always)]
pub(crate) fn written_as<K: StableKey, Q: KeyRef<K> + ?Sized>(key: &Q, last: bool) -> KeyBuf {
    let mut bytes = KeyBuf::new();
    key.write_ref(&mut bytes, last);
    bytes
}

/// Returns the encoding of a key that is to be stored.
///
/// # Errors
/// [`Error::KeyTooLong`].
#[inline]
pub(crate) fn bounded<K: StableKey>(key: &K) -> Result<KeyBuf> {
    let bytes = encode_key(key);
    check_len(bytes.len()).map(|()| bytes)
}

/// Checks that the encoding of a key is not too long.
///
/// # Errors
/// [`Error::KeyTooLong`].
#[inline]
pub(crate) fn check_len(len: usize) -> Result<()> {
    if len > MAX_KEY_LEN { Err(Error::KeyTooLong { len, max: MAX_KEY_LEN }) } else { Ok(()) }
}
