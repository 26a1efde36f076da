//! Values, told apart by the fields and variants they are made of, whatever these are called.

use crate::conversion::Conversion;

/// A value of any type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// An unsigned integer.
    Uint(u128),
    /// A signed integer.
    Int(i128),
    /// A truth value.
    Bool(bool),
    /// A scalar.
    Char(char),
    /// Text.
    Str(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// One or none.
    Opt(Option<Box<Value>>),
    /// A vector, an array or a pair.
    List(Vec<Value>),
    /// One of two.
    Res(Result<Box<Value>, Box<Value>>),
    /// A struct: its fields by identity.
    Struct(Vec<(u32, Value)>),
    /// An enum: a variant by identity, and its fields.
    Enum(u32, Vec<(u32, Value)>),
    /// In what becomes of another value: its field at a position, converted.
    Hole(usize, Vec<Conversion>),
}

impl Value {
    /// Puts the fields of another value into the holes.
    #[must_use]
    pub(crate) fn fill(&self, fields: &[Value]) -> Value {
        let all = |values: &[(u32, Value)]| values.iter().map(|(id, v)| (*id, v.fill(fields))).collect();
        match self {
            Value::Hole(index, conversions) => {
                conversions.iter().fold(fields[*index].clone(), |value, conversion| conversion.apply(value))
            }
            Value::Opt(Some(inner)) => Value::Opt(Some(Box::new(inner.fill(fields)))),
            Value::List(values) => Value::List(values.iter().map(|value| value.fill(fields)).collect()),
            Value::Res(Ok(inner)) => Value::Res(Ok(Box::new(inner.fill(fields)))),
            Value::Res(Err(inner)) => Value::Res(Err(Box::new(inner.fill(fields)))),
            Value::Struct(values) => Value::Struct(all(values)),
            Value::Enum(variant, values) => Value::Enum(*variant, all(values)),
            other => other.clone(),
        }
    }
}
