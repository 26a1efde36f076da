//! A page of HTML about an image: a picture of the memory, the roots as a sortable table, and the
//! schema with its history. All data are JSON that the page's script writes as text, so that no
//! name in an image becomes markup.

use std::path::Path;

use graven_collections::stored::StoredStore;
use graven_look::{Facts, Picture, Schema};
use serde::Serialize;

use crate::input::Input;

/// The page without its data.
const TEMPLATE: &str = include_str!("page.html");

/// The place of the data in the template.
const DATA: &str = "{\"placeholder\": true}";

#[derive(Serialize)]
struct Data<'a> {
    path: String,
    facts: &'a Facts,
    #[serde(flatten)]
    picture: Picture,
    schema: Schema,
}

/// Returns the page for a store.
pub(super) fn write(store: &StoredStore<Input>, facts: &Facts, path: &Path) -> graven_core::Result<String> {
    let picture = Picture::of(store)?;
    let data = Data { path: path.display().to_string(), facts, picture, schema: Schema::of(store) };
    // A text that ends a script cannot be in JSON without this character.
    let json = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    Ok(TEMPLATE.replacen(DATA, &json, 1))
}
