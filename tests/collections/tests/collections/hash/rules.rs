//! Rules of hash maps that random runs miss: no room, damage, panics, keys that collide, space,
//! costs.

use std::cell::Cell;
use std::collections::BTreeMap as Std;
use std::rc::Rc;

use graven::{Budget, Collection, Error, HashMap, Memory, Options, StableLayout, Store, open};
use graven_collection_tests::colliding::key_with_hash;
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, Limited, Metered, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use graven_tests::space::account;
use proptest::prelude::*;

#[track_caller]
fn same<K: SampleKey, V: SampleValue, M: Memory>(map: &HashMap<K, V, M>, model: &Std<K, V>) {
    map.verify().unwrap();
    let mut found: Vec<(K, V)> = map.iter().collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.into_iter().eq(model.iter().map(|(key, value)| (key.clone(), value.clone()))));
}

#[derive(Debug, Clone)]
enum Op {
    Insert(u8, u16),
    Remove(u8),
    Change(u8, u16),
    Retain(u8),
    Clear,
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (any::<u8>(), 0..3_000u16).prop_map(|(key, len)| Op::Insert(key, len)),
        6 => any::<u8>().prop_map(Op::Remove),
        3 => (any::<u8>(), 0..3_000u16).prop_map(|(key, len)| Op::Change(key, len)),
        1 => any::<u8>().prop_map(Op::Retain),
        1 => Just(Op::Reopen),
        1 => Just(Op::Clear),
    ]
}

proptest! {
    #[test]
    fn values_of_any_size_below_long_keys(ops in prop::collection::vec(op(), 0..80)) {
        let memory = Bytes::default();
        let mut map: HashMap<Vec<u8>, Vec<u8>> = open("map", memory.clone()).unwrap();
        let mut model = Std::new();
        let key = |number: u8| <Vec<u8> as SampleKey>::sample(number.into());
        let value = |len: u16| vec![len as u8; len.into()];
        for op in ops {
            match op {
                Op::Insert(n, len) => {
                    prop_assert_eq!(map.insert(key(n), value(len)), model.insert(key(n), value(len)));
                }
                Op::Remove(n) => prop_assert_eq!(map.remove(&key(n)), model.remove(&key(n))),
                Op::Change(n, len) => {
                    let _ = map.entry(key(n)).and_modify(|old| *old = value(len));
                    model.entry(key(n)).and_modify(|old| *old = value(len));
                }
                Op::Retain(n) => {
                    map.retain(|found, _| *found > key(n));
                    model.retain(|found, _| *found > key(n));
                }
                Op::Clear => {
                    map.clear();
                    model.clear();
                }
                Op::Reopen => map = open("map", memory.clone()).unwrap(),
            }
        }
        same(&map, &model);
    }
}

/// Inserts the given number of entries; every growth of the memory fails first.
fn inserts<K: SampleKey, V: SampleValue>(entries: u64, seed: u64) {
    let (memory, rng) = (Limited::new(Bytes::default(), 64), &mut Rng::new(seed));
    let mut map: HashMap<K, V, _> = open("map", memory.clone()).unwrap();
    let (mut model, mut failures) = (Std::new(), 0);
    while (model.len() as u64) < entries {
        memory.allow(0);
        let (key, value) = (K::sample(rng.below(1 << 30)), V::sample(rng));
        if let Err(error) = map.try_insert(key.clone(), value.clone()) {
            assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
            failures += 1;
            same(&map, &model);
            if failures % 7 == 0 {
                map = open("map", memory.clone()).unwrap();
            }
            (0..).find(|pages| {
                memory.allow(*pages);
                map.try_insert(key.clone(), value.clone()).is_ok()
            });
        }
        model.insert(key, value);
    }
    same(&map, &model);
    assert!(failures > 1, "{failures}");
}

#[test]
fn every_growth_fails_first() {
    inserts::<u64, u64>(20_000, 1);
    inserts::<String, String>(4_000, 2);
    inserts::<u64, Vec<u8>>(1_500, 3);
}

#[test]
fn what_needs_no_room_works_in_a_full_memory() {
    let memory = Limited::new(Bytes::default(), 4);
    let mut map: HashMap<u64, u64, _> = open("map", memory.clone()).unwrap();
    let (mut model, mut n) = (Std::new(), 0u64);
    while map.try_insert(n, n).is_ok() {
        model.insert(n, n);
        n += 1;
    }
    same(&map, &model);
    // Two thirds of all places: the first bucket without room for one more ends it.
    assert!(n > 9_000, "{n} entries in 64 pages");
    (0..n).for_each(|key| assert_eq!(map.insert(key, key + 1), model.insert(key, key + 1)));
    (0..n / 2).for_each(|key| assert_eq!(map.remove(&key), model.remove(&key)));
    (0..n / 3).for_each(|key| assert_eq!(map.insert(key, 1), model.insert(key, 1)));
    same(&map, &model);
}

#[test]
fn all_pages_come_back() {
    type Map = HashMap<u64, Vec<u8>>;
    type Numbers = HashMap<u64, u64>;
    let specs = [Map::SPEC.named("a"), Numbers::SPEC.named("b")];
    let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
    let (mut map, mut numbers) = (Map::attach(store.take(0)), Numbers::attach(store.take(1)));
    let rng = &mut Rng::new(3);
    for round in 0..4 {
        (0..2_000).for_each(|key| _ = map.insert(key, SampleValue::sample(rng)));
        (0..150_000 >> round).for_each(|key| _ = numbers.insert(rng.any() << 8 | key & 255, key));
        account(map.root().pager(), &[map.stats(), numbers.stats()]);
        if round == 2 {
            map.clear();
        }
        (0..2_000).for_each(|key| _ = map.remove(&key));
        let all: Vec<u64> = numbers.keys().collect();
        all.iter().skip(20).for_each(|key| _ = numbers.remove(key));
        assert!(numbers.stats().pages < 10, "{}", numbers.stats().pages);
        assert!(map.is_empty() && map.stats().pages < 5, "{}", map.stats().pages);
        account(map.root().pager(), &[map.stats(), numbers.stats()]);
        map.verify().unwrap();
        numbers.verify().unwrap();
    }
}

#[test]
fn keys_that_collide_share_a_bucket_and_nothing_else_suffers() {
    let mut map: HashMap<u64, u64> = open("map", Bytes::default()).unwrap();
    assert!(map.reseed(77).unwrap());
    let mut model = Std::new();
    // Alike in all bits that say where an entry is and what its mark is.
    let crowd: Vec<u64> =
        (0..2_000u64).map(|n| key_with_hash(77, 0xab12_3000_0000_0000 | n << 14 | 0x2abc)).collect();
    crowd.iter().for_each(|key| assert_eq!(map.insert(*key, 1), model.insert(*key, 1)));
    same(&map, &model);
    assert!(map.stats().pages < 60, "{}", map.stats().pages);
    (0..20_000u64).for_each(|n| assert_eq!(map.insert(n, n), model.insert(n, n)));
    same(&map, &model);
    assert!(crowd.iter().all(|key| map.get(key) == Some(1)));
    crowd.iter().step_by(2).for_each(|key| assert_eq!(map.remove(key), model.remove(key)));
    same(&map, &model);
    crowd.iter().for_each(|key| assert_eq!(map.remove(key), model.remove(key)));
    same(&map, &model);
}

#[test]
fn a_seed_is_taken_while_there_is_nothing() {
    let memory = Bytes::default();
    let mut map: HashMap<u64, u64> = open("map", memory.clone()).unwrap();
    let by_name = map.seed();
    assert!(map.reseed(5).unwrap());
    drop(map);
    let mut map: HashMap<u64, u64> = open("map", memory.clone()).unwrap();
    assert_eq!(map.seed(), 5);
    map.insert(1, 1);
    assert!(!map.reseed(6).unwrap());
    map.clear();
    assert_eq!(map.seed(), 5);
    assert!(map.reseed(by_name).unwrap());
    map.insert(1, 2);
    assert_eq!(open::<HashMap<u64, u64>>("map", memory).unwrap().get(&1), Some(2));
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct V1 {
    n: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, previous = V1)]
struct V2 {
    bytes: Vec<u8>,
}

const BAD: u32 = 913;

impl From<V1> for V2 {
    fn from(old: V1) -> V2 {
        assert!(old.n != BAD, "it cannot be converted");
        V2 { bytes: vec![old.n as u8; if old.n.is_multiple_of(5) { 5_000 } else { 3 }] }
    }
}

#[test]
fn a_conversion_that_panics_leaves_everything_as_it_was() {
    let memory = Bytes::default();
    let mut map: HashMap<u32, V1> = open("map", memory.clone()).unwrap();
    (0..2_000).for_each(|n| _ = map.insert(n, V1 { n }));
    let mut map: HashMap<u32, V2> = open("map", memory.clone()).unwrap();
    let before = image(&memory);
    let new = || V2 { bytes: vec![1; 7_000] };
    assert!(caught(|| map.get(&BAD)).is_err());
    assert!(caught(|| map.insert(BAD, new())).is_err());
    assert!(caught(|| map.remove(&BAD)).is_err());
    assert!(caught(|| map.iter().count()).is_err());
    assert!(caught(|| map.retain(|n, _| *n != BAD)).is_err() && map.contains_key(&BAD));
    map.verify().unwrap();
    let mut map: HashMap<u32, V2> = open("map", memory_of(&before)).unwrap();
    (0..2_000).filter(|n| *n != BAD).step_by(2).for_each(|n| _ = map.insert(n, new()));
    assert!(caught(|| while !map.sweep(&mut Budget::pages(1)).unwrap() {}).is_err());
    map.verify().unwrap();
    let expected = |n| if n % 2 == 0 { new() } else { V1 { n }.into() };
    assert!((0..BAD).all(|n| map.get(&n) == Some(expected(n))));
}

/// Reads, writes and their bytes, and pages written in this message.
#[derive(Clone, Default)]
struct Counted {
    inner: Bytes,
    sums: Rc<Cell<[u64; 4]>>,
    dirty: Rc<std::cell::RefCell<std::collections::BTreeSet<u64>>>,
}

impl Counted {
    /// Reads, bytes read, writes, bytes written, dirty pages.
    fn take(&self) -> [u64; 5] {
        let [reads, read, writes, written] = self.sums.take();
        [reads, read, writes, written, self.dirty.take().len() as u64]
    }
}

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let [reads, read, writes, written] = self.sums.get();
        self.sums.set([reads + 1, read + out.len() as u64, writes, written]);
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        let [reads, read, writes, written] = self.sums.get();
        self.sums.set([reads, read, writes + 1, written + bytes.len() as u64]);
        self.dirty.borrow_mut().extend(offset / 4096..(offset + bytes.len() as u64).div_ceil(4096));
        self.inner.write(offset, bytes);
    }
}

#[test]
fn costs_of_single_operations() {
    let memory = Counted::default();
    let mut map: HashMap<u64, u64, Counted> = open("map", memory.clone()).unwrap();
    let keys: Vec<u64> = (0..100_000u64).scan(Rng::new(1), |rng, _| Some(rng.any())).collect();
    let (mut inserts, mut worst_space) = (Vec::new(), 0.0f64);
    let _ = memory.take();
    let mut sums = [0; 5];
    for (n, key) in keys.iter().enumerate() {
        map.insert(*key, n as u64);
        let cost = memory.take();
        sums = std::array::from_fn(|i| sums[i] + cost[i]);
        let [reads, read, writes, written, dirty] = cost;
        inserts.push(25 * (reads + writes) + read + written + 1_000 * dirty);
        if n > 20_000 {
            worst_space = worst_space.max(f64::from(map.stats().pages) * 256.0 / n as f64);
        }
    }
    println!("insert, each: {:?}", sums.map(|sum| sum as f64 / 1e5));
    println!("bytes per entry: {}, at worst {}", f64::from(map.stats().pages) * 0.04096, worst_space * 16.0);
    assert!(worst_space < 1.75, "{worst_space}");
    inserts.sort_unstable();
    let (median, worst) = (inserts[inserts.len() / 2], inserts[inserts.len() - 1]);
    println!("median {median}, worst {worst}");
    assert!(worst < 30 * median);
    keys.iter().for_each(|key| assert!(map.contains_key(key)));
    println!("get: {:?}", memory.take().map(|sum| sum as f64 / 1e5));
    keys.iter().for_each(|key| assert!(!map.contains_key(&(key ^ 1))));
    println!("get of what is not there: {:?}", memory.take().map(|sum| sum as f64 / 1e5));
    assert_eq!(map.iter().count(), keys.len());
    println!("scan: {:?}", memory.take().map(|sum| sum as f64 / 1e5));
    let mut sums = [0; 5];
    for key in &keys {
        map.remove(key);
        let cost = memory.take();
        sums = std::array::from_fn(|i| sums[i] + cost[i]);
    }
    println!("remove: {:?}", sums.map(|sum| sum as f64 / 1e5));
}

/// Every operation that tells damage by an error, on a map that may be damaged.
fn scenario<K: SampleKey, V: SampleValue>(memory: &Metered, name: &'static str, rng: &mut Rng) {
    let Ok(mut map) = open::<HashMap<K, V, Metered>>(name, memory.clone()) else { return };
    let _ = map.verify();
    let mut walk = map.iter();
    (0..2_000).take_while(|_| matches!(walk.try_next(), Ok(Some(_)))).for_each(drop);
    drop(walk);
    let page = map.page(None, 40);
    let _ = page.and_then(|page| map.page(page.next.as_ref(), 40));
    let _ = map.retain_within(None, &mut Budget::entries(5), |_, _| rng.once_in(2));
    let mut taken = map.extract_if(|_, _| true);
    (0..5).take_while(|_| matches!(taken.try_next(), Ok(Some(_)))).for_each(drop);
    drop(taken);
    for number in (0..80).map(|n| n * 3) {
        let key = K::sample(number);
        let _ = (map.try_get(&key), map.try_insert(key.clone(), V::sample(rng)));
        let _ = (map.try_remove(&K::sample(number + 1)), map.try_get(&key));
    }
    let _ = map.sweep(&mut Budget::pages(3));
    let _ = map.sweep(&mut Budget::while_true(&mut || true));
    (0..300).for_each(|n| _ = map.try_remove(&K::sample(n)));
    (0..200).for_each(|n| _ = map.try_insert(K::sample(n), V::sample(rng)));
    let _ = (map.verify(), map.root().pager().reclaim_step());
}

fn damaged<K: SampleKey, V: SampleValue, W: SampleValue>(count: u64) {
    let (bytes, rng) = (Bytes::default(), &mut Rng::new(9));
    let mut map: HashMap<K, V> = open("map", bytes.clone()).unwrap();
    (0..400).for_each(|n| _ = map.insert(K::sample(n), V::sample(rng)));
    let mut map: HashMap<K, W> = open("map", bytes.clone()).unwrap();
    (0..400).step_by(7).for_each(|n| _ = map.insert(K::sample(n), W::sample(rng)));
    let sound = image(&bytes);
    let pages = u64::from(map.root().pager().usage().pages);
    for seed in 0..count {
        let mut bad = sound.clone();
        let start = rng.below(pages) as usize * PAGE_SIZE;
        for _ in 0..1 + rng.below(3) {
            let within = if rng.once_in(2) { 40 } else { PAGE_SIZE as u64 - 8 };
            let at = start + rng.below(within) as usize;
            match rng.below(4) {
                0 => bad[at..at + 4].copy_from_slice(&(rng.below(pages) as u32).to_le_bytes()),
                1 => bad[at..at + 4].fill(0xff),
                2 => bad[at] ^= 1 << rng.below(8),
                _ => bad[at] = rng.any() as u8,
            }
        }
        let memory = Metered::new(memory_of(&bad), 2_000_000);
        let run = caught(|| scenario::<K, W>(&memory, "map", &mut Rng::new(seed)));
        assert_eq!(run, Ok(()), "{seed} at {}", graven_tests::panics::last_place());
    }
}

#[test]
fn damage_is_told_by_errors() {
    damaged::<u64, graven_tests::chains::mixed::V1, graven_tests::chains::mixed::V2>(1_500);
    damaged::<String, graven_tests::chains::mixed::V1, graven_tests::chains::mixed::V4>(1_500);
}
