//! Answers as objects for programs.

use graven_core::ask::{Answer, Value};
use graven_core::explore::{LayoutSchema, RootSchema, StoreStats, VerifyStep};
use graven_core::store::SweepStatus;
use serde_json::{Value as Json, json};

use crate::values;

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
    json!({ "checked": step.checked, "damage": step.damage, "uncounted": step.uncounted })
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
    // A value serializes whatever it is.
    let value = |field| serde_json::to_value(values::Json(field)).unwrap_or_default();
    Json::Object(fields.iter().map(|(name, field)| (name.clone(), value(field))).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
