//! The answer as annotations of GitHub's workflows, one for each problem.

use graven_core::evolution::Problem;

use super::Outcome;

pub(super) fn write(outcome: &Outcome) -> String {
    let mut out = String::new();
    let file = property(&outcome.file.to_string_lossy());
    let mut annotate = |level: &str, problem: &Problem, what: &str| {
        let Problem { rule, because, fix, .. } = problem;
        let path = problem.path.join(" → ");
        let message = text(&format!("{path}: {what}\nbecause {because}\nfix: {fix}"));
        out.push_str(&format!("::{level} file={file},title={}::{message}\n", property(rule.name())));
    };
    for problem in &outcome.problems {
        annotate("error", problem, &problem.what);
    }
    let level = if outcome.strict { "error" } else { "warning" };
    for warning in &outcome.warnings {
        let what = format!("{}: {}", warning.what, warning.problem.what);
        annotate(level, &warning.problem, &what);
    }
    for sentence in outcome.releases() {
        out.push_str(&format!("::notice file={file}::{}\n", text(&sentence)));
    }
    for unused in outcome.unused.iter().filter(|unused| unused.deletable) {
        out.push_str(&format!("::notice file={file}::{}\n", text(&unused.sentence())));
    }
    if let Some(advice) = outcome.advice() {
        out.push_str(&format!("::notice file={file}::{}\n", text(advice)));
    }
    // A name can contain a line break, after which it could begin a command.
    out.push_str(&outcome.summary().replace(['\r', '\n'], " "));
    out.push('\n');
    out
}

/// Escapes a text: GitHub ends a command at the end of its line.
fn text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(value: &str) -> String {
    text(value).replace(':', "%3A").replace(',', "%2C")
}
