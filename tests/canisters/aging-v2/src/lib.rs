//! A store after a change of layouts: `old` was written by `aging-v1`, `new` is written here.

use graven::{BTreeMap, Budget, StableLayout};

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Balance {
    amount: u64,
    owner: u64,
    #[layout(since = 2, default = 5)]
    fee: u32,
}

#[graven::store]
struct Aging {
    old: BTreeMap<u64, Balance>,
    new: BTreeMap<u64, Balance>,
}

graven::canister!(Aging);

fn balance(n: u64) -> Balance {
    Balance { amount: n, owner: !n, fee: 5 }
}

fn map(old: bool, aging: &mut Aging) -> &mut BTreeMap<u64, Balance> {
    if old { &mut aging.old } else { &mut aging.new }
}

/// Fills the new map.
#[ic_cdk::update]
fn fill(from: u64, to: u64) {
    Aging::with_mut(|aging| (from..to).for_each(|n| _ = aging.new.insert(n, balance(n))));
}

/// Reads every `step`th entry, and checks it.
#[ic_cdk::query]
fn read(old: bool, entries: u64, step: u64) -> u64 {
    Aging::with_mut(|aging| {
        let map = map(old, aging);
        (0..entries).step_by(step as usize).map(|n| assert_eq!(map.get(&n), Some(balance(n)))).count() as u64
    })
}

/// Overwrites entries, each one `step` after the one before, all of them if there are as many
/// writes.
#[ic_cdk::update]
fn overwrite(old: bool, entries: u64, step: u64, writes: u64) -> u64 {
    Aging::with_mut(|aging| {
        let map = map(old, aging);
        (0..writes).map(|i| map.insert(i * step % entries, balance(i * step % entries))).count() as u64
    })
}

/// Sweeps with a budget in instructions. Whether it came to its end.
#[ic_cdk::update]
fn sweep(instructions: u64) -> bool {
    Aging::with_mut(|aging| aging.sweep(&mut Budget::instructions(instructions)).unwrap().is_done())
}

ic_cdk::export_candid!();
