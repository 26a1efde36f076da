//! Out of memory, at every growth and for every operation: a typed error, a map as it was, and no
//! harm later.

use std::collections::BTreeMap as Model;

use graven::{
    BTreeMap, Budget, Cell, Collection, Error, Memory, Options, Result, StableKey, StableLayout, Store, open,
};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};
use ic_stable_structures::{FileMemory, RestrictedMemory};

#[track_caller]
fn out_of_memory<R>(result: &Result<R>) {
    match result {
        Err(Error::OutOfMemory { pages }) => assert!(*pages > 0),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("there was room"),
    }
}

#[track_caller]
fn same<K: SampleKey, V: SampleValue, M: Memory>(map: &BTreeMap<K, V, M>, model: &Model<K, V>) {
    map.verify().unwrap();
    assert_eq!(map.len(), model.len() as u64);
    assert!(map.iter().eq(model.iter().map(|(key, value)| (key.clone(), value.clone()))));
}

/// Tries `run` with no room, then with one more wasm page at a time, until it works. `unchanged` is
/// asked after every failure.
fn with_ever_more_room<R>(
    memory: &Limited<impl Memory>,
    mut run: impl FnMut() -> Result<R>,
    mut unchanged: impl FnMut(),
) -> (R, u64) {
    for pages in 0.. {
        memory.allow(pages);
        match run() {
            Ok(done) => return (done, pages),
            failed => out_of_memory(&failed),
        }
        unchanged();
    }
    unreachable!()
}

#[test]
fn opening_a_fresh_store() {
    let memory = Limited::new(Bytes::default(), 0);
    let specs = [BTreeMap::<u64, mixed::V6, Limited>::SPEC.named("map")];
    let run = || Store::open(memory.clone(), &specs, Options::default());
    let (_, pages) = with_ever_more_room(&memory, run, || assert_eq!(memory.size(), 0));
    assert_eq!(pages, 1);

    let memory = Limited::new(Bytes::default(), 0);
    let names: Vec<&'static str> = (0..60).map(|i| format!("root {i}").leak() as &'static str).collect();
    let specs: Vec<_> = names.iter().map(|name| Cell::<u64, Limited>::SPEC.named(name)).collect();
    let run = || Store::open(memory.clone(), &specs, Options::default());
    let (store, pages) = with_ever_more_room(&memory, run, || assert_eq!(memory.size(), 0));
    assert_eq!((pages, store.usage().pages), (4, 63));
}

#[test]
fn opening_with_new_layouts_and_roots() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: BTreeMap<u64, mixed::V1, Limited> = open("map", memory.clone()).unwrap();
    memory.allow(0);
    assert!((0..).any(|i| map.try_insert(i, mixed::V1 { a: i as u32 }).is_err()));
    let names: Vec<&'static str> = (0..20).map(|i| format!("root {i}").leak() as &'static str).collect();
    let mut specs = vec![BTreeMap::<u64, mixed::V4, Limited>::SPEC.named("map")];
    specs.extend(names.iter().map(|name| Cell::<(u64, String), Limited>::SPEC.named(name)));
    let before = image(&memory);
    let run = || Store::open(memory.clone(), &specs, Options::default());
    let (store, pages) = with_ever_more_room(&memory, run, || assert!(image(&memory) == before));
    assert!((1..=2).contains(&pages), "{pages}");
    drop(store);
    memory.allow(0);
    assert!(Store::open(memory.clone(), &specs, Options::default()).is_ok(), "nothing new, nothing needed");
}

/// Inserts until the tree has four levels or so many entries; every growth fails first.
fn inserts<K: SampleKey, V: SampleValue, M: Memory + Clone + 'static>(inner: M, entries: u64, seed: u64) {
    let (memory, rng) = (Limited::new(inner, 64), &mut Rng::new(seed));
    let mut map: BTreeMap<K, V, _> = open("map", memory.clone()).unwrap();
    let (mut model, mut failures) = (Model::new(), 0);
    while (model.len() as u64) < entries {
        memory.allow(0);
        let (key, value) = (K::sample(rng.below(1 << 30)), V::sample(rng));
        let result = map.try_insert(key.clone(), value.clone());
        if result.is_err() {
            out_of_memory(&result);
            failures += 1;
            same(&map, &model);
            if failures % 7 == 0 {
                map = open("map", memory.clone()).unwrap();
            }
            memory.allow(16);
            map.try_insert(key.clone(), value.clone()).unwrap();
        }
        model.insert(key, value);
    }
    same(&map, &model);
    assert!(failures > 1, "{failures}");
}

#[test]
fn splits_of_leaves_and_roots() {
    inserts::<u64, u64, _>(Bytes::default(), 20_000, 1);
    inserts::<Vec<u8>, u64, _>(Bytes::default(), 600, 2);
    inserts::<String, String, _>(Bytes::default(), 4_000, 3);
    inserts::<u64, Vec<u8>, _>(Bytes::default(), 1_500, 4);
}

#[test]
fn splits_in_a_file() {
    let file = tempfile::tempfile().unwrap();
    inserts::<u64, u64, _>(FileMemory::new(file), 8_000, 5);
}

#[test]
fn splits_below_a_memory_manager() {
    let manager = MemoryManager::init_with_bucket_size(Bytes::default(), 1);
    inserts::<u64, u64, _>(manager.get(MemoryId::new(7)), 8_000, 6);
    inserts::<u64, Vec<u8>, _>(manager.get(MemoryId::new(8)), 400, 7);
}

/// Below it, a memory that cannot grow makes the manager itself panic; nothing is lost by that.
#[test]
fn a_memory_manager_that_cannot_grow() {
    let limited = Limited::new(Bytes::default(), 8);
    let manager = MemoryManager::init_with_bucket_size(limited.clone(), 2);
    let mut map: BTreeMap<u64, [u8; 128], _> = open("map", manager.get(MemoryId::new(0))).unwrap();
    let mut model = Model::new();
    for n in 0.. {
        let Ok(result) = caught(|| map.try_insert(n, [n as u8; 128])) else { break };
        assert!(result.unwrap().is_none());
        model.insert(n, [n as u8; 128]);
    }
    assert!(model.len() > 500);
    same(&map, &model);
    limited.allow(16);
    let manager = MemoryManager::init(limited);
    let mut map = open("map", manager.get(MemoryId::new(0))).unwrap();
    same(&map, &model);
    (0..1_000).for_each(|n| assert_eq!(map.insert(n, [1; 128]), model.insert(n, [1; 128])));
    same(&map, &model);
}

#[test]
fn a_restricted_memory() {
    let inner = Bytes::default();
    inner.grow(3);
    let count = runs_full(RestrictedMemory::new(inner.clone(), 3..6));
    assert!(count > 500);
    assert!(image(&inner)[..3 * 65_536].iter().all(|byte| *byte == 0), "it stays within its range");
}

/// Inserts until the memory is full, then continues with what needs no room.
fn runs_full<M: Memory + Clone + 'static>(memory: M) -> u64 {
    let mut map: BTreeMap<u64, [u8; 128], M> = open("map", memory.clone()).unwrap();
    let mut model = Model::new();
    let full = (0..).find(|n| match map.try_insert(*n, [*n as u8; 128]) {
        Ok(_) => {
            model.insert(*n, [*n as u8; 128]);
            false
        }
        failed => {
            out_of_memory(&failed);
            true
        }
    });
    same(&map, &model);
    drop(map);
    let mut map: BTreeMap<u64, [u8; 128], M> = open("map", memory).unwrap();
    same(&map, &model);
    (0..10).for_each(|n| assert_eq!(map.remove(&n), model.remove(&n)));
    (0..5).for_each(|n| assert_eq!(map.insert(n, [0; 128]), model.insert(n, [0; 128])));
    same(&map, &model);
    full.unwrap()
}

#[test]
fn large_values_need_all_of_their_pages() {
    let memory = Limited::new(Bytes::default(), 64);
    let mut map: BTreeMap<u64, Vec<u8>, _> = open("map", memory.clone()).unwrap();
    let mut model = Model::new();
    for (key, len) in [(1, 100_000), (2, 1 << 20), (1, 300_000), (3, 5_000), (2, 0), (2, 400_000)] {
        let value = vec![key as u8; len];
        let cell = std::cell::RefCell::new(&mut map);
        let run = || cell.borrow_mut().try_insert(key, value.clone());
        let (old, _) = with_ever_more_room(&memory, run, || same(&cell.borrow(), &model));
        assert_eq!(old, model.insert(key, value));
        same(&map, &model);
    }
}

#[test]
fn cells_keep_their_value() {
    let memory = Limited::new(Bytes::default(), 1);
    let mut cell: Cell<Vec<u8>, _> = open("cell", memory.clone()).unwrap();
    let mut expected = None;
    for len in [10, 200_000, 100_000, 1 << 20, 3, 3 << 20] {
        let value = vec![len as u8; len];
        let shared = std::cell::RefCell::new(&mut cell);
        let run = || shared.borrow_mut().try_set(value.clone());
        with_ever_more_room(&memory, run, || assert_eq!(shared.borrow().get(), expected));
        expected = Some(value);
        assert_eq!(cell.get(), expected);
    }
}

#[test]
fn sweeps_of_growing_values() {
    let memory = Limited::new(Bytes::default(), 1_000);
    let mut map: BTreeMap<u64, mixed::V2, Limited> = open("map", memory.clone()).unwrap();
    (0..3_000).for_each(|n| _ = map.insert(n, mixed::V2 { a: n as u32, b: 1 }));
    drop(map);
    let model: Model<u64, mixed::V4> =
        (0..3_000).map(|n| (n, mixed::V2 { a: n as u32, b: 1 }.into())).collect();
    let mut map: BTreeMap<u64, mixed::V4, _> = open("map", memory.clone()).unwrap();
    let mut failures = 0;
    memory.allow(0);
    loop {
        match map.sweep(&mut Budget::pages(3)) {
            Ok(true) => break,
            Ok(false) => {}
            failed => {
                out_of_memory(&failed);
                failures += 1;
                same(&map, &model);
                memory.allow(1);
            }
        }
    }
    same(&map, &model);
    assert!(failures > 1, "{failures}");
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Whole {
    bytes: Vec<u8>,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Half {
    #[layout(was(Vec<u8>, until = 2, with = half))]
    bytes: Vec<u8>,
}

fn half(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// In a full memory, too: a leaf whose values shrink stays one.
#[test]
fn sweeps_of_shrinking_values() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: BTreeMap<u64, Whole, Limited> = open("map", memory.clone()).unwrap();
    (0..100).for_each(|n| _ = map.insert(n, Whole { bytes: vec![1; 100] }));
    drop(map);
    let mut map: BTreeMap<u64, Half, _> = open("map", memory.clone()).unwrap();
    memory.allow(0);
    let pager = map.root().pager().clone();
    while pager.allocate().is_ok() {}
    while !map.sweep(&mut Budget::pages(1)).unwrap() {}
    assert!(map.iter().all(|(_, half)| half.bytes == [1; 50]));
    map.verify().unwrap();
}

#[test]
fn removing_and_clearing_need_no_room() {
    let memory = Limited::new(Bytes::default(), 64);
    let mut map: BTreeMap<u64, Vec<u8>, _> = open("map", memory.clone()).unwrap();
    (0..2_000).for_each(|n| _ = map.insert(n, vec![1; n as usize]));
    memory.set_limit(0);
    (0..1_900).for_each(|n| assert_eq!(map.try_remove(&n).unwrap().unwrap().len(), n as usize));
    map.verify().unwrap();
    map.clear();
    (0..500).for_each(|n| assert!(map.try_insert(n, vec![1; 3_000]).unwrap().is_none()));
    map.verify().unwrap();
}

fn too_long<K: SampleKey + StableKey, V: StableLayout + Default>(key: K, len: usize) {
    let memory = Bytes::default();
    let mut map: BTreeMap<K, V> = open("map", memory.clone()).unwrap();
    let before = image(&memory);
    let error = map.try_insert(key.clone(), V::default()).err().unwrap();
    assert!(matches!(error, Error::KeyTooLong { len: found, max: 992 } if found == len), "{error}");
    let words = format!("a key takes {len} bytes when it is encoded: keys may take 992 (");
    assert!(error.to_string().starts_with(&words), "{error}");
    assert_eq!((map.get(&key).is_none(), map.remove(&key).is_none()), (true, true));
    assert!(image(&memory) == before);
}

#[test]
fn keys_that_are_too_long() {
    too_long::<Vec<u8>, u64>(vec![1; 993], 993);
    too_long::<String, String>("é".repeat(5_000), 10_000);
    too_long::<(String, u32), u64>(("a\0".repeat(330), 7), 330 * 3 + 2 + 4);
    let mut map: BTreeMap<Vec<u8>, u64> = open("map", Bytes::default()).unwrap();
    assert_eq!(map.insert(vec![1; 992], 1), None);
    assert_eq!(map.get(&vec![1; 992]), Some(1));
    map.verify().unwrap();
}
