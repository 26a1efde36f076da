//! The derives' view of a type: checked, with versions and tags filled in. `reader` makes it.

use std::fmt;

use proc_macro2::Span;
use syn::{Expr, Generics, Ident, LitInt, Member, Path, Type, Visibility};

use crate::attributes::Predicates;
use crate::past::Was;
use crate::timeline::VersionRange;

/// The trait that is derived: a layout or a key.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    Layout,
    Key,
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Purpose::Layout => "record",
            Purpose::Key => "key",
        })
    }
}

/// A type to derive a trait for.
pub(crate) struct Input {
    /// The module of `graven` that generated code names.
    pub(crate) root: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The predicates of `bound = "…"`, which replace the bounds on the types of fields.
    pub(crate) bound: Option<Predicates>,
    /// The name in layouts.
    pub(crate) name: String,
    pub(crate) version: u32,
    /// The oldest version that this type itself can read. `previous` may read older ones.
    pub(crate) oldest: u32,
    pub(crate) previous: Option<Type>,
    /// The versions that attributes mention, in ascending order.
    pub(crate) mentioned: Vec<(u32, LitInt)>,
    pub(crate) shape: Shape,
}

pub(crate) enum Shape {
    Struct(Record),
    Enum { variants: Vec<Variant>, removed: Vec<RemovedVariant> },
}

/// The fields of a struct or of a variant.
pub(crate) struct Record {
    pub(crate) fields: Vec<Field>,
    /// The forms of all fields of all versions.
    pub(crate) forms: Vec<FieldForm>,
}

pub(crate) struct Field {
    /// The name or position, as generated code uses it.
    pub(crate) member: Member,
    /// The span that errors point at.
    pub(crate) source: Span,
    /// The variable that a pattern binds to the field.
    pub(crate) local: Ident,
    /// The name in layouts.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) vis: Visibility,
    /// The name of the path, if `field = …` gives one.
    pub(crate) path: Option<Ident>,
    pub(crate) since: Option<u32>,
    pub(crate) default: Option<Expr>,
    /// The earlier types, the latest first.
    pub(crate) was: Vec<Was>,
}

/// A field under one name, with one type, at one position.
#[derive(Clone)]
pub(crate) struct FieldForm {
    pub(crate) name: String,
    pub(crate) span: VersionRange,
    pub(crate) ty: Type,
    /// The index of the field that it became, or `None` if it was removed.
    pub(crate) target: Option<usize>,
    /// The number of conversions up to the current type.
    pub(crate) step: usize,
}

pub(crate) struct Variant {
    /// The name, as generated code uses it.
    pub(crate) ident: Ident,
    /// The span that errors point at.
    pub(crate) source: Span,
    pub(crate) name: String,
    pub(crate) tag: u8,
    /// The names that the variant had, each with its versions.
    pub(crate) names: Vec<(String, VersionRange)>,
    pub(crate) record: Record,
}

/// A variant of older versions that was removed.
pub(crate) struct RemovedVariant {
    pub(crate) name: String,
    pub(crate) tag: u8,
    pub(crate) span: VersionRange,
    pub(crate) fields: Vec<(String, Type)>,
    pub(crate) with: Expr,
}
