//! Requests of the page, and the answers. Both are JSON.

use graven_collections::stored::{Parts, Value};
use graven_look::{Facts, Json, Picture, Schema};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A request.
#[derive(Debug, serde::Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Opens an image of so many bytes, or a memory of the `MemoryManager` in it.
    Open { bytes: u64, memory: Option<u8> },
    /// Begins a list of entries of a root.
    Entries {
        root: String,
        by: By,
        /// The key, the beginning of keys, or the range.
        text: String,
    },
    /// Continues the list.
    Next,
    /// Draws the memory, for which the headers of all pages are read.
    Picture,
    /// Checks everything, for which all pages are read.
    Verify,
}

/// The entries of a root that are listed.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    All,
    Key,
    Prefix,
    Range,
}

/// The answer to a request.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    Store {
        facts: Facts,
        schema: Schema,
    },
    /// The ids of the memories with a store, of which the page has to choose one.
    Choice {
        memories: Vec<u8>,
    },
    Rows(Rows),
    Picture(Picture),
    Findings {
        faults: Vec<String>,
        count: u64,
        accounted: u64,
        unaccounted: u64,
    },
    Error {
        error: String,
    },
}

/// A page of rows.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    /// `true` if the list continues.
    pub(crate) more: bool,
    /// The damage at which the list ended.
    pub(crate) error: Option<String>,
}

/// An entry as a row.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Row {
    pub(crate) parts: Shown,
    /// The layout of the value, as in `User v1`.
    pub(crate) layout: Option<String>,
    pub(crate) page: u32,
}

/// The parts of an entry by name.
#[derive(Debug)]
pub(crate) struct Shown(Parts);

impl Shown {
    /// Returns the parts with numbers that JavaScript can read. It would round those of more than
    /// 53 bits, so these become texts.
    pub(crate) fn new(mut parts: Parts) -> Self {
        parts.iter_mut().for_each(|(_, value)| make_exact(value));
        Shown(parts)
    }
}

/// The greatest integer up to which all are exact in JavaScript.
const MAX_SAFE: u128 = (1 << 53) - 1;

fn make_exact(value: &mut Value) {
    match value {
        Value::Nat(number) if *number > MAX_SAFE => *value = Value::Text(number.to_string()),
        Value::Int(number) if number.unsigned_abs() > MAX_SAFE => *value = Value::Text(number.to_string()),
        Value::List(values) => values.iter_mut().for_each(make_exact),
        Value::Record(fields) => fields.iter_mut().for_each(|(_, value)| make_exact(value)),
        Value::Variant(_, inner) => make_exact(inner),
        _ => {}
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, value)| map.serialize_entry(name, &Json(value)))?;
        map.end()
    }
}
