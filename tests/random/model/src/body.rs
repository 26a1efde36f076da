//! A type as it is in one of its versions.

use crate::conversion::Conversion;
use crate::history::At;
use crate::ty::Ty;
use crate::value::Value;

/// A field in one version.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// The identifier, which is constant across versions.
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) ty: Ty,
    /// The conversion from the version before, if the type differs.
    pub(crate) conversion: Option<Conversion>,
    /// The value that older values get.
    pub(crate) default: Option<Value>,
}

/// The fields of a struct or variant in one version, in their order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// Without names: positions stand in their place.
    pub(crate) tuple: bool,
    pub(crate) fields: Vec<Field>,
}

/// A variant in one version.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    /// The identifier, which is constant across versions.
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) tag: u8,
    pub(crate) record: Record,
}

/// Struct or enum.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Struct(Record),
    /// In the order of their declaration.
    Enum(Vec<Variant>),
}

/// The successor of something that was removed: the new value, with holes for the old one's
/// fields.
#[derive(Debug, Clone)]
pub(crate) struct Successor {
    /// The variant; `None` for the fields of a struct.
    pub(crate) variant: Option<u32>,
    pub(crate) value: Value,
}

/// A version of a type.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) body: Body,
    /// The version before is another type, named by `previous`.
    pub(crate) starts: bool,
    /// The successors of values of that other type, as of this version.
    pub(crate) origin: Vec<Successor>,
    /// Variants that were removed since, and what becomes of them, as of this version.
    pub(crate) gone: Vec<Successor>,
}

impl Record {
    /// Returns the name of the field at a position.
    pub(crate) fn name(&self, position: usize) -> String {
        if self.tuple { position.to_string() } else { self.fields[position].name.clone() }
    }

    pub(crate) fn position(&self, id: u32) -> Option<usize> {
        self.fields.iter().position(|field| field.id == id)
    }

    pub(crate) fn field(&self, id: u32) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    pub(crate) fn ids(&self) -> Vec<u32> {
        self.fields.iter().map(|field| field.id).collect()
    }

    fn size(&self, argument: Option<&Ty>, at: At<'_>) -> Option<usize> {
        self.fields.iter().map(|field| field.ty.with(argument).size(at)).sum()
    }
}

impl Body {
    /// Returns the record of a struct, or of a variant.
    pub(crate) fn record(&self, variant: Option<u32>) -> Option<&Record> {
        match (self, variant) {
            (Body::Struct(record), None) => Some(record),
            (Body::Enum(variants), Some(id)) => {
                variants.iter().find(|variant| variant.id == id).map(|variant| &variant.record)
            }
            _ => None,
        }
    }

    /// Returns the ids of the variants; `None` for a struct.
    pub(crate) fn choices(&self) -> Vec<Option<u32>> {
        match self {
            Body::Struct(_) => vec![None],
            Body::Enum(variants) => variants.iter().map(|variant| Some(variant.id)).collect(),
        }
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.choices().into_iter().filter_map(|choice| self.record(choice))
    }

    pub(crate) fn records_mut(&mut self) -> Vec<&mut Record> {
        match self {
            Body::Struct(record) => vec![record],
            Body::Enum(variants) => variants.iter_mut().map(|variant| &mut variant.record).collect(),
        }
    }

    pub(crate) fn size(&self, argument: Option<&Ty>, at: At<'_>) -> Option<usize> {
        match self {
            Body::Struct(record) => record.size(argument, at),
            Body::Enum(variants) => {
                let sizes: Option<Vec<usize>> =
                    variants.iter().map(|variant| variant.record.size(argument, at)).collect();
                Some(1 + sizes?.into_iter().max().unwrap_or(0))
            }
        }
    }
}
