//! Listings of memories as JSON, as the golden images have them beside them.

use serde_json::{Map, Value as Json, json};

use super::bytes::hex;
use super::contents::{Collected, Contents, Listed, More, Record};
use super::roots::Collection;
use super::value::Value;

/// Returns the listing of all roots.
pub fn listing(contents: &Contents) -> Json {
    json!({ "roots": contents.roots.iter().map(root).collect::<Vec<_>>() })
}

fn root(listed: &Listed) -> Json {
    let collection = listed.root.collection;
    let mut json = json!({ "name": listed.root.name, "collection": format!("{collection:?}") });
    match collection {
        Collection::Cell => json["value"] = json!(listed.records.first().map(|record| [record.value.json()])),
        Collection::Vec | Collection::Deque | Collection::Log => {
            json["values"] = listed.records.iter().map(|record| record.value.json()).collect();
        }
        Collection::Blobs => json["chunks"] = listed.records.iter().map(chunk).collect(),
        Collection::BTreeSet | Collection::HashSet => {
            json["elements"] = listed.records.iter().map(key).collect();
        }
        Collection::BTreeMap
        | Collection::RankedMap
        | Collection::HashMap
        | Collection::PriorityQueue
        | Collection::Slab
        | Collection::Table
        | Collection::Index
        | Collection::UniqueIndex => {
            json["entries"] = entries(&listed.records).into();
        }
        // Below, with what is left of those that were removed.
        Collection::NestedMap
        | Collection::NestedSet
        | Collection::NestedVec
        | Collection::NestedDeque
        | Collection::RecordsMap
        | Collection::RecordsSet
        | Collection::RecordsVec
        | Collection::RecordsDeque => (),
    }
    match &listed.more {
        More::Nothing => (),
        More::Log { first, .. } => json["first"] = first.to_string().into(),
        More::Free(rows) => json["free"] = json!(rows),
        More::Seed(seed) => json["seed"] = seed.to_string().into(),
        More::Next(id) => json["next"] = id.to_string().into(),
        More::Indexed { state, .. } => json["indexed"] = (*state).into(),
        More::Nested { collections, left } => {
            let inner = |records: &[Record]| match collection {
                Collection::NestedMap | Collection::RecordsMap => entries(records),
                Collection::NestedSet | Collection::RecordsSet => records.iter().map(key).collect(),
                _ => records.iter().map(|record| record.value.json()).collect(),
            };
            let one = |collected: &Collected| match &collected.record {
                Some(record) => json!([collected.key.json(), record.value.json(), inner(&collected.items)]),
                None => json!([collected.key.json(), inner(&collected.items)]),
            };
            json["collections"] = collections.iter().map(one).collect();
            json["removed"] =
                left.iter().map(|(number, entries)| json!([number.to_string(), entries])).collect();
        }
    }
    json
}

fn key(record: &Record) -> Json {
    record.key.as_ref().expect("entries have keys").json()
}

fn entries(records: &[Record]) -> Vec<Json> {
    records.iter().map(|record| json!([key(record), record.value.json()])).collect()
}

/// Key, offset, length, and the bytes without the zeros at their end: chunks are long.
fn chunk(record: &Record) -> Json {
    let (Some(Value::Tuple(key)), Value::Bytes(bytes)) = (&record.key, &record.value) else {
        panic!("a chunk has a key, an offset and bytes");
    };
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    json!([key[0].json(), key[1].json(), bytes.len(), hex(&bytes[..end])])
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
