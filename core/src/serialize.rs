//! Implementations of `serde::Serialize` for Graven's types of values and keys (feature `serde`).
//! Each serializes like the type that it wraps. Collections are in `graven-collections`.

use serde::{Serialize, Serializer};

use crate::key::{TotalF32, TotalF64};
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

impl Serialize for TotalF64 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0)
    }
}

impl Serialize for TotalF32 {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f32(self.0)
    }
}
