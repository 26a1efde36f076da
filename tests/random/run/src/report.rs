//! A failing history, to be read.

use std::fmt::Write;

use graven_random_model::{History, release_source};

use crate::operation::Operation;

/// Returns the seed, the sources of the releases that were installed, the operations, and what went
/// wrong.
pub(crate) fn report(history: &History, operations: &[Operation], why: &str) -> String {
    let mut out = format!("history {} goes wrong: {why}\n\n", history.genome.seed);
    let mut installed: Vec<usize> = operations
        .iter()
        .filter_map(|operation| match operation {
            Operation::Upgrade { to, .. } | Operation::Downgrade { to } => Some(*to),
            _ => None,
        })
        .collect();
    installed.push(0);
    installed.sort_unstable();
    installed.dedup();
    for release in installed {
        writeln!(out, "// release {release}\n{}", release_source(history, release)).unwrap();
        let at = history.at(release);
        for index in at.indexes() {
            writeln!(out, "// {:?} index `{}`: {}", index.slot, index.name, index.definition).unwrap();
        }
        writeln!(out, "// references: {:?}", at.references()).unwrap();
    }
    for operation in operations {
        writeln!(out, "{operation:?}").unwrap();
    }
    out
}
