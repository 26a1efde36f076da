//! Maps beside those of ic-stable-structures, in canisters, in replica instructions. Counts are the same on
//! every machine, so they may decide.

use std::path::PathBuf;

use graven_testkit::Canister;

const ENTRIES: u64 = 100_000;

fn install(name: &str) -> Canister {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("{name}.wasm"));
    let wasm = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Canister::install(&wasm, ()).unwrap()
}

/// Instructions of one operation on the map of numbers, dirty pages included.
fn cost(canister: &mut Canister, operation: &str) -> f64 {
    let outcome = canister.update::<_, (u64,)>("numbers_run", (operation, ENTRIES));
    let instructions = outcome.instructions();
    outcome.unwrap();
    instructions as f64 / ENTRIES as f64
}

#[test]
fn every_operation_costs_a_tenth() {
    let (mut graven, mut peer) = (install("speed-graven"), install("speed-iss"));
    let mut missed = Vec::new();
    println!("{:>8} {:>10} {:>10} {:>8}", "", "graven", "peer", "times");
    for operation in ["insert", "get", "scan", "remove"] {
        let (ours, theirs) = (cost(&mut graven, operation), cost(&mut peer, operation));
        println!("{operation:>8} {ours:>10.0} {theirs:>10.0} {:>8.1}", theirs / ours);
        if ours * 10.0 > theirs {
            missed.push(format!("{operation}: {ours:.0} against {theirs:.0}"));
        }
    }
    assert!(missed.is_empty(), "more than a tenth of the peer's instructions: {missed:?}");
}
