//! Listings of memories as JSON, as the golden images have them beside them.

use serde_json::{Map, Value as Json, json};

use super::bytes::hex;
use super::contents::{Contents, Listed};
use super::roots::Collection;
use super::value::Value;

/// The listing of all roots.
pub fn listing(contents: &Contents) -> Json {
    json!({ "roots": contents.roots.iter().map(root).collect::<Vec<_>>() })
}

fn root(listed: &Listed) -> Json {
    let name = &listed.root.name;
    match listed.root.collection {
        Collection::Cell => {
            let value = listed.records.first().map(|record| [record.value.json()]);
            json!({ "name": name, "collection": "Cell", "value": value })
        }
        Collection::BTreeMap => json!({ "name": name, "collection": "BTreeMap", "entries": entries(listed) }),
    }
}

fn entries(listed: &Listed) -> Vec<[Json; 2]> {
    let key = |key: &Option<Value>| key.as_ref().expect("entries have keys").json();
    listed.records.iter().map(|record| [key(&record.key), record.value.json()]).collect()
}

impl Value {
    pub fn json(&self) -> Json {
        match self {
            Self::Bool(flag) => json!(flag),
            Self::Char(scalar) => json!(scalar),
            Self::Unsigned(number, 8..) => json!(number.to_string()),
            Self::Unsigned(number, _) => json!(*number as u32),
            Self::Signed(number, 8..) => json!(number.to_string()),
            Self::Signed(number, _) => json!(*number as i32),
            Self::F32(number) => json!(format!("{:08x}", number.to_bits())),
            Self::F64(number) => json!(format!("{:016x}", number.to_bits())),
            Self::Text(text) => json!(text),
            Self::Bytes(bytes) | Self::Principal(bytes) | Self::Opaque(bytes) => json!(hex(bytes)),
            Self::Duration { seconds, nanoseconds } => {
                json!({ "secs": seconds.to_string(), "nanos": nanoseconds })
            }
            Self::Option(None) => Json::Null,
            Self::Option(Some(value)) => json!([value.json()]),
            Self::Result(Ok(value)) => json!({ "Ok": value.json() }),
            Self::Result(Err(value)) => json!({ "Err": value.json() }),
            Self::List(values) | Self::Tuple(values) => values.iter().map(Self::json).collect(),
            Self::Struct(fields) => members(fields),
            Self::Variant { name, fields } => json!({ name: members(fields) }),
            Self::Reverse(inner) => inner.json(),
        }
    }
}

fn members(fields: &[(String, Value)]) -> Json {
    Json::Object(fields.iter().map(|(name, value)| (name.clone(), value.json())).collect::<Map<_, _>>())
}
