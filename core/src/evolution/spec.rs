//! A derived type's history as data.

use super::{Check, Plan};
use crate::layout::Layout;
use crate::layout::stored::Stored;

/// [`StableLayout::plan`](crate::layout::StableLayout::plan) of some type.
pub type PlanFn = fn(&Stored, &mut Check) -> Plan;

/// The history of a derived struct.
#[derive(Debug)]
pub struct StructSpec {
    /// The newest layout.
    pub layout: &'static Layout,
    /// The oldest version that the fields below describe; older ones belong to `previous`.
    pub first: u32,
    /// The fields of the newest version.
    pub fields: &'static [FieldSpec],
    /// How versions before `first` are read.
    pub previous: Option<PlanFn>,
}

/// The history of a field.
#[derive(Debug)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// The version that added it.
    pub since: u32,
    /// How its type reads what was stored.
    pub plan: PlanFn,
    /// Its newest layout.
    pub layout: &'static Layout,
}

/// The history of a derived enum.
#[derive(Debug)]
pub struct EnumSpec {
    /// The newest layout.
    pub layout: &'static Layout,
    /// The oldest version that the variants below describe; older ones belong to `previous`.
    pub first: u32,
    /// The variants of the newest version.
    pub variants: &'static [VariantSpec],
    /// How versions before `first` are read.
    pub previous: Option<PlanFn>,
}

/// The history of a variant.
#[derive(Debug)]
pub struct VariantSpec {
    /// Its name.
    pub name: &'static str,
    /// Its tag.
    pub tag: u8,
    /// The version that added it.
    pub since: u32,
    /// Its fields.
    pub fields: &'static [FieldSpec],
}
