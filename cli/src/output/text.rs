//! The answer as text for people. A refusal has the words of opening.

use std::fmt::Write as _;

use graven_core::evolution::Report;

use super::{Outcome, Root, Subject, Warning};

pub(super) fn write(outcome: &Outcome) -> String {
    let mut out = String::new();
    outcome.roots.iter().for_each(|root| self::root(root, &mut out));
    if !outcome.roots.is_empty() {
        out.push('\n');
    }
    out.push_str(&outcome.summary());
    out.push('\n');
    if !outcome.new.is_empty() && !outcome.is_refused() {
        let _ = writeln!(out, "new roots: {}", outcome.new.join(", "));
    }
    for sentence in outcome.releases() {
        let _ = writeln!(out, "{sentence}");
    }
    for unused in &outcome.unused {
        let _ = writeln!(out, "{}", unused.sentence());
    }
    if !outcome.problems.is_empty() {
        let report = Report { problems: outcome.problems.clone() }.to_string();
        let _ = write!(out, "\nerror: {}", reworded(&report, outcome));
    }
    outcome.warnings.iter().for_each(|warning| self::warning(warning, &mut out));
    if let Some(advice) = outcome.advice() {
        let _ = writeln!(out, "\nnote: {advice}");
    }
    out
}

/// Replaces the first line for locks, which refuse no upgrade.
fn reworded(report: &str, outcome: &Outcome) -> String {
    match outcome.subject {
        Subject::Upgrade | Subject::Image => report.to_owned(),
        Subject::Lock => {
            report.replacen("the upgrade was refused, nothing was changed", "code and graven.lock differ", 1)
        }
        Subject::Locking => report.replacen("the upgrade was refused", "graven.lock does not take this", 1),
    }
}

fn root(root: &Root, out: &mut String) {
    let (entries, pages) =
        (count(root.entries, "entry", "entries"), count(root.pages.into(), "page", "pages"));
    let _ = writeln!(out, "{}  ({entries}, {pages})", root.declaration);
    for layout in &root.layouts {
        let version = layout.version.map_or(String::new(), |version| format!(" v{version}"));
        let current = if layout.current { ", the current layout" } else { "" };
        let held = count(layout.pages.into(), "page", "pages");
        let _ = writeln!(out, "    {}{version}  {held}{current}", layout.name);
    }
}

fn count(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn warning(Warning { what, problem }: &Warning, out: &mut String) {
    let _ = write!(out, "\nwarning: {what}\n\n{problem}\n");
}
