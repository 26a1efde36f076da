//! A layout read from a descriptor in memory.

use core::fmt;

use super::descriptor::tag;
use super::{Fingerprint, Invalid, Layout, Prim, length_bytes};

/// A [`Layout`] that was read from memory, as a tree that owns its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OwnedLayout {
    Prim(Prim),
    NonZero(Prim),
    String,
    Principal,
    Duration,
    Blob(u32),
    Text(u32),
    Option(Box<OwnedLayout>),
    Result(Box<OwnedLayout>, Box<OwnedLayout>),
    Vec(Box<OwnedLayout>),
    Array(Box<OwnedLayout>, u32),
    Tuple(Vec<OwnedLayout>),
    Reverse(Box<OwnedLayout>),
    Struct { name: String, version: u32, fields: Vec<OwnedField> },
    Enum { name: String, version: u32, variants: Vec<OwnedVariant> },
    Opaque { codec: String },
}

/// A field of a stored struct or variant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct OwnedField {
    pub name: String,
    pub layout: OwnedLayout,
}

/// A variant of a stored enum.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct OwnedVariant {
    pub name: String,
    pub tag: u8,
    pub fields: Vec<OwnedField>,
}

/// The largest depth of nested layouts, which limits recursion on damaged memory.
pub(crate) const DEPTH: usize = 64;

impl OwnedLayout {
    /// Reads a descriptor.
    ///
    /// # Errors
    /// [`Invalid`] if the bytes are not a descriptor.
    pub fn parse(bytes: &[u8]) -> Result<OwnedLayout, Invalid> {
        let mut parser = Parser { rest: bytes };
        let stored = parser.layout(DEPTH)?;
        if parser.rest.is_empty() {
            Ok(stored)
        } else {
            Err(Invalid("a descriptor is longer than its layout"))
        }
    }

    /// Reads the descriptor with which bytes begin, if there is one. Returns it with the number of
    /// bytes that were read.
    pub(crate) fn parse_first(bytes: &[u8]) -> (Option<OwnedLayout>, usize) {
        let mut parser = Parser { rest: bytes };
        let stored = parser.layout(DEPTH).ok();
        (stored, bytes.len().saturating_sub(parser.rest.len()))
    }

    /// Returns the constant size of encodings like [`Layout::size`], or `None` if it varies or is 4
    /// GiB or more.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        let size = match self {
            OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim) => Some(prim.size()),
            OwnedLayout::Principal => Some(30),
            OwnedLayout::Duration => Some(12),
            OwnedLayout::Blob(max) | OwnedLayout::Text(max) => length_bytes(*max).checked_add(*max as usize),
            OwnedLayout::Option(inner) => inner.size()?.checked_add(1),
            OwnedLayout::Reverse(inner) => inner.size(),
            OwnedLayout::Result(ok, err) => ok.size()?.max(err.size()?).checked_add(1),
            OwnedLayout::Array(inner, len) => inner.size()?.checked_mul(*len as usize),
            OwnedLayout::Tuple(parts) => sum(parts.iter().map(OwnedLayout::size)),
            OwnedLayout::Struct { fields, .. } => fields_size(fields),
            OwnedLayout::Enum { variants, .. } => {
                let mut largest = 0;
                for variant in variants {
                    largest = largest.max(fields_size(&variant.fields)?);
                }
                largest.checked_add(1)
            }
            OwnedLayout::String | OwnedLayout::Vec(_) | OwnedLayout::Opaque { .. } => None,
        };
        size.filter(|size| u32::try_from(*size).is_ok())
    }

    /// Returns the constant length of encoded keys like [`Layout::key_size`], or `None` if it
    /// varies or is 4 GiB or more.
    #[must_use]
    pub fn key_size(&self) -> Option<usize> {
        let size = match self {
            OwnedLayout::Prim(_)
            | OwnedLayout::NonZero(_)
            | OwnedLayout::Principal
            | OwnedLayout::Duration => self.size(),
            OwnedLayout::Reverse(inner) => inner.key_size(),
            OwnedLayout::Array(inner, len) => inner.key_size()?.checked_mul(*len as usize),
            OwnedLayout::Tuple(parts) => sum(parts.iter().map(OwnedLayout::key_size)),
            OwnedLayout::Struct { fields, .. } => key_fields_size(fields),
            OwnedLayout::Enum { variants, .. } => {
                let mut sizes = variants.iter().map(|variant| key_fields_size(&variant.fields));
                let first = sizes.next()??;
                sizes.all(|size| size == Some(first)).then(|| first.checked_add(1))?
            }
            _ => None,
        };
        size.filter(|size| u32::try_from(*size).is_ok())
    }

    /// Returns the layout of a field of a struct, or of a field of a field by names with dots
    /// between them.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&OwnedLayout> {
        let OwnedLayout::Struct { fields, .. } = self else { return None };
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            return Some(&field.layout);
        }
        let (first, rest) = name.split_once('.')?;
        fields.iter().find(|field| field.name == first)?.layout.field(rest)
    }

    /// Returns `true` for `u8`, whose lists are bytes.
    #[must_use]
    pub fn is_byte(&self) -> bool {
        *self == OwnedLayout::Prim(Prim::U8)
    }

    /// Returns the version of a derived type, or `None` for other types.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        match self {
            OwnedLayout::Struct { version, .. } | OwnedLayout::Enum { version, .. } => Some(*version),
            _ => None,
        }
    }

    /// Returns the fingerprint, computed from the structure.
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
            OwnedLayout::Prim(prim) => out.push(*prim as u8),
            OwnedLayout::NonZero(prim) => out.extend([tag::NON_ZERO, *prim as u8]),
            OwnedLayout::String => out.push(tag::STRING),
            OwnedLayout::Principal => out.push(tag::PRINCIPAL),
            OwnedLayout::Duration => out.push(tag::DURATION),
            OwnedLayout::Blob(max) => write_sized(tag::BLOB, *max, out),
            OwnedLayout::Text(max) => write_sized(tag::TEXT, *max, out),
            OwnedLayout::Option(inner) => write_wrapper(tag::OPTION, &[inner], names, out),
            OwnedLayout::Vec(inner) => write_wrapper(tag::VEC, &[inner], names, out),
            OwnedLayout::Reverse(inner) => write_wrapper(tag::REVERSE, &[inner], names, out),
            OwnedLayout::Result(ok, err) => write_wrapper(tag::RESULT, &[ok, err], names, out),
            OwnedLayout::Array(inner, len) => {
                write_sized(tag::ARRAY, *len, out);
                inner.write(names, out);
            }
            OwnedLayout::Tuple(parts) => {
                out.push(tag::TUPLE);
                out.extend((parts.len() as u16).to_le_bytes());
                parts.iter().for_each(|part| part.write(names, out));
            }
            OwnedLayout::Struct { name, version, fields } => {
                derived(tag::STRUCT, name, *version);
                write_fields(fields, names, out);
            }
            OwnedLayout::Enum { name, version, variants } => {
                derived(tag::ENUM, name, *version);
                out.extend((variants.len() as u16).to_le_bytes());
                for variant in variants {
                    write_name(&variant.name, out);
                    out.push(variant.tag);
                    write_fields(&variant.fields, names, out);
                }
            }
            OwnedLayout::Opaque { codec } => {
                out.push(tag::OPAQUE);
                write_name(codec, out);
            }
        }
    }
}

impl From<&Layout> for OwnedLayout {
    /// Returns the layout that would be read if `layout` were stored.
    #[expect(clippy::unreachable, reason = "the descriptor was written by this code")]
    fn from(layout: &Layout) -> OwnedLayout {
        let bytes = super::descriptor::descriptor(layout);
        OwnedLayout::parse(&bytes).unwrap_or_else(|why| unreachable!("descriptors read back: {why}"))
    }
}

fn sum(mut sizes: impl Iterator<Item = Option<usize>>) -> Option<usize> {
    sizes.try_fold(0usize, |sum, size| sum.checked_add(size?))
}

/// Returns the constant size of a record with these fields, or `None` if it varies.
pub(crate) fn fields_size(fields: &[OwnedField]) -> Option<usize> {
    sum(fields.iter().map(|field| field.layout.size()))
}

fn key_fields_size(fields: &[OwnedField]) -> Option<usize> {
    sum(fields.iter().map(|field| field.layout.key_size()))
}

fn write_name(name: &str, out: &mut Vec<u8>) {
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
}

fn write_sized(tag: u8, size: u32, out: &mut Vec<u8>) {
    out.push(tag);
    out.extend(size.to_le_bytes());
}

fn write_wrapper(tag: u8, inner: &[&OwnedLayout], names: bool, out: &mut Vec<u8>) {
    out.push(tag);
    inner.iter().for_each(|inner| inner.write(names, out));
}

fn write_fields(fields: &[OwnedField], names: bool, out: &mut Vec<u8>) {
    out.extend((fields.len() as u16).to_le_bytes());
    for field in fields {
        write_name(&field.name, out);
        field.layout.write(names, out);
    }
}

/// A parser of descriptors. `store::section` also uses it for histories.
pub(crate) struct Parser<'a> {
    pub(crate) rest: &'a [u8],
}

impl Parser<'_> {
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

    fn fields(&mut self, depth: usize) -> Result<Vec<OwnedField>, Invalid> {
        self.several(|parser| Ok(OwnedField { name: parser.name()?, layout: parser.layout(depth)? }))
    }

    pub(crate) fn layout(&mut self, depth: usize) -> Result<OwnedLayout, Invalid> {
        let depth = depth.checked_sub(1).ok_or(Invalid("a descriptor nests too deep"))?;
        let [byte] = self.take()?;
        let inner = |parser: &mut Self| parser.layout(depth).map(Box::new);
        Ok(match byte {
            tag::STRING => OwnedLayout::String,
            tag::PRINCIPAL => OwnedLayout::Principal,
            tag::DURATION => OwnedLayout::Duration,
            tag::BLOB => OwnedLayout::Blob(self.u32()?),
            tag::TEXT => OwnedLayout::Text(self.u32()?),
            tag::NON_ZERO => OwnedLayout::NonZero(self.prim()?),
            tag::OPTION => OwnedLayout::Option(inner(self)?),
            tag::VEC => OwnedLayout::Vec(inner(self)?),
            tag::REVERSE => OwnedLayout::Reverse(inner(self)?),
            tag::RESULT => OwnedLayout::Result(inner(self)?, inner(self)?),
            tag::ARRAY => {
                let len = self.u32()?;
                OwnedLayout::Array(inner(self)?, len)
            }
            tag::TUPLE => OwnedLayout::Tuple(self.several(|parser| parser.layout(depth))?),
            tag::STRUCT => {
                OwnedLayout::Struct { name: self.name()?, version: self.u32()?, fields: self.fields(depth)? }
            }
            tag::ENUM => {
                let (name, version) = (self.name()?, self.u32()?);
                let variants = self.several(|parser| {
                    let (name, [tag]) = (parser.name()?, parser.take()?);
                    Ok(OwnedVariant { name, tag, fields: parser.fields(depth)? })
                })?;
                OwnedLayout::Enum { name, version, variants }
            }
            tag::OPAQUE => OwnedLayout::Opaque { codec: self.name()? },
            byte => OwnedLayout::Prim(prim(byte).ok_or(Invalid("a descriptor names an unknown layout"))?),
        })
    }
}

fn prim(byte: u8) -> Option<Prim> {
    Prim::ALL.into_iter().find(|prim| *prim as u8 == byte)
}

/// Writes the type in Rust syntax.
impl fmt::Display for OwnedLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OwnedLayout::Prim(prim) => f.write_str(prim.name()),
            OwnedLayout::NonZero(prim) => write!(f, "NonZero<{}>", prim.name()),
            OwnedLayout::String => f.write_str("String"),
            OwnedLayout::Principal => f.write_str("Principal"),
            OwnedLayout::Duration => f.write_str("Duration"),
            OwnedLayout::Blob(max) => write!(f, "Blob<{max}>"),
            OwnedLayout::Text(max) => write!(f, "Text<{max}>"),
            OwnedLayout::Option(inner) => write!(f, "Option<{inner}>"),
            OwnedLayout::Result(ok, err) => write!(f, "Result<{ok}, {err}>"),
            OwnedLayout::Vec(inner) => write!(f, "Vec<{inner}>"),
            OwnedLayout::Array(inner, len) => write!(f, "[{inner}; {len}]"),
            OwnedLayout::Reverse(inner) => write!(f, "Reverse<{inner}>"),
            OwnedLayout::Tuple(parts) => {
                f.write_str("(")?;
                for (i, part) in parts.iter().enumerate() {
                    write!(f, "{}{part}", if i == 0 { "" } else { ", " })?;
                }
                f.write_str(if parts.len() == 1 { ",)" } else { ")" })
            }
            OwnedLayout::Struct { name, .. } | OwnedLayout::Enum { name, .. } => f.write_str(name),
            OwnedLayout::Opaque { codec } => write!(f, "{codec} bytes"),
        }
    }
}
