//! Types of fields: how they are written in Rust, and whether their encoding has a constant size.

use crate::history::At;

/// A type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ty {
    /// An unsigned integer of the given number of bits.
    Uint(u32),
    /// A signed integer of the given number of bits.
    Int(u32),
    /// `bool`.
    Bool,
    /// `char`.
    Char,
    /// `String`.
    Str,
    /// `Vec<u8>`.
    Bytes,
    /// `Text<N>`.
    Text(usize),
    /// `Blob<N>`.
    Blob(usize),
    /// `Option<T>`.
    Opt(Box<Ty>),
    /// `Vec<T>`.
    List(Box<Ty>),
    /// `[T; N]`.
    Array(Box<Ty>, usize),
    /// `(A, B)`.
    Pair(Box<Ty>, Box<Ty>),
    /// `Result<T, E>`.
    Res(Box<Ty>, Box<Ty>),
    /// `Box<T>`.
    Boxed(Box<Ty>),
    /// A derived type, and its argument if it is generic.
    Named(usize, Option<Box<Ty>>),
    /// The parameter of a generic type.
    Param,
}

impl Ty {
    /// Returns the type in Rust.
    #[must_use]
    pub fn rust(&self) -> String {
        match self {
            Ty::Uint(bits) => format!("u{bits}"),
            Ty::Int(bits) => format!("i{bits}"),
            Ty::Bool => "bool".into(),
            Ty::Char => "char".into(),
            Ty::Str => "String".into(),
            Ty::Bytes => "Vec<u8>".into(),
            Ty::Text(len) => format!("Text<{len}>"),
            Ty::Blob(len) => format!("Blob<{len}>"),
            Ty::Opt(inner) => format!("Option<{}>", inner.rust()),
            Ty::List(inner) => format!("Vec<{}>", inner.rust()),
            Ty::Array(inner, len) => format!("[{}; {len}]", inner.rust()),
            Ty::Pair(a, b) => format!("({}, {})", a.rust(), b.rust()),
            Ty::Res(a, b) => format!("Result<{}, {}>", a.rust(), b.rust()),
            Ty::Boxed(inner) => format!("Box<{}>", inner.rust()),
            Ty::Named(index, None) => format!("T{index}"),
            Ty::Named(index, Some(argument)) => format!("T{index}<{}>", argument.rust()),
            Ty::Param => "P".into(),
        }
    }

    /// Returns `true` if values are short keys of ordered collections.
    pub(crate) fn is_key(&self) -> bool {
        match self {
            Ty::Uint(_) | Ty::Int(_) | Ty::Bool | Ty::Char | Ty::Text(_) | Ty::Blob(_) => true,
            Ty::Opt(inner) => inner.is_key(),
            _ => false,
        }
    }

    /// Returns the type with an argument in place of its parameter.
    #[must_use]
    pub fn with(&self, argument: Option<&Ty>) -> Ty {
        let inner = |ty: &Ty| Box::new(ty.with(argument));
        match self {
            Ty::Param => argument.expect("a generic type has an argument").clone(),
            Ty::Opt(ty) => Ty::Opt(inner(ty)),
            Ty::List(ty) => Ty::List(inner(ty)),
            Ty::Array(ty, len) => Ty::Array(inner(ty), *len),
            Ty::Pair(a, b) => Ty::Pair(inner(a), inner(b)),
            Ty::Res(a, b) => Ty::Res(inner(a), inner(b)),
            Ty::Boxed(ty) => Ty::Boxed(inner(ty)),
            Ty::Named(index, Some(ty)) => Ty::Named(*index, Some(inner(ty))),
            other => other.clone(),
        }
    }

    /// Calls `found` with every derived type in this one.
    pub(crate) fn each_named(&self, found: &mut dyn FnMut(usize)) {
        match self {
            Ty::Named(index, argument) => {
                found(*index);
                argument.iter().for_each(|argument| argument.each_named(found));
            }
            Ty::Opt(ty) | Ty::List(ty) | Ty::Array(ty, _) | Ty::Boxed(ty) => ty.each_named(found),
            Ty::Pair(a, b) | Ty::Res(a, b) => {
                a.each_named(found);
                b.each_named(found);
            }
            _ => {}
        }
    }

    /// Returns the constant size of the encoding; a parameter must have been replaced.
    #[must_use]
    pub fn size(&self, at: At<'_>) -> Option<usize> {
        Some(match self {
            Ty::Uint(bits) | Ty::Int(bits) => *bits as usize / 8,
            Ty::Bool => 1,
            Ty::Char => 4,
            Ty::Text(len) | Ty::Blob(len) => 1 + len,
            Ty::Opt(ty) => 1 + ty.size(at)?,
            Ty::Array(ty, len) => ty.size(at)? * len,
            Ty::Pair(a, b) => a.size(at)? + b.size(at)?,
            Ty::Res(a, b) => 1 + a.size(at)?.max(b.size(at)?),
            Ty::Boxed(ty) => ty.size(at)?,
            Ty::Named(index, argument) => at.body(*index).size(argument.as_deref(), at)?,
            Ty::Str | Ty::Bytes | Ty::List(_) => return None,
            Ty::Param => unreachable!("parameters are replaced first"),
        })
    }
}
