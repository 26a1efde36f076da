//! StableVec, Deque and Log against std's `VecDeque`: long random runs, short ones that shrink,
//! upgrades.

use std::collections::VecDeque;

use graven::{Collection, Deque, Log, StableVec, open};
use graven_collection_tests::lists::{List, Model, Op};
use graven_tests::chains::mixed::{V1, V2, V3, V4, V5, V6};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use graven_tests::space::account;
use proptest::prelude::*;

type Memory = Limited<Bytes>;

fn op() -> impl Strategy<Value = Op> {
    let at = || any::<u64>().prop_map(|index| index % 700);
    prop_oneof![
        8 => Just(Op::PushBack),
        5 => Just(Op::PushFront),
        8 => at().prop_map(Op::Insert),
        5 => at().prop_map(Op::Set),
        5 => at().prop_map(Op::Remove),
        2 => Just(Op::PopBack),
        2 => Just(Op::PopFront),
        1 => at().prop_map(Op::Truncate),
        1 => at().prop_map(Op::DropFront),
        1 => (at(), at()).prop_map(|(a, b)| Op::Range(a, b)),
        1 => Just(Op::Clear),
        1 => Just(Op::Reopen),
        1 => (0..4u64).prop_map(Op::Sweep),
    ]
}

fn run<L: List<T, Memory = Memory>, T: SampleValue>(model: &mut Model<L, T>, ops: &[Op]) {
    let mut rng = Rng::new(ops.len() as u64);
    ops.iter().for_each(|op| model.step(op, &mut rng));
    model.check();
}

fn filled<L: List<T, Memory = Memory>, T: SampleValue>(count: u64) -> Model<L, T> {
    let (mut model, mut rng) = (Model::new(), Rng::new(count));
    (0..count).for_each(|_| model.step(&Op::PushBack, &mut rng));
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn short_runs(ops in prop::collection::vec(op(), 0..80), before in 0..1200u64) {
        run(&mut filled::<Deque<[u8; 128], _>, _>(before), &ops);
        run(&mut filled::<Deque<std::vec::Vec<u8>, _>, _>(before / 4), &ops);
        run(&mut filled::<StableVec<String, _>, _>(before), &ops);
        run(&mut filled::<StableVec<(), _>, _>(before), &ops);
    }

    #[test]
    fn short_runs_over_upgrades(ops in prop::collection::vec(prop::collection::vec(op(), 0..40), 6)) {
        let mut model = filled::<Deque<V1, Memory>, _>(1_500);
        run(&mut model, &ops[0]);
        let mut model = model.upgrade::<V2>();
        run(&mut model, &ops[1]);
        let mut model = model.upgrade::<V3>();
        run(&mut model, &ops[2]);
        let mut model = model.upgrade::<V4>();
        run(&mut model, &ops[3]);
        let mut model = model.upgrade::<V5>();
        run(&mut model, &ops[4]);
        let mut model = model.upgrade::<V6>();
        run(&mut model, &ops[5]);
    }
}

/// A long run over six versions; a sweep in between if `swept`.
fn chain<L>(seed: u64, count: u64, size: u64, swept: bool, starved: bool)
where
    L: List<V1, Memory = Memory>,
    L::Of<V2>: List<V2, Memory = Memory>,
{
    let mut rng = Rng::new(seed);
    macro_rules! era {
        ($model:expr) => {{
            let mut model = $model;
            model.starved = starved;
            model.run(count, size, &mut rng);
            if swept {
                model.sweep();
                model.run(count / 4, size, &mut rng);
            }
            model
        }};
    }
    let model = era!(Model::<L, V1>::new());
    let model = era!(model.upgrade::<V2>());
    let model = era!(model.upgrade::<V3>());
    let model = era!(model.upgrade::<V4>());
    let model = era!(model.upgrade::<V5>());
    let mut model = era!(model.upgrade::<V6>());
    model.sweep();
    account(model.list.root().pager(), &[model.list.root().stats()]);
}

#[test]
fn deques_over_upgrades() {
    chain::<Deque<V1, Memory>>(1, 12_000, 4_000, false, false);
    chain::<Deque<V1, Memory>>(2, 6_000, 400, true, false);
}

#[test]
fn deques_with_failing_growth() {
    chain::<Deque<V1, Memory>>(3, 6_000, 2_000, false, true);
    chain::<Deque<V1, Memory>>(4, 6_000, 2_000, true, true);
}

#[test]
fn vectors_over_upgrades() {
    chain::<StableVec<V1, Memory>>(5, 8_000, 6_000, false, false);
    chain::<StableVec<V1, Memory>>(6, 8_000, 1_000, true, true);
}

#[test]
fn logs_over_upgrades() {
    chain::<Log<V1, Memory>>(7, 12_000, 6_000, false, false);
    chain::<Log<V1, Memory>>(8, 8_000, 3_000, true, true);
}

#[test]
fn numbers_of_many_pages() {
    let mut model = filled::<StableVec<u64, Memory>, u64>(400_000);
    assert_eq!(model.list.root().state().height.get(), 3, "branches above branches");
    let mut rng = Rng::new(9);
    model.run(60_000, 400_000, &mut rng);
    let mut model = filled::<Deque<u64, Memory>, u64>(10);
    (0..300_000).for_each(|_| model.step(&Op::PushFront, &mut rng));
    model.run(60_000, 300_000, &mut rng);
    while model.model.len() > 5 {
        let op = if rng.once_in(2) { Op::PopFront } else { Op::Remove(rng.below(model.model.len() as u64)) };
        model.step(&op, &mut rng);
    }
    model.check();
    let stats = model.list.root().stats();
    assert!(stats.pages <= 6, "pages come back: {stats:?}");
    account(model.list.root().pager(), &[stats]);
}

/// Cached positions of arrays must be discarded when arrays come and go.
#[test]
fn values_are_found_in_any_order_while_arrays_come_and_go() {
    for (seed, count) in [(1, 60_000u64), (2, 250_000)] {
        let (mut rng, mut model) = (Rng::new(seed), VecDeque::new());
        let mut list: Deque<u64, Bytes> = open("list", Bytes::default()).unwrap();
        (0..count).for_each(|n| list.push_back(n));
        model.extend(0..count);
        for round in 0..60u64 {
            for n in 0..if round < 12 { 300 } else { 900 } {
                match round % 6 {
                    0 => assert_eq!(list.pop_back(), model.pop_back()),
                    1 => assert_eq!(list.pop_front(), model.pop_front()),
                    2 => (list.push_back(n), model.push_back(n)).0,
                    3 => (list.push_front(n), model.push_front(n)).0,
                    // Arrays become two, which are not full.
                    4 if round > 20 && n < 3 => {
                        let at = rng.below(list.len());
                        list.insert(at, n);
                        model.insert(at as usize, n);
                    }
                    5 if round > 30 && n < 3 => {
                        let at = rng.below(list.len());
                        assert_eq!(list.remove(at), model.remove(at as usize));
                    }
                    _ => {}
                }
            }
            for n in 0..400 {
                let at = rng.below(list.len());
                assert_eq!(list.get(at), Some(model[at as usize]), "{round}");
                let at = rng.below(list.len());
                list.set(at, n);
                model[at as usize] = n;
            }
        }
        list.verify().unwrap();
        assert!(list.iter().eq(model.iter().copied()));
        assert_eq!(list.iter().fold(0u64, |sum, n| sum.wrapping_mul(3).wrapping_add(n)), {
            model.iter().fold(0u64, |sum, n| sum.wrapping_mul(3).wrapping_add(*n))
        });
        let (mut ours, mut theirs) = (list.iter(), model.iter().copied());
        for n in 0..300 {
            assert_eq!((ours.nth(n % 7), ours.next_back()), (theirs.nth(n % 7), theirs.next_back()));
        }
        assert!(ours.eq(theirs));
    }
}

#[test]
fn what_was_dropped_in_front_comes_back_as_more_is_appended() {
    let memory = Bytes::default();
    let mut log: Log<[u8; 128]> = open("log", memory).unwrap();
    log.extend((0..200_000).map(|n| [n as u8; 128]));
    let size = log.root().pager().usage().memory_bytes;
    for round in 0..20 {
        let numbers = log.numbers();
        log.drop_before(numbers.end - 1_000);
        assert_eq!(log.len(), 1_000);
        log.extend((0..100_000).map(|n| [n as u8 ^ round; 128]));
        log.verify().unwrap();
    }
    assert!(log.root().pager().usage().memory_bytes <= size + 65_536);
}

#[test]
fn clearing_a_million_values_reads_next_to_nothing() {
    let memory = Bytes::default();
    let mut numbers: StableVec<u64> = open("numbers", memory.clone()).unwrap();
    numbers.extend(0..1_000_000);
    let size = numbers.root().pager().usage().memory_bytes;
    numbers.clear();
    assert_eq!(numbers.len(), 0);
    numbers.extend((0..1_000_000).rev());
    numbers.verify().unwrap();
    assert_eq!(numbers.root().pager().usage().memory_bytes, size);
    assert_eq!(numbers.get(999_999), Some(0));
}

#[test]
fn migrating_the_leaf_of_a_value_takes_dead_positions_away_in_front_of_it() {
    let mut model = filled::<Deque<V1, Memory>, V1>(1_000);
    let mut rng = Rng::new(1);
    (0..100).for_each(|_| model.step(&Op::PopFront, &mut rng));
    let mut model = model.upgrade::<V2>();
    model.step(&Op::Set(30), &mut rng);
    model.check();
}

#[test]
fn sweeps_free_the_leaves_that_were_dropped_in_front() {
    let mut model = filled::<Log<V1, Memory>, V1>(20_000);
    let mut rng = Rng::new(1);
    model.step(&Op::DropFront(19_000), &mut rng);
    let mut model = model.upgrade::<V2>().upgrade::<V3>();
    let before = model.list.root().stats().pages;
    model.sweep();
    assert!(model.list.root().stats().pages < before);
}
