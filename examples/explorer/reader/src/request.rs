//! Requests of the page, and the answers. Both are JSON.

use graven_collections::stored::{Parts, Value};
use graven_look::canister::CanisterError;
use graven_look::{Facts, Json, Picture, Schema};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A request.
#[derive(Debug, serde::Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Opens an image of so many bytes, or a memory of the `MemoryManager` in it.
    Open { bytes: u64, memory: Option<u8> },
    /// Opens the memory of a live canister.
    OpenCanister {
        canister: String,
        /// The URL of the network.
        network: String,
        /// The private key of the caller in PEM, who is anonymous without one.
        identity: Option<String>,
    },
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
    Error(Refusal),
}

/// The characters of a reason that the page shows, at most.
const MAX_ERROR_CHARS: usize = 500;

/// The reason why there is no answer.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Refusal {
    /// The reason in a line.
    pub(crate) error: String,
    /// The kind of the reason, if it is a canister's or a network's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The canister has worked since it was opened.
    Changed,
    /// The network does not answer the page.
    Unreachable,
    /// Another one.
    Failed,
}

impl From<String> for Refusal {
    fn from(error: String) -> Self {
        Refusal { error, kind: None }
    }
}

impl From<CanisterError> for Refusal {
    fn from(error: CanisterError) -> Self {
        let kind = match &error {
            CanisterError::Changed => Kind::Changed,
            CanisterError::Unreachable(_) => Kind::Unreachable,
            _ => Kind::Failed,
        };
        // The words may be those of a canister or a server, as many as they like.
        Refusal { error: error.to_string().chars().take(MAX_ERROR_CHARS).collect(), kind: Some(kind) }
    }
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
