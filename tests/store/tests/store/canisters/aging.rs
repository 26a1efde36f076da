//! The cost of a change of layouts in replica instructions: the upgrade, reading and writing old
//! records, the sweep.

use std::path::PathBuf;

use graven::{BTreeMap, StableLayout};
use graven_testkit::Canister;
use graven_tests::memory::{Bytes, image};

/// Entries of the upgrade.
const MANY: u64 = 10_000_000;
/// Entries of the comparisons.
const SOME: u64 = 100_000;
/// A prime, so that writes do not follow each other into a page.
const STEP: u64 = 211;

/// The type of `aging-v1`.
#[derive(StableLayout)]
#[layout(version = 1)]
struct Balance {
    amount: u64,
    owner: u64,
}

#[graven::store]
struct Aging {
    old: BTreeMap<u64, Balance>,
}

/// Returns the canister after the upgrade, with the given number of entries of the version before,
/// and the upgrade's costs.
fn upgraded(entries: u64) -> (Canister, u64, u64) {
    let memory = Bytes::default();
    let mut store = Aging::open(memory.clone()).unwrap();
    (0..entries).for_each(|n| _ = store.old.insert(n, Balance { amount: n, owner: !n }));
    drop(store);
    let mut canister = Canister::install(&wasm(1), ()).unwrap();
    canister.set_stable_image(&image(&memory));
    drop(memory);
    let outcome = canister.upgrade(&wasm(2), ());
    outcome.result.clone().unwrap();
    let dirty = outcome.usage.stable_pages;
    (canister, outcome.instructions(), dirty)
}

fn wasm(version: u8) -> Vec<u8> {
    let folder = std::env::var_os("GRAVEN_WASM_DIR")
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it");
    let file = PathBuf::from(folder).join(format!("aging-v{version}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn ten_million_entries_are_upgraded_for_what_one_costs() {
    let (_, one, dirty_one) = upgraded(1);
    let (mut canister, many, dirty) = upgraded(MANY);
    println!("upgrade: {one} instructions with 1 entry, {many} with {MANY}; {dirty} pages written");
    assert!(many <= 200_000, "{many}");
    assert!(dirty <= dirty_one.max(4), "{dirty} pages: none of them may be one of data");
    assert_eq!(canister.query::<_, (u64,)>("read", (true, MANY, 99_991u64)).unwrap().0, 101);
}

#[test]
fn old_records_cost_little_more_than_new_ones() {
    let (mut canister, ..) = upgraded(SOME);
    canister.update::<_, ()>("fill", (0u64, SOME)).unwrap();
    let read = |canister: &mut Canister, old: bool| {
        let outcome = canister.query::<_, (u64,)>("read", (old, SOME, 7u64));
        outcome.instructions() as f64 / outcome.unwrap().0 as f64
    };
    let (new, old) = (read(&mut canister, false), read(&mut canister, true));
    println!("read: {new:.0} new, {old:.0} old");
    // A leaf in one old layout is searched like a new one, by code that knows no constant sizes.
    // The plan of the old layout is followed field by field. Both became less expensive when gets
    // of ascending keys began at the last leaf (1,028 and 1,709 before), the new ones by more.
    assert!(old <= 2.3 * new && old <= 1_400.0, "{old} against {new}");
    let overwrite = |canister: &mut Canister, old: bool, writes: u64| {
        let outcome = canister.update::<_, (u64,)>("overwrite", (old, SOME, STEP, writes));
        outcome.instructions() as f64 / outcome.unwrap().0 as f64
    };
    // The first write into a leaf converts all of its records, which split it. Those that follow
    // cost what new ones do.
    let (new, old) = (overwrite(&mut canister, false, SOME), overwrite(&mut canister, true, SOME));
    println!("overwrite: {new:.0} new, {old:.0} old");
    assert!(old <= 4.0 * new && old <= 4_000.0, "{old} against {new}");
}

#[test]
fn a_sweep_keeps_to_its_budget() {
    const BUDGET: u64 = 20_000_000;
    let (mut canister, ..) = upgraded(SOME);
    let (mut messages, mut most) = (0, 0);
    loop {
        let outcome = canister.update::<_, (bool,)>("sweep", (BUDGET,));
        most = most.max(outcome.instructions());
        messages += 1;
        if outcome.unwrap().0 {
            break;
        }
    }
    println!("sweep: {messages} messages, at most {most} instructions");
    assert!(messages > 3 && most <= BUDGET + 1_000_000, "{messages} messages, {most}");
    canister.query::<_, (u64,)>("read", (true, SOME, 1u64)).unwrap();
}
