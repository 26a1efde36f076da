//! The conversion of a field whose type changes: as a function, and as the attribute that says
//! so.

use crate::constant;
use crate::rng::Rng;
use crate::ty::Ty;
use crate::value::Value;

/// A conversion of values of one type to those of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conversion {
    /// An unsigned integer into a larger one, by `From`.
    Widen(u32),
    /// A signed integer into a larger one, by `From`.
    WidenSigned(u32),
    /// An unsigned integer into another one, by `as`.
    Cast(u32),
    /// `to_string`.
    ToText,
    /// The length of text.
    Length,
    /// Text, repeated the given number of times.
    Repeat(usize),
    /// `Some`, by `From`.
    Present,
    /// `unwrap_or`.
    UnwrapOr(Value, Ty),
    /// The first of a list, if there is one.
    First,
    /// A list of one.
    Alone,
    /// An array as a list, by `From`.
    ToList,
    /// Into a box, by `From`.
    IntoBox,
    /// Out of a box.
    OutOfBox,
    /// Always the same.
    Constant(Value, Ty),
}

use Conversion::{
    Alone, Cast, Constant, First, IntoBox, Length, OutOfBox, Present, Repeat, ToList, ToText, UnwrapOr,
    Widen, WidenSigned,
};

impl Conversion {
    /// Some conversion of a type, and the type that it gives.
    pub(crate) fn random(from: &Ty, rng: &mut Rng) -> Option<(Conversion, Ty)> {
        let mut all: Vec<(Conversion, Ty)> = Vec::new();
        match from {
            Ty::Uint(bits) => {
                let larger: Vec<u32> = [16, 32, 64, 128].into_iter().filter(|more| more > bits).collect();
                all.extend(larger.into_iter().map(|more| (Widen(more), Ty::Uint(more))));
                let other = [8, 16, 32, 64][rng.index(4)];
                if other != *bits {
                    all.push((Cast(other), Ty::Uint(other)));
                }
                all.push((ToText, Ty::Str));
            }
            Ty::Int(bits) => {
                let larger = [16, 32, 64, 128].into_iter().filter(|more| more > bits);
                all.extend(larger.map(|more| (WidenSigned(more), Ty::Int(more))));
                all.push((ToText, Ty::Str));
            }
            Ty::Str => {
                all.push((Length, Ty::Uint(32)));
                all.push((Repeat(1 + rng.index(6)), Ty::Str));
                all.push((Repeat(60), Ty::Str));
            }
            Ty::Opt(inner) => {
                if let Some(value) = constant::random(inner, rng) {
                    all.push((UnwrapOr(value, (**inner).clone()), (**inner).clone()));
                }
            }
            Ty::List(inner) => all.push((First, Ty::Opt(inner.clone()))),
            Ty::Array(inner, _) if **inner != Ty::Uint(8) => all.push((ToList, Ty::List(inner.clone()))),
            Ty::Boxed(inner) => all.push((OutOfBox, (**inner).clone())),
            _ => {}
        }
        if !matches!(from, Ty::Opt(_)) {
            all.push((Present, Ty::Opt(Box::new(from.clone()))));
        }
        if !matches!(from, Ty::Boxed(_) | Ty::Uint(8)) {
            all.push((IntoBox, Ty::Boxed(Box::new(from.clone()))));
            all.push((Alone, Ty::List(Box::new(from.clone()))));
        }
        if rng.once_in(4) {
            let ty = constant::random_type(rng);
            if ty != *from {
                return Some((Constant(constant::random(&ty, rng)?, ty.clone()), ty));
            }
        }
        let chosen = rng.index(all.len());
        Some(all.swap_remove(chosen)).filter(|(_, ty)| depth(ty) <= 3)
    }

    /// Returns the new value.
    pub(crate) fn apply(&self, value: Value) -> Value {
        if let Value::Hole(index, mut conversions) = value {
            conversions.push(self.clone());
            return Value::Hole(index, conversions);
        }
        match (self, value) {
            (Widen(_), Value::Uint(n)) => Value::Uint(n),
            (WidenSigned(_), Value::Int(n)) => Value::Int(n),
            (Cast(bits), Value::Uint(n)) => Value::Uint(n & ((1 << bits) - 1)),
            (ToText, Value::Uint(n)) => Value::Str(n.to_string()),
            (ToText, Value::Int(n)) => Value::Str(n.to_string()),
            (Length, Value::Str(text)) => Value::Uint(text.len() as u128),
            (Repeat(times), Value::Str(text)) => Value::Str(shortened(&text).repeat(*times)),
            (Present, value) => Value::Opt(Some(Box::new(value))),
            (UnwrapOr(other, _), Value::Opt(value)) => value.map_or(other.clone(), |value| *value),
            (First, Value::List(values)) => Value::Opt(values.into_iter().next().map(Box::new)),
            (Alone, value) => Value::List(vec![value]),
            (ToList | IntoBox | OutOfBox, value) => value,
            (Constant(value, _), _) => value.clone(),
            other => panic!("no value to convert: {other:?}"),
        }
    }

    /// Returns the attribute's text after `until = …`, or `None` if `From` converts.
    pub(crate) fn with(&self) -> Option<String> {
        Some(match self {
            Widen(_) | WidenSigned(_) | Present | ToList | IntoBox => return None,
            OutOfBox => "|old| *old".into(),
            Constant(value, ty) => format!("|_| {}", constant::rust(value, ty)),
            other => format!("|old| {}", other.rust("old")),
        })
    }

    /// Returns the conversion of an expression.
    pub(crate) fn rust(&self, old: &str) -> String {
        match self {
            Widen(bits) => format!("u{bits}::from({old})"),
            WidenSigned(bits) => format!("i{bits}::from({old})"),
            Cast(bits) => format!("({old} as u{bits})"),
            ToText => format!("{old}.to_string()"),
            Length => format!("({old}.len() as u32)"),
            Repeat(times) => format!("shortened(&{old}).repeat({times})"),
            Present => format!("Some({old})"),
            UnwrapOr(value, ty) => format!("{old}.unwrap_or({})", constant::rust(value, ty)),
            First => format!("{old}.into_iter().next()"),
            Alone => format!("vec![{old}]"),
            ToList => format!("Vec::from({old})"),
            IntoBox => format!("Box::new({old})"),
            OutOfBox => format!("*{old}"),
            Constant(value, ty) => constant::rust(value, ty),
        }
    }
}

/// Text that is repeated over many versions must not fill the memory. The sources call a function
/// that does the same.
fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn depth(ty: &Ty) -> usize {
    match ty {
        Ty::Opt(ty) | Ty::List(ty) | Ty::Array(ty, _) | Ty::Boxed(ty) => 1 + depth(ty),
        Ty::Pair(a, b) | Ty::Res(a, b) => 1 + depth(a).max(depth(b)),
        Ty::Named(_, Some(ty)) => 1 + depth(ty),
        _ => 0,
    }
}
