//! Sets against std's, re-opened under way, with every operation and both ends of every range.

use std::collections::BTreeSet as Std;
use std::ops::Bound;

use graven::{BTreeMap, BTreeSet, Budget, Collection, Error, Memory, Options, Reverse, Store, open};
use graven_tests::memory::{Bytes, Limited, Metered, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use graven_tests::space::account;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u16),
    Remove(u16),
    Take(u16),
    Replace(u16),
    Get(u16),
    Range(u16, u16, u8),
    Extend(u16, u8),
    PopFirst,
    PopLast,
    Clear,
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..2_000u16;
    prop_oneof![
        10 => key().prop_map(Op::Insert),
        6 => (key(), any::<u8>()).prop_map(|(key, count)| Op::Extend(key, count)),
        4 => key().prop_map(Op::Remove),
        2 => key().prop_map(Op::Take),
        2 => key().prop_map(Op::Replace),
        2 => key().prop_map(Op::Get),
        3 => (key(), key(), any::<u8>()).prop_map(|(low, high, ends)| Op::Range(low, high, ends)),
        1 => Just(Op::PopFirst),
        1 => Just(Op::PopLast),
        1 => Just(Op::Reopen),
        1 => Just(Op::Clear),
    ]
}

fn bound<T>(value: T, kind: u8) -> Bound<T> {
    match kind % 3 {
        0 => Bound::Included(value),
        1 => Bound::Excluded(value),
        _ => Bound::Unbounded,
    }
}

fn run<T: SampleKey>(ops: &[Op]) {
    let memory = Bytes::default();
    let mut set: BTreeSet<T> = open("set", memory.clone()).unwrap();
    let mut model = Std::new();
    let value = |number: u16| T::sample(number.into());
    for op in ops {
        match *op {
            Op::Insert(n) => assert_eq!(set.insert(value(n)), model.insert(value(n))),
            Op::Remove(n) => assert_eq!(set.remove(&value(n)), model.remove(&value(n))),
            Op::Take(n) => assert_eq!(set.take(&value(n)), model.take(&value(n))),
            Op::Replace(n) => assert_eq!(set.replace(value(n)), model.replace(value(n))),
            Op::Get(n) => {
                assert_eq!(set.get(&value(n)), model.get(&value(n)).cloned());
                assert_eq!(set.contains(&value(n)), model.contains(&value(n)));
            }
            Op::Range(low, high, ends) => {
                let (low, high) = (value(low).min(value(high)), value(low).max(value(high)));
                let range = (bound(low.clone(), ends), bound(high.clone(), ends / 3));
                if low == high && ends % 3 == 1 && ends / 3 % 3 == 1 {
                    continue;
                }
                assert!(set.range(range.clone()).eq(model.range(range.clone()).cloned()));
                assert!(set.range(range.clone()).rev().eq(model.range(range).rev().cloned()));
            }
            Op::Extend(n, count) => {
                let values = || (n..n + u16::from(count)).map(value);
                set.extend(values());
                model.extend(values());
            }
            Op::PopFirst => assert_eq!(set.pop_first(), model.pop_first()),
            Op::PopLast => assert_eq!(set.pop_last(), model.pop_last()),
            Op::Clear => {
                set.clear();
                model.clear();
            }
            Op::Reopen => set = open("set", memory.clone()).unwrap(),
        }
        assert_eq!((set.len(), set.is_empty()), (model.len() as u64, model.is_empty()));
        assert_eq!((set.first(), set.last()), (model.first().cloned(), model.last().cloned()));
    }
    check(&set, &model);
    account(set.root().pager(), &[set.stats()]);
}

#[track_caller]
fn check<T: SampleKey, M: Memory>(set: &BTreeSet<T, M>, model: &Std<T>) {
    set.verify().unwrap();
    assert!(set.iter().eq(model.iter().cloned()));
    assert!(set.into_iter().rev().eq(model.iter().rev().cloned()));
    assert_eq!(set.iter().fold(0, |count, _| count + 1), model.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers(ops in prop::collection::vec(op(), 0..120)) {
        run::<u64>(&ops);
    }

    #[test]
    fn texts(ops in prop::collection::vec(op(), 0..80)) {
        run::<String>(&ops);
    }

    #[test]
    fn pairs(ops in prop::collection::vec(op(), 0..80)) {
        run::<(String, u32)>(&ops);
    }

    #[test]
    fn long_and_short(ops in prop::collection::vec(op(), 0..40)) {
        run::<Vec<u8>>(&ops);
        run::<Reverse<String>>(&ops);
        run::<u8>(&ops);
    }

    #[test]
    fn two_sets(
        left in prop::collection::vec((0..5_000u64, 0..700u64), 0..6),
        right in prop::collection::vec((0..5_000u64, 0..700u64), 0..6),
    ) {
        compared::<u64>(&left, &right);
        compared::<String>(&left, &right);
    }
}

fn filled<T: SampleKey, M: Memory>(set: &mut BTreeSet<T, M>, runs: &[(u64, u64)]) -> Std<T> {
    let values = || runs.iter().flat_map(|(start, len)| *start..start + len).map(T::sample);
    set.extend(values());
    values().collect()
}

/// Two sets in two stores of different memories.
fn compared<T: SampleKey>(left: &[(u64, u64)], right: &[(u64, u64)]) {
    let mut a: BTreeSet<T> = open("a", Bytes::default()).unwrap();
    let mut b: BTreeSet<T, Limited> = open("b", Limited::new(Bytes::default(), u64::MAX)).unwrap();
    let (x, y) = (filled(&mut a, left), filled(&mut b, right));
    assert!(a.union(&b).eq(x.union(&y).cloned()));
    assert!(a.intersection(&b).eq(x.intersection(&y).cloned()));
    assert!(a.difference(&b).eq(x.difference(&y).cloned()));
    assert!(b.difference(&a).eq(y.difference(&x).cloned()));
    assert!(a.symmetric_difference(&b).eq(x.symmetric_difference(&y).cloned()));
    assert_eq!(a.is_subset(&b), x.is_subset(&y));
    assert_eq!(a.is_superset(&b), x.is_superset(&y));
    assert_eq!(a.is_disjoint(&b), x.is_disjoint(&y));
    assert!(a.is_subset(&a) && a.is_superset(&a) && a.is_disjoint(&a) == x.is_empty());
}

#[test]
fn a_small_set_is_looked_up_in_a_large_one() {
    let (bytes, mut small) = (Bytes::default(), open::<BTreeSet<u64>>("small", Bytes::default()).unwrap());
    open::<BTreeSet<u64>>("large", bytes.clone()).unwrap().extend(0..100_000);
    small.extend([3, 50_000, 99_999, 200_000]);
    // A leaf takes three reads, so this is a few leaves for each element and not all of some 400.
    let large = open::<BTreeSet<u64, _>>("large", Metered::new(bytes, 100)).unwrap();
    assert_eq!(small.intersection(&large).collect::<Vec<_>>(), [3, 50_000, 99_999]);
    assert_eq!(small.difference(&large).collect::<Vec<_>>(), [200_000]);
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let memory = Bytes::default();
    let mut set: BTreeSet<String> = open("set", memory.clone()).unwrap();
    (0..500).for_each(|n| assert!(set.insert(String::sample(n))));
    let before = image(&memory);
    (0..500).for_each(|n| assert!(!set.insert(String::sample(n))));
    (0..500).for_each(|n| assert!(set.replace(String::sample(n)).is_some()));
    assert!(image(&memory) == before);
}

#[test]
fn words_are_those_of_std() {
    let mut set: BTreeSet<u64> = open("set", Bytes::default()).unwrap();
    set.extend(&[3, 1, 2]);
    let std = Std::from([1u64, 2, 3]);
    assert_eq!((format!("{set:?}"), format!("{set:#?}")), (format!("{std:?}"), format!("{std:#?}")));
    #[allow(clippy::reversed_empty_ranges)]
    let ours = caught(|| drop(set.range(5..4))).unwrap_err();
    assert_eq!(ours, "range start is greater than range end in BTreeSet");
    let excluded = (Bound::Excluded(4), Bound::Excluded(4));
    let (ours, theirs) = (caught(|| drop(set.range(excluded))), caught(|| drop(std.range(excluded))));
    assert_eq!(ours, theirs);
}

#[test]
fn prefixes() {
    let mut pairs: BTreeSet<(String, u32)> = open("set", Bytes::default()).unwrap();
    let all: Std<(String, u32)> = (0..3_000).map(<(String, u32)>::sample).collect();
    pairs.extend(all.iter().cloned());
    for word in ["", "a", "a\0", "a\0b", "Zürich", "\0", "b"] {
        let expected = || all.iter().filter(|(text, _)| text == word).cloned();
        assert!(pairs.prefix(&(word.to_owned(),)).eq(expected()), "{word:?}");
        assert!(pairs.prefix(&(word.to_owned(),)).rev().eq(expected().rev()), "{word:?}");
    }
}

#[test]
fn every_growth_fails_first() {
    let memory = Limited::new(Bytes::default(), 64);
    let mut set: BTreeSet<Vec<u8>, _> = open("set", memory.clone()).unwrap();
    let (mut model, mut failures, rng) = (Std::new(), 0, &mut Rng::new(8));
    while model.len() < 500 {
        memory.allow(0);
        let value = Vec::sample(rng.below(1 << 30));
        if let Err(error) = set.try_insert(value.clone()) {
            assert!(matches!(error, Error::OutOfMemory { .. }), "{error}");
            failures += 1;
            check(&set, &model);
            memory.allow(16);
            assert!(set.try_insert(value.clone()).unwrap());
        }
        model.insert(value);
    }
    check(&set, &model);
    assert!(failures > 1);
    let error = set.try_insert(vec![1; 993]).unwrap_err();
    assert!(matches!(error, Error::KeyTooLong { len: 993, max: 992 }), "{error}");
    check(&set, &model);
}

/// A set cannot be opened as a map or a map as a set, whatever its values.
#[test]
fn a_set_is_no_map() {
    let memory = Bytes::default();
    open::<BTreeSet<u64>>("set", memory.clone()).unwrap().extend([1, 2]);
    let words = open::<BTreeMap<u64, ()>>("set", memory.clone()).err().unwrap().to_string();
    assert!(words.contains("BTreeSet<u64>") && words.contains("BTreeMap<u64, ()>"), "{words}");
    assert_eq!(open::<BTreeSet<u64>>("set", memory).unwrap().len(), 2);
}

#[test]
fn a_set_beside_a_map_is_swept_cleared_and_dropped() {
    type Set = BTreeSet<u64>;
    let memory = Bytes::default();
    let specs = [Set::SPEC.named("set"), BTreeMap::<u64, u64>::SPEC.named("map")];
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let (mut set, mut map) = (Set::attach(store.take(0)), BTreeMap::<u64, u64>::attach(store.take(1)));
    set.extend(0..5_000);
    map.extend((0..500).map(|n| (n, n)));
    assert!(set.sweep(&mut Budget::pages(1)).unwrap());
    account(set.root().pager(), &[set.stats(), map.stats()]);
    set.clear();
    assert_eq!((set.first(), set.stats().pages), (None, 1));
    account(set.root().pager(), &[set.stats(), map.stats()]);
    set.extend(0..5_000);
    drop((set, map, store));
    let mut store = Store::open_dropping(memory, &specs[1..], &["set"], Options::default()).unwrap();
    let map = BTreeMap::<u64, u64>::attach(store.take(0));
    account(map.root().pager(), &[map.stats()]);
}
