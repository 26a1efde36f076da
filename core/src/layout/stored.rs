//! A layout read from a descriptor in memory.

use core::fmt;

use super::descriptor::tag;
use super::{Fingerprint, Invalid, Layout, Prim, length_bytes};

/// A [`Layout`] that was read from memory, as a tree that owns its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Stored {
    Prim(Prim),
    NonZero(Prim),
    String,
    Principal,
    Duration,
    Blob(u32),
    Text(u32),
    Option(Box<Stored>),
    Result(Box<Stored>, Box<Stored>),
    Vec(Box<Stored>),
    Array(Box<Stored>, u32),
    Tuple(Vec<Stored>),
    Reverse(Box<Stored>),
    Struct { name: String, version: u32, fields: Vec<StoredField> },
    Enum { name: String, version: u32, variants: Vec<StoredVariant> },
    Opaque { codec: String },
}

/// A field of a stored struct or variant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredField {
    pub name: String,
    pub layout: Stored,
}

/// A variant of a stored enum.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredVariant {
    pub name: String,
    pub tag: u8,
    pub fields: Vec<StoredField>,
}

/// The largest depth of nested layouts, which limits recursion on damaged memory.
pub(crate) const DEPTH: usize = 64;

impl Stored {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// [`Invalid`] where the bytes are no descriptor.
    pub fn parse(bytes: &[u8]) -> Result<Stored, Invalid> {
        let mut parser = Parser { rest: bytes };
        let stored = parser.layout(DEPTH)?;
        if parser.rest.is_empty() {
            Ok(stored)
        } else {
            Err(Invalid("a descriptor is longer than its layout"))
        }
    }

    /// Returns the constant size of encodings as [`Layout::size`] does, or `None` if it is more than 4 GiB.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        let size = match self {
            Stored::Prim(prim) | Stored::NonZero(prim) => Some(prim.size()),
            Stored::Principal => Some(30),
            Stored::Duration => Some(12),
            Stored::Blob(max) | Stored::Text(max) => length_bytes(*max).checked_add(*max as usize),
            Stored::Option(inner) => inner.size()?.checked_add(1),
            Stored::Reverse(inner) => inner.size(),
            Stored::Result(ok, err) => ok.size()?.max(err.size()?).checked_add(1),
            Stored::Array(inner, len) => inner.size()?.checked_mul(*len as usize),
            Stored::Tuple(parts) => sum(parts.iter().map(Stored::size)),
            Stored::Struct { fields, .. } => fields_size(fields),
            Stored::Enum { variants, .. } => {
                let mut largest = 0;
                for variant in variants {
                    largest = largest.max(fields_size(&variant.fields)?);
                }
                largest.checked_add(1)
            }
            Stored::String | Stored::Vec(_) | Stored::Opaque { .. } => None,
        };
        size.filter(|size| *size <= u32::MAX as usize)
    }

    /// Returns the version of a derived type.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        match self {
            Stored::Struct { version, .. } | Stored::Enum { version, .. } => Some(*version),
            _ => None,
        }
    }

    /// Computes the fingerprint from the structure.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Vec::with_capacity(256);
        self.write(false, &mut bytes);
        let mut sha = super::fingerprint::Sha256::new();
        sha.update(&bytes);
        sha.finish()
    }

    /// Returns the descriptor with type names, as it is kept in memory.
    #[must_use]
    pub fn descriptor(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(true, &mut bytes);
        bytes
    }

    fn write(&self, names: bool, out: &mut Vec<u8>) {
        let mut derived = |tag, name: &str, version: u32| {
            out.push(tag);
            write_name(if names { name } else { "" }, out);
            out.extend(version.to_le_bytes());
        };
        match self {
            Stored::Prim(prim) => out.push(*prim as u8),
            Stored::NonZero(prim) => out.extend([tag::NON_ZERO, *prim as u8]),
            Stored::String => out.push(tag::STRING),
            Stored::Principal => out.push(tag::PRINCIPAL),
            Stored::Duration => out.push(tag::DURATION),
            Stored::Blob(max) => write_sized(tag::BLOB, *max, out),
            Stored::Text(max) => write_sized(tag::TEXT, *max, out),
            Stored::Option(inner) => write_wrapper(tag::OPTION, &[inner], names, out),
            Stored::Vec(inner) => write_wrapper(tag::VEC, &[inner], names, out),
            Stored::Reverse(inner) => write_wrapper(tag::REVERSE, &[inner], names, out),
            Stored::Result(ok, err) => write_wrapper(tag::RESULT, &[ok, err], names, out),
            Stored::Array(inner, len) => {
                write_sized(tag::ARRAY, *len, out);
                inner.write(names, out);
            }
            Stored::Tuple(parts) => {
                out.push(tag::TUPLE);
                out.extend((parts.len() as u16).to_le_bytes());
                parts.iter().for_each(|part| part.write(names, out));
            }
            Stored::Struct { name, version, fields } => {
                derived(tag::STRUCT, name, *version);
                write_fields(fields, names, out);
            }
            Stored::Enum { name, version, variants } => {
                derived(tag::ENUM, name, *version);
                out.extend((variants.len() as u16).to_le_bytes());
                for variant in variants {
                    write_name(&variant.name, out);
                    out.push(variant.tag);
                    write_fields(&variant.fields, names, out);
                }
            }
            Stored::Opaque { codec } => {
                out.push(tag::OPAQUE);
                write_name(codec, out);
            }
        }
    }
}

impl From<&Layout> for Stored {
    /// Returns what would be read if `layout` were stored.
    fn from(layout: &Layout) -> Stored {
        let bytes = super::descriptor::descriptor(layout);
        Stored::parse(&bytes).unwrap_or_else(|why| unreachable!("descriptors read back: {why}"))
    }
}

fn sum(mut sizes: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    sizes.try_fold(0usize, |sum, size| sum.checked_add(size?))
}

fn fields_size(fields: &[StoredField]) -> Option<usize> {
    sum(fields.iter().map(|field| field.layout.size()))
}

fn write_name(name: &str, out: &mut Vec<u8>) {
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
}

fn write_sized(tag: u8, size: u32, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(size.to_le_bytes());
}

fn write_wrapper(tag: u8, inner: &[&Stored], names: bool, out: &mut Vec<u8>) {
    out.push(tag);
    inner.iter().for_each(|inner| inner.write(names, out));
}

fn write_fields(fields: &[StoredField], names: bool, out: &mut Vec<u8>) {
    out.extend((fields.len() as u16).to_le_bytes());
    for field in fields {
        write_name(&field.name, out);
        field.layout.write(names, out);
    }
}

/// A parser of descriptors. `store::section` uses it for histories, too.
pub(crate) struct Parser<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Parser<'a> {
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Invalid("a descriptor ends early"))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Invalid> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn name(&mut self) -> Result<String, Invalid> {
        let [len] = self.take()?;
        let split = self.rest.split_at_checked(len as usize);
        let (name, rest) = split.ok_or(Invalid("a name ends behind its descriptor"))?;
        self.rest = rest;
        String::from_utf8(name.to_vec()).map_err(|_| Invalid("a name is not UTF-8"))
    }

    fn prim(&mut self) -> Result<Prim, Invalid> {
        let [byte] = self.take()?;
        prim(byte).ok_or(Invalid("a descriptor names an unknown primitive"))
    }

    pub(crate) fn several<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, Invalid>,
    ) -> Result<Vec<T>, Invalid> {
        let count = u16::from_le_bytes(self.take()?);
        (0..count).map(|_| one(self)).collect()
    }

    fn fields(&mut self, depth: usize) -> Result<Vec<StoredField>, Invalid> {
        self.several(|parser| Ok(StoredField { name: parser.name()?, layout: parser.layout(depth)? }))
    }

    pub(crate) fn layout(&mut self, depth: usize) -> Result<Stored, Invalid> {
        let depth = depth.checked_sub(1).ok_or(Invalid("a descriptor nests too deep"))?;
        let [byte] = self.take()?;
        let inner = |parser: &mut Self| parser.layout(depth).map(Box::new);
        Ok(match byte {
            tag::STRING => Stored::String,
            tag::PRINCIPAL => Stored::Principal,
            tag::DURATION => Stored::Duration,
            tag::BLOB => Stored::Blob(self.u32()?),
            tag::TEXT => Stored::Text(self.u32()?),
            tag::NON_ZERO => Stored::NonZero(self.prim()?),
            tag::OPTION => Stored::Option(inner(self)?),
            tag::VEC => Stored::Vec(inner(self)?),
            tag::REVERSE => Stored::Reverse(inner(self)?),
            tag::RESULT => Stored::Result(inner(self)?, inner(self)?),
            tag::ARRAY => {
                let len = self.u32()?;
                Stored::Array(inner(self)?, len)
            }
            tag::TUPLE => Stored::Tuple(self.several(|parser| parser.layout(depth))?),
            tag::STRUCT => {
                Stored::Struct { name: self.name()?, version: self.u32()?, fields: self.fields(depth)? }
            }
            tag::ENUM => {
                let (name, version) = (self.name()?, self.u32()?);
                let variants = self.several(|parser| {
                    let (name, [tag]) = (parser.name()?, parser.take()?);
                    Ok(StoredVariant { name, tag, fields: parser.fields(depth)? })
                })?;
                Stored::Enum { name, version, variants }
            }
            tag::OPAQUE => Stored::Opaque { codec: self.name()? },
            byte => Stored::Prim(prim(byte).ok_or(Invalid("a descriptor names an unknown layout"))?),
        })
    }
}

fn prim(byte: u8) -> Option<Prim> {
    Prim::ALL.into_iter().find(|prim| *prim as u8 == byte)
}

/// Writes the type as a Rust programmer would.
impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stored::Prim(prim) => f.write_str(prim.name()),
            Stored::NonZero(prim) => write!(f, "NonZero<{}>", prim.name()),
            Stored::String => f.write_str("String"),
            Stored::Principal => f.write_str("Principal"),
            Stored::Duration => f.write_str("Duration"),
            Stored::Blob(max) => write!(f, "Blob<{max}>"),
            Stored::Text(max) => write!(f, "Text<{max}>"),
            Stored::Option(inner) => write!(f, "Option<{inner}>"),
            Stored::Result(ok, err) => write!(f, "Result<{ok}, {err}>"),
            Stored::Vec(inner) => write!(f, "Vec<{inner}>"),
            Stored::Array(inner, len) => write!(f, "[{inner}; {len}]"),
            Stored::Reverse(inner) => write!(f, "Reverse<{inner}>"),
            Stored::Tuple(parts) => {
                f.write_str("(")?;
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str(if parts.len() == 1 { ",)" } else { ")" })
            }
            Stored::Struct { name, .. } | Stored::Enum { name, .. } => f.write_str(name),
            Stored::Opaque { codec } => write!(f, "{codec} bytes"),
        }
    }
}
