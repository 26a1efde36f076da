//! Canonical descriptors: layouts as bytes, which memory keeps beside the data and the wasm embeds.
//! `stored.rs` reads them.

#![expect(
    clippy::indexing_slicing,
    reason = "constant evaluation has no iterators, and the code's own types are not read from memory"
)]

use super::fingerprint::{Fingerprint, Sha256};
use super::shape::{Field, Layout};

/// The bytes that identify the kinds of layouts. Those of primitives are in [`Prim`](super::Prim).
pub(crate) mod tag {
    pub(crate) const STRING: u8 = 0x10;
    pub(crate) const PRINCIPAL: u8 = 0x11;
    pub(crate) const DURATION: u8 = 0x12;
    pub(crate) const BLOB: u8 = 0x13;
    pub(crate) const TEXT: u8 = 0x14;
    pub(crate) const NON_ZERO: u8 = 0x20;
    pub(crate) const OPTION: u8 = 0x21;
    pub(crate) const RESULT: u8 = 0x22;
    pub(crate) const VEC: u8 = 0x23;
    pub(crate) const ARRAY: u8 = 0x24;
    pub(crate) const TUPLE: u8 = 0x25;
    pub(crate) const REVERSE: u8 = 0x26;
    pub(crate) const STRUCT: u8 = 0x30;
    pub(crate) const ENUM: u8 = 0x31;
    pub(crate) const OPAQUE: u8 = 0x32;
}

/// The destination of a descriptor: a hash, a buffer, or nothing if only its length is needed.
#[derive(Debug)]
pub struct Sink<'a> {
    hash: Option<Sha256>,
    out: &'a mut [u8],
    len: usize,
}

impl<'a> Sink<'a> {
    pub(crate) const fn hasher() -> Sink<'static> {
        Sink { hash: Some(Sha256::new()), out: &mut [], len: 0 }
    }

    /// Returns a sink that writes to `out` and drops what does not fit. [`Sink::len`] counts all
    /// bytes.
    pub const fn buffer(out: &'a mut [u8]) -> Self {
        Sink { hash: None, out, len: 0 }
    }

    pub(crate) const fn finish(self) -> Fingerprint {
        match self.hash {
            Some(hash) => hash.finish(),
            None => Fingerprint([0; 16]),
        }
    }

    /// Returns the number of bytes written, including dropped ones.
    #[must_use]
    #[allow(clippy::len_without_is_empty)]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Writes one byte.
    pub const fn byte(&mut self, byte: u8) {
        if let Some(hash) = &mut self.hash {
            hash.push(byte);
        } else if self.len < self.out.len() {
            self.out[self.len] = byte;
        }
        self.len += 1;
    }

    /// Writes bytes.
    pub const fn bytes(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() {
            self.byte(bytes[i]);
            i += 1;
        }
    }

    /// Writes a name: its length in one byte, then its UTF-8.
    ///
    /// # Panics
    /// Panics if the name has more than 255 bytes. In a constant, that is a compile error.
    pub const fn name(&mut self, name: &str) {
        assert!(name.len() <= 255, "a name in a stable layout has at most 255 bytes");
        self.byte(name.len() as u8);
        self.bytes(name.as_bytes());
    }

    /// Writes a 16-bit number.
    ///
    /// # Panics
    /// Panics if the number is above 65,535. In a constant, that is a compile error.
    pub const fn u16(&mut self, number: usize) {
        assert!(number <= 0xffff, "a stable layout has at most 65,535 parts at one level");
        self.bytes(&(number as u16).to_le_bytes());
    }
}

impl Layout {
    /// Returns 128 bits that identify this layout, with its nested layouts and versions.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        let mut sink = Sink::hasher();
        describe(self, false, &mut sink);
        sink.finish()
    }
}

/// Writes the canonical descriptor of `layout`, with type names if `names` is `true`. The
/// fingerprint is over the descriptor without type names.
pub const fn describe(layout: &Layout, names: bool, sink: &mut Sink<'_>) {
    match layout {
        Layout::Prim(prim) => sink.byte(*prim as u8),
        Layout::NonZero(prim) => sink.bytes(&[tag::NON_ZERO, *prim as u8]),
        Layout::String => sink.byte(tag::STRING),
        Layout::Principal => sink.byte(tag::PRINCIPAL),
        Layout::Duration => sink.byte(tag::DURATION),
        Layout::Blob(max) => sized(tag::BLOB, *max, sink),
        Layout::Text(max) => sized(tag::TEXT, *max, sink),
        Layout::Option(inner) => wrapper(tag::OPTION, inner, names, sink),
        Layout::Vec(inner) => wrapper(tag::VEC, inner, names, sink),
        Layout::Reverse(inner) => wrapper(tag::REVERSE, inner, names, sink),
        Layout::Result(ok, err) => {
            wrapper(tag::RESULT, ok, names, sink);
            describe(err, names, sink);
        }
        Layout::Array(inner, len) => {
            sized(tag::ARRAY, *len, sink);
            describe(inner, names, sink);
        }
        Layout::Tuple(parts) => {
            sink.byte(tag::TUPLE);
            sink.u16(parts.len());
            let mut i = 0;
            while i < parts.len() {
                describe(parts[i], names, sink);
                i += 1;
            }
        }
        Layout::Struct { name, version, fields } => {
            derived(tag::STRUCT, name, *version, names, sink);
            describe_fields(fields, names, sink);
        }
        Layout::Enum { name, version, variants } => {
            derived(tag::ENUM, name, *version, names, sink);
            sink.u16(variants.len());
            let mut i = 0;
            while i < variants.len() {
                sink.name(variants[i].name);
                sink.byte(variants[i].tag);
                describe_fields(variants[i].fields, names, sink);
                i += 1;
            }
        }
        Layout::Opaque { codec } => {
            sink.byte(tag::OPAQUE);
            sink.name(codec);
        }
    }
}

const fn sized(tag: u8, size: u32, sink: &mut Sink<'_>) {
    sink.byte(tag);
    sink.bytes(&size.to_le_bytes());
}

const fn wrapper(tag: u8, inner: &Layout, names: bool, sink: &mut Sink<'_>) {
    sink.byte(tag);
    describe(inner, names, sink);
}

const fn derived(tag: u8, name: &str, version: u32, names: bool, sink: &mut Sink<'_>) {
    sink.byte(tag);
    sink.name(if names { name } else { "" });
    sink.bytes(&version.to_le_bytes());
}

const fn describe_fields(fields: &[Field], names: bool, sink: &mut Sink<'_>) {
    sink.u16(fields.len());
    let mut i = 0;
    while i < fields.len() {
        sink.name(fields[i].name);
        describe(fields[i].layout, names, sink);
        i += 1;
    }
}

/// Returns the descriptor of `layout` with its type names, as it is kept in memory.
#[must_use]
pub fn descriptor(layout: &Layout) -> Vec<u8> {
    let mut measure = Sink::buffer(&mut []);
    describe(layout, true, &mut measure);
    let mut bytes = vec![0; measure.len()];
    describe(layout, true, &mut Sink::buffer(&mut bytes));
    bytes
}
