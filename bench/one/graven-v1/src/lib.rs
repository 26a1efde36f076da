//! One map of Graven's, as the first version of a canister has it: its wasm's size and its upgrades
//! are measured.

use graven::{BTreeMap, StableLayout};

#[derive(StableLayout)]
#[layout(version = 1)]
struct Record {
    count: u64,
    sum: u64,
}

#[graven::store]
struct One {
    entries: BTreeMap<u64, Record>,
}

graven::canister!(One);

fn record(count: u64) -> Record {
    Record { count, sum: count }
}

fn entries<R>(f: impl FnOnce(&mut BTreeMap<u64, Record>) -> R) -> R {
    One::with_mut(|one| f(&mut one.entries))
}

include!("../../methods.rs");
