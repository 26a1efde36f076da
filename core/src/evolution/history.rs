//! The history of a type as data: every layout that its values may have been stored in. The derive
//! generates it, `check` compares it with what is stored, and the wasm carries it for tools
//! (`store::section`).

use crate::layout::Layout;

/// All layouts that values of a type may have been stored in.
#[derive(Debug)]
pub enum History {
    /// This layout only.
    Plain(&'static Layout),
    /// One or none of a type.
    Option(&'static History),
    /// Any number of a type.
    Vec(&'static History),
    /// A constant number of a type.
    Array(&'static History, u32),
    /// One of two types.
    Result(&'static History, &'static History),
    /// Values without names.
    Tuple(&'static [&'static History]),
    /// A derived struct.
    Struct(StructHistory),
    /// A derived enum.
    Enum(EnumHistory),
}

/// The versions of a derived struct.
#[derive(Debug)]
pub struct StructHistory {
    /// The newest layout.
    pub layout: &'static Layout,
    /// The oldest version that the fields below describe.
    pub first: u32,
    /// The type that reads what was stored before `first`.
    pub previous: Option<&'static History>,
    /// Every field that was ever there.
    pub fields: &'static [FieldHistory],
}

/// The versions of a derived enum.
#[derive(Debug)]
pub struct EnumHistory {
    /// The newest layout.
    pub layout: &'static Layout,
    /// The oldest version that the variants below describe.
    pub first: u32,
    /// The type that reads what was stored before `first`.
    pub previous: Option<&'static History>,
    /// Every variant that was ever there.
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
    /// The first version that does not have it any more; [`STILL`] if the newest one has it.
    pub until: u32,
    /// The newest type's field that it became, by position; [`GONE`] if it was removed.
    pub target: u16,
    /// How many conversions lie between its type and that of the newest version.
    pub step: u16,
    /// Its type.
    pub history: &'static History,
}

/// A variant under one name.
#[derive(Debug)]
pub struct VariantHistory {
    /// Its name.
    pub name: &'static str,
    /// The byte that stands for it.
    pub tag: u8,
    /// The first version that has it.
    pub since: u32,
    /// The first version that does not have it any more; [`STILL`] if the newest one has it.
    pub until: u32,
    /// The newest type's variant that it became, by position. Variants that were removed follow the
    /// others.
    pub target: u16,
    /// Every field that it ever had.
    pub fields: &'static [FieldHistory],
}

/// Stands for the end of what the newest version still has.
pub const STILL: u32 = u32::MAX;

/// Stands for the position of a field that was removed.
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

/// The parts that derived structs and enums have in common.
#[derive(Debug, Clone, Copy)]
pub struct Derived {
    /// The newest layout.
    pub layout: &'static Layout,
    /// The oldest version that the type itself describes.
    pub first: u32,
    /// The type that reads what was stored before `first`.
    pub previous: Option<&'static History>,
}

impl History {
    /// Returns the part that derived structs and enums share.
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

    /// Returns `true` if anything explains the change of some version of a derived type.
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
