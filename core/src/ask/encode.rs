//! Values as bytes, by their layout and without their types: the inverse of [`Value::decode`].

use core::time::Duration;

use super::Value;
use super::value::magnitude_of;
use crate::layout::stored::{OwnedField, OwnedLayout};
use crate::layout::{Invalid, Prim, StableLayout, encode, length_bytes};

/// The most bytes of an encoded value. A layout may claim that a short value takes 4 GiB.
const MAX_ENCODED_LEN: usize = 64 << 20;

const OTHER: Invalid = Invalid("the value is not of this layout");
const TOO_LONG: Invalid = Invalid("the value is longer than its layout allows");

impl Value {
    /// Encodes the value in a layout, as the encoder of its type does. Numbers are rounded to the
    /// nearest `f32`.
    ///
    /// # Errors
    /// [`Invalid`] if it is not a value of this layout, or if its encoding has more than 64 MiB.
    ///
    /// # Example: bytes of a type that the program does not have
    /// ```
    /// use graven_core::ask::Value;
    /// use graven_core::layout::stored::OwnedLayout;
    /// use graven_core::layout::{StableLayout, encode};
    ///
    /// let layout = OwnedLayout::from(<(u16, String)>::LAYOUT);
    /// let value = Value::List(vec![Value::Nat(7), Value::Text("seven".into())]);
    /// assert_eq!(value.encode(&layout)?, encode(&(7_u16, "seven".to_owned())));
    /// # Ok::<(), graven_core::layout::Invalid>(())
    /// ```
    pub fn encode(&self, layout: &OwnedLayout) -> Result<Vec<u8>, Invalid> {
        let mut out = Vec::new();
        write(layout, self, &mut out)?;
        Ok(out)
    }
}

fn write(layout: &OwnedLayout, value: &Value, out: &mut Vec<u8>) -> Result<(), Invalid> {
    match (layout, value) {
        (OwnedLayout::Prim(prim), value) => number(*prim, value, out)?,
        (OwnedLayout::NonZero(_), Value::Nat(0) | Value::Int(0)) => {
            return Err(Invalid("a number that is not zero is zero"));
        }
        (OwnedLayout::NonZero(prim), value) => number(*prim, value, out)?,
        (OwnedLayout::String, Value::Text(text)) => out.extend(text.as_bytes()),
        (OwnedLayout::Principal, Value::Principal(principal)) => out.extend(encode(principal)),
        (OwnedLayout::Duration, Value::List(parts)) => duration(parts, out)?,
        (OwnedLayout::Blob(max), Value::Blob(bytes)) => bounded(*max, bytes, out)?,
        (OwnedLayout::Text(max), Value::Text(text)) => bounded(*max, text.as_bytes(), out)?,
        (OwnedLayout::Option(_), Value::Null) => {
            let start = out.len();
            out.push(0);
            pad(start, layout.size(), out)?;
        }
        (OwnedLayout::Option(inner), value) => {
            out.push(1);
            write(inner, value, out)?;
        }
        (OwnedLayout::Result(ok, err), Value::Variant(name, value)) => {
            let (tag, inner) = match name.as_str() {
                "Ok" => (0, ok),
                "Err" => (1, err),
                _ => return Err(OTHER),
            };
            let start = out.len();
            out.push(tag);
            write(inner, value, out)?;
            pad(start, layout.size(), out)?;
        }
        (OwnedLayout::Reverse(inner), value) => write(inner, value, out)?,
        (OwnedLayout::Vec(inner), Value::Blob(bytes)) if inner.is_byte() => out.extend(bytes),
        (OwnedLayout::Vec(inner), Value::List(values)) => match inner.size() {
            Some(0) => return Err(Invalid("a list has elements without bytes")),
            Some(_) => values.iter().try_for_each(|value| write(inner, value, out))?,
            None => {
                out.extend(u32::try_from(values.len()).map_err(|_| TOO_LONG)?.to_le_bytes());
                parts(values.iter().map(|value| (&**inner, value)), out)?;
            }
        },
        (OwnedLayout::Array(inner, len), Value::Blob(bytes)) if inner.is_byte() => {
            same_len(bytes.len(), *len as usize)?;
            out.extend(bytes);
        }
        // However many there are, no bytes tell them apart.
        (OwnedLayout::Array(inner, _), Value::List(values))
            if inner.size() == Some(0) && values.is_empty() => {}
        (OwnedLayout::Array(inner, len), Value::List(values)) => {
            same_len(values.len(), *len as usize)?;
            parts(values.iter().map(|value| (&**inner, value)), out)?;
        }
        (OwnedLayout::Tuple(layouts), Value::List(values)) => {
            same_len(values.len(), layouts.len())?;
            parts(layouts.iter().zip(values), out)?;
        }
        (OwnedLayout::Struct { fields, .. }, value) => record(fields, value, out)?,
        (OwnedLayout::Enum { variants, .. }, Value::Variant(name, value)) => {
            let variant = variants.iter().find(|variant| variant.name == *name);
            let variant = variant.ok_or(Invalid("an unknown variant"))?;
            let start = out.len();
            out.push(variant.tag);
            record(&variant.fields, value, out)?;
            pad(start, layout.size(), out)?;
        }
        (OwnedLayout::Opaque { codec }, Value::Text(digits)) if codec == "nat" || codec == "int" => {
            big(digits, codec == "int", out)?;
        }
        (OwnedLayout::Opaque { codec }, Value::Blob(bytes)) if codec != "nat" && codec != "int" => {
            out.extend(bytes);
        }
        _ => return Err(OTHER),
    }
    if out.len() > MAX_ENCODED_LEN { Err(TOO_LONG) } else { Ok(()) }
}

fn same_len(len: usize, expected: usize) -> Result<(), Invalid> {
    if len == expected { Ok(()) } else { Err(Invalid("there are more or fewer parts than in the layout")) }
}

/// Adds zeros until the value that begins at `start` has its constant size, if it has one.
fn pad(start: usize, size: Option<usize>, out: &mut Vec<u8>) -> Result<(), Invalid> {
    let Some(size) = size else { return Ok(()) };
    let end = start.saturating_add(size);
    if end > MAX_ENCODED_LEN || end < out.len() {
        return Err(TOO_LONG);
    }
    out.resize(end, 0);
    Ok(())
}

fn bounded(max: u32, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Invalid> {
    let (start, max_len) = (out.len(), max as usize);
    let len = u32::try_from(bytes.len()).ok().filter(|len| *len <= max).ok_or(TOO_LONG)?;
    out.extend(len.to_le_bytes().iter().take(length_bytes(max)));
    out.extend(bytes);
    pad(start, Some(length_bytes(max).saturating_add(max_len)), out)
}

fn duration(parts: &[Value], out: &mut Vec<u8>) -> Result<(), Invalid> {
    let [Value::Nat(seconds), Value::Nat(nanos)] = parts else { return Err(OTHER) };
    let seconds = u64::try_from(*seconds).map_err(|_| TOO_LONG)?;
    // More would carry into the seconds, and may overflow them.
    let nanos = u32::try_from(*nanos).ok().filter(|nanos| *nanos < 1_000_000_000).ok_or(TOO_LONG)?;
    out.extend(encode(&Duration::new(seconds, nanos)));
    Ok(())
}

/// Writes a record: a head with the parts of constant size and with the ends of the others, and a
/// tail with these.
fn parts<'a>(
    parts: impl Iterator<Item = (&'a OwnedLayout, &'a Value)>,
    out: &mut Vec<u8>,
) -> Result<(), Invalid> {
    let mut tail = Vec::new();
    for (layout, value) in parts {
        if layout.size().is_some() {
            write(layout, value, out)?;
        } else {
            write(layout, value, &mut tail)?;
            out.extend(u32::try_from(tail.len()).map_err(|_| TOO_LONG)?.to_le_bytes());
        }
    }
    out.append(&mut tail);
    Ok(())
}

fn record(fields: &[OwnedField], value: &Value, out: &mut Vec<u8>) -> Result<(), Invalid> {
    let Value::Record(values) = value else { return Err(OTHER) };
    same_len(values.len(), fields.len())?;
    let is_same = fields.iter().zip(values).all(|(field, (name, _))| field.name == *name);
    if !is_same {
        return Err(Invalid("its fields are not those of the layout"));
    }
    parts(fields.iter().map(|field| &field.layout).zip(values.iter().map(|(_, value)| value)), out)
}

fn number(prim: Prim, value: &Value, out: &mut Vec<u8>) -> Result<(), Invalid> {
    fn put<T: StableLayout>(number: Option<T>, out: &mut Vec<u8>) -> Result<(), Invalid> {
        out.extend(encode(&number.ok_or(OTHER)?));
        Ok(())
    }
    macro_rules! integer {
        ($ty:ty) => {
            match value {
                Value::Nat(number) => put::<$ty>((*number).try_into().ok(), out),
                Value::Int(number) => put::<$ty>((*number).try_into().ok(), out),
                _ => Err(OTHER),
            }
        };
    }
    match (prim, value) {
        (Prim::Bool, Value::Bool(value)) => put(Some(*value), out),
        (Prim::Char, Value::Text(text)) => {
            let mut characters = text.chars();
            put(characters.next().filter(|_| characters.next().is_none()), out)
        }
        (Prim::F32, Value::Float(number)) => put(Some(*number as f32), out),
        (Prim::F64, Value::Float(number)) => put(Some(*number), out),
        (Prim::U8, _) => integer!(u8),
        (Prim::U16, _) => integer!(u16),
        (Prim::U32, _) => integer!(u32),
        (Prim::U64, _) => integer!(u64),
        (Prim::U128, _) => integer!(u128),
        (Prim::I8, _) => integer!(i8),
        (Prim::I16, _) => integer!(i16),
        (Prim::I32, _) => integer!(i32),
        (Prim::I64, _) => integer!(i64),
        (Prim::I128, _) => integer!(i128),
        _ => Err(OTHER),
    }
}

/// Writes a number of any size from its digits: the fewest bytes, lowest first, as two's complement
/// if it has a sign.
fn big(digits: &str, is_signed: bool, out: &mut Vec<u8>) -> Result<(), Invalid> {
    let (is_negative, mut bytes) = magnitude_of(digits).ok_or(OTHER)?;
    bytes.reverse();
    if is_negative && !is_signed {
        return Err(OTHER);
    }
    if is_signed && !bytes.is_empty() {
        bytes.push(0);
        let mut carry = is_negative;
        for byte in bytes.iter_mut().filter(|_| is_negative) {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
        let sign = if is_negative { 0xff } else { 0 };
        while matches!(bytes.as_slice(), [.., before, last] if *last == sign && (*before >= 0x80) == is_negative)
        {
            bytes.pop();
        }
    }
    out.append(&mut bytes);
    Ok(())
}

#[cfg(test)]
mod tests;
