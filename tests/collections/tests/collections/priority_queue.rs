//! PriorityQueue against a list of what is in it.

use std::collections::BTreeMap as Std;
use std::fmt::Debug;

use graven::entry::Handle;
use graven::key::encode_key;
use graven::{Budget, Collection, Error, Options, PriorityQueue, Reverse, StableKey, Store, open};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use graven_tests::space::account;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Push(u64),
    Pop,
    Update(usize, u64),
    Remove(usize),
    Stale(usize),
    Retain(u64),
    Append(u64),
    Reopen,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => (0..500u64).prop_map(Op::Push),
        5 => Just(Op::Pop),
        4 => (any::<usize>(), 0..500u64).prop_map(|(at, n)| Op::Update(at, n)),
        3 => any::<usize>().prop_map(Op::Remove),
        2 => any::<usize>().prop_map(Op::Stale),
        1 => (1..9u64).prop_map(Op::Retain),
        1 => (0..40u64).prop_map(Op::Append),
        1 => Just(Op::Reopen),
        1 => Just(Op::Clear),
    ]
}

struct Model<T: StableKey> {
    memory: Limited<Bytes>,
    queue: PriorityQueue<T, Limited<Bytes>>,
    model: Std<u64, T>,
    stale: Vec<Handle>,
    starved: bool,
}

impl<T: SampleKey> Model<T> {
    fn new() -> Self {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let queue = open("queue", memory.clone()).unwrap();
        Model { memory, queue, model: Std::new(), stale: Vec::new(), starved: false }
    }

    fn nth(&self, at: usize) -> Option<u64> {
        self.model.keys().nth(at % self.model.len().max(1)).copied()
    }

    fn step(&mut self, op: &Op) -> Result<(), Error> {
        match *op {
            Op::Push(n) => {
                let handle = self.queue.try_push(T::sample(n))?;
                let before = self.model.insert(handle.to_u64(), T::sample(n));
                assert!(before.is_none() && !self.stale.contains(&handle), "a handle is given twice");
            }
            Op::Pop => {
                let popped = self.queue.try_pop()?;
                assert_eq!(popped.as_ref(), self.model.values().max());
                let gone = self.model.keys().find(|h| !self.queue.contains(Handle::from_u64(**h))).copied();
                let gone_value = gone.and_then(|handle| self.model.remove(&handle));
                assert_eq!(gone_value, popped);
                self.stale.extend(gone.map(Handle::from_u64));
            }
            Op::Update(at, n) => {
                let Some(handle) = self.nth(at) else { return Ok(()) };
                let old = self.queue.try_update(Handle::from_u64(handle), T::sample(n))?;
                assert_eq!(old, self.model.insert(handle, T::sample(n)));
            }
            Op::Remove(at) => {
                let Some(handle) = self.nth(at) else { return Ok(()) };
                assert_eq!(self.queue.try_remove(Handle::from_u64(handle))?, self.model.remove(&handle));
                self.stale.push(Handle::from_u64(handle));
            }
            Op::Stale(at) => {
                let Some(stale) = self.stale.get(at % self.stale.len().max(1)) else { return Ok(()) };
                assert_eq!(self.queue.try_update(*stale, T::sample(1))?, None);
                assert_eq!(self.queue.try_remove(*stale)?, None);
                assert_eq!(self.queue.get(*stale), None);
            }
            Op::Retain(every) => {
                let is_kept = |value: &T| value != &T::sample(every) && encode_key(value).len() % 9 != 5;
                let mut left = Some(u64::MAX);
                while let Some(more) = left {
                    // Nothing that becomes less takes room, but for values of other lengths that
                    // change places.
                    left = self.queue.retain_within(more, &mut Budget::entries(3), is_kept)?.next;
                }
                assert!(self.queue.iter().all(|(_, value)| is_kept(&value)));
                let gone: Vec<u64> =
                    self.model.iter().filter(|(_, v)| !is_kept(v)).map(|(handle, _)| *handle).collect();
                gone.iter().for_each(|handle| drop(self.model.remove(handle)));
                self.stale.extend(gone.into_iter().map(Handle::from_u64));
            }
            Op::Append(count) => {
                let mut other: PriorityQueue<T, Bytes> = open("other", Bytes::default())?;
                other.extend((0..count).map(|n| T::sample(n * 7)));
                let moved = self.queue.append_within(&mut other, &mut Budget::entries(30));
                let moved = moved.map_or(0, |moved| moved.count);
                assert_eq!((other.len(), self.queue.len()), (count - moved, self.model.len() as u64 + moved));
                other.verify().unwrap();
                self.model = self.queue.iter().map(|(handle, value)| (handle.to_u64(), value)).collect();
                let rest = other.drain().count() as u64;
                assert_eq!((rest, other.len()), (count - moved, 0));
                other.verify().unwrap();
            }
            Op::Reopen => self.queue = open("queue", self.memory.clone())?,
            Op::Clear => {
                self.queue.clear();
                self.stale.extend(core::mem::take(&mut self.model).into_keys().map(Handle::from_u64));
            }
        }
        Ok(())
    }

    fn run(&mut self, ops: &[Op]) {
        for op in ops {
            match self.step(op) {
                Ok(()) => {}
                Err(Error::OutOfMemory { .. }) if self.starved => {}
                Err(error) => panic!("{op:?}: {error}"),
            }
            self.memory.set_limit(u64::MAX);
            assert_eq!(self.queue.len(), self.model.len() as u64);
        }
    }

    fn check(&self) {
        self.queue.verify().unwrap();
        let all: Std<u64, T> = self.queue.iter().map(|(handle, value)| (handle.to_u64(), value)).collect();
        assert_eq!(all, self.model);
        assert_eq!(self.queue.peek().as_ref(), self.model.values().max());
        account(self.queue.root().pager(), &[self.queue.stats()]);
    }
}

fn random(rng: &mut Rng, grows: bool) -> Op {
    let at = rng.any() as usize;
    match rng.below(100) {
        0..40 => Op::Push(rng.below(1 << 20)),
        40..60 => Op::Update(at, rng.below(1 << 20)),
        60..70 => Op::Remove(at),
        70..72 => Op::Stale(at),
        72 if rng.once_in(50) => Op::Reopen,
        72 if rng.once_in(20) => Op::Retain(rng.below(1 << 20)),
        73 if rng.once_in(20) => Op::Append(rng.below(40)),
        73 if rng.once_in(500) => Op::Clear,
        74..85 if grows => Op::Push(rng.below(1 << 20)),
        _ => Op::Pop,
    }
}

fn long<T: SampleKey + Debug>(seed: u64, count: u64, starved: bool) {
    let (mut model, mut rng) = (Model::<T>::new(), Rng::new(seed));
    model.starved = starved;
    for i in 0..count {
        if starved && rng.once_in(6) {
            model.memory.allow(0);
        }
        let op = random(&mut rng, i < count * 2 / 3);
        model.run(&[op]);
    }
    model.check();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn short_runs(ops in prop::collection::vec(op(), 0..120)) {
        fn run<T: SampleKey>(ops: &[Op]) {
            let mut model = Model::<T>::new();
            model.run(ops);
            model.check();
        }
        run::<u64>(&ops);
        run::<Reverse<String>>(&ops);
        run::<Vec<u8>>(&ops);
    }
}

#[test]
fn long_runs() {
    long::<u64>(1, 8_000, false);
    long::<Reverse<(String, u32)>>(2, 6_000, false);
}

#[test]
fn long_runs_with_failing_growth() {
    long::<u64>(3, 6_000, true);
    long::<String>(4, 4_000, true);
}

/// Values of different lengths that change places divide pages: a push that ran out of memory under
/// way left its value in the heap without a handle, and what it had moved in two places.
#[test]
fn what_fails_while_values_move_leaves_the_queue_as_it_was() {
    let (mut model, mut rng, mut refused) = (Model::<Reverse<String>>::new(), Rng::new(6), 0);
    model.starved = true;
    (0..700).for_each(|_| model.step(&Op::Push(rng.below(1 << 16))).unwrap());
    for round in 0..12_000u64 {
        model.memory.allow(0);
        let at = rng.any() as usize;
        let op = match rng.below(if round / 1_000 % 2 == 0 { 8 } else { 10 }) {
            0..4 => Op::Push(rng.below(1 << 16)),
            4..7 => Op::Update(at, rng.below(1 << 16)),
            7 => Op::Remove(at),
            _ => Op::Pop,
        };
        match model.step(&op) {
            Ok(()) => {}
            Err(Error::OutOfMemory { .. }) => refused += 1,
            Err(error) => panic!("{op:?}: {error}"),
        }
        if round % 64 == 0 || refused % 16 == 1 {
            model.check();
        }
    }
    model.check();
    assert!(refused > 100, "{refused} operations ran out of memory");
}

#[test]
fn values_come_in_order() {
    let mut queue: PriorityQueue<(u64, u32)> = open("queue", Bytes::default()).unwrap();
    let mut rng = Rng::new(5);
    queue.extend((0..100_000).map(|n| (rng.below(50_000), n)));
    let mut before = (u64::MAX, 0);
    let mut count = 0;
    while let Some(value) = queue.pop() {
        assert!(value < before);
        (before, count) = (value, count + 1);
    }
    assert_eq!(count, 100_000);
}

#[test]
fn a_dropped_queue_gives_both_of_its_trees_back() {
    let memory = Bytes::default();
    let mut queue: PriorityQueue<u64> = open("queue", memory.clone()).unwrap();
    queue.extend(0..50_000);
    let pages = queue.stats().pages;
    drop(queue);
    // 20 bytes a value.
    assert!(pages > 240);
    let roots = [graven::StableVec::<u64>::SPEC.named("numbers")];
    let mut store = Store::open_dropping(memory, &roots, &["queue"], Options::default()).unwrap();
    let numbers = graven::StableVec::<u64>::attach(store.take(0));
    account(numbers.root().pager(), &[numbers.stats()]);
    assert!(numbers.root().pager().usage().free + 1 >= pages);
}
