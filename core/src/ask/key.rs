//! Values as keys, for ranges of an index.

use super::Value;
use crate::key::{KeyBuf, StableKey};
use crate::layout::Prim;
use crate::layout::stored::OwnedLayout;

/// Appends the encoding of a value as a key of a layout. `last` is `true` if nothing follows it.
/// Returns `None` for a value of another kind, and for a layout that no filter narrows.
#[must_use]
pub fn write_key(layout: &OwnedLayout, value: &Value, out: &mut KeyBuf, last: bool) -> Option<()> {
    match (layout, value) {
        (OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim), value) => write_number(*prim, value, out)?,
        (OwnedLayout::String | OwnedLayout::Text(_), Value::Text(text)) => text.write_key(out, last),
        (OwnedLayout::Principal, Value::Principal(principal)) => principal.write_key(out, last),
        (OwnedLayout::Option(_), Value::Null) => out.push([0]),
        (OwnedLayout::Option(inner), value) => {
            out.push([1]);
            write_key(inner, value, out, last)?;
        }
        (OwnedLayout::Blob(_), Value::Blob(bytes)) => bytes.write_key(out, last),
        (OwnedLayout::Vec(inner), Value::Blob(bytes)) if **inner == OwnedLayout::Prim(Prim::U8) => {
            bytes.write_key(out, last);
        }
        _ => return None,
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
