//! Values from what people type: a text is itself, everything else is JSON as `dump` writes it.

use graven_collections::stored::Value;
use graven_core::layout::Prim;
use graven_core::layout::stored::{OwnedField, OwnedLayout};
use ic_principal::Principal;
use serde_json::Value as Parsed;

/// Returns the value of a layout that a text means. Texts and principals need no quotes.
///
/// # Errors
/// A sentence that says what such a value looks like.
pub fn parse(layout: &OwnedLayout, text: &str) -> Result<Value, String> {
    let quoted = || Parsed::String(text.to_owned());
    let parsed = match layout {
        OwnedLayout::Option(inner) if text != "null" => return parse(inner, text),
        OwnedLayout::Reverse(inner) => return parse(inner, text),
        layout if is_text(layout) && !is_quoted(text) => quoted(),
        _ => serde_json::from_str(text).unwrap_or_else(|_| quoted()),
    };
    from_json(layout, &parsed).ok_or_else(|| format!("`{text}` is no {layout}{}", example(layout)))
}

fn is_text(layout: &OwnedLayout) -> bool {
    matches!(layout, OwnedLayout::String | OwnedLayout::Text(_) | OwnedLayout::Prim(Prim::Char))
}

fn is_quoted(text: &str) -> bool {
    text.len() >= 2 && text.starts_with('"') && text.ends_with('"')
}

/// Returns an example for layouts whose JSON is not obvious.
fn example(layout: &OwnedLayout) -> &'static str {
    match layout {
        OwnedLayout::Tuple(_) => ": write its parts as JSON, as in '[\"CH\", 8001]'",
        OwnedLayout::Struct { .. } => ": write it as JSON, as `dump` does",
        OwnedLayout::Enum { .. } => ": write the name of a variant, or '{\"Name\": …}'",
        OwnedLayout::Blob(_) | OwnedLayout::Vec(_) => ": bytes begin with 0x",
        _ => "",
    }
}

/// Returns the value of a layout that JSON means. Tuples and structs may have only their first
/// parts, as a prefix of keys has.
#[must_use]
pub fn from_json(layout: &OwnedLayout, parsed: &Parsed) -> Option<Value> {
    let all = |layouts: &mut dyn Iterator<Item = &OwnedLayout>, values: &[Parsed]| {
        layouts.zip(values).map(|(layout, value)| from_json(layout, value)).collect::<Option<Vec<_>>>()
    };
    match (layout, parsed) {
        (OwnedLayout::Option(_), Parsed::Null) => Some(Value::Null),
        (OwnedLayout::Option(inner) | OwnedLayout::Reverse(inner), parsed) => from_json(inner, parsed),
        (OwnedLayout::Prim(prim) | OwnedLayout::NonZero(prim), parsed) => number(*prim, parsed),
        (OwnedLayout::String | OwnedLayout::Text(_), Parsed::String(text)) => Some(Value::Text(text.clone())),
        (OwnedLayout::Principal, Parsed::String(text)) => {
            Principal::from_text(text).ok().map(Value::Principal)
        }
        (OwnedLayout::Blob(_), Parsed::String(text)) => bytes(text),
        (OwnedLayout::Vec(inner) | OwnedLayout::Array(inner, _), Parsed::String(text)) if inner.is_byte() => {
            bytes(text)
        }
        (OwnedLayout::Vec(inner), Parsed::Array(values)) => {
            all(&mut std::iter::repeat(&**inner), values).map(Value::List)
        }
        (OwnedLayout::Array(inner, len), Parsed::Array(values)) if values.len() == *len as usize => {
            all(&mut std::iter::repeat(&**inner), values).map(Value::List)
        }
        // Fewer parts than there are begin a key: see `--prefix`.
        (OwnedLayout::Tuple(layouts), Parsed::Array(values)) if values.len() <= layouts.len() => {
            all(&mut layouts.iter(), values).map(Value::List)
        }
        (OwnedLayout::Duration, Parsed::Array(values)) => {
            let [seconds, nanos] = &values[..] else { return None };
            Some(Value::List(vec![number(Prim::U64, seconds)?, number(Prim::U32, nanos)?]))
        }
        (OwnedLayout::Struct { fields, .. }, parsed) => record(fields, parsed),
        (OwnedLayout::Result(ok, err), Parsed::Object(map)) => {
            let (name, value) = map.iter().next().filter(|_| map.len() == 1)?;
            let inner = if name == "Ok" { ok } else { err };
            Some(Value::Variant(name.clone(), Box::new(from_json(inner, value)?)))
        }
        (OwnedLayout::Enum { variants, .. }, parsed) => {
            let (name, value) = match parsed {
                Parsed::String(name) => (name, &Parsed::Null),
                Parsed::Object(map) => map.iter().next().filter(|_| map.len() == 1)?,
                _ => return None,
            };
            let variant = variants.iter().find(|variant| variant.name == *name)?;
            Some(Value::Variant(name.clone(), Box::new(record(&variant.fields, value)?)))
        }
        (OwnedLayout::Opaque { codec }, parsed) if codec == "nat" || codec == "int" => match parsed {
            Parsed::String(text) => Some(Value::Text(text.clone())),
            Parsed::Number(number) => Some(Value::Text(number.to_string())),
            _ => None,
        },
        (OwnedLayout::Opaque { .. }, Parsed::String(text)) => bytes(text),
        _ => None,
    }
}

/// Returns a record from an object, or from an array or a single value if it is that of a tuple.
fn record(fields: &[OwnedField], parsed: &Parsed) -> Option<Value> {
    let value = |(field, parsed): (&OwnedField, &Parsed)| {
        Some((field.name.clone(), from_json(&field.layout, parsed)?))
    };
    let values = match (fields, parsed) {
        ([], Parsed::Null) => Vec::new(),
        (fields, Parsed::Object(map)) if map.len() == fields.len() => {
            let parts = fields.iter().map(|field| value((field, map.get(&field.name)?)));
            parts.collect::<Option<_>>()?
        }
        (fields, Parsed::Array(values)) if values.len() == fields.len() && fields.len() > 1 => {
            fields.iter().zip(values).map(value).collect::<Option<_>>()?
        }
        // The first parts of a key.
        (fields, Parsed::Array(values)) if values.len() < fields.len() => {
            let parts = fields.iter().zip(values).map(|(field, value)| from_json(&field.layout, value));
            return parts.collect::<Option<_>>().map(Value::List);
        }
        ([field], parsed) => vec![value((field, parsed))?],
        _ => return None,
    };
    Some(Value::Record(values))
}

/// Returns the bytes of a text of hex digits after `0x`.
fn bytes(text: &str) -> Option<Value> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.len() % 2 == 0 && digits.is_ascii())?;
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    (0..digits.len()).step_by(2).map(byte).collect::<Option<_>>().map(Value::Blob)
}

fn number(prim: Prim, parsed: &Parsed) -> Option<Value> {
    let digits = match parsed {
        Parsed::Bool(value) => return (prim == Prim::Bool).then_some(Value::Bool(*value)),
        Parsed::String(text) if prim == Prim::Char => {
            return (text.chars().count() == 1).then(|| Value::Text(text.clone()));
        }
        // Numbers of more than 64 bits are texts to the parser.
        Parsed::String(text) => text.clone(),
        Parsed::Number(number) => number.to_string(),
        _ => return None,
    };
    match prim {
        Prim::Bool | Prim::Char => None,
        Prim::F32 | Prim::F64 => digits.parse().ok().map(Value::Float),
        Prim::U8 | Prim::U16 | Prim::U32 | Prim::U64 | Prim::U128 => {
            digits.parse().ok().filter(|number| fits(*number, prim)).map(Value::Nat)
        }
        Prim::I8 | Prim::I16 | Prim::I32 | Prim::I64 | Prim::I128 => {
            let number: i128 = digits.parse().ok()?;
            let magnitude = if number < 0 { !number } else { number };
            fits(magnitude as u128 * 2, prim).then_some(Value::Int(number))
        }
    }
}

/// Returns `true` if a number has no more bits than a primitive.
fn fits(number: u128, prim: Prim) -> bool {
    let bits = 8 * prim.size() as u32;
    bits >= 128 || number >> bits == 0
}
