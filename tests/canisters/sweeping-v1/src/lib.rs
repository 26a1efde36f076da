//! Records whose conversion is work, in a memory that ends: `sweeping-v2` sweeps them.

use graven::{BTreeMap, Cell, DefaultMemoryImpl, StableLayout};
use ic_stable_structures::RestrictedMemory;

type Limited = RestrictedMemory<DefaultMemoryImpl>;

#[derive(StableLayout)]
#[layout(version = 1)]
struct Job {
    /// Steps that the conversion takes.
    work: u64,
    /// Bytes that come out of it.
    len: u32,
    /// `true` if it panics.
    fails: bool,
}

#[graven::store]
struct Sweeping {
    jobs: BTreeMap<u64, Job, Limited>,
    filler: Cell<Vec<u8>, Limited>,
}

graven::canister!(Sweeping, memory = Limited::new(DefaultMemoryImpl::default(), 0..256));

/// Writes jobs.
#[ic_cdk::update]
fn fill(from: u64, to: u64, work: u64, len: u32, fails: bool) {
    Sweeping::with_mut(|store| (from..to).for_each(|n| _ = store.jobs.insert(n, Job { work, len, fails })));
}

/// Allocates the given number of bytes.
#[ic_cdk::update]
fn take_room(bytes: u64) {
    Sweeping::with_mut(|store| store.filler.set(&vec![1; bytes as usize]));
}

ic_cdk::export_candid!();
