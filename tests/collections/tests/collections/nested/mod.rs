//! Nested collections beside std's in std's: every operation is done to both, over re-opens,
//! changed layouts, sweeps and growth that fails.

pub mod models;

use std::collections::BTreeMap as Std;

use graven::nested::Nestable;
use graven::{BTreeMap, BTreeSet, Budget, Collection, Deque, Error, Nested, StableVec, open};
use graven_collection_tests::dropped::assert_its_pages_come_back;
use graven_tests::chains::mixed::{V1, V2, V3, V4};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use graven_tests::space::account;
use models::{ListModel, MapModel, Model, SetModel};

type Memory = Limited<Bytes>;

/// A store with one root of nested collections, and what has to be in it.
struct Run<K, C, I> {
    memory: Memory,
    nested: Nested<K, C, Memory>,
    model: Std<K, I>,
}

impl<K: SampleKey, C: Nestable, I: Model<C>> Run<K, C, I> {
    fn new() -> Self {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        Run { nested: open("nested", memory.clone()).unwrap(), memory, model: Std::new() }
    }

    /// Opens the memory by code with a newer type of values.
    fn upgrade<D: Nestable, J: Model<D> + From<I>>(self) -> Run<K, D, J> {
        let Run { memory, nested, model } = self;
        drop(nested);
        let nested = open("nested", memory.clone()).unwrap();
        Run { memory, nested, model: model.into_iter().map(|(key, inner)| (key, inner.into())).collect() }
    }

    fn run(mut self, count: u64, rng: &mut Rng) -> Self {
        for _ in 0..count {
            if rng.once_in(7) {
                self.memory.allow(rng.below(3));
            }
            match self.step(rng) {
                Ok(()) | Err(Error::OutOfMemory { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            self.memory.set_limit(u64::MAX);
            assert_eq!(self.nested.len(), self.model.len() as u64);
        }
        self.check();
        self
    }

    fn step(&mut self, rng: &mut Rng) -> Result<(), Error> {
        let key = K::sample(rng.below(12));
        match rng.below(100) {
            0..70 => {
                if let Some(mut inner) = self.nested.try_get_mut(&key)? {
                    let model = self.model.get_mut(&key).expect("it should not be there");
                    return model.step(&mut inner, rng);
                }
                assert!(!self.model.contains_key(&key));
            }
            70..80 => {
                self.nested.try_or_create(&key)?;
                self.model.entry(key).or_default();
            }
            80 | 81 => assert_eq!(self.nested.try_remove(&key)?, self.model.remove(&key).is_some()),
            82 => {
                if let Some(mut inner) = self.nested.try_get_mut(&key)? {
                    inner.try_clear()?;
                    assert!(inner.is_empty());
                    self.model.insert(key, I::default());
                }
            }
            83..90 => {
                let to = K::sample(rng.below(12));
                let is_renamed = self.nested.try_rename(&key, &to)?;
                assert_eq!(is_renamed, self.model.contains_key(&key) && !self.model.contains_key(&to));
                if is_renamed {
                    let inner = self.model.remove(&key).unwrap();
                    self.model.insert(to, inner);
                }
            }
            90 => _ = self.nested.free_removed_within(&mut Budget::pages(1))?,
            91 => drop(self.nested.sweep(&mut Budget::pages(1))?),
            92 if rng.once_in(5) => self.nested = open("nested", self.memory.clone())?,
            93 if rng.once_in(300) => {
                self.nested.clear();
                self.model.clear();
            }
            94 if rng.once_in(20) => self.check(),
            _ => {
                let inner = self.nested.try_get(&key)?;
                assert_eq!(inner.is_some(), self.model.contains_key(&key));
                if let (Some(inner), Some(model)) = (inner, self.model.get(&key)) {
                    model.look(&inner, rng);
                }
            }
        }
        Ok(())
    }

    /// All there is, in both directions.
    fn check(&self) {
        self.nested.verify().unwrap();
        assert!(self.nested.keys().eq(self.model.keys().cloned()));
        assert!(self.nested.keys().rev().eq(self.model.keys().rev().cloned()));
        for ((key, inner), (expected, model)) in self.nested.iter().zip(&self.model) {
            assert_eq!((&key, inner.len()), (expected, model.len()));
            model.equals(&inner);
        }
    }

    /// Everything goes, and no page with it.
    fn end(mut self) {
        while !self.nested.sweep(&mut Budget::pages(3)).unwrap() {}
        self.check();
        account(self.nested.root().pager(), &[self.nested.stats()]);
        let keys: Vec<K> = self.nested.keys().collect();
        for key in &keys {
            assert!(self.nested.remove(key));
        }
        while !self.nested.free_removed_within(&mut Budget::pages(1)).unwrap().is_done() {}
        self.nested.verify().unwrap();
        assert_eq!((self.nested.len(), self.nested.stats().entries), (0, 0));
        account(self.nested.root().pager(), &[self.nested.stats()]);
        assert_eq!(self.nested.stats().pages, 1, "only the root is left");
    }
}

const STEPS: u64 = 60_000;

#[test]
fn maps_over_upgrades_with_failing_growth() {
    let rng = &mut Rng::new(1);
    let run = Run::<u64, BTreeMap<String, V1, Memory>, MapModel<V1>>::new().run(STEPS, rng);
    let run = run.upgrade::<BTreeMap<String, V2, Memory>, MapModel<V2>>().run(STEPS, rng);
    let run = run.upgrade::<BTreeMap<String, V3, Memory>, MapModel<V3>>().run(STEPS, rng);
    run.upgrade::<BTreeMap<String, V4, Memory>, MapModel<V4>>().run(STEPS, rng).end();
}

#[test]
fn sets() {
    Run::<(String, u32), BTreeSet<String>, SetModel>::new().run(2 * STEPS, &mut Rng::new(2)).end();
}

#[test]
fn vectors_over_upgrades_with_failing_growth() {
    let rng = &mut Rng::new(3);
    let run = Run::<String, StableVec<V1>, ListModel<V1>>::new().run(STEPS, rng);
    let run = run.upgrade::<StableVec<V2>, ListModel<V2>>().run(STEPS, rng);
    let run = run.upgrade::<StableVec<V3>, ListModel<V3>>().run(STEPS, rng);
    run.upgrade::<StableVec<V4>, ListModel<V4>>().run(STEPS, rng).end();
}

#[test]
fn deques_over_upgrades_with_failing_growth() {
    let rng = &mut Rng::new(4);
    let run = Run::<u8, Deque<V1>, ListModel<V1>>::new().run(STEPS, rng);
    let run = run.upgrade::<Deque<V2>, ListModel<V2>>().run(STEPS, rng);
    let run = run.upgrade::<Deque<V3>, ListModel<V3>>().run(STEPS, rng);
    run.upgrade::<Deque<V4>, ListModel<V4>>().run(STEPS, rng).end();
}

#[test]
fn another_kind_is_refused_by_its_name() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut posts: Nested<u64, StableVec<u32>, Memory> = open("posts", memory.clone()).unwrap();
    posts.or_create(&1).push(5);
    drop(posts);
    let refused = open::<Nested<u64, Deque<u32>, Memory>>("posts", memory.clone()).err().unwrap().to_string();
    assert!(refused.contains("Nested<u64, Deque<u32>>"), "{refused}");
    assert!(refused.contains("Nested<u64, StableVec<u32>>"), "{refused}");
    let refused = open::<Nested<u32, StableVec<u32>, Memory>>("posts", memory.clone()).err().unwrap();
    assert!(refused.to_string().contains("Nested<u32, StableVec<u32>>"), "{refused}");
    open::<Nested<u64, StableVec<u32>, Memory>>("posts", memory).unwrap();
}

#[test]
fn removing_costs_the_same_whatever_there_is_and_its_room_is_used_again() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut posts: Nested<u64, StableVec<[u8; 64]>, Memory> = open("posts", memory.clone()).unwrap();
    posts.or_create(&1).extend((0..20_000u32).map(|n| [n as u8; 64]));
    posts.or_create(&2).push([2; 64]);
    let before = posts.stats().pages;
    assert!(posts.remove(&1));
    let at_once = before - posts.stats().pages;
    assert_eq!(at_once, 0, "pages are freed later");
    assert!(!posts.free_removed_within(&mut Budget::pages(10)).unwrap().is_done());
    posts.verify().unwrap();
    while !posts.free_removed_within(&mut Budget::pages(100)).unwrap().is_done() {}
    assert_eq!(posts.get(&2).unwrap().iter().collect::<Vec<_>>(), [[2; 64]]);
    let size = posts.root().pager().usage().pages;
    posts.or_create(&3).extend((0..19_000u32).map(|n| [n as u8; 64]));
    assert_eq!(posts.root().pager().usage().pages, size, "memory did not grow");
    // And what was not freed yet is, where there is no more memory.
    posts.remove(&3);
    memory.allow(0);
    (0..19_000u32).for_each(|n| posts.or_create(&4).push([n as u8; 64]));
    posts.verify().unwrap();
}

#[test]
fn a_key_that_is_too_long_is_an_error_with_the_limit() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut tags: Nested<String, BTreeSet<String>, Memory> = open("tags", memory).unwrap();
    let key = |len| "k".repeat(len);
    assert!(matches!(tags.try_or_create(&key(992)), Err(Error::KeyTooLong { max: 992, .. })));
    let mut inner = tags.try_or_create(&key(991)).unwrap();
    assert!(matches!(inner.try_insert(key(985)), Err(Error::KeyTooLong { max: 992, .. })));
    assert!(inner.try_insert(key(984)).unwrap());
    assert!(!tags.try_rename(&key(991), &key(991)).unwrap());
    assert!(matches!(tags.try_rename(&key(991), &key(992)), Err(Error::KeyTooLong { .. })));
    tags.verify().unwrap();
}

/// Rows of what is removed are added to the index, which must not need what a full memory does not
/// have.
#[test]
fn everything_can_be_removed_from_a_full_memory() {
    for (size, keys, is_forward) in [(1, 4_000, true), (30, 300, true), (100, 400, false), (700, 30, true)] {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let mut posts: Nested<String, StableVec<[u8; 40]>, Memory> = open("posts", memory.clone()).unwrap();
        for key in 0..keys {
            posts.or_create(&format!("{key:0>40}")).extend((0..size).map(|_| [1; 40]));
        }
        memory.allow(0);
        let mut filler = 0;
        while posts
            .try_or_create(&format!("filler {filler}"))
            .and_then(|mut inner| inner.try_push([2; 40]))
            .is_ok()
        {
            filler += 1;
        }
        let pager = posts.root().pager().clone();
        while pager.allocate().is_ok() {}
        for key in 0..keys {
            let name = format!("{:0>40}", if is_forward { key } else { keys - 1 - key });
            assert!(posts.try_remove(&name).unwrap(), "{size} {key}");
            if key % (keys / 10) == 0 {
                posts.verify().unwrap();
            }
        }
        for key in 0..filler {
            assert!(posts.try_remove(&format!("filler {key}")).unwrap());
        }
        posts.try_remove(&format!("filler {filler}")).unwrap();
        while !posts.free_removed_within(&mut Budget::pages(1)).unwrap().is_done() {}
        posts.verify().unwrap();
        assert_eq!(posts.stats().pages, 1);
    }
}

#[test]
fn a_dropped_root_gives_back_both_trees() {
    let memory = Bytes::default();
    type Posts = Nested<u64, StableVec<String>, Bytes>;
    let mut posts: Posts = open("posts", memory.clone()).unwrap();
    for key in 0..500 {
        posts.or_create(&key).extend((0..20).map(|n| "p".repeat(if n == 7 { 3_000 } else { n })));
    }
    posts.remove(&3);
    let used = posts.stats().pages;
    drop(posts);
    assert_its_pages_come_back(memory, "posts", used);
}

/// Freeing what was removed merges leaves of the index, in which the row of the collection stands
/// that is being changed.
#[test]
fn a_collection_in_use_while_others_are_freed_keeps_its_row() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut posts: Nested<String, StableVec<[u8; 40]>, Memory> = open("posts", memory.clone()).unwrap();
    let name = |key: u32| format!("{key:0>90}");
    // Long ones, so that they wait; short ones between them are the rows that move.
    for key in 0..400 {
        let len = if key % 2 == 0 { 70 } else { 3 };
        posts.or_create(&name(key)).extend((0..len).map(|_| [key as u8; 40]));
    }
    (0..400).step_by(2).for_each(|key| assert!(posts.remove(&name(key))));
    memory.allow(0);
    let pager = posts.root().pager().clone();
    while pager.allocate().is_ok() {}
    for key in [1, 3, 41, 399] {
        let mut inner = posts.get_mut(&name(key)).unwrap();
        let mut pushed = 3;
        while inner.try_push([key as u8; 40]).is_ok() {
            pushed += 1;
        }
        assert_eq!(inner.len(), pushed);
        drop(inner);
        posts.verify().unwrap();
        assert!(posts.get(&name(key)).unwrap().iter().eq((0..pushed).map(|_| [key as u8; 40])));
    }
    assert!((1..400).step_by(2).all(|key| posts.get(&name(key)).is_some_and(|inner| inner.len() >= 3)));
}
