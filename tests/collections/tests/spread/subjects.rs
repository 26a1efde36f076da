//! What is done with each collection.

use std::hash::{DefaultHasher, Hash, Hasher};

use graven::layout::encode;
use graven::{
    BTreeMap, BTreeSet, Blobs, Budget, Cell, Deque, HashMap, Nested, PriorityQueue, RankedMap, Records, Result,
    Slab, StableKey, StableLayout, StableVec,
};
use graven_tests::chains::mixed;
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

use crate::store::{Counted, Newest};

/// A collection that is watched, and may be damaged.
pub trait Subject {
    /// A hash of all that is in it, if nothing is wrong with it.
    fn contents(&mut self) -> Option<u64>;

    /// One of twelve operations.
    fn operate(&mut self, operation: u64, rng: &mut Rng);

    /// Adds much.
    fn fill(&mut self);
}

pub fn subjects(store: &mut Newest) -> Vec<(&'static str, &mut dyn Subject)> {
    vec![
        ("numbers", &mut store.numbers),
        ("wide", &mut store.wide),
        ("texts", &mut store.texts),
        ("versions", &mut store.versions),
        ("ids", &mut store.ids),
        ("words", &mut store.words),
        ("ranked", &mut store.ranked),
        ("maps", &mut store.maps),
        ("vecs", &mut store.vecs),
        ("deques", &mut store.deques),
        ("users", &mut store.users),
        ("slab", &mut store.slab),
        ("blobs", &mut store.blobs),
        ("cell", &mut store.cell),
        ("hashed", &mut store.hashed),
        ("list", &mut store.list),
        ("queue", &mut store.queue),
    ]
}

/// A form that panics with the words of an error.
fn short(run: impl FnOnce()) {
    if let Err(panic) = caught(run) {
        let is_error = panic.starts_with("page ") || panic.starts_with("out of memory");
        assert!(is_error, "{panic} at {}", graven_tests::panics::last_place());
    }
}

fn hash(run: impl FnOnce(&mut DefaultHasher)) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    caught(|| run(&mut hasher)).ok().map(|()| hasher.finish())
}

fn drain<T>(mut next: impl FnMut() -> Result<Option<T>>) {
    let mut count = 0;
    while let Ok(Some(_)) = next() {
        count += 1;
        assert!(count < 100_000, "a walk of 100,000 entries");
    }
}

impl<K: StableKey + SampleKey, V: SampleValue2> Subject for BTreeMap<K, V, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|(key, value)| (format!("{key:?}"), encode(&value)).hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = |rng: &mut Rng| K::sample(rng.below(130));
        match operation {
            0 | 1 => (0..12).for_each(|_| _ = self.try_insert(key(rng), V::some(rng))),
            2 | 3 => (0..25).for_each(|_| _ = self.try_remove(&key(rng))),
            4 => short(|| self.retain(|_, _| rng.once_in(2))),
            5 => short(|| self.clear()),
            6 => (0..15).for_each(|_| short(|| _ = self.update(&key(rng), |value| *value = V::some(rng)))),
            7 => _ = self.verify(),
            8 => {
                let mut iter = self.iter();
                drain(|| iter.try_next());
                let mut iter = self.iter();
                drain(|| iter.try_next_back());
            }
            9 => (0..20).for_each(|_| short(|| _ = (self.pop_first(), self.pop_last()))),
            10 => short(|| self.retain(|_, _| false)),
            _ => (0..20).for_each(|_| _ = self.try_get(&key(rng))),
        }
    }

    fn fill(&mut self) {
        for number in 0..60 {
            let _ = self.try_insert(K::sample(5_000 + number), V::some(&mut Rng::new(number)));
        }
    }
}

/// Values, some of them large.
pub trait SampleValue2: StableLayout + Clone {
    fn some(rng: &mut Rng) -> Self;
}

impl SampleValue2 for u64 {
    fn some(rng: &mut Rng) -> Self {
        rng.any()
    }
}

impl SampleValue2 for [u8; 1400] {
    fn some(rng: &mut Rng) -> Self {
        [rng.any() as u8; 1400]
    }
}

impl SampleValue2 for Vec<u8> {
    fn some(rng: &mut Rng) -> Self {
        if rng.once_in(4) { rng.bytes_below(20_000) } else { rng.bytes_below(200) }
    }
}

impl SampleValue2 for mixed::V4 {
    fn some(rng: &mut Rng) -> Self {
        if rng.once_in(6) {
            return mixed::V4 { c: 1, d: rng.bytes_below(9_000), text: "large".into() };
        }
        mixed::V4::sample(rng)
    }
}

impl<T: StableKey + SampleKey> Subject for BTreeSet<T, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|value| format!("{value:?}").hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = |rng: &mut Rng| T::sample(rng.below(1_200));
        match operation {
            0 | 1 => (0..40).for_each(|_| _ = self.try_insert(key(rng))),
            2 | 3 => (0..60).for_each(|_| _ = self.try_remove(&key(rng))),
            4 => short(|| self.retain(|_| rng.once_in(2))),
            5 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => {
                let mut iter = self.iter();
                drain(|| iter.try_next());
            }
            9 | 6 => (0..40).for_each(|_| short(|| _ = (self.pop_first(), self.pop_last()))),
            10 => short(|| self.retain(|_| false)),
            _ => (0..20).for_each(|_| _ = self.try_contains(&key(rng))),
        }
    }

    fn fill(&mut self) {
        (0..600).for_each(|number| _ = self.try_insert(T::sample(5_000 + number)));
    }
}

impl Subject for RankedMap<u32, Vec<u8>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|entry| entry.hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = |rng: &mut Rng| rng.below(40) as u32;
        match operation {
            0..3 => (0..12).for_each(|_| _ = self.try_insert(key(rng), Vec::some(rng))),
            3..6 => (0..25).for_each(|_| _ = self.try_remove(&key(rng))),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().take(1_000).count()),
            9 => (0..20).for_each(|_| short(|| _ = (self.pop_first(), self.pop_last()))),
            10 => short(|| _ = self.ranks(2..9).count()),
            _ => (0..20).for_each(|_| _ = self.try_get(&key(rng))),
        }
    }

    fn fill(&mut self) {
        (0..60).for_each(|number| _ = self.try_insert(500 + number, Vec::some(&mut Rng::new(number.into()))));
    }
}

impl Subject for Nested<u64, BTreeMap<u32, Vec<u8>>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|(key, map)| (key, map.iter().collect::<Vec<_>>()).hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = rng.below(9);
        match operation {
            0..3 => {
                let Ok(mut map) = self.try_or_create(&key) else { return };
                (0..12).for_each(|_| _ = map.try_insert(rng.below(20) as u32, Vec::some(rng)));
            }
            3..5 => {
                let Ok(Some(mut map)) = self.try_get_mut(&key) else { return };
                (0..20).for_each(|_| _ = map.try_remove(&(rng.below(20) as u32)));
            }
            5 => _ = self.try_remove(&key),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().map(|(_, map)| map.iter().take(1_000).count()).count()),
            9 => _ = self.try_rename(&key, &(key + 20)),
            10 => _ = self.free_removed(&mut Budget::pages(100)),
            _ => _ = self.try_get_mut(&key).map(|map| map.map(|mut map| map.try_clear())),
        }
    }

    fn fill(&mut self) {
        let Ok(mut map) = self.try_or_create(&700) else { return };
        (0..60).for_each(|number| _ = map.try_insert(number, Vec::some(&mut Rng::new(number.into()))));
    }
}

impl Subject for Nested<String, StableVec<u64>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|(key, list)| (key, list.iter().collect::<Vec<_>>()).hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = String::sample(rng.below(9));
        match operation {
            0..3 => {
                let Ok(mut list) = self.try_or_create(&key) else { return };
                (0..80).for_each(|number| _ = list.try_push(&number));
            }
            3 | 4 => {
                let Ok(Some(mut list)) = self.try_get_mut(&key) else { return };
                (0..30).for_each(|number| _ = (list.try_pop(), list.try_swap_remove(number / 2)));
                _ = list.try_replace(3, &7);
            }
            5 => _ = self.try_remove(&key),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().map(|(_, list)| list.iter().take(1_000).count()).count()),
            9 => _ = self.try_rename(&key, &format!("{key}20")),
            10 => _ = self.free_removed(&mut Budget::pages(100)),
            _ => _ = self.try_get_mut(&key).map(|list| list.map(|mut list| list.try_clear())),
        }
    }

    fn fill(&mut self) {
        let Ok(mut list) = self.try_or_create(&"new".to_owned()) else { return };
        (0..600).for_each(|number| _ = list.try_push(&number));
    }
}

impl Subject for Nested<u64, Deque<Vec<u8>>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|(key, list)| (key, list.iter().collect::<Vec<_>>()).hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = rng.below(9);
        match operation {
            0..3 => {
                let Ok(mut list) = self.try_or_create(&key) else { return };
                (0..8).for_each(|_| {
                    _ = (list.try_push_back(&Vec::some(rng)), list.try_push_front(&Vec::some(rng)));
                });
            }
            3 | 4 => {
                let Ok(Some(mut list)) = self.try_get_mut(&key) else { return };
                (0..8).for_each(|_| _ = (list.try_pop_front(), list.try_pop_back()));
                _ = list.try_replace(3, &Vec::some(rng));
            }
            5 => _ = self.try_remove(&key),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().map(|(_, list)| list.iter().take(1_000).count()).count()),
            9 => _ = self.try_rename(&key, &(key + 20)),
            10 => _ = self.free_removed(&mut Budget::pages(100)),
            _ => _ = self.try_get_mut(&key).map(|list| list.map(|mut list| list.try_clear())),
        }
    }

    fn fill(&mut self) {
        let Ok(mut list) = self.try_or_create(&900) else { return };
        (0..60).for_each(|number| _ = list.try_push_back(&Vec::some(&mut Rng::new(number))));
    }
}

impl Subject for Records<u64, mixed::V4, Deque<u64>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| {
            self.iter().for_each(|(key, record, list)| {
                (key, encode(&record), list.iter().collect::<Vec<_>>()).hash(hasher);
            });
        })
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = rng.below(9);
        match operation {
            0 | 1 => (0..5).for_each(|_| _ = self.try_insert(rng.below(12), mixed::V4::some(rng))),
            2 => {
                let Ok(Some(mut list)) = self.try_items_mut(&key) else { return };
                (0..40).for_each(|number| _ = list.try_push_front(&number));
            }
            3 | 4 => {
                let Ok(Some(mut list)) = self.try_items_mut(&key) else { return };
                (0..30).for_each(|_| _ = (list.try_pop_front(), list.try_pop_back()));
            }
            5 => _ = self.try_remove(&key),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().map(|(.., list)| list.iter().take(1_000).count()).count()),
            9 => _ = self.try_rename(&key, &(key + 20)),
            10 => _ = self.free_removed(&mut Budget::pages(100)),
            _ => _ = self.try_update(&key, |record| record.c += 1),
        }
    }

    fn fill(&mut self) {
        (0..60).for_each(|number| _ = self.try_insert(900 + number, mixed::V4::some(&mut Rng::new(number))));
    }
}

impl Subject for Slab<Vec<u8>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|entry| entry.hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = |rng: &mut Rng| rng.below(40);
        match operation {
            0..3 => (0..12).for_each(|_| _ = self.try_insert(Vec::some(rng))),
            3..6 => (0..25).for_each(|_| _ = self.try_remove(key(rng))),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.iter().take(1_000).count()),
            _ => (0..20).for_each(|_| _ = self.try_replace(key(rng), Vec::some(rng))),
        }
    }

    fn fill(&mut self) {
        (0..60).for_each(|number| _ = self.try_insert(Vec::some(&mut Rng::new(number))));
    }
}

impl Subject for Blobs<u32, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.keys().for_each(|key| (key, self.get(&key)).hash(hasher)))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        let key = rng.below(10) as u32;
        match operation {
            0 => _ = self.try_put(&key, &rng.bytes_below(30_000)),
            1 => _ = self.try_append(&key, &rng.bytes_below(9_000)),
            2 | 3 => _ = self.try_write(&key, rng.below(9_000), &rng.bytes_below(9_000)),
            4 => _ = self.try_truncate(&key, rng.below(9_000)),
            5 | 9 => _ = self.try_remove(&key),
            6 => short(|| self.clear()),
            7 => _ = self.verify(),
            8 => short(|| _ = self.keys().take(1_000).count()),
            10 => (0..10).for_each(|key| _ = self.try_append(&key, &rng.bytes_below(900))),
            _ => (0..10).for_each(|key| _ = self.try_get(&key)),
        }
    }

    fn fill(&mut self) {
        (0..10).for_each(|number| _ = self.try_put(&(900 + number), &[number as u8; 20_000]));
    }
}

impl Subject for Cell<Vec<u8>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        hash(|hasher| self.get().hash(hasher))
    }

    fn operate(&mut self, operation: u64, rng: &mut Rng) {
        match operation {
            0..4 => _ = self.try_set(&rng.bytes_below(30_000)),
            4..8 => _ = self.try_set(&rng.bytes_below(3_000)),
            8..10 => short(|| _ = self.take()),
            _ => short(|| _ = self.get()),
        }
    }

    fn fill(&mut self) {
        let _ = self.try_set(&vec![1; 100_000]);
    }
}

impl Subject for HashMap<u64, Vec<u8>, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| {
            let mut all: Vec<_> = self.iter().collect();
            all.sort();
            all.hash(hasher);
        })
    }

    fn operate(&mut self, _: u64, _: &mut Rng) {}

    fn fill(&mut self) {
        (0..60).for_each(|number| _ = self.try_insert(90_000 + number, Vec::some(&mut Rng::new(number))));
    }
}

impl Subject for StableVec<u64, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| self.iter().for_each(|value| value.hash(hasher)))
    }

    fn operate(&mut self, _: u64, _: &mut Rng) {}

    fn fill(&mut self) {
        (0..20_000).for_each(|number| _ = self.try_push(&number));
    }
}

impl Subject for PriorityQueue<u64, Counted> {
    fn contents(&mut self) -> Option<u64> {
        self.verify().ok()?;
        hash(|hasher| {
            let mut all: Vec<_> = self.iter().map(|entry| format!("{entry:?}")).collect();
            all.sort();
            all.hash(hasher);
        })
    }

    fn operate(&mut self, _: u64, _: &mut Rng) {}

    fn fill(&mut self) {
        (0..600).for_each(|number| _ = self.try_push(&number));
    }
}
