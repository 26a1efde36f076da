//! Graven's own figures, measured anew and compared with those that are committed; and the promise
//! of the README. Counts are the same on every machine, so they may decide.

use std::path::{Path, PathBuf};

use crate::contenders::{Canisters, Contender};
use crate::figures::Results;
use crate::jobs::{self, Job};
use crate::workloads::{STRUCTURES, USUAL};
use crate::{measure, sizes, tracked};

const HELP: &str =
    "where that is meant: `cargo xtask bench` writes bench/results.csv anew, commit it with the reason";

fn canisters(names: &[&str]) -> Canisters {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    Canisters::read(&PathBuf::from(folder), names).unwrap()
}

#[test]
fn no_tracked_figure_is_worse_by_more_than_2_percent() {
    let committed = Results::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../results.csv")).unwrap();
    let canisters = canisters(&["bench-graven", "rows-graven-v1", "rows-graven-v2"]);
    let compiler = sizes::compiler(canisters.wasm("bench-graven")).unwrap();
    let mut now = Results { compiler: compiler.clone(), ..Results::default() };
    jobs::run(&jobs::all(tracked::is_tracked), &canisters, &mut now).unwrap();
    let now = now.rounded().unwrap();
    if let Some(file) = std::env::var_os("GRAVEN_FIGURES") {
        std::fs::write(file, now.text().unwrap()).unwrap();
    }

    let tolerance = 100.0 * tracked::tolerance(&committed, &compiler);
    println!(
        "{} figures, {tolerance:.0} %: {} now, {} committed",
        now.figures.len(),
        compiler,
        committed.compiler
    );
    assert!(now.figures.len() > 100, "only {} figures are tracked", now.figures.len());
    let (worse, missing) = tracked::compare(&committed, &now);
    let missing: Vec<&str> = missing.iter().map(|id| id.workload.as_str()).collect();
    assert!(missing.is_empty(), "not in bench/results.csv: {missing:?}; {HELP}");
    let worse: Vec<String> = worse.iter().map(ToString::to_string).collect();
    assert!(
        worse.is_empty(),
        "{} of {} figures are worse by more than {tolerance:.0} % ({HELP}):\n  {}",
        worse.len(),
        now.figures.len(),
        worse.join("\n  ")
    );
}

#[test]
fn every_operation_costs_a_tenth() {
    let canisters = canisters(&["bench-graven", "bench-iss"]);
    let structure = STRUCTURES.iter().find(|structure| structure.id == "btree-u64").unwrap();
    let costs = [Contender::Graven, Contender::Iss].map(|contender| {
        let mut filled = measure::install(&canisters, structure.id, contender).unwrap();
        let fill = measure::operation(&mut filled, structure.id, structure.fill(), USUAL).unwrap();
        let others = ["get", "scan", "remove"].map(|name| {
            let mut operations = structure.operations.iter();
            let operation = operations.find(|found| (found.name, found.order) == (name, "random")).unwrap();
            let figure = measure::operation(&mut filled.clone(), structure.id, operation, USUAL).unwrap();
            (name, figure.instructions)
        });
        [("insert", fill.instructions), others[0], others[1], others[2]]
    });
    let [ours, theirs] = costs;
    let pairs = ours.into_iter().zip(theirs);
    let missed: Vec<_> = pairs.filter(|((_, ours), (_, theirs))| ours * 10.0 > *theirs).collect();
    assert!(missed.is_empty(), "more than a tenth of the peer's instructions: {missed:?}");
}

/// A million entries, and canisters of peers, are for `cargo xtask bench`.
#[test]
fn tracked_jobs_take_seconds() {
    let jobs = jobs::all(tracked::is_tracked);
    let most = jobs.iter().map(|job| match job {
        Job::Operations(_, contender, entries) => {
            assert_eq!(*contender, Contender::Graven);
            *entries
        }
        Job::Changed(..) | Job::Wasm => panic!("its canisters are not built for tests"),
    });
    assert_eq!(most.max(), Some(USUAL));
}
