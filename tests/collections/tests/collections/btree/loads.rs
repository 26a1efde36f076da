//! Loading in order: the same map as by inserts, in fewer writes and pages; what goes wrong on the
//! way.

use std::cell::Cell;
use std::collections::BTreeMap as Std;
use std::rc::Rc;

use graven::{BTreeMap, BTreeSet, Budget, Collection, Error, Memory, StableLayout, open};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Limited};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use graven_tests::space::account;
use proptest::prelude::*;

#[track_caller]
fn same<K: SampleKey, V: SampleValue, M: Memory>(map: &BTreeMap<K, V, M>, model: &Std<K, V>) {
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(|(key, value)| (key.clone(), value.clone()))));
    account(map.root().pager(), &[map.stats()]);
}

/// Keys by inserts, loads after them, and random operations after that.
fn loads<K: SampleKey, V: SampleValue>(seed: u64, before: u64, pieces: &[u64]) {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(seed));
    let mut map: BTreeMap<K, V> = open("map", memory.clone()).unwrap();
    let total = before + pieces.iter().sum::<u64>();
    let mut keys: Vec<K> = (0..total * 2).map(K::sample).collect();
    keys.sort();
    keys.dedup();
    let mut keys = keys.into_iter();
    let mut model = Std::new();
    for key in keys.by_ref().take(before as usize) {
        let value = V::sample(rng);
        map.insert(key.clone(), value.clone());
        model.insert(key, value);
    }
    for piece in pieces {
        let piece: Vec<(K, V)> =
            keys.by_ref().take(*piece as usize).map(|key| (key, V::sample(rng))).collect();
        assert_eq!(map.load_sorted(piece.clone()).unwrap(), piece.len() as u64);
        model.extend(piece);
        same(&map, &model);
        map = open("map", memory.clone()).unwrap();
    }
    for _ in 0..200 {
        let key = K::sample(rng.below(total * 2));
        if rng.once_in(2) {
            assert_eq!(map.remove(&key), model.remove(&key));
        } else {
            let value = V::sample(rng);
            assert_eq!(map.insert(key.clone(), value.clone()), model.insert(key, value));
        }
    }
    same(&map, &model);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn as_by_inserts(seed in any::<u64>(), before in 0..600u64, pieces in prop::collection::vec(0..1_500u64, 1..4)) {
        loads::<u64, u64>(seed, before, &pieces);
        loads::<String, String>(seed, before, &pieces);
        loads::<(String, u32), ()>(seed, before, &pieces);
        let fewer: Vec<u64> = pieces.iter().map(|piece| piece / 8).collect();
        loads::<Vec<u8>, u64>(seed, before / 8, &fewer);
        loads::<u64, Vec<u8>>(seed, before / 8, &fewer);
        loads::<u8, Vec<u8>>(seed, before / 8, &fewer);
    }
}

#[test]
fn as_many_levels_as_long_keys_need() {
    let mut map: BTreeMap<Vec<u8>, u64> = open("map", Bytes::default()).unwrap();
    let model: Std<Vec<u8>, u64> = (0..4_000).map(|n| (SampleKey::sample(n), n)).collect();
    map.load_sorted(model.clone()).unwrap();
    assert!(map.root().state().height.get() >= 5);
    same(&map, &model);
}

/// A memory that counts its writes.
#[derive(Clone, Default)]
struct Counted {
    inner: Bytes,
    writes: Rc<Cell<(u64, u64)>>,
}

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let (writes, written) = self.writes.get();
        self.writes.set((writes + 1, written + bytes.len() as u64));
        self.inner.write(offset, bytes);
    }
}

/// Writes, bytes written and pages for each entry, by inserts in ascending order, in random order,
/// and by a load.
fn figures<K: SampleKey, V: StableLayout + Clone>(what: &str, count: u64, value: V) {
    let mut ascending: Vec<K> = (0..count).map(K::sample).collect();
    ascending.sort();
    ascending.dedup();
    let mut random = ascending.clone();
    let rng = &mut Rng::new(3);
    (1..random.len()).rev().for_each(|i| random.swap(i, rng.below(i as u64 + 1) as usize));
    let filled = |fill: &dyn Fn(&mut BTreeMap<K, V, Counted>)| {
        let memory = Counted::default();
        let mut map: BTreeMap<K, V, Counted> = open("map", memory.clone()).unwrap();
        memory.writes.set((0, 0));
        fill(&mut map);
        assert_eq!(map.len(), ascending.len() as u64);
        let (writes, bytes) = memory.writes.get();
        [writes, bytes, map.stats().pages.into()].map(|total| total as f64 / ascending.len() as f64)
    };
    let inserts = |keys: &[K], map: &mut BTreeMap<K, V, Counted>| {
        keys.iter().for_each(|key| _ = map.insert(key.clone(), value.clone()));
    };
    let rising = filled(&|map| inserts(&ascending, map));
    let mixed = filled(&|map| inserts(&random, map));
    let loaded = filled(&|map| {
        map.load_sorted(ascending.iter().map(|key| (key.clone(), value.clone()))).unwrap();
    });
    println!("{what}: writes, bytes, pages for each entry");
    println!(
        "  inserts, ascending {rising:.4?}\n  inserts, random    {mixed:.4?}\n  load_sorted        {loaded:.4?}"
    );
    assert!(loaded[0] * 10.0 < rising[0] && loaded[0] * 10.0 < mixed[0]);
    // Inserts write a cell and its place, but of pages that are split only what is used.
    assert!(loaded[1] < rising[1] && loaded[1] * 1.8 < mixed[1]);
    assert!(loaded[2] <= rising[2] * 1.01 && loaded[2] * 1.3 < mixed[2]);
}

#[test]
fn a_tenth_of_the_writes_of_inserts_or_less() {
    figures::<u64, u64>("u64 -> u64", 100_000, 7);
    figures::<[u8; 32], [u8; 128]>("[u8; 32] -> [u8; 128]", 30_000, [7; 128]);
    figures::<String, String>("String -> String", 30_000, "some text".into());
}

#[test]
fn leaves_are_full() {
    let mut set: BTreeSet<u64> = open("set", Bytes::default()).unwrap();
    for piece in 0..10 {
        set.load_sorted(piece * 10_000..(piece + 1) * 10_000).unwrap();
    }
    set.verify().unwrap();
    // The root, an inner node, and leaves of 366 cells of 8 bytes with numbers of 2.
    assert_eq!(set.stats().pages, 2 + 100_000u32.div_ceil(366));
}

#[test]
fn keys_that_do_not_rise() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.insert(5, 5);
    for (given, position) in [(vec![5], 0), (vec![1], 0), (vec![6, 7, 7], 2), (vec![8, 9, 1, 10], 2)] {
        let len = map.len();
        let failed = map.load_sorted(given.iter().map(|n| (*n, 0))).unwrap_err();
        assert!(matches!(failed.error, Error::NotAscending { position: found } if found == position));
        assert_eq!((failed.loaded, map.len()), (position, len + position));
        let words =
            format!("keys have to ascend: the one at position {position} is not greater than the one before");
        assert_eq!(failed.to_string(), format!("{words} (after {position} entries were loaded)"));
        map.verify().unwrap();
    }
    let mut map: BTreeMap<Vec<u8>, u64> = open("map", Bytes::default()).unwrap();
    let failed = map.load_sorted([(vec![1], 0), (vec![2; 993], 0), (vec![3], 0)]).unwrap_err();
    assert!(matches!(failed.error, Error::KeyTooLong { len: 993, max: 992 }));
    assert_eq!((failed.loaded, map.keys().collect::<Vec<_>>()), (1, vec![vec![1]]));
}

#[test]
fn an_iterator_that_panics_leaves_what_was_written() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    let input = (0..50_000).map(|n| {
        assert!(n != 40_000, "no more");
        (n, n)
    });
    assert_eq!(caught(|| map.load_sorted(input)).unwrap_err(), "no more");
    let len = map.len();
    assert!((20_000..=40_000).contains(&len), "{len}");
    same(&map, &(0..len).map(|n| (n, n)).collect());
    assert_eq!(map.load_sorted((len..50_000).map(|n| (n, n))).unwrap(), 50_000 - len);
}

/// Loads with a page of wasm more whenever one fails, until all is there.
fn without_memory<K: SampleKey, V: SampleValue>(count: u64) {
    let (memory, rng) = (Limited::new(Bytes::default(), 64), &mut Rng::new(1));
    let mut map: BTreeMap<K, V, _> = open("map", memory.clone()).unwrap();
    memory.allow(0);
    let all: Std<K, V> = (0..count).map(|n| (K::sample(n), V::sample(rng))).collect();
    let (mut loaded, mut failures) = (0, 0);
    loop {
        let rest = all.iter().skip(loaded).map(|(key, value)| (key.clone(), value.clone()));
        let result = map.load_sorted(rest);
        let added = match &result {
            Ok(added) => *added,
            Err(failed) => {
                assert!(matches!(failed.error, Error::OutOfMemory { .. }), "{failed}");
                failed.loaded
            }
        };
        loaded += added as usize;
        same(&map, &all.iter().take(loaded).map(|(key, value)| (key.clone(), value.clone())).collect());
        if result.is_ok() {
            break;
        }
        failures += 1;
        memory.allow(1);
    }
    assert!(failures > 3 && loaded == all.len(), "{failures}");
}

#[test]
fn out_of_memory_keeps_what_there_was_room_for() {
    without_memory::<u64, u64>(30_000);
    without_memory::<String, String>(6_000);
    without_memory::<Vec<u8>, u64>(400);
    without_memory::<u64, Vec<u8>>(700);
}

#[test]
fn behind_leaves_of_older_layouts() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, mixed::V1> = open("map", memory.clone()).unwrap();
    map.load_sorted((0..100).map(|n| (n, mixed::V1 { a: n as u32 }))).unwrap();
    let mut map: BTreeMap<u64, mixed::V2> = open("map", memory.clone()).unwrap();
    map.load_sorted((100..110).map(|n| (n, mixed::V2 { a: n as u32, b: 1 }))).unwrap();
    let mut map: BTreeMap<u64, mixed::V3> = open("map", memory.clone()).unwrap();
    map.load_sorted((110..120).map(|n| (n, mixed::V3 { c: n, text: "t".into() }))).unwrap();
    let mut map: BTreeMap<u64, mixed::V4> = open("map", memory.clone()).unwrap();
    map.load_sorted((120..130).map(|n| (n, mixed::V4 { c: n, d: vec![1], text: "t".into() }))).unwrap();
    assert_eq!(map.root().state().height.get(), 1, "one leaf with four layouts");
    let mut map: BTreeMap<u64, mixed::V5> = open("map", memory.clone()).unwrap();
    map.load_sorted((130..900).map(|n| (n, mixed::V5 { e: 1, c: n }))).unwrap();
    map.verify().unwrap();
    assert!(map.keys().eq(0..900));
    assert!(map.range(130..).all(|(key, value)| value.c == key));
    account(map.root().pager(), &[map.stats()]);
    while !map.sweep(&mut Budget::pages(1)).unwrap() {}
    map.verify().unwrap();
}
