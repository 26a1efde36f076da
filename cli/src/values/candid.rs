//! Values as candid text, with the types of their layouts.

use candid::types::Label;
use candid::types::value::{IDLField, IDLValue, VariantValue};
use graven_collections::stored::Value;
use graven_core::layout::Prim;
use graven_core::layout::stored::{OwnedField, OwnedLayout};

/// Returns a value as one of candid. The layout says which numbers it has. Without one, numbers are
/// of any size.
pub(crate) fn to_candid(layout: Option<&OwnedLayout>, value: &Value) -> IDLValue {
    match (layout, value) {
        (Some(OwnedLayout::Option(_)), Value::Null) => IDLValue::None,
        (Some(OwnedLayout::Option(inner)), value) => IDLValue::Opt(Box::new(to_candid(Some(inner), value))),
        (Some(OwnedLayout::Reverse(inner)), value) => to_candid(Some(inner), value),
        (Some(OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim)), value) => number(*prim, value),
        (Some(OwnedLayout::Vec(inner) | OwnedLayout::Array(inner, _)), Value::List(values)) => {
            IDLValue::Vec(values.iter().map(|value| to_candid(Some(inner), value)).collect())
        }
        (Some(OwnedLayout::Tuple(layouts)), Value::List(values)) => {
            tuple(layouts.iter().zip(values).map(|(layout, value)| to_candid(Some(layout), value)))
        }
        (Some(OwnedLayout::Duration), Value::List(values)) => {
            tuple(values.iter().map(|value| to_candid(None, value)))
        }
        (Some(OwnedLayout::Struct { fields, .. }), Value::Record(values)) => record(fields, values),
        (Some(OwnedLayout::Result(ok, err)), Value::Variant(name, value)) => {
            let inner = if name == "Ok" { ok } else { err };
            variant(name, to_candid(Some(inner), value))
        }
        (Some(OwnedLayout::Enum { variants, .. }), Value::Variant(name, value)) => {
            let fields = variants.iter().find(|variant| variant.name == *name);
            let fields = fields.map_or(&[][..], |variant| &variant.fields);
            match (&**value, fields) {
                (Value::Record(values), []) if values.is_empty() => variant(name, IDLValue::Null),
                (Value::Record(values), fields) => variant(name, record(fields, values)),
                (value, _) => variant(name, to_candid(None, value)),
            }
        }
        (_, value) => untyped(value),
    }
}

/// Returns named parts as a record.
pub(crate) fn named<'a>(parts: impl Iterator<Item = (&'a str, IDLValue)>) -> IDLValue {
    let field = |(name, val): (&str, IDLValue)| IDLField { id: Label::Named(name.to_owned()), val };
    let mut fields: Vec<IDLField> = parts.map(field).collect();
    fields.sort_unstable_by_key(|field| field.id.get_id());
    IDLValue::Record(fields)
}

fn untyped(value: &Value) -> IDLValue {
    match value {
        Value::Null => IDLValue::Null,
        Value::Bool(value) => IDLValue::Bool(*value),
        Value::Nat(number) => IDLValue::Nat((*number).into()),
        Value::Int(number) => IDLValue::Int((*number).into()),
        Value::Float(number) => IDLValue::Float64(*number),
        Value::Text(text) => IDLValue::Text(text.clone()),
        Value::Blob(bytes) => IDLValue::Blob(bytes.clone()),
        Value::Principal(principal) => IDLValue::Principal(*principal),
        Value::List(values) => IDLValue::Vec(values.iter().map(untyped).collect()),
        Value::Record(fields) => named(fields.iter().map(|(name, value)| (name.as_str(), untyped(value)))),
        Value::Variant(name, value) => variant(name, untyped(value)),
    }
}

fn number(prim: Prim, value: &Value) -> IDLValue {
    match (prim, value) {
        (Prim::U8, Value::Nat(number)) => IDLValue::Nat8(*number as u8),
        (Prim::U16, Value::Nat(number)) => IDLValue::Nat16(*number as u16),
        (Prim::U32, Value::Nat(number)) => IDLValue::Nat32(*number as u32),
        (Prim::U64, Value::Nat(number)) => IDLValue::Nat64(*number as u64),
        (Prim::I8, Value::Int(number)) => IDLValue::Int8(*number as i8),
        (Prim::I16, Value::Int(number)) => IDLValue::Int16(*number as i16),
        (Prim::I32, Value::Int(number)) => IDLValue::Int32(*number as i32),
        (Prim::I64, Value::Int(number)) => IDLValue::Int64(*number as i64),
        (Prim::F32, Value::Float(number)) => IDLValue::Float32(*number as f32),
        (_, value) => untyped(value),
    }
}

fn tuple(values: impl Iterator<Item = IDLValue>) -> IDLValue {
    IDLValue::Record((0..).zip(values).map(|(id, val)| IDLField { id: Label::Id(id), val }).collect())
}

fn record(fields: &[OwnedField], values: &[(String, Value)]) -> IDLValue {
    let typed = fields.iter().zip(values).map(|(field, (_, value))| to_candid(Some(&field.layout), value));
    match values {
        [(_, value)] if graven_look::is_tuple(values) => {
            return to_candid(fields.first().map(|field| &field.layout), value);
        }
        [_, ..] if graven_look::is_tuple(values) => return tuple(typed),
        _ => {}
    }
    named(values.iter().map(|(name, _)| name.as_str()).zip(typed))
}

fn variant(name: &str, val: IDLValue) -> IDLValue {
    let field = IDLField { id: Label::Named(name.to_owned()), val };
    IDLValue::Variant(VariantValue(Box::new(field), 0))
}
