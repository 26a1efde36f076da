//! The structure of a layout, as a tree of constants that the compiler builds.

#![expect(
    clippy::indexing_slicing,
    reason = "constant evaluation has no iterators, and the code's own types are not read from memory"
)]

/// The byte layout of a type: its structure, with the names and versions that people read.
#[derive(Debug)]
pub enum Layout {
    /// An integer, float, `bool` or `char`.
    Prim(Prim),
    /// An integer that is never zero.
    NonZero(Prim),
    /// UTF-8 text of any length.
    String,
    /// `candid::Principal`.
    Principal,
    /// `std::time::Duration`.
    Duration,
    /// At most this number of bytes, stored in a constant size.
    Blob(u32),
    /// At most this number of bytes of UTF-8, stored in a constant size.
    Text(u32),
    /// A value or none.
    Option(&'static Layout),
    /// A value of one of two types.
    Result(&'static Layout, &'static Layout),
    /// Any number of values of one type.
    Vec(&'static Layout),
    /// A constant number of values of one type.
    Array(&'static Layout, u32),
    /// Fields without names. The unit type is the empty tuple.
    Tuple(&'static [&'static Layout]),
    /// The opposite order, in keys only.
    Reverse(&'static Layout),
    /// A derived struct.
    Struct {
        /// The name of the Rust type for people. It is not part of the fingerprint.
        name: &'static str,
        /// The version of `#[layout(version = …)]`. In keys, which do not migrate, it is 0.
        version: u32,
        /// The fields in the order of the declaration.
        fields: &'static [Field],
    },
    /// A derived enum.
    Enum {
        /// The name of the Rust type for people. It is not part of the fingerprint.
        name: &'static str,
        /// The version of `#[layout(version = …)]`. In keys, which do not migrate, it is 0.
        version: u32,
        /// The variants in the order of the declaration.
        variants: &'static [Variant],
    },
    /// Bytes that only a named codec understands.
    Opaque {
        /// The name of the codec, such as `nat`.
        codec: &'static str,
    },
}

/// A named field. Those of tuple structs are named `0`, `1` and so on.
#[derive(Debug)]
pub struct Field {
    /// Its name in the source.
    pub name: &'static str,
    /// Its layout.
    pub layout: &'static Layout,
}

/// A variant of an enum.
#[derive(Debug)]
pub struct Variant {
    /// Its name in the source.
    pub name: &'static str,
    /// The byte that identifies it.
    pub tag: u8,
    /// Its fields, which follow the tag like the fields of a struct.
    pub fields: &'static [Field],
}

/// A primitive type, with the byte that identifies it in descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Prim {
    Bool = 0x01,
    Char = 0x02,
    U8 = 0x03,
    U16 = 0x04,
    U32 = 0x05,
    U64 = 0x06,
    U128 = 0x07,
    I8 = 0x08,
    I16 = 0x09,
    I32 = 0x0a,
    I64 = 0x0b,
    I128 = 0x0c,
    F32 = 0x0d,
    F64 = 0x0e,
}

impl Prim {
    /// All primitive types in the order of their bytes.
    pub const ALL: [Prim; 14] = {
        use Prim::*;
        [Bool, Char, U8, U16, U32, U64, U128, I8, I16, I32, I64, I128, F32, F64]
    };

    /// Returns the number of bytes that a value takes.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Prim::Bool | Prim::U8 | Prim::I8 => 1,
            Prim::U16 | Prim::I16 => 2,
            Prim::Char | Prim::U32 | Prim::I32 | Prim::F32 => 4,
            Prim::U64 | Prim::I64 | Prim::F64 => 8,
            Prim::U128 | Prim::I128 => 16,
        }
    }

    /// Returns the type's name in Rust.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Prim::Bool => "bool",
            Prim::Char => "char",
            Prim::U8 => "u8",
            Prim::U16 => "u16",
            Prim::U32 => "u32",
            Prim::U64 => "u64",
            Prim::U128 => "u128",
            Prim::I8 => "i8",
            Prim::I16 => "i16",
            Prim::I32 => "i32",
            Prim::I64 => "i64",
            Prim::I128 => "i128",
            Prim::F32 => "f32",
            Prim::F64 => "f64",
        }
    }
}

/// Returns the size of the length that precedes a blob or text of at most `max` bytes.
#[must_use]
pub const fn length_bytes(max: u32) -> usize {
    match max {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    }
}

impl Layout {
    /// Returns the constant size of a value's encoding in bytes, or `None` if it varies.
    #[must_use]
    pub const fn size(&self) -> Option<usize> {
        match self {
            Layout::Prim(prim) | Layout::NonZero(prim) => Some(prim.size()),
            Layout::Principal => Some(30),
            Layout::Duration => Some(12),
            Layout::Blob(max) | Layout::Text(max) => Some(length_bytes(*max) + *max as usize),
            Layout::Option(inner) | Layout::Reverse(inner) => match inner.size() {
                Some(size) if matches!(self, Layout::Option(_)) => Some(1 + size),
                size => size,
            },
            Layout::Result(ok, err) => match (ok.size(), err.size()) {
                (Some(ok), Some(err)) => Some(1 + if ok > err { ok } else { err }),
                _ => None,
            },
            Layout::Array(inner, len) => match inner.size() {
                Some(size) => Some(size * *len as usize),
                None => None,
            },
            Layout::Tuple(parts) => tuple_size(parts),
            Layout::Struct { fields, .. } => fields_size(fields),
            Layout::Enum { variants, .. } => enum_size(variants),
            Layout::String | Layout::Vec(_) | Layout::Opaque { .. } => None,
        }
    }

    /// Returns the constant length of an encoded key, or `None` if it varies.
    #[must_use]
    pub const fn key_size(&self) -> Option<usize> {
        match self {
            Layout::Prim(_) | Layout::NonZero(_) | Layout::Principal | Layout::Duration => self.size(),
            Layout::Reverse(inner) => inner.key_size(),
            Layout::Array(inner, len) => match inner.key_size() {
                Some(size) => Some(size * *len as usize),
                None => None,
            },
            Layout::Tuple(parts) => {
                let (mut size, mut i) = (0, 0);
                while i < parts.len() {
                    match parts[i].key_size() {
                        Some(part) => size += part,
                        None => return None,
                    }
                    i += 1;
                }
                Some(size)
            }
            Layout::Struct { fields, .. } => key_fields_size(fields),
            Layout::Enum { variants, .. } => key_enum_size(variants),
            _ => None,
        }
    }
}

/// Returns the size of a record of these fields, or `None` if one of them varies in size.
const fn fields_size(fields: &[Field]) -> Option<usize> {
    let (mut size, mut i) = (0, 0);
    while i < fields.len() {
        match fields[i].layout.size() {
            Some(field) => size += field,
            None => return None,
        }
        i += 1;
    }
    Some(size)
}

const fn tuple_size(parts: &[&Layout]) -> Option<usize> {
    let (mut size, mut i) = (0, 0);
    while i < parts.len() {
        match parts[i].size() {
            Some(part) => size += part,
            None => return None,
        }
        i += 1;
    }
    Some(size)
}

const fn enum_size(variants: &[Variant]) -> Option<usize> {
    let (mut largest, mut i) = (0, 0);
    while i < variants.len() {
        match fields_size(variants[i].fields) {
            Some(size) if size > largest => largest = size,
            Some(_) => {}
            None => return None,
        }
        i += 1;
    }
    Some(1 + largest)
}

const fn key_fields_size(fields: &[Field]) -> Option<usize> {
    let (mut size, mut i) = (0, 0);
    while i < fields.len() {
        match fields[i].layout.key_size() {
            Some(field) => size += field,
            None => return None,
        }
        i += 1;
    }
    Some(size)
}

/// Returns the constant length of an enum's encoded key, or `None` if it varies. Keys are not
/// padded, so all variants must have the same length.
const fn key_enum_size(variants: &[Variant]) -> Option<usize> {
    let mut all = None;
    let mut i = 0;
    while i < variants.len() {
        match (key_fields_size(variants[i].fields), all) {
            (Some(size), None) => all = Some(size),
            (Some(size), Some(other)) if size == other => {}
            _ => return None,
        }
        i += 1;
    }
    match all {
        Some(size) => Some(1 + size),
        None => None,
    }
}

impl Layout {
    /// Returns the version of a derived type, or `None` for other types.
    #[must_use]
    pub const fn version(&self) -> Option<u32> {
        match self {
            Layout::Struct { version, .. } | Layout::Enum { version, .. } => Some(*version),
            _ => None,
        }
    }

    /// Returns the name of a derived type, or an empty string for other types.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Layout::Struct { name, .. } | Layout::Enum { name, .. } => name,
            _ => "",
        }
    }
}
