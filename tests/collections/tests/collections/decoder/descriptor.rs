//! Descriptors and fingerprints: section 8.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::bytes::Reader;

/// A type, as a descriptor writes it down.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    Bool,
    Char,
    Int(Int),
    Float { size: usize },
    String,
    Principal,
    Duration,
    Blob(u32),
    Text(u32),
    NonZero(Int),
    Option(Box<Type>),
    Result(Box<Type>, Box<Type>),
    Vec(Box<Type>),
    Array(u32, Box<Type>),
    Tuple(Vec<Type>),
    Reverse(Box<Type>),
    Struct { name: String, version: u32, fields: Vec<Field> },
    Enum { name: String, version: u32, variants: Vec<Variant> },
    Opaque(String),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Int {
    pub size: usize,
    pub signed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub name: String,
    pub of: Type,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    pub name: String,
    pub tag: u8,
    pub fields: Vec<Field>,
}

const DEEPEST: usize = 64;

impl Type {
    /// Parses a descriptor that is all of `bytes`.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut reader = Reader::new(bytes);
        let parsed = Self::read(&mut reader, 1);
        assert!(reader.is_empty(), "a descriptor ends with its record");
        assert_eq!(parsed.written(true), bytes, "a descriptor is written in one way only");
        parsed
    }

    fn read(reader: &mut Reader, depth: usize) -> Self {
        assert!(depth <= DEEPEST, "descriptors nest at most {DEEPEST} deep");
        let inner = |reader: &mut Reader| Box::new(Self::read(reader, depth + 1));
        match reader.u8() {
            0x01 => Self::Bool,
            0x02 => Self::Char,
            byte @ 0x03..=0x0c => Self::Int(integer(byte)),
            0x0d => Self::Float { size: 4 },
            0x0e => Self::Float { size: 8 },
            0x10 => Self::String,
            0x11 => Self::Principal,
            0x12 => Self::Duration,
            0x13 => Self::Blob(reader.u32()),
            0x14 => Self::Text(reader.u32()),
            0x20 => Self::NonZero(integer(reader.u8())),
            0x21 => Self::Option(inner(reader)),
            0x22 => Self::Result(inner(reader), inner(reader)),
            0x23 => Self::Vec(inner(reader)),
            0x24 => Self::Array(reader.u32(), inner(reader)),
            0x25 => Self::Tuple((0..reader.u16()).map(|_| *inner(reader)).collect()),
            0x26 => Self::Reverse(inner(reader)),
            0x30 => Self::Struct {
                name: reader.name(),
                version: reader.u32(),
                fields: read_fields(reader, depth),
            },
            0x31 => Self::Enum {
                name: reader.name(),
                version: reader.u32(),
                variants: read_variants(reader, depth),
            },
            0x32 => Self::Opaque(reader.name()),
            byte => panic!("{byte:#04x} begins no descriptor"),
        }
    }

    /// Adds the bytes that say what this type and its parts are.
    pub fn kinds(&self, kinds: &mut BTreeSet<u8>) {
        kinds.insert(self.written(false)[0]);
        let of = |fields: &[Field]| fields.iter().map(|field| field.of.clone()).collect::<Vec<_>>();
        let parts = match self {
            Self::Option(part) | Self::Vec(part) | Self::Array(_, part) | Self::Reverse(part) => {
                vec![Self::clone(part)]
            }
            Self::Result(ok, err) => vec![Self::clone(ok), Self::clone(err)],
            Self::Tuple(parts) => parts.clone(),
            Self::Struct { fields, .. } => of(fields),
            Self::Enum { variants, .. } => variants.iter().flat_map(|variant| of(&variant.fields)).collect(),
            _ => vec![],
        };
        parts.iter().for_each(|part| part.kinds(kinds));
    }

    /// SHA-256 over the descriptor without the names of types, its first 16 bytes.
    pub fn fingerprint(&self) -> [u8; 16] {
        Sha256::digest(self.written(false))[..16].try_into().unwrap()
    }

    /// Returns the descriptor's bytes, with the names of types or with empty ones.
    fn written(&self, named: bool) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(named, &mut out);
        out
    }

    fn write(&self, named: bool, out: &mut Vec<u8>) {
        let type_name = |name: &'_ str| if named { name.to_owned() } else { String::new() };
        match self {
            Self::Bool => out.push(0x01),
            Self::Char => out.push(0x02),
            Self::Int(int) => out.push(integer_byte(*int)),
            Self::Float { size } => out.push(if *size == 4 { 0x0d } else { 0x0e }),
            Self::String => out.push(0x10),
            Self::Principal => out.push(0x11),
            Self::Duration => out.push(0x12),
            Self::Blob(n) => put(out, 0x13, &n.to_le_bytes()),
            Self::Text(n) => put(out, 0x14, &n.to_le_bytes()),
            Self::NonZero(int) => put(out, 0x20, &[integer_byte(*int)]),
            Self::Option(some) => put(out, 0x21, &some.written(named)),
            Self::Result(ok, err) => put(out, 0x22, &[ok.written(named), err.written(named)].concat()),
            Self::Vec(element) => put(out, 0x23, &element.written(named)),
            Self::Array(n, element) => {
                put(out, 0x24, &n.to_le_bytes());
                element.write(named, out);
            }
            Self::Tuple(parts) => {
                put(out, 0x25, &(parts.len() as u16).to_le_bytes());
                parts.iter().for_each(|part| part.write(named, out));
            }
            Self::Reverse(inner) => put(out, 0x26, &inner.written(named)),
            Self::Struct { name, version, fields } => {
                out.push(0x30);
                put_name(out, &type_name(name));
                out.extend(version.to_le_bytes());
                write_fields(fields, named, out);
            }
            Self::Enum { name, version, variants } => {
                out.push(0x31);
                put_name(out, &type_name(name));
                out.extend(version.to_le_bytes());
                write_variants(variants, named, out);
            }
            Self::Opaque(codec) => {
                out.push(0x32);
                put_name(out, codec);
            }
        }
    }
}

fn read_fields(reader: &mut Reader, depth: usize) -> Vec<Field> {
    let number = reader.u16();
    (0..number).map(|_| Field { name: reader.name(), of: Type::read(reader, depth + 1) }).collect()
}

fn read_variants(reader: &mut Reader, depth: usize) -> Vec<Variant> {
    let number = reader.u16();
    let variants: Vec<Variant> = (0..number)
        .map(|_| Variant { name: reader.name(), tag: reader.u8(), fields: read_fields(reader, depth) })
        .collect();
    let mut tags: Vec<u8> = variants.iter().map(|variant| variant.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    assert_eq!(tags.len(), variants.len(), "no two variants have the same tag");
    variants
}

fn write_fields(fields: &[Field], named: bool, out: &mut Vec<u8>) {
    out.extend((fields.len() as u16).to_le_bytes());
    for field in fields {
        put_name(out, &field.name);
        field.of.write(named, out);
    }
}

fn write_variants(variants: &[Variant], named: bool, out: &mut Vec<u8>) {
    out.extend((variants.len() as u16).to_le_bytes());
    for variant in variants {
        put_name(out, &variant.name);
        out.push(variant.tag);
        write_fields(&variant.fields, named, out);
    }
}

fn put(out: &mut Vec<u8>, kind: u8, parts: &[u8]) {
    out.push(kind);
    out.extend(parts);
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    out.push(name.len() as u8);
    out.extend(name.as_bytes());
}

/// Unsigned ones are 3 to 7, signed ones 8 to 12, each from one byte to sixteen.
fn integer(byte: u8) -> Int {
    match byte {
        0x03..=0x07 => Int { size: 1 << (byte - 0x03), signed: false },
        0x08..=0x0c => Int { size: 1 << (byte - 0x08), signed: true },
        _ => panic!("{byte:#04x} is no integer"),
    }
}

fn integer_byte(int: Int) -> u8 {
    int.size.trailing_zeros() as u8 + if int.signed { 0x08 } else { 0x03 }
}
