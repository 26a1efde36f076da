//! Values, by their descriptors: section 10.

use super::bytes::{Reader, signed, text};
use super::descriptor::{Field, Int, Type, Variant};

/// A value or key, independent of its encoding.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bool(bool),
    Char(char),
    /// A number and the bytes of its type.
    Unsigned(u128, usize),
    Signed(i128, usize),
    F32(f32),
    F64(f64),
    Text(String),
    Bytes(Vec<u8>),
    Principal(Vec<u8>),
    Duration {
        seconds: u64,
        nanoseconds: u32,
    },
    Option(Option<Box<Value>>),
    Result(Result<Box<Value>, Box<Value>>),
    List(Vec<Value>),
    Tuple(Vec<Value>),
    Struct(Vec<(String, Value)>),
    Variant {
        name: String,
        fields: Vec<(String, Value)>,
    },
    Reverse(Box<Value>),
    Opaque(Vec<u8>),
}

impl Int {
    /// Returns the value of this type that has the given bits.
    pub fn value(self, bits: u128) -> Value {
        match self {
            Self { size, signed: false } => Value::Unsigned(bits, size),
            Self { size, signed: true } => Value::Signed(signed(bits, size), size),
        }
    }
}

/// Returns the elements of a `Vec` or array; those of bytes are one value.
pub fn elements(of: &Type, elements: Vec<Value>) -> Value {
    let byte = |element| match element {
        Value::Unsigned(byte, 1) => byte as u8,
        other => panic!("{other:?} is no byte"),
    };
    match of {
        Type::Int(Int { size: 1, signed: false }) => Value::Bytes(elements.into_iter().map(byte).collect()),
        _ => Value::List(elements),
    }
}

/// Returns the constant size of a layout's values, or nothing if the layout is dynamic.
pub fn size(of: &Type) -> Option<usize> {
    match of {
        Type::Bool => Some(1),
        Type::Char => Some(4),
        Type::Int(int) | Type::NonZero(int) => Some(int.size),
        Type::Float { size } => Some(*size),
        Type::Principal => Some(30),
        Type::Duration => Some(12),
        Type::Blob(n) | Type::Text(n) => Some(prefix(*n) + *n as usize),
        Type::Option(some) => Some(1 + size(some)?),
        Type::Result(ok, err) => Some(1 + size(ok)?.max(size(err)?)),
        Type::Array(n, element) => Some(*n as usize * size(element)?),
        Type::Tuple(parts) => parts.iter().map(size).sum(),
        Type::Struct { fields, .. } => fields_size(fields),
        Type::Enum { variants, .. } => {
            let sizes: Option<Vec<usize>> =
                variants.iter().map(|variant| fields_size(&variant.fields)).collect();
            Some(1 + sizes?.into_iter().max().unwrap_or(0))
        }
        Type::String | Type::Vec(_) | Type::Opaque(_) => None,
        Type::Reverse(_) => panic!("Reverse is for keys only"),
    }
}

fn fields_size(fields: &[Field]) -> Option<usize> {
    fields.iter().map(|field| size(&field.of)).sum()
}

/// Bytes of the length before a `Blob` or `Text`.
fn prefix(n: u32) -> usize {
    match n {
        0..=0xff => 1,
        0x100..=0xffff => 2,
        _ => 4,
    }
}

/// Decodes a value that is all of `bytes`.
pub fn decode(of: &Type, bytes: &[u8]) -> Value {
    if let Some(size) = size(of) {
        assert_eq!(bytes.len(), size, "bytes of a value of constant size");
    }
    let mut reader = Reader::new(bytes);
    let value = match of {
        Type::Bool => Value::Bool(flag(reader.u8())),
        Type::Char => Value::Char(char::from_u32(reader.u32()).expect("a Unicode scalar value")),
        Type::Int(int) => integer(*int, &mut reader),
        Type::NonZero(int) => {
            let value = integer(*int, &mut reader);
            assert!(!matches!(value, Value::Unsigned(0, _) | Value::Signed(0, _)), "NonZero is not 0");
            value
        }
        Type::Float { size: 4 } => Value::F32(f32::from_bits(reader.u32())),
        Type::Float { .. } => Value::F64(f64::from_bits(reader.u64())),
        Type::String => Value::Text(text(reader.rest())),
        Type::Principal => principal(&mut reader),
        Type::Duration => duration(&mut reader),
        Type::Blob(n) => Value::Bytes(filled_up(*n, &mut reader).to_vec()),
        Type::Text(n) => Value::Text(text(filled_up(*n, &mut reader))),
        Type::Option(some) => option(some, &mut reader),
        Type::Result(ok, err) => match reader.u8() {
            0 => Value::Result(Ok(Box::new(alternative(ok, &mut reader)))),
            1 => Value::Result(Err(Box::new(alternative(err, &mut reader)))),
            byte => panic!("{byte} begins no Result"),
        },
        Type::Vec(element) => vector(element, &mut reader),
        Type::Array(n, element) => list(element, *n as usize, reader.rest()),
        Type::Tuple(parts) => Value::Tuple(record(&parts.iter().collect::<Vec<_>>(), reader.rest())),
        Type::Struct { fields, .. } => Value::Struct(named(fields, reader.rest())),
        Type::Enum { variants, .. } => enumeration(variants, &mut reader),
        Type::Opaque(_) => Value::Opaque(reader.rest().to_vec()),
        Type::Reverse(_) => panic!("Reverse is for keys only"),
    };
    zeros(reader.rest());
    value
}

/// Decodes a part of constant size at the front of what is left, or a dynamic one that is all of
/// it.
fn alternative(of: &Type, reader: &mut Reader) -> Value {
    match size(of) {
        Some(size) => decode(of, reader.take(size)),
        None => decode(of, reader.rest()),
    }
}

fn option(some: &Type, reader: &mut Reader) -> Value {
    match reader.u8() {
        0 => Value::Option(None),
        1 => Value::Option(Some(Box::new(alternative(some, reader)))),
        byte => panic!("{byte} begins no Option"),
    }
}

fn integer(int: Int, reader: &mut Reader) -> Value {
    let bits = reader.little(int.size);
    int.value(bits)
}

pub fn principal(reader: &mut Reader) -> Value {
    let len = reader.u8().into();
    assert!(len <= 29, "a principal has at most 29 bytes");
    let bytes = reader.take(len).to_vec();
    zeros(reader.take(29 - len));
    Value::Principal(bytes)
}

fn duration(reader: &mut Reader) -> Value {
    let (seconds, nanoseconds) = (reader.u64(), reader.u32());
    assert!(nanoseconds < 1_000_000_000, "nanoseconds of a second");
    Value::Duration { seconds, nanoseconds }
}

/// Returns the bytes of a `Blob` or `Text`.
fn filled_up<'a>(n: u32, reader: &mut Reader<'a>) -> &'a [u8] {
    let len = reader.little(prefix(n)) as usize;
    assert!(len <= n as usize, "a length of at most {n}");
    let bytes = reader.take(len);
    zeros(reader.take(n as usize - len));
    bytes
}

fn vector(element: &Type, reader: &mut Reader) -> Value {
    match size(element) {
        Some(0) => panic!("there is no Vec of elements without bytes"),
        Some(size) => {
            let bytes = reader.rest();
            assert!(bytes.len().is_multiple_of(size), "whole elements");
            list(element, bytes.len() / size, bytes)
        }
        None => {
            let number = reader.u32() as usize;
            list(element, number, reader.rest())
        }
    }
}

fn list(element: &Type, number: usize, bytes: &[u8]) -> Value {
    elements(element, record(&vec![element; number], bytes))
}

fn enumeration(variants: &[Variant], reader: &mut Reader) -> Value {
    let tag = reader.u8();
    let variant = variants.iter().find(|variant| variant.tag == tag);
    let Variant { name, fields, .. } = variant.unwrap_or_else(|| panic!("no variant has tag {tag}"));
    let bytes = match fields_size(fields) {
        Some(size) => reader.take(size),
        None => reader.rest(),
    };
    Value::Variant { name: name.clone(), fields: named(fields, bytes) }
}

fn named(fields: &[Field], bytes: &[u8]) -> Vec<(String, Value)> {
    let types: Vec<&Type> = fields.iter().map(|field| &field.of).collect();
    let names = fields.iter().map(|field| field.name.clone());
    names.zip(record(&types, bytes)).collect()
}

/// Decodes a record that is all of `bytes`: its head first, then its tail.
fn record(types: &[&Type], bytes: &[u8]) -> Vec<Value> {
    let head: usize = types.iter().map(|of| size(of).unwrap_or(4)).sum();
    assert!(head <= bytes.len(), "the head of a record has {head} bytes, there are {}", bytes.len());
    let (head, tail) = bytes.split_at(head);
    let mut reader = Reader::new(head);
    let mut begin = 0;
    let mut values = Vec::new();
    for of in types {
        values.push(match size(of) {
            Some(size) => decode(of, reader.take(size)),
            None => {
                let end = reader.u32() as usize;
                assert!(begin <= end && end <= tail.len(), "ends rise and are in the tail");
                let part = decode(of, &tail[begin..end]);
                begin = end;
                part
            }
        });
    }
    assert_eq!(begin, tail.len(), "the last dynamic field ends with its record");
    values
}

pub fn flag(byte: u8) -> bool {
    assert!(byte <= 1, "{byte} is no bool");
    byte == 1
}

pub fn zeros(padding: &[u8]) {
    assert!(padding.iter().all(|byte| *byte == 0), "padding is zero");
}
