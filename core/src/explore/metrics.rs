//! The size of a store in the text format of Prometheus.

use core::fmt::{Display, Write as _};

use super::messages::Messages;
use crate::page::Usage;
use crate::store::{RootStats, SweepState, SweepStatus};

/// The media type of the text.
#[cfg(feature = "candid")]
pub(super) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Returns the metrics of a store in the text format of Prometheus, version 0.0.4. `sweep` is
/// `None` if the canister has no background sweep.
#[must_use]
pub fn metrics(
    roots: &[RootStats],
    usage: &Usage,
    sweep: Option<&SweepStatus>,
    messages: &Messages,
) -> String {
    let mut out = String::new();
    per_root(&mut out, roots);
    gauge(&mut out, "graven_layout_pages", "Pages of 4 KiB that hold values of a layout.");
    for (root, layout) in roots.iter().flat_map(|root| root.layouts.iter().map(move |layout| (root, layout)))
    {
        let version = layout.version.map_or_else(String::new, |version| version.to_string());
        let fingerprint = format!("{:#}", layout.fingerprint);
        let current = if layout.current { "true" } else { "false" };
        let labels = [
            ("root", root.name.as_str()),
            ("version", &version),
            ("fingerprint", &fingerprint),
            ("current", current),
        ];
        sample(&mut out, "graven_layout_pages", &labels, layout.pages);
    }
    of_memory(&mut out, usage);
    if let Some(sweep) = sweep {
        of_sweep(&mut out, sweep);
    }
    of_messages(&mut out, messages);
    out
}

fn per_root(out: &mut String, roots: &[RootStats]) {
    type Of = fn(&RootStats) -> u64;
    let families: [(&str, &str, Of); 4] = [
        ("graven_root_entries", "Entries of a collection.", |root| root.entries),
        ("graven_root_bytes", "Encoded keys and values of a collection in bytes.", |root| root.bytes),
        ("graven_root_pages", "Pages of 4 KiB of a collection.", |root| root.pages.into()),
        ("graven_root_incomplete_indexes", "Indexes of a table that are not complete.", |root| {
            root.incomplete_indexes.into()
        }),
    ];
    for (name, help, of) in families {
        gauge(out, name, help);
        for root in roots {
            sample(out, name, &[("root", &root.name)], of(root));
        }
    }
}

fn of_memory(out: &mut String, usage: &Usage) {
    let families = [
        ("graven_pages", "Pages of 4 KiB that were ever allocated.", u64::from(usage.pages)),
        ("graven_free_pages", "Pages of 4 KiB in the free list.", usage.free.into()),
        (
            "graven_has_detached_trees",
            "1 if removed collections still have pages to reclaim.",
            usage.detached.into(),
        ),
        ("graven_memory_bytes", "Size of the memory in bytes.", usage.memory_bytes),
    ];
    for (name, help, value) in families {
        gauge(out, name, help);
        sample(out, name, &[], value);
    }
}

fn of_sweep(out: &mut String, sweep: &SweepStatus) {
    gauge(out, "graven_sweep_state", "1 for the state of the background sweep.");
    for state in SweepState::ALL {
        sample(out, "graven_sweep_state", &[("state", state.name())], u8::from(state == sweep.state));
    }
    gauge(out, "graven_sweep_old_pages", "Pages of 4 KiB that hold values of previous layouts.");
    sample(out, "graven_sweep_old_pages", &[], sweep.old_pages);
}

fn of_messages(out: &mut String, messages: &Messages) {
    let families = [
        ("graven_messages_total", "Messages with access to change the store.", messages.total()),
        (
            "graven_message_instructions_total",
            "Instructions of these messages until they gave the store back.",
            messages.instructions(),
        ),
    ];
    for (name, help, value) in families {
        family(out, name, help, "counter");
        sample(out, name, &[], value);
    }
    let name = "graven_message_instructions";
    gauge(out, name, "Instructions of the last messages with access to change the store.");
    for (age, instructions) in messages.newest().enumerate() {
        sample(out, name, &[("age", &age.to_string())], instructions);
    }
}

/// Begins a family of samples that may fall.
fn gauge(out: &mut String, name: &str, help: &str) {
    family(out, name, help, "gauge");
}

/// Begins a family of samples.
fn family(out: &mut String, name: &str, help: &str, kind: &str) {
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn sample(out: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    out.push_str(name);
    let mut before = '{';
    for (label, text) in labels {
        let _ = write!(out, "{before}{label}=\"");
        escape(out, text);
        out.push('"');
        before = ',';
    }
    if !labels.is_empty() {
        out.push('}');
    }
    let _ = writeln!(out, " {value}");
}

/// Writes the text of a label. A root may have any name.
fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            other => out.push(other),
        }
    }
}
