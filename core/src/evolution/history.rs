//! The history of a type as data: every layout that its values may have been stored in. The derive
//! generates it, `check` compares it with stored layouts, and the wasm carries it for tools
//! (`store::section`).

use crate::layout::Layout;

/// All layouts that values of a type may have been stored in.
#[derive(Debug)]
pub enum History {
    /// A type that has this layout only.
    Plain(&'static Layout),
    /// An optional value of a type.
    Option(&'static History),
    /// A list of values of a type.
    Vec(&'static History),
    /// A constant number of values of a type.
    Array(&'static History, u32),
    /// A value of one of two types.
    Result(&'static History, &'static History),
    /// A tuple of values.
    Tuple(&'static [&'static History]),
    /// A derived struct.
    Struct(StructHistory),
    /// A derived enum.
    Enum(EnumHistory),
}

/// The versions of a derived struct.
#[derive(Debug)]
pub struct StructHistory {
    /// The current layout.
    pub layout: &'static Layout,
    /// The oldest version that the fields below describe.
    pub first: u32,
    /// The type that reads values from before version `first`.
    pub previous: Option<&'static History>,
    /// The forms of all fields, removed ones included.
    pub fields: &'static [FieldHistory],
}

/// The versions of a derived enum.
#[derive(Debug)]
pub struct EnumHistory {
    /// The current layout.
    pub layout: &'static Layout,
    /// The oldest version that the variants below describe.
    pub first: u32,
    /// The type that reads values from before version `first`.
    pub previous: Option<&'static History>,
    /// The forms of all variants, removed ones included.
    pub variants: &'static [VariantHistory],
}

/// A form of a field: one name, one type and one position. The forms of a version, in their order,
/// are the fields of that version's record.
#[derive(Debug)]
pub struct FieldHistory {
    /// Its name.
    pub name: &'static str,
    /// The first version that has it.
    pub since: u32,
    /// The first version that no longer has it, or [`STILL`] if the current one has it.
    pub until: u32,
    /// The position of the current type's field that it became, or [`GONE`] if it was removed.
    pub target: u16,
    /// The number of conversions from its type to the current one.
    pub step: u16,
    /// Its type.
    pub history: &'static History,
}

/// A variant under one name.
#[derive(Debug)]
pub struct VariantHistory {
    /// Its name.
    pub name: &'static str,
    /// Its tag.
    pub tag: u8,
    /// The first version that has it.
    pub since: u32,
    /// The first version that no longer has it, or [`STILL`] if the current one has it.
    pub until: u32,
    /// The position of the current type's variant that it became. Removed variants follow the
    /// others.
    pub target: u16,
    /// The forms of all its fields, removed ones included.
    pub fields: &'static [FieldHistory],
}

/// The `until` of what the current version still has.
pub const STILL: u32 = u32::MAX;

/// The `target` of a field that was removed.
pub const GONE: u16 = u16::MAX;

impl FieldHistory {
    /// Returns `true` if a version has the field in this form.
    #[must_use]
    pub const fn is_in(&self, version: u32) -> bool {
        self.since <= version && version < self.until
    }
}

impl VariantHistory {
    /// Returns `true` if a version has the variant in this form.
    #[must_use]
    pub const fn is_in(&self, version: u32) -> bool {
        self.since <= version && version < self.until
    }
}

/// The data that derived structs and enums share.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// The current layout.
    pub layout: &'static Layout,
    /// The oldest version that the type itself describes.
    pub first: u32,
    /// The type that reads values from before version `first`.
    pub previous: Option<&'static History>,
}

impl History {
    /// Returns the data that derived structs and enums share, or `None` for other types.
    #[must_use]
    pub const fn derived(&self) -> Option<Derived> {
        match self {
            History::Struct(StructHistory { layout, first, previous, .. })
            | History::Enum(EnumHistory { layout, first, previous, .. }) => {
                Some(Derived { layout, first: *first, previous: *previous })
            }
            _ => None,
        }
    }

    /// Returns `true` if an attribute of a derived type explains the change of some version.
    pub(super) fn tells(&self) -> bool {
        let told = |since: u32, until: u32| since > 1 || until != STILL;
        let fields = |fields: &[FieldHistory]| fields.iter().any(|field| told(field.since, field.until));
        match self {
            History::Struct(spec) => fields(spec.fields),
            History::Enum(spec) => {
                spec.variants.iter().any(|spec| told(spec.since, spec.until) || fields(spec.fields))
            }
            _ => false,
        }
    }

    /// Returns the first version that a derived type with `previous = …` describes itself.
    #[doc(hidden)]
    #[must_use]
    pub const fn version_after(previous: &Layout) -> u32 {
        match previous.version() {
            Some(version) => version.saturating_add(1),
            None => 1,
        }
    }
}
