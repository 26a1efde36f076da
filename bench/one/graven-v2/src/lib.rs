//! One map of Graven's, as the next version of a canister has it: the layout of its records
//! changed.

use graven::{BTreeMap, Budget, Collection, StableLayout};

#[derive(StableLayout)]
#[layout(version = 2)]
struct Record {
    count: u64,
    sum: u64,
    #[layout(since = 2, default = 0)]
    last: u64,
}

#[graven::store]
struct One {
    entries: BTreeMap<u64, Record>,
}

graven::canister!(One);

fn record(count: u64) -> Record {
    Record { count, sum: count, last: 0 }
}

fn entries<R>(f: impl FnOnce(&mut BTreeMap<u64, Record>) -> R) -> R {
    One::with_mut(|one| f(&mut one.entries))
}

/// Converts all records to the current layout.
#[ic_cdk::update]
fn sweep() {
    let done = entries(|entries| entries.sweep(&mut Budget::while_true(&mut || true)));
    assert!(done.expect("nothing is damaged"), "the budget never ends");
}

include!("../../methods.rs");
