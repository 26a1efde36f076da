//! Answers as objects for programs.

use graven_core::ask::{Answer, Value};
use graven_core::explore::{LayoutSchema, RootSchema, StoreStats, VerifyStep};
use graven_core::store::SweepStatus;
use serde_json::{Map, Number, Value as Json, json};

pub(super) fn stats(stats: &StoreStats) -> Json {
    let roots = stats.roots.iter().map(|root| {
        let layouts = root.layouts.iter().map(|layout| {
            json!({
                "version": layout.version,
                "fingerprint": format!("{:#}", layout.fingerprint),
                "pages": layout.pages,
                "current": layout.current,
            })
        });
        json!({
            "name": root.name,
            "entries": root.entries,
            "bytes": root.bytes,
            "pages": root.pages,
            "layouts": layouts.collect::<Vec<_>>(),
            "incomplete_indexes": root.incomplete_indexes,
        })
    });
    json!({
        "roots": roots.collect::<Vec<_>>(),
        "pages": stats.usage.pages,
        "free_pages": stats.usage.free,
        "has_detached_trees": stats.usage.detached,
        "memory_bytes": stats.usage.memory_bytes,
        "sweep": stats.sweep.as_ref().map(sweep),
    })
}

pub(super) fn sweep(status: &SweepStatus) -> Json {
    json!({
        "state": status.state.name(),
        "old_pages": status.old_pages,
        "incomplete_indexes": status.incomplete_indexes,
    })
}

pub(super) fn verify(step: &VerifyStep) -> Json {
    json!({ "checked": step.checked, "damage": step.damage })
}

pub(super) fn schema(roots: &[RootSchema]) -> Json {
    let roots = roots.iter().map(|root| {
        json!({
            "name": root.name,
            "kind": root.kind,
            "declaration": root.declaration,
            "entries": root.entries,
            "bytes": root.bytes,
            "pages": root.pages,
            "key": root.key.as_ref().map(layout),
            "layouts": root.layouts.iter().map(layout).collect::<Vec<_>>(),
        })
    });
    roots.collect::<Vec<_>>().into()
}

fn layout(layout: &LayoutSchema) -> Json {
    json!({
        "type": layout.name,
        "version": layout.version,
        "fingerprint": format!("{:#}", layout.fingerprint),
        "descriptor": hex(&layout.descriptor),
        "pages": layout.pages,
        "current": layout.current,
    })
}

pub(super) fn records(answer: &Answer) -> Json {
    let rows = answer.rows.iter().map(|row| record(row)).collect::<Vec<_>>();
    json!({ "rows": rows, "read": answer.read, "is_complete": answer.next.is_none() })
}

/// Returns a row as an object.
pub(super) fn record(fields: &[(String, Value)]) -> Json {
    Json::Object(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect::<Map<_, _>>())
}

/// Returns a value in JSON: integers beyond 64 bits and bytes as text.
fn value(found: &Value) -> Json {
    match found {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Nat(number) => u64::try_from(*number).map_or_else(|_| number.to_string().into(), Json::from),
        Value::Int(number) => i64::try_from(*number).map_or_else(|_| number.to_string().into(), Json::from),
        Value::Float(number) => {
            Number::from_f64(*number).map_or_else(|| number.to_string().into(), Json::Number)
        }
        Value::Text(text) => Json::String(text.clone()),
        Value::Blob(bytes) => Json::String(format!("0x{}", hex(bytes))),
        Value::Principal(principal) => Json::String(principal.to_text()),
        Value::List(elements) => elements.iter().map(value).collect::<Vec<_>>().into(),
        Value::Record(fields) => record(fields),
        Value::Variant(name, fields) => json!({ name: value(fields) }),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
