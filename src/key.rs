//! Keys: types to look up by and to order by, and their bytes.

pub use graven_core::key::{KeyBuf, KeyPart, KeyPrefix, KeyRef, MAX_KEY_LEN, decode_key, encode_key};
