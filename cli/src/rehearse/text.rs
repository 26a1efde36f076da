//! The answer of a rehearsal as text for people.

use std::fmt::Write as _;

use super::report::{Call, Cost, Culprits, Ending, Layout, Place, Record, Report, Root, Sweep, Upgrade};
use crate::output::{counted, grouped, printable};

pub(super) fn write(report: &Report) -> String {
    let mut out = String::new();
    upgrade(&report.upgrade, &mut out);
    if report.roots.is_empty() && report.upgrade.refused.is_none() {
        out.push_str("\nthe memory is not a store of its own, so its roots are not listed\n");
    } else {
        out.push('\n');
    }
    report.roots.iter().for_each(|root| self::root(root, &mut out));
    if let Some(sweep) = &report.sweep {
        self::sweep(sweep, &mut out);
    }
    if !report.calls.is_empty() {
        out.push_str("\ncalls\n");
    }
    report.calls.iter().for_each(|call| self::call(call, &mut out));
    out
}

fn upgrade(upgrade: &Upgrade, out: &mut String) {
    let verdict = if upgrade.refused.is_some() { "refused" } else { "accepted" };
    let with_compilation = upgrade.cost.instructions.saturating_add(upgrade.compilation);
    let _ = writeln!(out, "{verdict}: {}", cost(&upgrade.cost));
    let _ = writeln!(out, "with compilation {} instructions", grouped(with_compilation));
    log(&upgrade.log, out);
    if let Some(why) = &upgrade.refused {
        let _ = writeln!(out, "\n{}", why.trim_end());
    }
}

fn root(root: &Root, out: &mut String) {
    let size = match (root.before, root.after) {
        (Some(before), Some(after)) => format!(
            "{}, {}",
            change(before.entries, after.entries, "entry", "entries"),
            change(before.pages.into(), after.pages.into(), "page", "pages")
        ),
        (None, Some(after)) => format!("new, {}", counted(after.entries, "entry", "entries")),
        _ => "dropped".to_owned(),
    };
    let converted = root.converted.map(|records| counted(records, "record converted", "records converted"));
    let converted = converted.map_or_else(String::new, |converted| format!(", {converted}"));
    let _ = writeln!(out, "{}  ({size}{converted})", printable(&root.declaration));
    root.layouts.iter().for_each(|layout| self::layout(layout, out));
}

fn layout(layout: &Layout, out: &mut String) {
    let version = layout.version.map_or_else(String::new, |version| format!(" v{version}"));
    let pages = change(layout.pages_before.into(), layout.pages_after.into(), "page", "pages");
    let current = if layout.current { ", the current layout" } else { "" };
    let _ = writeln!(out, "    {}{version}  {pages}{current}", printable(&layout.name));
}

fn sweep(sweep: &Sweep, out: &mut String) {
    let ending = match sweep.ending {
        Ending::Done => "done",
        Ending::Trapped => "stopped, since a message trapped",
        Ending::OutOfMemory => "waits, since the memory is exhausted",
        Ending::Endless => "was ended: a timer of the canister is always due",
    };
    let _ = writeln!(
        out,
        "\nsweep {ending}: {}, {} instructions, at most {} in one, {} written",
        counted(sweep.messages, "message", "messages"),
        grouped(sweep.instructions),
        grouped(sweep.most_instructions),
        counted(sweep.stable_pages, "page", "pages")
    );
    for skipped in &sweep.skipped {
        let _ = writeln!(
            out,
            "    skipped {}: key 0x{}: {}",
            printable(&skipped.root),
            skipped.key,
            printable(&skipped.why)
        );
    }
    for trapped in &sweep.trapped {
        if let Some(Place { page, root }) = &trapped.place {
            let root = root.as_deref().map_or_else(String::new, |root| format!(" of {}", printable(root)));
            let _ = writeln!(out, "    trapped after it read page {page}{root}:");
        }
        lines(&trapped.why, out);
        culprits(&trapped.culprits, out);
    }
}

fn culprits(culprits: &Culprits, out: &mut String) {
    let why = if culprits.is_certain { "cannot be converted" } else { "may be the one that trapped" };
    for (records, why) in [(&culprits.records, why), (&culprits.further, "cannot be converted either")] {
        records.iter().for_each(|record| _ = writeln!(out, "    {} {why}", self::record(record)));
    }
    if culprits.may_be_more && !culprits.records.is_empty() {
        out.push_str("    there may be more of them\n");
    }
}

fn record(record: &Record) -> String {
    let parts = record.parts.iter().map(|(name, value)| format!(" {name} {value}"));
    let named = match (record.parts.is_empty(), record.key.is_empty()) {
        (false, _) => parts.collect::<Vec<_>>().join(","),
        (true, false) => format!(" key 0x{}", record.key),
        // A cell has one value.
        (true, true) => String::new(),
    };
    printable(&format!("{}:{named}", record.root)).trim_end_matches(':').to_owned()
}

fn call(call: &Call, out: &mut String) {
    let _ = writeln!(out, "{}: {}", call.line, printable(&call.text));
    let _ = writeln!(out, "    {}", cost(&call.cost));
    log(&call.log, out);
    if let Some(reply) = &call.reply {
        let _ = writeln!(out, "    {}", printable(reply));
    }
    if let Some(error) = &call.error {
        out.push_str("    failed:\n");
        lines(error, out);
    }
}

/// Writes the text of a reject, which may have a backtrace.
fn lines(text: &str, out: &mut String) {
    text.lines().for_each(|line| _ = writeln!(out, "    {}", printable(line)));
}

fn log(lines: &[String], out: &mut String) {
    lines.iter().for_each(|line| _ = writeln!(out, "    log: {}", printable(line)));
}

fn cost(cost: &Cost) -> String {
    format!(
        "{} instructions, {} of stable memory and {} of the heap written",
        grouped(cost.instructions),
        counted(cost.stable_pages, "page", "pages"),
        counted(cost.heap_pages, "page", "pages")
    )
}

fn change(before: u64, after: u64, one: &str, many: &str) -> String {
    match before == after {
        true => counted(after, one, many),
        false => format!("{} → {}", grouped(before), counted(after, one, many)),
    }
}
