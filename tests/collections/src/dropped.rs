//! The remains of a dropped root.

use graven::{Collection, Options, StableVec, Store};
use graven_tests::memory::Bytes;
use graven_tests::space::account;

/// Drops the root of a store and writes as much as it had: its pages, `used` of them, are taken
/// again, and all are accounted for.
pub fn assert_its_pages_come_back(memory: Bytes, root: &str, used: u32) {
    let roots = [StableVec::<u64, Bytes>::SPEC.named("numbers")];
    let mut store = Store::open_dropping(memory, &roots, &[root], Options::default()).unwrap();
    let mut numbers = StableVec::<u64, Bytes>::attach(store.take(0));
    let before = numbers.root().pager().usage();
    numbers.extend(0..u64::from(used - 20) * 508);
    let after = numbers.root().pager().usage();
    // Pages that the memory has beside them are taken first.
    assert_eq!(after.memory_bytes, before.memory_bytes, "{used} pages were dropped: {before:?}, {after:?}");
    account(numbers.root().pager(), &[numbers.stats()]);
}
