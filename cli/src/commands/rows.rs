//! Entries as rows: their parts and fields by name, as lines of JSON, CSV or candid text.

use std::io::Write;

use clap::ValueEnum;
use graven_collections::stored::{Parts, StoredEntry, StoredRoot, Value};
use graven_core::layout::stored::OwnedLayout;
use graven_core::page::LayoutId;
use serde::ser::{Serialize, Serializer};

use crate::failure::Failure;
use crate::input::Input;
use crate::screen::{Interrupted, line};
use crate::values::{Json, hex, named, to_candid};

/// The format of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// A line of JSON for each entry.
    #[default]
    Json,
    /// A heading and a line of CSV for each entry, with a column for each field.
    Csv,
    /// A line of candid text for each entry.
    Candid,
}

/// A writer of rows in one format.
pub(crate) struct Rows<'a> {
    root: &'a StoredRoot<Input>,
    format: Format,
    /// The fields to show, or all.
    fields: &'a [String],
    /// `true` if each row names the layout of its value.
    versions: bool,
    columns: Vec<Column>,
}

/// A column of CSV: a part of the entries, or a field of it.
struct Column {
    part: &'static str,
    field: Option<String>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(
        root: &'a StoredRoot<Input>,
        format: Format,
        fields: &'a [String],
        versions: bool,
    ) -> Result<Self, Failure> {
        fields.iter().try_for_each(|name| layout_of(root, name).map(drop))?;
        Ok(Rows { root, format, fields, versions, columns: columns(root) })
    }

    /// Writes what comes before all rows.
    pub(crate) fn begin(&self, out: &mut dyn Write) -> Result<(), Interrupted> {
        if self.format != Format::Csv {
            return Ok(());
        }
        let mut heading: Vec<String> = match self.fields {
            [] => self.columns.iter().map(|column| column.heading(&self.columns)).collect(),
            fields => fields.to_vec(),
        };
        if self.versions {
            heading.push("layout".to_owned());
        }
        csv_line(&heading, out)
    }

    pub(crate) fn write(
        &self,
        entry: &StoredEntry,
        parts: &Parts,
        out: &mut dyn Write,
    ) -> Result<(), Interrupted> {
        let layout = self.versions.then(|| version(self.root, entry));
        match self.format {
            Format::Json => {
                let row = Row { parts, fields: self.fields, layout: layout.as_deref() };
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")?;
            }
            Format::Csv => {
                let mut cells: Vec<String> = match self.fields {
                    [] => self.columns.iter().map(|column| cell(column.find(parts))).collect(),
                    fields => fields.iter().map(|name| cell(find(parts, name))).collect(),
                };
                cells.extend(layout);
                csv_line(&cells, out)?;
            }
            Format::Candid => writeln!(out, "{:?}", self.candid(entry, parts, layout))?,
        }
        Ok(())
    }

    fn candid(
        &self,
        entry: &StoredEntry,
        parts: &Parts,
        layout: Option<String>,
    ) -> candid::types::value::IDLValue {
        let typed = |name: &str, value: &Value| {
            let layout = typed_field(self.root, entry.layout, name);
            to_candid(layout, value)
        };
        let shown: Vec<(&str, _)> = match self.fields {
            [] => parts.iter().map(|(name, value)| (*name, typed(name, value))).collect(),
            fields => {
                let found = fields.iter().filter_map(|name| Some((name.as_str(), find(parts, name)?)));
                found.map(|(name, value)| (name, typed(name, value))).collect()
            }
        };
        let layout = layout.map(|layout| ("layout", candid::types::value::IDLValue::Text(layout)));
        named(shown.into_iter().chain(layout))
    }
}

/// A row as JSON.
struct Row<'a> {
    parts: &'a Parts,
    fields: &'a [String],
    layout: Option<&'a str>,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;

        let mut map = serializer.serialize_map(None)?;
        if self.fields.is_empty() {
            self.parts.iter().try_for_each(|(name, value)| map.serialize_entry(name, &Json(value)))?;
        } else {
            let found = self.fields.iter().filter_map(|name| Some((name, find(self.parts, name)?)));
            found.into_iter().try_for_each(|(name, value)| map.serialize_entry(name, &Json(value)))?;
        }
        if let Some(layout) = self.layout {
            map.serialize_entry("layout", layout)?;
        }
        map.end()
    }
}

/// Returns a part of an entry, a field of its value, or a field of a part.
pub(crate) fn find<'a>(parts: &'a Parts, name: &str) -> Option<&'a Value> {
    let part = |name: &str| parts.iter().find(|(part, _)| *part == name).map(|(_, value)| value);
    part(name)
        .or_else(|| part("value").and_then(|value| value.at(name)))
        .or_else(|| part("record").and_then(|value| value.at(name)))
        .or_else(|| name.split_once('.').and_then(|(first, rest)| part(first)?.at(rest)))
}

/// Returns the layout of a field in any version, the current one first.
pub(crate) fn layout_of<'a>(root: &'a StoredRoot<Input>, name: &str) -> Result<&'a OwnedLayout, Failure> {
    let found = layouts(root).find_map(|layout| typed_field(root, layout, name));
    found.ok_or_else(|| {
        let names = columns(root);
        let names: Vec<String> = names.iter().map(|column| line(&column.heading(&names))).collect();
        let root = line(root.name());
        Failure::Words(format!("`{root}` has no field `{}`: it has {}", line(name), names.join(", ")))
    })
}

fn typed_field<'a>(
    root: &'a StoredRoot<Input>,
    layout: Option<LayoutId>,
    name: &str,
) -> Option<&'a OwnedLayout> {
    let part = |name: &str| root.part_layout(name, layout);
    part(name)
        .or_else(|| part("value").and_then(|value| value.field(name)))
        .or_else(|| part("record").and_then(|record| record.field(name)))
        .or_else(|| name.split_once('.').and_then(|(first, rest)| part(first)?.field(rest)))
}

/// Returns the layouts of values, the current one first and the oldest last. A collection whose
/// values are its own has none.
fn layouts(root: &StoredRoot<Input>) -> impl Iterator<Item = Option<LayoutId>> {
    let all = root.layouts().iter().zip(&root.stats().layouts);
    let (current, others): (Vec<_>, Vec<_>) = all.partition(|(_, stats)| stats.current);
    let mut ids: Vec<_> =
        current.into_iter().chain(others.into_iter().rev()).map(|((id, _), _)| Some(*id)).collect();
    if ids.is_empty() {
        ids.push(None);
    }
    ids.into_iter()
}

/// Returns the columns of all versions: a part, or each field of a part that is a struct.
fn columns(root: &StoredRoot<Input>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for part in root.part_names() {
        let begin = columns.len();
        for layout in layouts(root) {
            let fields = match root.part_layout(part, layout) {
                Some(OwnedLayout::Struct { fields, .. })
                    if fields.iter().all(|field| field.name.parse::<u16>().is_err()) =>
                {
                    fields
                }
                _ => continue,
            };
            for field in fields {
                if columns[begin..].iter().all(|column| column.field.as_deref() != Some(&field.name)) {
                    columns.push(Column { part, field: Some(field.name.clone()) });
                }
            }
        }
        if columns.len() == begin {
            columns.push(Column { part, field: None });
        }
    }
    columns
}

impl Column {
    /// Returns the name of a column: that of the field, after that of the part if another column
    /// has the same.
    fn heading(&self, all: &[Column]) -> String {
        let Some(field) = &self.field else { return self.part.to_owned() };
        let other = |column: &&Column| column.part != self.part;
        let is_taken =
            all.iter().filter(other).any(|column| column.field.as_deref().unwrap_or(column.part) == field);
        if is_taken { format!("{}.{field}", self.part) } else { field.clone() }
    }

    fn find<'a>(&self, parts: &'a Parts) -> Option<&'a Value> {
        let (_, value) = parts.iter().find(|(part, _)| *part == self.part)?;
        match &self.field {
            Some(field) => value.at(field),
            None => Some(value),
        }
    }
}

fn csv_line(cells: &[String], out: &mut dyn Write) -> Result<(), Interrupted> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells).map_err(std::io::Error::from)?;
    let line = writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(out.write_all(&line)?)
}

/// Returns a value as a cell of CSV: texts as they are, no value as nothing, others as JSON.
fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Blob(bytes)) => hex(bytes),
        Some(Value::Principal(principal)) => principal.to_string(),
        Some(value) => serde_json::to_string(&Json(value)).unwrap_or_default(),
    }
}

/// Returns the name and the version of the layout of an entry's value.
pub(crate) fn version(root: &StoredRoot<Input>, entry: &StoredEntry) -> String {
    match entry.layout.and_then(|layout| root.layout(layout)) {
        Some(layout) => described(layout),
        None => String::new(),
    }
}

/// Returns the name and the version of a layout, as in `User v2`.
pub(crate) fn described(layout: &OwnedLayout) -> String {
    line(&graven_look::described(layout))
}
