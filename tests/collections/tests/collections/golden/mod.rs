//! Golden images of the collections beside Cell and BTreeMap: memories that this code must write
//! byte for byte as it once did, with what is in them. How they are written down is in
//! `tests/golden/README.md`; the test `decoder` reads them by the document alone.

mod hashes;
mod nested;
mod queues;
mod ranked;
mod records;
mod sequences;
mod sets;

use graven::DefaultMemoryImpl;
use graven_tests::golden::{golden, listing};
use serde_json::{Value as Json, json};

/// Returns a root's listing with one record in a line.
fn root(json: &Json) -> String {
    let records = ["entries", "values", "chunks", "elements", "collections"]
        .into_iter()
        .find(|list| json.get(list).is_some());
    let mut head = json.clone();
    let Some(list) = records else { return json.to_string() };
    let records = head.as_object_mut().unwrap().remove(list).unwrap();
    let records: Vec<String> =
        records.as_array().unwrap().iter().map(|record| format!("  {record}")).collect();
    let records = if records.is_empty() { String::new() } else { format!("\n{}\n", records.join(",\n")) };
    let head = head.to_string();
    format!("{}, \"{list}\": [{records}]}}", &head[..head.len() - 1])
}

fn text(roots: &[Json]) -> String {
    let roots: Vec<String> = roots.iter().map(root).collect();
    format!("{{\"roots\": [\n{}\n]}}\n", roots.join(",\n"))
}

/// Returns the listing of a sequence.
pub fn values(name: &str, collection: &str, values: impl IntoIterator<Item = Json>) -> Json {
    json!({ "name": name, "collection": collection, "values": values.into_iter().collect::<Vec<_>>() })
}

/// Bytes as the listings have them.
pub fn hex(bytes: &[u8]) -> Json {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

#[test]
fn sequences_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = sequences::build(&memory);
    golden("sequences.image", &listing(&memory));
    golden("sequences.json", &text(&stored));
}

#[test]
fn queues_slabs_and_blobs_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = queues::build(&memory);
    golden("queues.image", &listing(&memory));
    golden("queues.json", &text(&stored));
}

#[test]
fn nested_collections_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = nested::build(&memory);
    golden("nested.image", &listing(&memory));
    golden("nested.json", &text(&stored));
}

#[test]
fn records_with_collections_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = records::build(&memory);
    golden("records.image", &listing(&memory));
    golden("records.json", &text(&stored));
}

#[test]
fn hash_maps_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = hashes::build(&memory);
    golden("hashes.image", &listing(&memory));
    golden("hashes.json", &text(&stored));
}

#[test]
fn sets_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = sets::build(&memory);
    golden("sets.image", &listing(&memory));
    golden("sets.json", &text(&stored));
}

#[test]
fn ranked_maps_are_written_as_before() {
    let memory = DefaultMemoryImpl::default();
    let stored = ranked::build(&memory);
    golden("ranked.image", &listing(&memory));
    golden("ranked.json", &text(&stored));
}
