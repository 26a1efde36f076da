//! Values that stand in the code: defaults, and what conversions put in place of what there was.

use crate::rng::Rng;
use crate::ty::Ty;
use crate::value::Value;

/// Returns a type of which there are constants.
pub(crate) fn random_type(rng: &mut Rng) -> Ty {
    match rng.index(10) {
        0..=2 => Ty::Uint([8, 16, 32, 64, 128][rng.index(5)]),
        3 => Ty::Int([8, 16, 32, 64, 128][rng.index(5)]),
        4 => Ty::Bool,
        5 => Ty::Char,
        6 => Ty::Str,
        7 => Ty::Bytes,
        8 => Ty::Text(1 + rng.index(12)),
        _ => Ty::Blob(1 + rng.index(12)),
    }
}

/// Returns a constant of a type, if there can be one.
pub(crate) fn random(ty: &Ty, rng: &mut Rng) -> Option<Value> {
    Some(match ty {
        Ty::Uint(_) => Value::Uint(rng.below(100).into()),
        Ty::Int(_) => Value::Int(i128::from(rng.below(100)) - 50),
        Ty::Bool => Value::Bool(rng.once_in(2)),
        Ty::Char => Value::Char(['a', 'é', '汉', '🦀'][rng.index(4)]),
        Ty::Str => Value::Str("default ".repeat(rng.index(4))),
        Ty::Bytes => Value::Bytes(vec![7; rng.index(9)]),
        Ty::Text(len) => Value::Str("x".repeat(rng.index(len + 1))),
        Ty::Blob(len) => Value::Bytes(vec![9; rng.index(len + 1)]),
        Ty::Opt(_) => Value::Opt(None),
        Ty::List(_) => Value::List(Vec::new()),
        Ty::Array(inner, len) => Value::List(vec![random(inner, rng)?; *len]),
        Ty::Pair(a, b) => Value::List(vec![random(a, rng)?, random(b, rng)?]),
        Ty::Res(ok, _) => Value::Res(Ok(Box::new(random(ok, rng)?))),
        Ty::Boxed(inner) => random(inner, rng)?,
        Ty::Named(..) | Ty::Param => return None,
    })
}

/// Returns a constant in Rust.
pub(crate) fn rust(value: &Value, ty: &Ty) -> String {
    match (ty, value) {
        (Ty::Boxed(inner), value) => format!("Box::new({})", rust(value, inner)),
        (_, Value::Uint(n)) => n.to_string(),
        (_, Value::Int(n)) => n.to_string(),
        (_, Value::Bool(yes)) => yes.to_string(),
        (_, Value::Char(scalar)) => format!("{scalar:?}"),
        (Ty::Text(_), Value::Str(text)) => format!("Text::new({text:?}).unwrap()"),
        (_, Value::Str(text)) => format!("String::from({text:?})"),
        (Ty::Blob(_), Value::Bytes(bytes)) => format!("Blob::new(vec!{bytes:?}).unwrap()"),
        (_, Value::Bytes(bytes)) => format!("vec!{bytes:?}"),
        (_, Value::Opt(None)) => "None".into(),
        (Ty::Opt(inner), Value::Opt(Some(value))) => format!("Some({})", rust(value, inner)),
        (Ty::Array(inner, _), Value::List(values)) => format!("[{}]", list(values, inner)),
        (Ty::List(inner), Value::List(values)) => format!("vec![{}]", list(values, inner)),
        (Ty::Pair(a, b), Value::List(values)) => {
            format!("({}, {})", rust(&values[0], a), rust(&values[1], b))
        }
        (Ty::Res(ok, _), Value::Res(Ok(value))) => format!("Ok({})", rust(value, ok)),
        other => panic!("no constant: {other:?}"),
    }
}

fn list(values: &[Value], ty: &Ty) -> String {
    values.iter().map(|value| rust(value, ty)).collect::<Vec<_>>().join(", ")
}
