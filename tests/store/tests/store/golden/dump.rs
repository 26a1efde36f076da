//! Stores as JSON: a root takes a line, and so does each entry of a map.

/// The roots of a store as JSON, one entry to a line.
pub(super) trait Dump {
    fn dump(&self) -> Vec<String>;
}

pub(super) fn dump_cell(name: &str, value: Option<&String>) -> String {
    let value = value.map_or("null".to_owned(), |value| format!("[{value}]"));
    format!("{{\"name\": \"{name}\", \"collection\": \"Cell\", \"value\": {value}}}")
}

pub(super) fn dump_map(name: &str, entries: &[(String, String)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("  [{key}, {value}]")).collect();
    let entries = if entries.is_empty() { String::new() } else { format!("\n{}\n", entries.join(",\n")) };
    format!("{{\"name\": \"{name}\", \"collection\": \"BTreeMap\", \"entries\": [{entries}]}}")
}

macro_rules! dump {
    (cell, $name:expr, $cell:expr) => {
        $crate::golden::dump::dump_cell($name, $cell.get().map(|value| value.plain()).as_ref())
    };
    (map, $name:expr, $map:expr) => {
        $crate::golden::dump::dump_map(
            $name,
            &$map.iter().map(|(key, value)| (key.plain(), value.plain())).collect::<Vec<_>>(),
        )
    };
}
pub(super) use dump;

/// Returns a store of these roots.
pub(super) fn json(roots: &[String]) -> String {
    format!("{{\"roots\": [\n{}\n]}}\n", roots.join(",\n"))
}
