//! A store before a change of layouts, to measure what the change costs.
// Nothing that is generated for a canister keeps it from that.
#![forbid(unsafe_code)]

use graven::{BTreeMap, StableLayout};

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

graven::canister!(Aging);

/// Writes entries as `aging-v2` does.
#[ic_cdk::update]
fn fill(from: u64, to: u64) {
    Aging::with_mut(|aging| {
        (from..to).for_each(|n| _ = aging.old.insert(n, Balance { amount: n, owner: !n }));
    });
}

ic_cdk::export_candid!();
