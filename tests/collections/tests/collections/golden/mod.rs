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
mod tables;

use graven::DefaultMemoryImpl;
use graven_tests::golden::{golden, listing, version_1};
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

/// Writes a memory, and compares it and what is read from it with golden files.
fn check(name: &str, write: fn(&DefaultMemoryImpl), read: fn(&DefaultMemoryImpl) -> Vec<Json>) {
    let memory = DefaultMemoryImpl::default();
    write(&memory);
    let stored = read(&memory);
    golden(&format!("{name}.image"), &listing(&memory));
    golden(&format!("{name}.json"), &text(&stored));
}

/// Reads the image that version 1 of the format wrote, and compares what is in it.
fn check_version_1(name: &str, read: fn(&DefaultMemoryImpl) -> Vec<Json>) {
    let memory = version_1(&format!("{name}.image"));
    golden(&format!("version-1/{name}.json"), &text(&read(&memory)));
}

macro_rules! images {
    ($($module:ident $written:ident $readable:ident)*) => {$(
        #[test]
        fn $written() {
            check(stringify!($module), $module::write, $module::read);
        }

        #[test]
        fn $readable() {
            check_version_1(stringify!($module), $module::read);
        }
    )*};
}

/// Tables came after version 1 was final.
#[test]
fn tables_are_written_as_before() {
    check("tables", tables::write, tables::read);
}

images! {
    sequences sequences_are_written_as_before sequences_of_version_1_are_readable
    queues queues_slabs_and_blobs_are_written_as_before queues_slabs_and_blobs_of_version_1_are_readable
    nested nested_collections_are_written_as_before nested_collections_of_version_1_are_readable
    records records_with_collections_are_written_as_before records_of_version_1_are_readable
    hashes hash_maps_are_written_as_before hash_maps_of_version_1_are_readable
    sets sets_are_written_as_before sets_of_version_1_are_readable
    ranked ranked_maps_are_written_as_before ranked_maps_of_version_1_are_readable
}
