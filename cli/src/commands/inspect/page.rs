//! A page of HTML about an image: a picture of the memory, the roots as a sortable table, and the
//! schema with its history. All data are JSON that the page's script writes as text, so that no
//! name in an image becomes markup.

use std::path::Path;

use graven_collections::stored::{PageOwner, StoredStore};
use graven_core::layout::stored::{OwnedField, OwnedLayout};
use serde::Serialize;

use super::Facts;
use crate::commands::rows::described;
use crate::input::Input;

/// The page without its data.
const TEMPLATE: &str = include_str!("page.html");

/// The place of the data in the template.
const DATA: &str = "{\"placeholder\": true}";

/// The cells of the picture, at most. Each stands for as many pages.
const CELLS: u32 = 16_384;

#[derive(Serialize)]
struct Data<'a> {
    path: String,
    facts: &'a Facts,
    /// The number of pages that a cell stands for.
    pages_of_cell: u32,
    /// The cells: the owner that has most pages of it (a root's position, or less than 0), the mean
    /// fill in percent or -1, and 1 if a page of it has an old layout.
    cells: Vec<(i64, i64, u8)>,
    schema: Vec<Root>,
}

#[derive(Serialize)]
struct Root {
    name: String,
    key: Option<String>,
    layouts: Vec<Layout>,
}

#[derive(Serialize)]
struct Layout {
    name: String,
    fields: Vec<(String, String)>,
}

/// A cell while its pages are counted.
#[derive(Default)]
struct Cell {
    owners: Vec<(PageOwner, u32)>,
    fill: u64,
    filled: u64,
    is_old: bool,
}

/// Returns the page for a store.
pub(super) fn write(store: &StoredStore<Input>, facts: &Facts, path: &Path) -> graven_core::Result<String> {
    let pages_of_cell = facts.pages.div_ceil(CELLS).max(1);
    let mut cells: Vec<Cell> = Vec::new();
    store.map(&mut |used| {
        for page in used.page.get()..used.page.get().saturating_add(used.pages) {
            let at = (page / pages_of_cell) as usize;
            cells.resize_with(cells.len().max(at + 1), Cell::default);
            let cell = &mut cells[at];
            match cell.owners.iter_mut().find(|(owner, _)| *owner == used.owner) {
                Some((_, count)) => *count += 1,
                None => cell.owners.push((used.owner, 1)),
            }
            if let Some(fill) = used.fill {
                (cell.fill, cell.filled) = (cell.fill + u64::from(fill), cell.filled + 1);
            }
            cell.is_old |= used.is_old;
        }
    })?;
    let data = Data {
        path: path.display().to_string(),
        facts,
        pages_of_cell,
        cells: cells.iter().map(Cell::shown).collect(),
        schema: store.roots().iter().map(schema).collect(),
    };
    // A text that ends a script cannot be in JSON without this character.
    let json = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    Ok(TEMPLATE.replacen(DATA, &json, 1))
}

impl Cell {
    fn shown(&self) -> (i64, i64, u8) {
        let most = self.owners.iter().max_by_key(|(_, count)| *count);
        let owner = match most.map(|(owner, _)| *owner) {
            Some(PageOwner::Root(at)) => at as i64,
            Some(PageOwner::Store) => -1,
            Some(PageOwner::Free) => -2,
            Some(PageOwner::Detached) => -3,
            Some(PageOwner::Unknown) | None => -4,
        };
        let fill = self.fill.checked_div(self.filled).map_or(-1, |fill| fill as i64);
        (owner, fill, u8::from(self.is_old))
    }
}

fn schema(root: &graven_collections::stored::StoredRoot<Input>) -> Root {
    let layouts = if root.kind().is_index() { &[][..] } else { root.layouts() };
    Root {
        name: root.name().to_owned(),
        key: root.stored_key().map(ToString::to_string),
        layouts: layouts.iter().map(|(_, layout)| layout_of(layout)).collect(),
    }
}

fn layout_of(layout: &OwnedLayout) -> Layout {
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
    Layout { name: described(layout), fields }
}
