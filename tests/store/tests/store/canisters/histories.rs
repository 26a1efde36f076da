//! Hand-written histories, one root each, in a canister that goes through real upgrades.

use std::path::PathBuf;

use graven_testkit::{Canister, Chain};

fn wasm(version: u8) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("histories-v{version}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn written_by_version_1() -> Canister {
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.update::<_, ()>("write", ()).unwrap();
    compare(&mut canister, &[1]);
    canister
}

/// Compares what these versions wrote with what the running one expects.
#[track_caller]
fn compare(canister: &mut Canister, writers: &[u64]) {
    let compared = canister.query::<_, (Result<u64, String>,)>("compare", (writers.to_vec(),)).unwrap().0;
    let roots = canister.query::<_, (u64,)>("histories", ()).unwrap().0 - 1;
    assert!(roots >= 30, "{roots} histories");
    assert_eq!(compared, Ok(60 * roots * writers.len() as u64));
}

/// Lets the timer sweep until nothing is old.
fn sweep(canister: &mut Canister) {
    for _ in 0..10_000 {
        let fired = canister.fire_timer();
        let Some(outcome) = fired else { break };
        outcome.unwrap();
    }
    assert_eq!(canister.query::<_, (u64,)>("old_pages", ()).unwrap().0, 0);
}

#[test]
fn one_version_after_another() {
    let mut canister = written_by_version_1();
    for version in [2, 3] {
        canister.upgrade(&wasm(version), ()).unwrap();
        let writers: Vec<u64> = (1..version.into()).collect();
        let compared = canister.query::<_, (Result<u64, String>,)>("compare", (writers,)).unwrap().0;
        if let Err(error) = compared {
            assert!(error.starts_with("settings"), "{error}");
        }
        canister.update::<_, ()>("write", ()).unwrap();
        compare(&mut canister, &(1..=version.into()).collect::<Vec<u64>>());
    }
    assert!(canister.query::<_, (u64,)>("old_pages", ()).unwrap().0 > 0);
    sweep(&mut canister);
    compare(&mut canister, &[1, 2, 3]);
    let obsolete = canister.query::<_, (Vec<String>,)>("obsolete", ()).unwrap().0;
    for version in ["Added v1", "Added v2", "Inner v1", "Shrinking v2", "ToStruct v2", "Meters v1"] {
        assert!(obsolete.contains(&version.to_owned()), "{version} of {obsolete:?}");
    }
}

#[test]
fn every_path_through_the_versions() {
    let chain = Chain::new((1..=3).map(wasm));
    let mut paths = Vec::new();
    chain.run_all_paths(|canister, path| {
        let writers: Vec<u64> = path.iter().map(|release| *release as u64 + 1).collect();
        canister.update::<_, ()>("write", ()).unwrap();
        compare(canister, &writers);
        paths.push(path.to_vec());
        if path.ends_with(&[2]) {
            sweep(canister);
            compare(canister, &writers);
        }
    });
    assert!(paths.contains(&vec![0, 2]) && paths.contains(&vec![0, 1, 2]), "{paths:?}");
}

#[test]
fn older_code_is_refused_and_touches_nothing() {
    let chain = Chain::new((1..=3).map(wasm));
    chain.assert_downgrades_refused(|canister| canister.update::<_, ()>("write", ()).unwrap());
}

/// Real upgrades from version 1 to 2, back to 1, and to 2 again, with every kind of change.
#[test]
fn a_release_that_wrote_nothing_is_taken_back_until_it_writes() {
    let mut canister = written_by_version_1();
    for _ in 0..2 {
        canister.upgrade(&wasm(2), ()).unwrap();
        canister.upgrade(&wasm(1), ()).unwrap();
        compare(&mut canister, &[1]);
        canister.update::<_, ()>("write", ()).unwrap();
        compare(&mut canister, &[1]);
    }
    canister.upgrade(&wasm(2), ()).unwrap();
    canister.update::<_, ()>("write", ()).unwrap();
    let reject = canister.upgrade(&wasm(1), ()).unwrap_err();
    assert!(reject.to_string().contains("the upgrade was refused, nothing was changed"), "{reject}");
    compare(&mut canister, &[1, 2]);
}

/// The background migration is what closes the way back first.
#[test]
fn the_first_message_of_a_sweep_closes_the_way_back() {
    let mut canister = written_by_version_1();
    canister.upgrade(&wasm(2), ()).unwrap();
    sweep(&mut canister);
    assert!(canister.upgrade(&wasm(1), ()).result.is_err());
}
