//! Space comes back, whichever collection had it, and every page is accounted for.

use graven::Usage;
use graven::{BTreeMap, Budget, Cell, Collection};
use graven_tests::chains::mixed;
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

macro_rules! version {
    ($store:ident, $value:ty) => {
        #[graven::store]
        struct $store {
            numbers: BTreeMap<u64, $value>,
            texts: BTreeMap<String, $value>,
            large: BTreeMap<u64, Vec<u8>>,
            single: Cell<Vec<u8>>,
        }
    };
}
version!(Store, mixed::V2);
version!(Newer, mixed::V4);

const MIB: usize = 1 << 20;

/// Takes all detached trees apart, then finds every page either used or free.
macro_rules! account {
    ($store:expr) => {{
        let store = &$store;
        let pager = store.numbers.root().pager().clone();
        while pager.usage().detached {
            pager.reclaim_step().unwrap();
        }
        store.numbers.verify().unwrap();
        store.texts.verify().unwrap();
        store.large.verify().unwrap();
        let registry = pager.heads().registry_len.get().div_ceil(4080) as u32;
        let roots: u32 = store.stats().iter().map(|root| root.pages).sum();
        let Usage { pages, free, .. } = store.usage();
        assert_eq!(pages, 2 + registry + roots + free, "{:?} {:?}", store.usage(), store.stats());
    }};
}

fn fill<K: SampleKey, V: SampleValue>(map: &mut BTreeMap<K, V>, count: u64, rng: &mut Rng) {
    (0..count).for_each(|_| _ = map.insert(K::sample(rng.below(1 << 40)), V::sample(rng)));
}

#[test]
fn pages_of_one_collection_serve_the_others() {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(1));
    let mut store = Store::open(memory).unwrap();
    account!(store);
    let mut high_water = 0;
    for round in 0..12 {
        let before = store.usage().pages;
        match round % 4 {
            0 => fill(&mut store.numbers, 40_000, rng),
            1 => fill(&mut store.texts, 15_000, rng),
            2 => (0..200).for_each(|i| _ = store.large.insert(i, rng.bytes(5_000))),
            _ => store.single.set(rng.bytes(MIB)),
        }
        if round % 3 == 0 {
            account!(store);
        }
        let pages = store.usage().pages;
        match round {
            0..4 => high_water = high_water.max(pages),
            4 => high_water = high_water.max(pages) + 16,
            _ => assert!(pages <= high_water, "{round}: {pages} after {before}"),
        }
        store.numbers.clear();
        store.texts.clear();
        store.large.clear();
        store.single.take();
    }
    account!(store);
    let used: u32 = store.stats().iter().map(|root| root.pages).sum();
    assert_eq!(used, 4, "empty collections have their root's page");
}

#[test]
fn removing_entries_one_by_one_frees_all_but_the_root() {
    let rng = &mut Rng::new(2);
    let mut store = Store::open(Bytes::default()).unwrap();
    fill(&mut store.numbers, 20_000, rng);
    fill(&mut store.texts, 5_000, rng);
    account!(store);
    while store.numbers.pop_first().is_some() && store.texts.pop_last().is_some() {}
    let keys: Vec<u64> = store.numbers.keys().collect();
    keys.iter().rev().for_each(|key| _ = store.numbers.remove(key));
    account!(store);
    assert!(store.numbers.is_empty() && store.texts.is_empty());
    assert!(store.stats().iter().all(|root| root.pages == 1 && root.bytes == 0), "{:?}", store.stats());
    assert!(store.stats()[0].layouts.iter().all(|layout| layout.pages == 0));
}

#[test]
fn values_of_ten_mebibytes() {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(3));
    let mut store = Store::open(memory).unwrap();
    let values: Vec<Vec<u8>> = (0..3).map(|i| rng.bytes(10 * MIB + i)).collect();
    (0..3).for_each(|i| assert_eq!(store.large.insert(i, values[i as usize].clone()), None));
    let high_water = store.usage().pages;
    for round in 0..4 {
        let (key, value) = (round % 3, &values[(round as usize + 1) % 3]);
        let old = store.large.insert(key, value.clone());
        assert!(old.is_some());
        assert_eq!(store.large.get(&key).as_ref(), Some(value));
        account!(store);
    }
    let one = 10 * MIB as u32 / 4096 + 4;
    assert!(store.usage().pages <= high_water + one, "one more, for a new value stands beside the old one");
    (0..3).for_each(|i| assert!(store.large.remove(&i).is_some()));
    account!(store);
    let before = store.usage().pages;
    store.single.set(values[0].clone());
    store.single.set(values[1].clone());
    assert_eq!(store.single.get().as_ref(), Some(&values[1]));
    account!(store);
    assert_eq!(store.usage().pages, before);
}

#[test]
fn large_values_in_a_fragmented_memory() {
    let rng = &mut Rng::new(4);
    let mut store = Store::open(Bytes::default()).unwrap();
    (0..1_000).for_each(|i| _ = store.large.insert(i, rng.bytes(4_000 + i as usize * 3)));
    (0..1_000).step_by(2).for_each(|i| _ = store.large.remove(&i));
    account!(store);
    let before = store.usage();
    let room = before.free as usize * 4_072;
    let value = rng.bytes(room - 8 * 4_072);
    store.large.insert(5_000, value.clone());
    assert_eq!(store.usage().pages, before.pages, "the holes were enough");
    assert_eq!(store.large.get(&5_000).as_ref(), Some(&value));
    account!(store);
    store.single.set(rng.bytes(70_000));
    assert_eq!(store.large.remove(&5_000), Some(value));
    account!(store);
    (1..1_000)
        .step_by(2)
        .for_each(|i| assert_eq!(store.large.remove(&i).unwrap().len(), 4_000 + i as usize * 3));
    account!(store);
}

#[test]
fn a_history_of_layouts_loses_no_page() {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(5));
    let mut store = Store::open(memory.clone()).unwrap();
    fill(&mut store.numbers, 5_000, rng);
    fill(&mut store.texts, 2_000, rng);
    account!(store);
    let mut store = Newer::open(memory).unwrap();
    account!(store);
    fill(&mut store.numbers, 3_000, rng);
    fill(&mut store.texts, 1_000, rng);
    account!(store);
    while !store.sweep(&mut Budget::pages(5)).unwrap().is_done() {}
    account!(store);
    store.numbers.clear();
    fill(&mut store.numbers, 3_000, rng);
    account!(store);
}
