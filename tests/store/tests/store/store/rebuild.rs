//! Rebuilding a root into others: what goes wrong on the way, old and large values, damaged memory.

use std::cell::Cell as StdCell;
use std::collections::BTreeMap as Model;

use graven::{BTreeMap, Budget, Collection, Error, Memory, StableLayout, open};
use graven_tests::memory::{Bytes, Limited, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::space::account;

const MIB: usize = 1 << 20;

thread_local! {
    static CONVERTED: StdCell<u64> = const { StdCell::new(0) };
    static FAILS: StdCell<Option<u8>> = const { StdCell::new(None) };
}

fn convert(bytes: Vec<u8>) -> Vec<u8> {
    CONVERTED.set(CONVERTED.get() + 1);
    assert!(FAILS.get().is_none_or(|fails| bytes.first() != Some(&fails)), "not this one");
    bytes.iter().rev().copied().collect()
}

mod v1 {
    #[derive(graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Item {
        pub bytes: Vec<u8>,
    }

    #[graven::store]
    pub struct Before {
        pub numbers: graven::BTreeMap<u64, Item, super::Limited>,
    }
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Item {
    #[layout(was(Vec<u8>, until = 2, with = convert))]
    bytes: Vec<u8>,
}

#[graven::store]
struct After {
    numbers: BTreeMap<u64, Item, Limited>,
    names: BTreeMap<String, Item, Limited>,
}

/// Entries of the version before, and what they are now.
fn stored(entries: impl IntoIterator<Item = (u64, Vec<u8>)>) -> (Limited, Model<String, Item>) {
    let (memory, mut model) = (Limited::new(Bytes::default(), u64::MAX), Model::new());
    let mut store = v1::Before::open(memory.clone()).unwrap();
    for (n, bytes) in entries {
        model.insert(name(n), Item { bytes: bytes.iter().rev().copied().collect() });
        store.numbers.insert(n, v1::Item { bytes });
    }
    drop(store);
    FAILS.set(None);
    (memory, model)
}

fn name(n: u64) -> String {
    format!("number {n}")
}

fn rebuild(store: &mut After, budget: &mut Budget<'_>) -> graven::Result<graven::progress::Step> {
    let After { numbers, names } = store;
    numbers.rebuild_within(budget, |n, item| names.try_insert(name(n), item).map(drop))
}

/// Every entry is in one place at least, and in the new one as it should be.
#[track_caller]
fn check(store: &After, model: &Model<String, Item>) {
    store.numbers.verify().unwrap();
    store.names.verify().unwrap();
    assert!(store.names.iter().all(|(name, item)| model.get(&name) == Some(&item)));
    let moved: Vec<String> = store.names.keys().collect();
    let left: Vec<String> = store.numbers.keys().map(name).collect();
    assert!(model.keys().all(|name| moved.contains(name) || left.contains(name)));
    assert_eq!(store.names.len() + store.numbers.len(), model.len() as u64);
    account(store.names.root().pager(), &store.stats());
}

#[test]
fn values_of_old_layouts_are_converted_once_as_they_are_moved() {
    let (memory, model) = stored((0..400).map(|n| (n, vec![n as u8; 20 + 20 * (n % 300) as usize])));
    let mut store = After::open(memory.clone()).unwrap();
    CONVERTED.set(0);
    while !rebuild(&mut store, &mut Budget::entries(30)).unwrap().is_done() {
        store = After::open(memory.clone()).unwrap();
    }
    assert_eq!(CONVERTED.get(), 400);
    check(&store, &model);
    assert_eq!((store.numbers.len(), store.stats()[0].pages), (0, 1));
}

#[test]
fn one_entry_is_moved_however_large_it_is() {
    let (memory, model) = stored((0..6).map(|n| (n, vec![n as u8; if n % 2 == 0 { 10 * MIB } else { 3 }])));
    let mut store = After::open(memory).unwrap();
    for left in (0..6).rev() {
        let moved = rebuild(&mut store, &mut Budget::while_true(&mut || false)).unwrap();
        assert_eq!((moved.count, moved.is_done(), store.numbers.len()), (1, left == 0, left));
    }
    check(&store, &model);
}

#[test]
fn a_rebuild_without_memory_goes_on_where_it_stopped() {
    let (memory, model) = stored((0..300).map(|n| (n, vec![n as u8; 50 * (n % 100) as usize])));
    let mut store = After::open(memory.clone()).unwrap();
    memory.allow(0);
    let mut failures = 0;
    loop {
        match rebuild(&mut store, &mut Budget::entries(1_000)) {
            Ok(moved) if moved.is_done() => break,
            Ok(moved) => panic!("{moved:?}"),
            Err(Error::OutOfMemory { .. }) => failures += 1,
            Err(error) => panic!("{error}"),
        }
        check(&store, &model);
        memory.allow(1);
    }
    check(&store, &model);
    assert!(failures > 0 && store.numbers.is_empty());
}

#[test]
fn a_conversion_or_a_put_that_panics_leaves_the_entry_where_it_was() {
    let (memory, model) = stored((0..200).map(|n| (n, vec![n as u8; 9])));
    let mut store = After::open(memory.clone()).unwrap();
    FAILS.set(Some(50));
    assert_eq!(
        caught(|| rebuild(&mut store, &mut Budget::entries(1_000))).err().as_deref(),
        Some("not this one")
    );
    let before = image(&memory);
    assert!(caught(|| rebuild(&mut store, &mut Budget::entries(1_000))).is_err());
    assert!(image(&memory) == before, "something was written");
    FAILS.set(None);
    assert_eq!((store.names.len(), store.numbers.first_key_value().unwrap().0), (50, 50));
    check(&store, &model);
    let moved = caught(|| {
        store.numbers.rebuild_within(&mut Budget::entries(1_000), |n, _| {
            assert!(n < 70, "no more");
            Err(Error::OutOfMemory { pages: n })
        })
    });
    assert!(matches!(moved, Ok(Err(Error::OutOfMemory { pages: 50 }))));
    assert!(
        caught(|| store.numbers.rebuild_within(&mut Budget::entries(1_000), |_, _| panic!("no more")))
            .is_err()
    );
    assert!(image(&memory) == before, "something was written");
    while !rebuild(&mut After::open(memory.clone()).unwrap(), &mut Budget::entries(7)).unwrap().is_done() {}
    check(&After::open(memory).unwrap(), &model);
}

#[test]
fn a_rebuild_of_damaged_memory_comes_to_an_end_and_claims_no_false_one() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, u64> = open("map", memory.clone()).unwrap();
    (0..2_000).for_each(|n| _ = map.insert(n, n));
    let (root, bytes) = (map.root().page().get() as usize, image(&memory));
    let top = 4_096 * map.root().state().top.get().get() as usize;
    let child = first_cell(&bytes, top);
    let leaf = 4_096 * u32::from_le_bytes(bytes[child..child + 4].try_into().unwrap()) as usize;
    let cases = [
        ("fewer entries are counted", 4_096 * root + 16, 100u64.to_le_bytes().to_vec()),
        ("more entries are counted", 4_096 * root + 16, 3_000u64.to_le_bytes().to_vec()),
        ("none is counted", 4_096 * root + 16, vec![0; 8]),
        ("the first key belongs elsewhere", first_cell(&bytes, leaf), vec![255; 8]),
    ];
    for (what, at, damage) in cases {
        let memory = memory_of(&bytes);
        memory.write(at as u64, &damage);
        let mut map: BTreeMap<u64, u64> = open("map", memory).unwrap();
        let (mut puts, mut result) = (0, Ok(()));
        for _ in 0..3_000 {
            let put = |_, _| {
                puts += 1;
                Ok(())
            };
            match map.rebuild_within(&mut Budget::entries(1), put) {
                Ok(moved) if moved.is_done() => break,
                Ok(_) => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        assert!(matches!(result, Err(Error::Damaged { .. })), "{what}: {result:?} after {puts}");
        assert!(puts <= 2_000, "{what}: {puts}");
    }
}

/// Returns the offset of the cell of a node's first slot.
fn first_cell(bytes: &[u8], node: usize) -> usize {
    node + (u16::from_le_bytes([bytes[node + 32], bytes[node + 33]]) & 0xfff) as usize
}
