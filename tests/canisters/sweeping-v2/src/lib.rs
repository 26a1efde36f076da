//! Sweeps what `sweeping-v1` wrote, by calls and by a timer that its own hooks start.

use std::cell::Cell as Flag;
use std::hint::black_box;

use graven::{BTreeMap, Budget, Cell, DefaultMemoryImpl, StableLayout};
use ic_stable_structures::RestrictedMemory;

type Limited = RestrictedMemory<DefaultMemoryImpl>;

thread_local! {
    static PERMITTED: Flag<bool> = const { Flag::new(false) };
    static CONVERTED: Flag<u64> = const { Flag::new(0) };
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Job")]
struct OldJob {
    work: u64,
    len: u32,
    fails: bool,
}

#[derive(StableLayout)]
#[layout(version = 2, previous = OldJob)]
struct Job {
    bytes: Vec<u8>,
}

impl From<OldJob> for Job {
    fn from(old: OldJob) -> Self {
        assert!(!old.fails || PERMITTED.get(), "this job cannot be converted");
        CONVERTED.set(CONVERTED.get() + 1);
        let sum = (0..old.work).fold(7u64, |sum, n| black_box(sum.wrapping_mul(3) ^ n));
        Job { bytes: vec![sum as u8; old.len as usize] }
    }
}

#[graven::store]
struct Sweeping {
    jobs: BTreeMap<u64, Job, Limited>,
    filler: Cell<Vec<u8>, Limited>,
}

graven::canister!(
    Sweeping,
    memory = Limited::new(DefaultMemoryImpl::default(), 0..256),
    sweep = 200_000_000,
    hooks = none,
);

#[ic_cdk::init]
fn init() {
    Sweeping::start();
}

#[ic_cdk::post_upgrade]
fn post_upgrade() {
    Sweeping::start();
}

/// Sweeps with a budget in instructions. Whether it came to its end, and how many values were
/// converted.
#[ic_cdk::update]
fn sweep(instructions: u64) -> (bool, u64) {
    let before = CONVERTED.get();
    let progress = Sweeping::with_mut(|store| store.sweep(&mut Budget::instructions(instructions)).unwrap());
    (progress.is_done(), CONVERTED.get() - before)
}

/// Pages of older layouts.
#[ic_cdk::query]
fn old_pages() -> u64 {
    Sweeping::with(|store| {
        let layouts = store.stats().into_iter().flat_map(|root| root.layouts);
        layouts.filter(|layout| !layout.current).map(|layout| u64::from(layout.pages)).sum()
    })
}

/// Converts all jobs from now on.
#[ic_cdk::update]
fn permit() {
    PERMITTED.set(true);
}

/// Gives memory back.
#[ic_cdk::update]
fn make_room() {
    Sweeping::with_mut(|store| _ = store.filler.take());
}

/// Writes a job and reads it again.
#[ic_cdk::update]
fn write(n: u64, len: u32) -> u64 {
    Sweeping::with_mut(|store| {
        store.jobs.insert(n, Job { bytes: vec![0; len as usize] });
        store.jobs.get(&n).map_or(0, |job| job.bytes.len() as u64)
    })
}

/// Returns the number of jobs and the bytes that came out of them; the tree is checked too.
#[ic_cdk::query]
fn sum() -> (u64, u64) {
    Sweeping::with(|store| {
        store.jobs.verify().unwrap();
        (store.jobs.len(), store.jobs.values().map(|job| job.bytes.len() as u64).sum())
    })
}

ic_cdk::export_candid!();
