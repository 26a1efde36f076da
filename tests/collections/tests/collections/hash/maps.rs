//! Random runs of hash maps beside std's, re-opened and upgraded under way.

use std::collections::BTreeMap as Std;

use graven::entry::Entry;
use graven::{Budget, Collection, HashMap, open};
use graven_tests::chains::{dynamic, mixed};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

/// A map and its model.
struct Model<K, V> {
    memory: Bytes,
    map: HashMap<K, V>,
    model: Std<K, V>,
    /// Numbers of keys are below this.
    space: u64,
    growing: bool,
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

/// Entries that were taken out in any order.
#[track_caller]
fn same_entries<K: Ord, V: PartialEq>(mut found: Vec<(K, V)>, expected: impl Iterator<Item = (K, V)>) {
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.into_iter().eq(expected));
}

/// The entries of a map in the order of std's, none twice.
#[track_caller]
fn same<K: SampleKey, V: SampleValue, M: graven::Memory>(map: &HashMap<K, V, M>, model: &Std<K, V>) {
    map.verify().unwrap();
    assert_eq!(map.len(), model.len() as u64);
    let mut found: Vec<(K, V)> = map.iter().collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(found.into_iter().eq(model.iter().map(owned)));
}

impl<K: SampleKey, V: SampleValue> Model<K, V> {
    fn new(space: u64) -> Self {
        let memory = Bytes::default();
        let map = open("map", memory.clone()).unwrap();
        Model { memory, map, model: Std::new(), space, growing: true }
    }

    fn upgrade<W: SampleValue + From<V>>(self) -> Model<K, W> {
        let Model { memory, map, model, space, growing } = self;
        drop(map);
        let map = open("map", memory.clone()).unwrap();
        let model = model.into_iter().map(|(key, value)| (key, W::from(value))).collect();
        Model { memory, map, model, space, growing }
    }

    fn run(&mut self, count: u64, rng: &mut Rng) {
        for _ in 0..count {
            self.step(rng);
            if rng.once_in(self.space * 3) {
                self.growing = !self.growing;
            }
            if rng.once_in(1_000) {
                self.map = open("map", self.memory.clone()).unwrap();
            }
            if rng.once_in(10_000) {
                self.map.verify().unwrap();
            }
        }
        self.check();
    }

    fn check(&self) {
        same(&self.map, &self.model);
        let mut keys: Vec<K> = self.map.keys().collect();
        keys.sort();
        assert!(keys.iter().eq(self.model.keys()));
        assert_eq!(self.map.values().count(), self.model.len());
    }

    fn step(&mut self, rng: &mut Rng) {
        let (key, value) = (K::sample(rng.below(self.space)), V::sample(rng));
        match rng.below(if self.growing { 100 } else { 160 }) {
            0..45 => self.insert(key, value),
            45..60 | 100..160 => assert_eq!(self.map.remove(&key), self.model.remove(&key)),
            60..70 => assert_eq!(self.map.get(&key), self.model.get(&key).cloned()),
            70..73 => assert_eq!(self.map.get_key_value(&key), self.model.get_key_value(&key).map(owned)),
            73..75 => assert_eq!(self.map.remove_entry(&key), self.model.remove_entry(&key)),
            75..82 => assert_eq!(self.map.contains_key(&key), self.model.contains_key(&key)),
            82..96 => self.entry(key, value, rng),
            96 if rng.once_in(self.space) => self.retain(rng),
            97 if rng.once_in(self.space * 2) => {
                self.map.clear();
                self.model.clear();
            }
            98 => {
                let entries: Vec<_> =
                    (0..rng.below(6)).map(|_| (K::sample(rng.below(self.space)), V::sample(rng))).collect();
                entries.into_iter().for_each(|(key, value)| self.insert(key, value));
            }
            _ => assert_eq!(self.map.is_empty(), self.model.is_empty()),
        }
    }

    #[inline(never)]
    fn insert(&mut self, key: K, value: V) {
        assert_eq!(self.map.insert(key.clone(), value.clone()), self.model.insert(key, value));
    }

    #[inline(never)]
    fn entry(&mut self, key: K, value: V, rng: &mut Rng) {
        match (rng.below(4), self.map.entry(key.clone())) {
            (0, entry) => {
                let expected = self.model.entry(key).or_insert(value.clone());
                assert_eq!(&*entry.or_insert(value), expected);
            }
            (1, entry) => {
                *entry.or_insert_with(|| value.clone()) = value.clone();
                self.model.insert(key, value);
            }
            (2, entry) => {
                let _ = entry.and_modify(|old| *old = value.clone());
                self.model.entry(key).and_modify(|old| *old = value);
            }
            (_, Entry::Occupied(entry)) => assert_eq!(Some(entry.remove()), self.model.remove(&key)),
            (_, Entry::Vacant(entry)) => {
                entry.insert(value.clone()).save().unwrap();
                assert_eq!(self.model.insert(key, value), None);
            }
        }
    }

    #[inline(never)]
    fn retain(&mut self, rng: &mut Rng) {
        let gone: Vec<K> = self.model.keys().filter(|_| rng.once_in(3)).cloned().collect();
        let is_gone = |key: &K| gone.binary_search(key).is_ok();
        match rng.below(3) {
            0 => {
                self.map.retain(|key, _| !is_gone(key));
                self.model.retain(|key, _| !is_gone(key));
            }
            1 => {
                let taken = self.map.extract_if(|key, _| is_gone(key));
                same_entries(taken.collect(), self.model.extract_if(.., |key, _| is_gone(key)));
            }
            _ => {
                let (mut from, mut taken) = (None, Vec::new());
                loop {
                    let budget = &mut Budget::entries(1 + rng.below(40));
                    let extracted = self.map.extract_within(from.as_ref(), budget, |key, _| is_gone(key));
                    let (entries, step) = extracted.unwrap();
                    taken.extend(entries);
                    from = step.next;
                    if from.is_none() {
                        break;
                    }
                }
                same_entries(taken, self.model.extract_if(.., |key, _| is_gone(key)));
            }
        }
        self.update(rng);
    }

    /// Some values change: all at once, one by one, or as a budget allows.
    fn update(&mut self, rng: &mut Rng) {
        let changing: Vec<K> = self.model.keys().filter(|_| rng.once_in(4)).cloned().collect();
        let new = V::sample(rng);
        let change = |key: &K, value: &mut V| {
            if changing.binary_search(key).is_ok() {
                *value = new.clone();
            }
        };
        self.model.iter_mut().for_each(|(key, value)| change(key, value));
        match rng.below(3) {
            0 => self.map.update_all(change),
            1 => {
                changing
                    .iter()
                    .for_each(|key| assert_eq!(self.map.update(key, |v| change(key, v)), Some(())));
            }
            _ => {
                let mut from = None;
                loop {
                    let budget = &mut Budget::entries(1 + rng.below(40));
                    from = self.map.update_within(from.as_ref(), budget, change).unwrap().next;
                    if from.is_none() {
                        return;
                    }
                }
            }
        }
    }

    fn sweep(&mut self, pages: u64) -> bool {
        self.map.sweep(&mut Budget::pages(pages)).unwrap()
    }
}

fn random<K: SampleKey, V: SampleValue>(space: u64, ops: u64) {
    for seed in 0..3 {
        let mut model = Model::<K, V>::new(space << (2 * seed) >> 2);
        model.run(ops, &mut Rng::new(seed));
    }
}

#[test]
fn numbers() {
    random::<u64, u64>(20_000, 200_000);
}

#[test]
fn texts() {
    random::<String, String>(6_000, 60_000);
}

#[test]
fn values_of_all_sizes() {
    random::<u64, Vec<u8>>(1_500, 10_000);
}

#[test]
fn longest_keys() {
    random::<Vec<u8>, u64>(1_500, 8_000);
}

#[test]
fn few_keys_without_values() {
    random::<u8, ()>(256, 10_000);
}

/// Operations on each version, a re-open with the next, and sweeps that do not get to the end.
macro_rules! history {
    ($chain:ident, $key:ty, $space:expr, $ops:expr) => {
        for seed in 0..3 {
            let rng = &mut Rng::new(seed + 100);
            let mut model = Model::<$key, $chain::V1>::new($space);
            model.run($ops, rng);
            history!(@ model, rng, $ops, $chain::V2, $chain::V3, $chain::V4, $chain::V5, $chain::V6);
        }
    };
    (@ $model:ident, $rng:ident, $ops:expr, $next:ty $(, $rest:ty)*) => {
        let mut model = $model.upgrade::<$next>();
        model.check();
        for _ in 0..3 {
            model.run($ops / 6, $rng);
            model.sweep(1 + $rng.below(6));
            model.check();
        }
        history!(@ model, $rng, $ops $(, $rest)*);
    };
    (@ $model:ident, $rng:ident, $ops:expr) => {
        let mut model = $model;
        while !model.sweep(3) {}
        assert!(model.map.stats().layouts.iter().all(|layout| layout.current || layout.pages == 0));
        model.run($ops / 6, $rng);
    };
}

#[test]
fn six_versions_of_values_of_constant_and_other_sizes() {
    history!(mixed, u64, 4_000, 12_000);
}

#[test]
fn six_versions_of_values_of_any_size() {
    history!(dynamic, String, 600, 3_000);
}
