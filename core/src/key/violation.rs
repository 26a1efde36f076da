//! The key of the row that is in the way of another one.

use super::{StableKey, decode_key};
use crate::error::Violation;

impl Violation {
    /// Returns the key of the row that is in the way. `K` is the type of the table's keys; another
    /// type gives `None` or another key.
    #[must_use]
    pub fn key<K: StableKey>(&self) -> Option<K> {
        decode_key(&self.row).ok()
    }
}
