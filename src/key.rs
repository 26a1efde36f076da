//! Keys: their encodings, and forms of keys for look-ups and prefixes.

pub use graven_collections::KeyBounds;
pub use graven_core::key::{KeyBuf, KeyPart, KeyPrefix, KeyRef, MAX_KEY_LEN, decode_key, encode_key};
