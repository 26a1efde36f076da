//! A map of the store beside std's: every operation is done to both, and both have to answer alike.

use std::collections::BTreeMap as Std;
use std::ops::Bound;

use graven::entry::Entry;
use graven::{BTreeMap, Budget, Collection, open};

use crate::memory::Bytes;
use crate::rng::Rng;
use crate::samples::{SampleKey, SampleValue};

/// In which order keys come.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Pattern {
    Ascending,
    Descending,
    Random,
    Clustered,
}

/// A map and its model.
pub struct Model<K, V> {
    /// The memory of the map.
    pub memory: Bytes,
    /// The map.
    pub map: BTreeMap<K, V>,
    /// The expected content.
    pub model: Std<K, V>,
    /// Operations done.
    pub ops: u64,
    pattern: Pattern,
    /// Numbers of keys are below this.
    space: u64,
    next: u64,
    growing: bool,
}

impl<K: SampleKey, V: SampleValue> Model<K, V> {
    /// Returns an empty map with keys of numbers below `space`.
    #[must_use]
    pub fn new(pattern: Pattern, space: u64) -> Self {
        let memory = Bytes::default();
        let map = open("map", memory.clone()).unwrap();
        Model { memory, map, model: Std::new(), ops: 0, pattern, space, next: 0, growing: true }
    }

    /// Opens the same memory with a newer type of values.
    #[must_use]
    pub fn upgrade<W: SampleValue + From<V>>(self) -> Model<K, W> {
        let Model { memory, map, model, ops, pattern, space, next, growing } = self;
        drop(map);
        let map = open("map", memory.clone()).unwrap();
        let model = model.into_iter().map(|(key, value)| (key, W::from(value))).collect();
        Model { memory, map, model, ops, pattern, space, next, growing }
    }

    /// Opens the same memory again.
    pub fn reopen(&mut self) {
        self.map = open("map", self.memory.clone()).unwrap();
    }

    fn key(&mut self, rng: &mut Rng) -> K {
        let near = rng.below(16);
        let number = match self.pattern {
            Pattern::Random => rng.below(self.space),
            Pattern::Ascending => (self.next + near) % self.space,
            Pattern::Descending => self.space - 1 - (self.next + near) % self.space,
            Pattern::Clustered => (self.next / 64 * 7919 + near * 2) % self.space,
        };
        self.next += u64::from(rng.once_in(4));
        K::sample(number)
    }

    /// Does `count` operations, and checks everything at the end.
    pub fn run(&mut self, count: u64, rng: &mut Rng) {
        for _ in 0..count {
            self.step(rng);
            if rng.once_in(self.space * 4) {
                self.growing = !self.growing;
            }
            if rng.once_in(1000) {
                self.reopen();
            }
            if rng.once_in(20_000) {
                self.map.verify().unwrap();
            }
        }
        self.check();
    }

    /// Compares everything.
    pub fn check(&self) {
        self.map.verify().unwrap();
        assert_eq!(self.map.len(), self.model.len() as u64);
        assert!(self.map.iter().eq(self.model.iter().map(owned)));
        assert!(self.map.iter().rev().eq(self.model.iter().rev().map(owned)));
        assert!(self.map.keys().eq(self.model.keys().cloned()));
        assert!(self.map.values().rev().eq(self.model.values().rev().cloned()));
    }

    /// Sweeps a little.
    pub fn sweep(&mut self, pages: u64) -> bool {
        self.map.sweep(&mut Budget::pages(pages)).unwrap()
    }

    fn step(&mut self, rng: &mut Rng) {
        self.ops += 1;
        let key = self.key(rng);
        match rng.below(if self.growing { 100 } else { 140 }) {
            0..40 => self.insert(key, V::sample(rng)),
            40..52 | 100..140 => assert_eq!(self.map.remove(&key), self.model.remove(&key)),
            52..64 => assert_eq!(self.map.get(&key), self.model.get(&key).cloned()),
            64..70 => assert_eq!(self.map.contains_key(&key), self.model.contains_key(&key)),
            70..76 => self.range(key, rng),
            76..86 => self.entry(key, rng),
            86..89 => self.ends(),
            89..92 => self.pop(rng),
            92..94 => self.both_ends(rng),
            94..96 => assert_eq!(self.map.is_empty(), self.model.is_empty()),
            96..98 => self.extend(rng),
            98 if rng.once_in(self.space * 2) => self.clear(),
            _ => assert_eq!(self.map.len(), self.model.len() as u64),
        }
    }

    /// Sets a value in both.
    pub fn insert(&mut self, key: K, value: V) {
        assert_eq!(self.map.insert(key.clone(), value.clone()), self.model.insert(key, value));
    }

    /// Empties both.
    pub fn clear(&mut self) {
        self.map.clear();
        self.model.clear();
    }

    fn extend(&mut self, rng: &mut Rng) {
        let count = rng.below(8);
        let entries: Vec<(K, V)> = (0..count).map(|_| (self.key(rng), V::sample(rng))).collect();
        self.map.extend(entries.clone());
        self.model.extend(entries);
    }

    /// First and last entries.
    pub fn ends(&self) {
        assert_eq!(self.map.first_key_value(), self.model.first_key_value().map(owned));
        assert_eq!(self.map.last_key_value(), self.model.last_key_value().map(owned));
    }

    fn pop(&mut self, rng: &mut Rng) {
        if rng.once_in(2) {
            assert_eq!(self.map.pop_first(), self.model.pop_first());
        } else {
            assert_eq!(self.map.pop_last(), self.model.pop_last());
        }
    }

    /// A range with bounds of all kinds, walked from both ends.
    pub fn range(&self, key: K, rng: &mut Rng) {
        let other = K::sample(rng.below(self.space));
        let (low, high) = if key <= other { (key, other) } else { (other, key) };
        let bounds = (bound(low.clone(), rng), bound(high.clone(), rng));
        if low == high && matches!(bounds, (Bound::Excluded(_), Bound::Excluded(_))) {
            return;
        }
        walk(self.map.range(bounds.clone()), self.model.range(bounds).map(owned), rng);
    }

    fn both_ends(&self, rng: &mut Rng) {
        walk(self.map.iter(), self.model.iter().map(owned), rng);
        walk(self.map.keys(), self.model.keys().cloned(), rng);
        walk(self.map.values(), self.model.values().cloned(), rng);
    }

    /// The ways of changing an entry in place.
    pub fn entry(&mut self, key: K, rng: &mut Rng) {
        let value = V::sample(rng);
        match (rng.below(5), self.map.entry(key.clone())) {
            (0, entry) => {
                let expected = self.model.entry(key).or_insert(value.clone());
                assert_eq!(&*entry.or_insert(value), expected);
            }
            (1, entry) => {
                assert_eq!(entry.key(), &key);
                *entry.or_insert_with(|| value.clone()) = value.clone();
                self.model.insert(key, value);
            }
            (2, entry) => {
                let _ = entry.and_modify(|old| *old = value.clone());
                self.model.entry(key).and_modify(|old| *old = value);
            }
            (3, Entry::Occupied(entry)) => assert_eq!(Some(entry.remove()), self.model.remove(&key)),
            (_, Entry::Occupied(mut entry)) => {
                assert_eq!(Some(entry.insert(value.clone())), self.model.insert(key, value.clone()));
                assert_eq!(entry.get(), &value);
            }
            (_, Entry::Vacant(entry)) => {
                entry.insert(value.clone()).save().unwrap();
                assert_eq!(self.model.insert(key, value), None);
            }
        }
    }
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

fn bound<K>(key: K, rng: &mut Rng) -> Bound<K> {
    match rng.below(5) {
        0 => Bound::Unbounded,
        1 | 2 => Bound::Included(key),
        _ => Bound::Excluded(key),
    }
}

/// Takes some items from both ends, in any order of ends, and sometimes all.
fn walk<T: PartialEq + std::fmt::Debug>(
    mut ours: impl DoubleEndedIterator<Item = T>,
    mut theirs: impl DoubleEndedIterator<Item = T>,
    rng: &mut Rng,
) {
    let steps = if rng.once_in(200) { 100_000 } else { rng.below(12) };
    let backward = rng.below(5);
    for _ in 0..steps {
        let (found, expected) = if rng.below(4) < backward {
            (ours.next_back(), theirs.next_back())
        } else {
            (ours.next(), theirs.next())
        };
        assert_eq!(found, expected);
        if found.is_none() {
            assert_eq!(ours.next(), None);
            assert_eq!(ours.next_back(), None);
            return;
        }
    }
}
