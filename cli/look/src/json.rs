//! Values as JSON, as serde writes such types: a newtype is what is in it, a tuple is an array, a
//! variant without fields is its name. Bytes are `"0x…"`. Numbers of more than 64 bits are texts,
//! since programs that read JSON would round them.

use graven_collections::stored::Value;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value that is written as JSON.
#[derive(Debug)]
pub struct Json<'a>(pub &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Nat(number) => match u64::try_from(*number) {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.collect_str(number),
            },
            Value::Int(number) => match i64::try_from(*number) {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.collect_str(number),
            },
            Value::Float(number) if number.is_finite() => serializer.serialize_f64(*number),
            // JSON has no such numbers.
            Value::Float(number) => serializer.collect_str(number),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Blob(bytes) => serializer.serialize_str(&hex(bytes)),
            Value::Principal(principal) => serializer.collect_str(principal),
            Value::List(values) => serializer.collect_seq(values.iter().map(Json)),
            Value::Record(fields) => record(fields, serializer),
            Value::Variant(name, inner) => match &**inner {
                Value::Record(fields) if fields.is_empty() => serializer.serialize_str(name),
                inner => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_entry(name, &Json(inner))?;
                    map.end()
                }
            },
        }
    }
}

fn record<S: Serializer>(fields: &[(String, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    match fields {
        [(_, value)] if is_tuple(fields) => Json(value).serialize(serializer),
        [_, ..] if is_tuple(fields) => serializer.collect_seq(fields.iter().map(|(_, value)| Json(value))),
        fields => serializer.collect_map(fields.iter().map(|(name, value)| (name, Json(value)))),
    }
}

/// Returns bytes as text: `0x` and two digits for each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;

    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("0x");
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Returns `true` if the names of fields are those of a tuple: 0, 1, and so on.
#[must_use]
pub fn is_tuple<T>(fields: &[(String, T)]) -> bool {
    fields.iter().zip(0_usize..).all(|((name, _), number)| name.parse() == Ok(number))
}
