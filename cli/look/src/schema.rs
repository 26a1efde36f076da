//! The layouts of a store with their fields, as text.

use graven_collections::stored::{StoredRoot, StoredStore};
use graven_core::Memory;
use graven_core::layout::stored::{OwnedField, OwnedLayout};
use serde::Serialize;

use crate::described;

/// The layouts of all roots, in the order of the catalog.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Schema(pub Vec<RootSchema>);

/// The layouts of a root.
#[derive(Debug, Serialize)]
pub struct RootSchema {
    /// The name of the root.
    pub name: String,
    /// The type of its keys.
    pub key: Option<String>,
    /// The types of its values in the order in which they were first stored. An index has none.
    pub layouts: Vec<TypeSchema>,
}

/// A type with its fields.
#[derive(Debug, Serialize)]
pub struct TypeSchema {
    /// The name and the version, as in `User v2`.
    pub name: String,
    /// The names and types of fields or variants.
    pub fields: Vec<(String, String)>,
}

impl Schema {
    /// Returns the layouts of a store. Reads nothing.
    pub fn of<M: Memory>(store: &StoredStore<M>) -> Schema {
        Schema(store.roots().iter().map(root).collect())
    }
}

fn root<M: Memory>(root: &StoredRoot<M>) -> RootSchema {
    let layouts = if root.kind().is_index() { &[][..] } else { root.layouts() };
    RootSchema {
        name: root.name().to_owned(),
        key: root.stored_key().map(ToString::to_string),
        layouts: layouts.iter().map(|(_, layout)| fields(layout)).collect(),
    }
}

fn fields(layout: &OwnedLayout) -> TypeSchema {
    let field = |field: &OwnedField| (field.name.clone(), described(&field.layout));
    let fields = match layout {
        OwnedLayout::Struct { fields, .. } => fields.iter().map(field).collect(),
        OwnedLayout::Enum { variants, .. } => variants
            .iter()
            .map(|variant| {
                let fields: Vec<String> =
                    variant.fields.iter().map(field).map(|(name, ty)| format!("{name}: {ty}")).collect();
                (variant.name.clone(), fields.join(", "))
            })
            .collect(),
        _ => Vec::new(),
    };
    TypeSchema { name: described(layout), fields }
}
