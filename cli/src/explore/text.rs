//! Answers as text for people.

use std::fmt::Write as _;

use graven_core::ask::Answer;
use graven_core::explore::{RootSchema, StoreStats, VerifyStep};

use super::json;
use crate::output::{counted, printable};

pub(super) fn stats(stats: &StoreStats) -> String {
    let mut out = String::new();
    for root in &stats.roots {
        let _ = write!(
            out,
            "{}  {}, {}, {}",
            printable(&root.name),
            counted(root.entries, "entry", "entries"),
            counted(root.bytes, "byte", "bytes"),
            counted(root.pages.into(), "page", "pages")
        );
        let old: u64 =
            root.layouts.iter().filter(|layout| !layout.current).map(|layout| u64::from(layout.pages)).sum();
        if old > 0 {
            let _ = write!(out, ", {old} of previous layouts");
        }
        if root.incomplete_indexes > 0 {
            let _ = write!(
                out,
                ", {}",
                counted(root.incomplete_indexes.into(), "incomplete index", "incomplete indexes")
            );
        }
        out.push('\n');
    }
    let usage = &stats.usage;
    let _ = writeln!(
        out,
        "\n{}, {} of them free, in {} of memory",
        counted(usage.pages.into(), "page", "pages"),
        usage.free,
        counted(usage.memory_bytes, "byte", "bytes")
    );
    if let Some(sweep) = &stats.sweep {
        let _ = writeln!(out, "sweep {sweep}");
    }
    out
}

pub(super) fn schema(roots: &[RootSchema]) -> String {
    let mut out = String::new();
    for root in roots {
        let (entries, pages) =
            (counted(root.entries, "entry", "entries"), counted(root.pages.into(), "page", "pages"));
        let _ = writeln!(out, "{}  ({entries}, {pages})", printable(&root.declaration));
        for layout in root.layouts.iter().filter(|layout| layout.version.is_some_and(|version| version > 0)) {
            let current = if layout.current { ", the current layout" } else { "" };
            let pages = counted(layout.pages.into(), "page", "pages");
            let version = layout.version.unwrap_or_default();
            let _ = writeln!(out, "    {} v{version}  {pages}{current}", printable(&layout.name));
        }
    }
    out
}

pub(super) fn verify(step: &VerifyStep) -> String {
    let mut out: String =
        step.damage.iter().map(|fault| format!("damaged: {}\n", printable(fault))).collect();
    let checked = counted(step.checked.into(), "collection", "collections");
    let _ = writeln!(out, "{checked} checked, {}", counted(step.damage.len() as u64, "fault", "faults"));
    if step.uncounted > 0 {
        let changed = counted(step.uncounted.into(), "collection", "collections");
        let _ = writeln!(out, "not compared: the counts of {changed} that changed while being checked");
    }
    out
}

/// Returns each row as a line of JSON.
pub(super) fn records(answer: &Answer) -> String {
    answer.rows.iter().map(|row| format!("{}\n", json::record(row))).collect()
}
