//! Short lists of operations that shrink to what is wrong, and rules of maps that random operations
//! miss.

use std::collections::BTreeMap as Std;
use std::ops::Bound;

use graven::entry::Entry;
use graven::{BTreeMap, Budget, Collection, Error, StableLayout, open};
use graven_tests::chains::mixed::{V2, V3, V4, V5, V6};
use graven_tests::memory::{Bytes, image};
use graven_tests::panics::caught;
use graven_tests::samples::SampleKey;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u8, u16),
    Remove(u8),
    Change(u8, u16),
    Range(u8, u8),
    PopFirst,
    PopLast,
    Clear,
    Reopen,
    Sweep(u8),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => (any::<u8>(), 0..3_000u16).prop_map(|(key, len)| Op::Insert(key, len)),
        6 => any::<u8>().prop_map(Op::Remove),
        3 => (any::<u8>(), 0..3_000u16).prop_map(|(key, len)| Op::Change(key, len)),
        3 => any::<(u8, u8)>().prop_map(|(low, high)| Op::Range(low.min(high), low.max(high))),
        1 => Just(Op::PopFirst),
        1 => Just(Op::PopLast),
        1 => Just(Op::Reopen),
        1 => (0..4u8).prop_map(Op::Sweep),
        1 => Just(Op::Clear),
    ]
}

/// Does operations to a map in `memory` and to `model`; values are made of a length.
fn run<K: SampleKey, V: StableLayout + Clone + PartialEq + std::fmt::Debug>(
    memory: &Bytes,
    model: &mut Std<K, V>,
    ops: &[Op],
    value: impl Fn(u16) -> V,
) {
    let reopen = || open::<BTreeMap<K, V>>("map", memory.clone()).unwrap();
    let mut map = reopen();
    let key = |number: u8| K::sample(number.into());
    for op in ops {
        match *op {
            Op::Insert(n, len) => {
                assert_eq!(map.insert(key(n), value(len)), model.insert(key(n), value(len)));
            }
            Op::Remove(n) => assert_eq!(map.remove(&key(n)), model.remove(&key(n))),
            Op::Change(n, len) => {
                let _ = map.entry(key(n)).and_modify(|old| *old = value(len));
                model.entry(key(n)).and_modify(|old| *old = value(len));
            }
            Op::Range(low, high) => {
                let (low, high) = (key(low).min(key(high)), key(low).max(key(high)));
                let expected = model.range(low.clone()..=high.clone()).rev();
                assert!(map.range(low..=high).rev().eq(expected.map(|(k, v)| (k.clone(), v.clone()))));
            }
            Op::PopFirst => assert_eq!(map.pop_first(), model.pop_first()),
            Op::PopLast => assert_eq!(map.pop_last(), model.pop_last()),
            Op::Clear => {
                map.clear();
                model.clear();
            }
            Op::Reopen => map = reopen(),
            Op::Sweep(pages) => drop(map.sweep(&mut Budget::pages(pages.into())).unwrap()),
        }
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(|(k, v)| (k.clone(), v.clone()))));
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 0..60)
}

fn upgraded<K: Ord, V, W: From<V>>(model: Std<K, V>) -> Std<K, W> {
    model.into_iter().map(|(key, value)| (key, value.into())).collect()
}

proptest! {
    #[test]
    fn values_of_any_size_below_long_keys(ops in ops()) {
        run::<Vec<u8>, Vec<u8>>(&Bytes::default(), &mut Std::new(), &ops, |len| vec![len as u8; len as usize]);
    }

    #[test]
    fn values_of_constant_size(ops in ops()) {
        run::<u64, [u8; 128]>(&Bytes::default(), &mut Std::new(), &ops, |len| [len as u8; 128]);
    }

    #[test]
    fn upgrades(ops in prop::collection::vec(ops(), 5)) {
        let memory = Bytes::default();
        let mut model = Std::new();
        let text = |len: u16| "t".repeat(len as usize);
        run::<String, V2>(&memory, &mut model, &ops[0], |len| V2 { a: len.into(), b: len });
        let mut model = upgraded(model);
        run::<String, V3>(&memory, &mut model, &ops[1], |len| V3 { c: len.into(), text: text(len) });
        let mut model = upgraded(model);
        run::<String, V4>(&memory, &mut model, &ops[2], |len| {
            V4 { c: len.into(), d: vec![1; len as usize], text: text(len) }
        });
        let mut model = upgraded(model);
        run::<String, V5>(&memory, &mut model, &ops[3], |len| V5 { e: len, c: len.into() });
        let mut model = upgraded(model);
        run::<String, V6>(&memory, &mut model, &ops[4], |len| V6 { f: [1; 40], e: len, c: len.into() });
    }
}

fn numbers() -> BTreeMap<u64, u64> {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..3_000).map(|n| (n * 2, n)));
    map
}

#[test]
#[allow(clippy::reversed_empty_ranges)]
fn ranges_that_std_refuses_are_refused_in_its_words() {
    let (map, std) = (numbers(), Std::from([(1u64, 1u64)]));
    let excluded = (Bound::Excluded(4), Bound::Excluded(4));
    let words = |result: Result<(), String>| result.unwrap_err();
    assert_eq!(words(caught(|| drop(map.range(5..4)))), words(caught(|| drop(std.range(5..4)))));
    assert_eq!(words(caught(|| drop(map.range(excluded)))), words(caught(|| drop(std.range(excluded)))));
    assert_eq!(map.range(4..4).next(), None);
    assert_eq!(map.range(4..=4).next_back(), Some((4, 2)));
    assert_eq!(map.range((Bound::Excluded(4), Bound::Included(6))).next(), Some((6, 3)));
    assert_eq!(map.range(7_000..).next(), None);
}

#[test]
fn prefixes() {
    let mut pairs: BTreeMap<(String, u32), u32> = open("map", Bytes::default()).unwrap();
    for n in 0..3_000 {
        pairs.insert(<(String, u32)>::sample(n), n as u32);
    }
    let all: Std<(String, u32), u32> = pairs.iter().collect();
    for word in ["", "a", "a\0", "a\0b", "Zürich", "\0", "b"] {
        let expected = || all.iter().filter(|((text, _), _)| text == word).map(|(k, v)| (k.clone(), *v));
        assert!(pairs.prefix(&(word.to_owned(),)).eq(expected()), "{word:?}");
        assert!(pairs.prefix(&(word.to_owned(),)).rev().eq(expected().rev()), "{word:?}");
    }
    let mut texts: BTreeMap<String, u32> = open("map", Bytes::default()).unwrap();
    (0..2_000).for_each(|n| _ = texts.insert(String::sample(n), n as u32));
    for prefix in ["", "0", "00", "07d", "zz"] {
        let expected = texts.keys().filter(|key| key.starts_with(prefix)).count();
        assert_eq!(texts.prefix(prefix).count(), expected);
    }
    let mut bytes: BTreeMap<Vec<u8>, u32> = open("map", Bytes::default()).unwrap();
    bytes.extend([vec![], vec![0xff], vec![0xff, 0xff], vec![0xfe, 0xff]].map(|key| (key, 1)));
    assert_eq!((bytes.prefix(&[0xff][..]).count(), bytes.prefix(&[0xfe][..]).count()), (2, 1));
}

#[test]
fn an_entry_that_is_only_looked_at_writes_nothing() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, String> = open("map", memory.clone()).unwrap();
    map.insert(1, "one".into());
    let before = image(&memory);
    assert_eq!(*map.entry(1).or_default(), "one");
    assert!(matches!(map.entry(2), Entry::Vacant(entry) if *entry.key() == 2));
    let _ = map.entry(2).and_modify(|text| text.push('!'));
    assert!(image(&memory) == before);
    map.entry(1).or_default().push('!');
    assert_eq!(map.get(&1).as_deref(), Some("one!"));
}

/// The keys of a version: they fill a leaf. The first write of the next version converts the leaf
/// after it.
const KEYS: u32 = 400;

macro_rules! versions {
    ($($name:ident $version:literal)*) => {
        mod versions {
            $(
                #[derive(Debug, Clone, PartialEq, graven::StableLayout)]
                #[layout(version = $version)]
                pub struct $name(pub u32);
            )*
        }

        /// Opens with each version in turn and writes a leaf of it.
        fn through_all_versions(memory: &Bytes) -> Vec<Result<(), Error>> {
            vec![$(open::<BTreeMap<u32, versions::$name>>("map", memory.clone()).map(|mut map| {
                let version: u32 = $version;
                (0..KEYS).for_each(|n| _ = map.insert(version * 1_000 + n, versions::$name(version)));
                let sum: u64 = map.values().map(|value| u64::from(value.0)).sum();
                assert_eq!(sum, (1..=u64::from(version)).sum::<u64>() * u64::from(KEYS));
                map.verify().unwrap();
            })),*]
        }
    };
}

versions! {
    A1 1 A2 2 A3 3 A4 4 A5 5 A6 6 A7 7 A8 8 A9 9 A10 10 A11 11 A12 12 A13 13 A14 14 A15 15 A16 16 A17 17
    A18 18 A19 19 A20 20 A21 21 A22 22 A23 23 A24 24 A25 25 A26 26 A27 27 A28 28 A29 29 A30 30 A31 31 A32 32
    A33 33 A34 34 A35 35 A36 36 A37 37 A38 38 A39 39 A40 40 A41 41 A42 42 A43 43 A44 44 A45 45 A46 46 A47 47
    A48 48 A49 49 A50 50 A51 51 A52 52 A53 53 A54 54 A55 55 A56 56 A57 57 A58 58 A59 59 A60 60 A61 61 A62 62
    A63 63 A64 64 A65 65
}

#[test]
fn as_many_layouts_as_a_root_tells_apart() {
    let memory = Bytes::default();
    let results = through_all_versions(&memory);
    assert!(results[..64].iter().all(Result::is_ok));
    let words = results[64].as_ref().unwrap_err().to_string();
    assert!(words.contains("has pages in 64 layouts"), "{words}");
    let mut map: BTreeMap<u32, versions::A64> = open("map", memory.clone()).unwrap();
    while !map.sweep(&mut Budget::pages(10)).unwrap() {}
    let mut map: BTreeMap<u32, versions::A65> = open("map", memory.clone()).unwrap();
    assert_eq!(map.insert(1_000, versions::A65(65)), Some(versions::A65(1)));
    assert_eq!(map.stats().layouts.iter().filter(|layout| layout.pages > 0).count(), 2);
    map.verify().unwrap();
    assert!(open::<BTreeMap<u32, versions::A64>>("map", memory).is_err(), "older code");
}
