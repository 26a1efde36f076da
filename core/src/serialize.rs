//! `serde::Serialize` for Graven's own types of values and keys (feature `serde`), as that of what they wrap. Collections
//! are in `graven-collections`.

use serde::{Serialize, Serializer};

use crate::key::Reverse;
use crate::layout::{Blob, Text};

impl<const N: usize> Serialize for Text<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self)
    }
}

impl<const N: usize> Serialize for Blob<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self)
    }
}

/// As std's `Reverse`: what is inside.
impl<T: Serialize> Serialize for Reverse<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}
