//! The figures that a test measures again and compares with results.csv, so that nothing becomes
//! slower unseen.

use std::fmt;

use crate::contenders::Contender;
use crate::figures::{Id, Results};
use crate::jobs::Job;
use crate::workloads::USUAL;

/// By how much a figure may be worse: counts do not vary, but who changes something must be able to
/// move.
const TOLERANCE: f64 = 0.02;
/// The tolerance if another compiler built the canisters of results.csv: it may inline
/// otherwise.
const OTHER_COMPILER: f64 = 0.15;
/// The step to which figures are rounded: 2 % of a small one would be less.
const ROUNDING: f64 = 0.1;

/// A tracked figure that became worse.
#[derive(Debug)]
pub struct Worse {
    /// Which one.
    pub id: Id,
    /// The measured quantity: instructions or bytes.
    pub what: &'static str,
    /// As results.csv has it.
    pub old: f64,
    /// As it is.
    pub new: f64,
}

impl fmt::Display for Worse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, what, old, new } = self;
        let percent = (new / old - 1.0) * 100.0;
        write!(f, "{} at {} entries: {what} {old:.1} → {new:.1} (+{percent:.1} %)", id.workload, id.entries)
    }
}

/// Returns the jobs whose figures are tracked: Graven's own, up to 100,000 entries of few bytes.
/// They take seconds.
#[must_use]
pub fn is_tracked(job: &Job) -> bool {
    match job {
        Job::Operations(structure, Contender::Graven, entries) => {
            *entries <= USUAL
                && !["btree-1024", "hash-1024", "records", "large", "blobs"].contains(&structure.id)
        }
        _ => false,
    }
}

/// How much worse a figure may be, if a compiler built what was measured now.
#[must_use]
pub fn tolerance(committed: &Results, compiler: &str) -> f64 {
    if committed.compiler == compiler { TOLERANCE } else { OTHER_COMPILER }
}

/// Returns the figures that are worse than they were, and the workloads that results.csv does not
/// have.
#[must_use]
pub fn compare(committed: &Results, now: &Results) -> (Vec<Worse>, Vec<Id>) {
    let tolerance = tolerance(committed, &now.compiler);
    let (mut worse, mut missing) = (Vec::new(), Vec::new());
    for (id, new) in &now.figures {
        let Some(old) = committed.figures.get(id) else {
            missing.push(id.clone());
            continue;
        };
        let mut check = |what, old: f64, new: f64| {
            if new > old * (1.0 + tolerance) + ROUNDING {
                worse.push(Worse { id: id.clone(), what, old, new });
            }
        };
        // Without charges for changed pages: where the compiler puts statics depends on the folder
        // that it is run in, and with that how many pages of the heap an empty message changes.
        check("instructions", old.computing, new.computing);
        check("stable pages", old.stable_pages, new.stable_pages);
        if let (Some(old), Some(new)) = (old.bytes, new.bytes) {
            check("bytes", old, new);
        }
    }
    (worse, missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Figure;

    fn results(compiler: &str, computing: f64) -> Results {
        let id = Id { workload: "vec-u64/get/index".into(), contender: Contender::Graven, entries: 1_000 };
        let figure = Figure { operations: 1, computing, ..Figure::default() };
        Results { compiler: compiler.into(), figures: [(id, figure)].into() }
    }

    #[test]
    fn three_percent_more_are_too_much_and_three_less_are_welcome() {
        let old = results("rustc 1", 1_000.0);
        assert!(compare(&old, &results("rustc 1", 970.0)).0.is_empty());
        assert!(compare(&old, &results("rustc 1", 1_020.0)).0.is_empty());
        let (worse, _) = compare(&old, &results("rustc 1", 1_030.0));
        assert_eq!(
            worse[0].to_string(),
            "vec-u64/get/index at 1000 entries: instructions 1000.0 → 1030.0 (+3.0 %)"
        );
    }

    #[test]
    fn another_compiler_is_given_more() {
        let old = results("rustc 1", 1_000.0);
        assert!(compare(&old, &results("rustc 2", 1_140.0)).0.is_empty());
        assert_eq!(compare(&old, &results("rustc 2", 1_160.0)).0.len(), 1);
    }

    #[test]
    fn what_was_never_measured_is_told() {
        let nothing = Results { compiler: "rustc 1".into(), ..Results::default() };
        assert_eq!(compare(&nothing, &results("rustc 1", 1.0)).1.len(), 1);
    }
}

#[cfg(test)]
mod figures;
