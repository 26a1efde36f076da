//! The answer as one object for programs. docs/lock.md describes it.

use graven_core::evolution::Problem;
use serde::Serialize;

use super::{Outcome, Root, Unused, WayBack};

#[derive(Serialize)]
struct Answer<'a> {
    /// `safe`, `migrates` or `refused`.
    verdict: &'static str,
    summary: String,
    problems: Vec<Found<'a>>,
    migrating: &'a [String],
    new: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    way_back: Option<&'a WayBack>,
    taken_back: &'a [String],
    roots: &'a [Root],
    unused: &'a [Unused],
    added: &'a [String],
    /// `true` if the wasm has vector instructions, or no code at all.
    vectors: bool,
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'static str,
    /// `error` or `warning`.
    level: &'static str,
    root: &'a str,
    path: &'a [String],
    what: &'a str,
    because: &'a str,
    fix: &'a str,
    /// The condition under which a warning becomes an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<&'a str>,
}

fn found<'a>(problem: &'a Problem, condition: Option<&'a str>) -> Found<'a> {
    Found {
        rule: problem.rule.name(),
        level: if condition.is_some() { "warning" } else { "error" },
        root: &problem.root,
        path: &problem.path,
        what: &problem.what,
        because: &problem.because,
        fix: &problem.fix,
        condition,
    }
}

pub(super) fn write(outcome: &Outcome) -> String {
    let errors = outcome.problems.iter().map(|problem| found(problem, None));
    let warnings = outcome.warnings.iter().map(|warning| found(&warning.problem, Some(&warning.what)));
    let answer = Answer {
        verdict: match (outcome.is_refused(), outcome.migrating.is_empty()) {
            (true, _) => "refused",
            (false, false) => "migrates",
            (false, true) => "safe",
        },
        summary: outcome.summary(),
        problems: errors.chain(warnings).collect(),
        migrating: &outcome.migrating,
        new: &outcome.new,
        way_back: outcome.way_back.as_ref(),
        taken_back: &outcome.taken_back,
        roots: &outcome.roots,
        unused: &outcome.unused,
        added: &outcome.added,
        vectors: !outcome.is_scalar,
    };
    let text = serde_json::to_string_pretty(&answer);
    text.unwrap_or_else(|error| format!("{{\"verdict\": \"refused\", \"summary\": \"{error}\"}}")) + "\n"
}
