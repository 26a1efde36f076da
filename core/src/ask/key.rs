//! Values as keys, by the layout of the keys and without their types.

use super::Value;
use super::value::magnitude_of;
use crate::key::magnitude::write_magnitude;
use crate::key::{KeyBuf, StableKey, TotalF32, TotalF64};
use crate::layout::Prim;
use crate::layout::stored::{OwnedField, OwnedLayout};

/// Returns `true` if keys of a layout have the order of their values, and equal values one key. So
/// a comparison of values is a range of keys.
#[must_use]
pub fn orders_as_values(layout: &OwnedLayout) -> bool {
    match layout {
        OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim) => {
            !matches!(prim, Prim::Char | Prim::F32 | Prim::F64)
        }
        OwnedLayout::String | OwnedLayout::Text(_) | OwnedLayout::Principal | OwnedLayout::Blob(_) => true,
        OwnedLayout::Option(inner) => orders_as_values(inner),
        OwnedLayout::Vec(inner) => inner.is_byte(),
        _ => false,
    }
}

/// Appends the encoding of a value as a key of a layout. `last` is `true` if nothing follows it.
/// Returns `None` for a value of another kind, and for a layout that keys cannot have.
#[must_use]
pub fn write_key(layout: &OwnedLayout, value: &Value, out: &mut KeyBuf, last: bool) -> Option<()> {
    match (layout, value) {
        (OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim), value) => write_number(*prim, value, out)?,
        (OwnedLayout::String | OwnedLayout::Text(_), Value::Text(text)) => text.write_key(out, last),
        (OwnedLayout::Principal, Value::Principal(principal)) => principal.write_key(out, last),
        (OwnedLayout::Duration, Value::List(parts)) => match parts.as_slice() {
            [seconds, nanos] => {
                write_number(Prim::U64, seconds, out)?;
                write_number(Prim::U32, nanos, out)?;
            }
            _ => return None,
        },
        (OwnedLayout::Option(_), Value::Null) => out.push([0]),
        (OwnedLayout::Option(inner), value) => {
            out.push([1]);
            write_key(inner, value, out, last)?;
        }
        (OwnedLayout::Result(ok, err), Value::Variant(name, value)) => {
            let (tag, inner) = match name.as_str() {
                "Ok" => (0, ok),
                "Err" => (1, err),
                _ => return None,
            };
            out.push([tag]);
            write_key(inner, value, out, last)?;
        }
        (OwnedLayout::Reverse(inner), value) => {
            let start = out.len();
            write_key(inner, value, out, false)?;
            out.invert(start);
        }
        (OwnedLayout::Blob(_), Value::Blob(bytes)) => bytes.write_key(out, last),
        (OwnedLayout::Vec(inner), Value::Blob(bytes)) if inner.is_byte() => bytes.write_key(out, last),
        (OwnedLayout::Array(inner, len), Value::Blob(bytes)) if inner.is_byte() => {
            (bytes.len() == *len as usize).then(|| out.extend(bytes))?;
        }
        (OwnedLayout::Vec(inner), Value::List(elements)) => {
            for element in elements {
                out.push([1]);
                write_key(inner, element, out, false)?;
            }
            if !last {
                out.push([0]);
            }
        }
        (OwnedLayout::Array(inner, len), Value::List(elements)) => {
            let layouts = elements.iter().map(|_| &**inner);
            (elements.len() == *len as usize).then_some(())?;
            write_parts(layouts, elements.iter(), out, last)?;
        }
        (OwnedLayout::Tuple(layouts), Value::List(parts)) => {
            (layouts.len() == parts.len()).then_some(())?;
            write_parts(layouts.iter(), parts.iter(), out, last)?;
        }
        (OwnedLayout::Struct { fields, .. }, value) => write_fields(fields, value, out, last)?,
        (OwnedLayout::Enum { variants, .. }, Value::Variant(name, value)) => {
            let variant = variants.iter().find(|variant| variant.name == *name)?;
            out.push([variant.tag]);
            write_fields(&variant.fields, value, out, last)?;
        }
        (OwnedLayout::Opaque { codec }, value) => write_big(codec, value, out)?,
        _ => return None,
    }
    Some(())
}

fn write_fields(fields: &[OwnedField], value: &Value, out: &mut KeyBuf, last: bool) -> Option<()> {
    let Value::Record(values) = value else { return None };
    let same = fields.len() == values.len() && fields.iter().zip(values).all(|(a, (b, _))| a.name == *b);
    same.then_some(())?;
    let layouts = fields.iter().map(|field| &field.layout);
    write_parts(layouts, values.iter().map(|(_, value)| value), out, last)
}

/// Writes parts one after another. Only the last one may be the last of the key.
fn write_parts<'a>(
    layouts: impl Iterator<Item = &'a OwnedLayout>,
    values: impl ExactSizeIterator<Item = &'a Value>,
    out: &mut KeyBuf,
    last: bool,
) -> Option<()> {
    let count = values.len();
    for ((layout, value), number) in layouts.zip(values).zip(1..) {
        write_key(layout, value, out, last && number == count)?;
    }
    Some(())
}

fn write_number(prim: Prim, value: &Value, out: &mut KeyBuf) -> Option<()> {
    fn write<T: StableKey>(number: Result<T, core::num::TryFromIntError>, out: &mut KeyBuf) -> Option<()> {
        number.ok().map(|number| number.write_key(out, true))
    }
    macro_rules! integer {
        ($ty:ty) => {
            match value {
                Value::Nat(number) => write::<$ty>((*number).try_into(), out),
                Value::Int(number) => write::<$ty>((*number).try_into(), out),
                _ => None,
            }
        };
    }
    match (prim, value) {
        (Prim::Bool, Value::Bool(value)) => {
            value.write_key(out, true);
            Some(())
        }
        (Prim::Char, Value::Text(text)) => {
            let mut characters = text.chars();
            let (character, None) = (characters.next()?, characters.next()) else { return None };
            character.write_key(out, true);
            Some(())
        }
        (Prim::F32, Value::Float(value)) => {
            TotalF32(*value as f32).write_key(out, true);
            Some(())
        }
        (Prim::F64, Value::Float(value)) => {
            TotalF64(*value).write_key(out, true);
            Some(())
        }
        (Prim::U8, _) => integer!(u8),
        (Prim::U16, _) => integer!(u16),
        (Prim::U32, _) => integer!(u32),
        (Prim::U64, _) => integer!(u64),
        (Prim::U128, Value::Nat(number)) => {
            number.write_key(out, true);
            Some(())
        }
        (Prim::I8, _) => integer!(i8),
        (Prim::I16, _) => integer!(i16),
        (Prim::I32, _) => integer!(i32),
        (Prim::I64, _) => integer!(i64),
        (Prim::I128, Value::Int(number)) => {
            number.write_key(out, true);
            Some(())
        }
        _ => None,
    }
}

/// Writes a `Nat` or `Int`: docs/format.md, section 11.
fn write_big(codec: &str, value: &Value, out: &mut KeyBuf) -> Option<()> {
    let Value::Text(digits) = value else { return None };
    let (is_negative, magnitude) = magnitude_of(digits)?;
    match codec {
        "nat" if !is_negative => write_magnitude(&magnitude, out),
        "int" => {
            out.push([u8::from(!is_negative)]);
            let start = out.len();
            write_magnitude(&magnitude, out);
            if is_negative {
                out.invert(start);
            }
        }
        _ => return None,
    }
    Some(())
}
