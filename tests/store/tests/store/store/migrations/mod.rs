//! Conversions that take long, grow, shrink, panic or allocate much: what a sweep and an insert do
//! then.

use std::cell::Cell as StdCell;
use std::collections::BTreeMap as Model;

use graven::{BTreeMap, Budget, Cell, Collection, Error, StableKey, StableLayout, open};
use graven_tests::memory::{Bytes, Limited, Watched, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::space::account;

const MIB: usize = 1 << 20;

/// A conversion of bytes.
type Rule = fn(&[u8]) -> Vec<u8>;

thread_local! {
    static CONVERTED: StdCell<u64> = const { StdCell::new(0) };
    static RULE: StdCell<Rule> = const { StdCell::new(<[u8]>::to_vec) };
}

fn convert(bytes: Vec<u8>) -> Vec<u8> {
    CONVERTED.set(CONVERTED.get() + 1);
    RULE.get()(&bytes)
}

mod v1 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Item {
        pub bytes: Vec<u8>,
    }
}

mod v2 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 2)]
    pub struct Item {
        #[layout(was(Vec<u8>, until = 2, with = super::convert))]
        pub bytes: Vec<u8>,
    }
}

mod v3 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 3)]
    pub struct Item {
        #[layout(was(Vec<u8>, until = 2, with = super::convert), was(Vec<u8>, until = 3, with = super::convert))]
        pub bytes: Vec<u8>,
    }
}

type Old<K, M = Bytes> = BTreeMap<K, v1::Item, M>;
type New<K, M = Bytes> = BTreeMap<K, v2::Item, M>;

fn old(bytes: Vec<u8>) -> v1::Item {
    v1::Item { bytes }
}

/// Returns a map that was written by the version before, and what it holds now.
fn stored<K: StableKey + Ord + Clone>(
    entries: impl IntoIterator<Item = (K, Vec<u8>)>,
    rule: Rule,
) -> (Bytes, Model<K, Vec<u8>>) {
    RULE.set(rule);
    let (memory, mut model) = (Bytes::default(), Model::new());
    let mut map: Old<K> = open("map", memory.clone()).unwrap();
    for (key, bytes) in entries {
        model.insert(key.clone(), rule(&bytes));
        map.insert(key, old(bytes));
    }
    map.verify().unwrap();
    (memory, model)
}

#[track_caller]
fn check<K: StableKey + Ord + Clone, M: graven::Memory>(map: &New<K, M>, model: &Model<K, Vec<u8>>) {
    map.verify().unwrap();
    assert_eq!(map.len(), model.len() as u64);
    for ((found, value), (key, bytes)) in map.iter().zip(model) {
        assert!(found == *key && value.bytes == *bytes);
    }
    account(map.root().pager(), &[map.stats()]);
}

/// Sweeps until this call has converted the given number of values.
fn sweep_values<C: Collection>(map: &mut C, values: u64) -> graven::Result<bool> {
    let until = CONVERTED.get() + values;
    map.sweep(&mut Budget::while_true(&mut || CONVERTED.get() < until))
}

#[test]
fn a_leaf_of_slow_values_is_swept_value_by_value() {
    let (memory, model) = stored((0..1_000u64).map(|n| (n, vec![n as u8; 9])), <[u8]>::to_vec);
    let mut map: New<u64> = open("map", memory).unwrap();
    let (mut calls, mut done) = (0, false);
    while !done {
        CONVERTED.set(0);
        done = sweep_values(&mut map, 1).unwrap();
        assert!(CONVERTED.get() <= 1, "{} conversions in a step", CONVERTED.get());
        calls += 1;
        map.verify().unwrap();
    }
    assert!(calls <= 1_100, "{calls}");
    check(&map, &model);
}

#[test]
fn a_value_is_converted_once_and_a_leaf_written_once_where_the_budget_allows() {
    let (memory, model) = stored((0..20_000u64).map(|n| (n, vec![n as u8; 9])), <[u8]>::to_vec);
    let memory = Watched::new(memory);
    let mut map: New<u64, _> = open("map", memory.clone()).unwrap();
    let (pages, _) = (map.stats().pages, memory.take());
    CONVERTED.set(0);
    let mut calls = 0;
    while !sweep_values(&mut map, 1_000).unwrap() {
        calls += 1;
    }
    assert_eq!((calls, CONVERTED.get()), (19, 20_000));
    let written = memory.take().bytes;
    assert!(written < 4_600 * u64::from(pages + calls), "{written} bytes for {pages} pages");
    check(&map, &model);
}

/// One value type of a map in four layouts, side by side in each leaf; a fifth is the newest.
mod four {
    use super::*;

    macro_rules! versions {
        ($($name:ident $version:literal { $($field:ident: $since:literal),* })*) => {$(
            #[derive(Debug, StableLayout)]
            #[layout(version = $version, name = "Item")]
            struct $name {
                #[layout(was(Vec<u8>, until = 2, with = super::convert))]
                bytes: Vec<u8>,
                $(#[layout(since = $since)] $field: u16,)*
            }
        )*};
    }
    #[derive(StableLayout)]
    #[layout(version = 1, name = "Item")]
    struct I1 {
        bytes: Vec<u8>,
    }
    versions! {
        I2 2 {}
        I3 3 { c: 3 }
        I4 4 { c: 3, d: 4 }
    }

    fn count(bytes: Vec<u8>) -> Vec<u8> {
        convert(bytes)
    }

    #[derive(Debug, StableLayout)]
    #[layout(version = 5, name = "Item")]
    struct I5 {
        #[layout(was(Vec<u8>, until = 2, with = super::convert), was(Vec<u8>, until = 5, with = count))]
        bytes: Vec<u8>,
        #[layout(since = 3)]
        c: u16,
        #[layout(since = 4)]
        d: u16,
    }

    /// Keys that are not 4 modulo 5, each in the layout that this says.
    fn stored(count: u64, bytes: impl Fn(u64) -> Vec<u8>) -> Bytes {
        let memory = Bytes::default();
        macro_rules! write {
            ($($ty:ident $rest:literal $value:expr;)*) => {$(
                let mut map: BTreeMap<u64, $ty> = open("map", memory.clone()).unwrap();
                for n in (0..count).filter(|n| n % 5 == $rest) {
                    let make: fn(Vec<u8>) -> $ty = $value;
                    map.insert(n, make(bytes(n)));
                }
            )*};
        }
        write! {
            I1 0 |bytes| I1 { bytes };
            I2 1 |bytes| I2 { bytes };
            I3 2 |bytes| I3 { bytes, c: 0 };
            I4 3 |bytes| I4 { bytes, c: 0, d: 0 };
        }
        memory
    }

    #[track_caller]
    fn check(map: &BTreeMap<u64, I5>, count: u64, bytes: impl Fn(u64) -> Vec<u8>) {
        map.verify().unwrap();
        let keys = (0..count).filter(|n| n % 5 != 4);
        assert!(map.iter().map(|(n, item)| (n, item.bytes)).eq(keys.map(|n| (n, bytes(n)))));
        account(map.root().pager(), &[map.stats()]);
    }

    #[test]
    fn a_leaf_with_as_many_layouts_as_it_can_have_is_swept_value_by_value() {
        RULE.set(<[u8]>::to_vec);
        let bytes = |n| vec![n as u8; 9];
        let memory = stored(2_000, bytes);
        let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
        let pages = map.stats().pages;
        while {
            CONVERTED.set(0);
            !sweep_values(&mut map, 1).unwrap()
        } {
            // The first version is converted twice over.
            assert!(CONVERTED.get() <= 2, "{} conversions in a step", CONVERTED.get());
            map.verify().unwrap();
        }
        check(&map, 2_000, bytes);
        let after = map.stats().pages;
        assert!(after <= 2 * pages, "{after} pages, {pages} before: what was cut is put together again");
    }

    #[test]
    fn a_layout_of_large_values_goes_from_a_leaf_step_by_step_and_is_converted_once() {
        RULE.set(<[u8]>::to_vec);
        let bytes = |n: u64| vec![n as u8; 700_000];
        let memory = stored(25, bytes);
        let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
        CONVERTED.set(0);
        map.insert(24, I5 { bytes: vec![4], c: 0, d: 0 });
        // The five of the first version, each by the conversions of two versions.
        assert_eq!(CONVERTED.get(), 10, "no value is converted twice");
        assert_eq!(map.remove(&24).unwrap().bytes, [4]);
        check(&map, 25, bytes);
    }

    #[test]
    fn a_conversion_that_panics_between_large_values_loses_no_page() {
        RULE.set(<[u8]>::to_vec);
        let bytes = |n: u64| vec![n as u8; 700_000];
        let memory = stored(25, bytes);
        for first_fails in 1..5 {
            let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
            FAILS.set(CONVERTED.get() + first_fails);
            RULE.set(|bytes| {
                assert!(CONVERTED.get() < FAILS.get(), "no more");
                bytes.to_vec()
            });
            for len in [1, 5_000] {
                let item = || I5 { bytes: vec![4; len], c: 0, d: 0 };
                assert_eq!(caught(|| map.insert(24, item())).map(drop), Err("no more".to_owned()));
            }
            RULE.set(<[u8]>::to_vec);
            check(&map, 25, bytes);
        }
    }

    thread_local! {
        static FAILS: StdCell<u64> = const { StdCell::new(0) };
    }
}

#[test]
fn small_values_that_become_large_are_swept_one_by_one() {
    let (memory, model) = stored((0..30u64).map(|n| (n, vec![n as u8])), |bytes| bytes.repeat(10 * MIB));
    let mut map: New<u64> = open("map", memory).unwrap();
    let mut calls = 0;
    while {
        CONVERTED.set(0);
        !map.sweep(&mut Budget::pages(1)).unwrap()
    } {
        assert_eq!(CONVERTED.get(), 1, "ten mebibytes are in memory, and no more");
        calls += 1;
    }
    assert_eq!(calls, 29);
    CONVERTED.set(0);
    check(&map, &model);
    assert_eq!(CONVERTED.get(), 0);
}

/// Bytes that are longer for longer ones, up to what still stands in a leaf, and beyond.
fn grown(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.first().map_or(1_900, |first| 1_850 + usize::from(*first));
    vec![bytes.len() as u8; len]
}

fn sweeps_whole_and_in_parts<K: StableKey + Ord + Clone>(
    entries: impl Iterator<Item = (K, Vec<u8>)> + Clone,
    rule: Rule,
) {
    for values in [1, 3, 50, u64::MAX / 2] {
        let (memory, model) = stored(entries.clone(), rule);
        let mut map: New<K> = open("map", memory.clone()).unwrap();
        while !sweep_values(&mut map, values).unwrap() {}
        check(&map, &model);
        check(&open("map", memory).unwrap(), &model);
    }
}

#[test]
fn values_that_grow_split_their_leaf_many_ways() {
    sweeps_whole_and_in_parts((0..800u64).map(|n| (n, vec![])), grown);
    sweeps_whole_and_in_parts((0..800u32).map(|n| (n, vec![n as u8; (n % 3) as usize])), grown);
    sweeps_whole_and_in_parts((0..1_000u16).map(|n| (n, vec![n as u8; (n % 2) as usize])), grown);
    sweeps_whole_and_in_parts((0..250u8).map(|n| (n, vec![n; (n % 5) as usize])), grown);
}

/// Keys of no byte, of one, and of as many as a key may have or one less, with much or little in
/// common.
fn boundary_keys() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + Clone {
    let lens = [0, 1, 2, 990, 991, 992];
    lens.into_iter().flat_map(|len| (0..40u8).map(move |n| (len, n))).map(|(len, n)| {
        let mut key = vec![if n % 2 == 0 { 7 } else { n }; len];
        if let Some(last) = key.last_mut() {
            *last = n;
        }
        (key, vec![n; usize::from(n % 4)])
    })
}

#[test]
fn keys_of_no_byte_one_and_the_most() {
    sweeps_whole_and_in_parts(boundary_keys(), grown);
    sweeps_whole_and_in_parts(boundary_keys(), |bytes| vec![3; 1_030 + bytes.len()]);
    sweeps_whole_and_in_parts(boundary_keys(), |bytes| vec![3; bytes.len() * 5_000]);
}

#[test]
fn values_leave_their_leaf_and_come_back() {
    let rule: Rule = |bytes| if bytes.len() < 100 { bytes.repeat(1_000) } else { bytes[..9].to_vec() };
    let (memory, model) = stored((0..300u64).map(|n| (n, vec![n as u8; 9])), rule);
    let mut map: New<u64> = open("map", memory.clone()).unwrap();
    let before = map.stats().pages;
    while !sweep_values(&mut map, 7).unwrap() {}
    check(&map, &model);
    assert!(map.stats().pages > 3 * 300);
    let mut map: BTreeMap<u64, v3::Item> = open("map", memory).unwrap();
    while !sweep_values(&mut map, 7).unwrap() {}
    map.verify().unwrap();
    assert!(map.iter().all(|(n, item)| item.bytes == [n as u8; 9]));
    assert!(map.stats().pages <= 2 * before, "{} {before}", map.stats().pages);
    account(map.root().pager(), &[map.stats()]);
}

#[test]
fn out_of_memory_in_the_middle_loses_nothing_and_the_sweep_goes_on() {
    let (memory, model) = stored((0..500u64).map(|n| (n, vec![n as u8; 30])), |bytes| bytes.repeat(300));
    let memory = Limited::new(memory, 0);
    let mut map: New<u64, _> = open("map", memory.clone()).unwrap();
    let mut failures = 0;
    loop {
        match map.sweep(&mut Budget::pages(2)) {
            Ok(true) => break,
            Ok(false) => {}
            Err(Error::OutOfMemory { pages }) => {
                assert!(pages > 0);
                let before = image(&memory);
                assert!(map.sweep(&mut Budget::pages(2)).is_err());
                assert_eq!(image(&memory).len(), before.len());
                failures += 1;
                check(&map, &model);
                memory.allow(1 + failures % 3);
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(failures > 5, "{failures}");
    check(&map, &model);
}

/// Inserts, removes and clears at and around the place where the sweep is.
#[test]
fn a_sweep_in_between_everything_else() {
    for seed in 0..12 {
        let rng = &mut Rng::new(seed);
        let rule: Rule = match seed % 3 {
            0 => <[u8]>::to_vec,
            1 => |bytes| bytes.repeat(200),
            _ => |bytes| bytes[..bytes.len() / 2].to_vec(),
        };
        let (memory, mut model) =
            stored((0..3_000u64).map(|n| (n, vec![n as u8; 1 + n as usize % 40])), rule);
        let mut map: New<u64> = open("map", memory.clone()).unwrap();
        let mut steps = 0;
        while !sweep_values(&mut map, 1 + rng.below(60)).unwrap() {
            let cursor = map.root().cursor().unwrap();
            let at = cursor.as_slice().first_chunk().map_or(0, |key| u64::from_be_bytes(*key));
            for _ in 0..rng.below(40) {
                let key = (at + rng.below(300)).saturating_sub(150);
                if rng.once_in(3) {
                    let bytes = vec![key as u8; rng.below(90) as usize];
                    model.insert(key, bytes.clone());
                    map.insert(key, v2::Item { bytes });
                } else {
                    assert_eq!(map.remove(&key).map(|item| item.bytes), model.remove(&key));
                }
            }
            if rng.once_in(6) {
                map = open("map", memory.clone()).unwrap();
            }
            if rng.once_in(200) {
                map.clear();
                model.clear();
            }
            map.verify().unwrap();
            steps += 1;
            assert!(steps < 4_000, "it comes to its end");
        }
        check(&map, &model);
    }
}

#[test]
fn a_large_value_is_not_written_because_a_neighbour_is() {
    let (memory, _) = stored((0..8u64).map(|n| (n, vec![n as u8; 10 * MIB])), <[u8]>::to_vec);
    let memory = Watched::new(memory);
    let mut map: New<u64, _> = open("map", memory.clone()).unwrap();
    _ = memory.take();
    CONVERTED.set(0);
    for n in [100, 3, 101, 102] {
        map.insert(n, v2::Item { bytes: vec![1; 50] });
    }
    map.insert(50, v2::Item { bytes: vec![1; 5_000] });
    assert!(map.remove(&4).is_some() && map.remove(&101).is_some());
    for _ in 0..300 {
        map.insert(7_000 + map.len(), v2::Item { bytes: vec![1; 100] });
    }
    let written = memory.take();
    assert_eq!(CONVERTED.get(), 2, "two large values were given back, and no other was read");
    let large = written.pages.len();
    assert!(large < 40 && written.bytes < 500_000, "{large} pages, {} bytes", written.bytes);
    map.verify().unwrap();
}

#[test]
fn a_cell_whose_old_value_is_counted_but_not_there_is_damaged() {
    let memory = Bytes::default();
    let cell: Cell<v1::Item> = open("cell", memory.clone()).unwrap();
    graven::Memory::write(&memory, row_pages(cell.root().page()), &1u32.to_le_bytes());
    let mut cell: Cell<v2::Item> = open("cell", memory).unwrap();
    assert!(matches!(cell.sweep(&mut Budget::pages(1)), Err(Error::Damaged { .. })));
}

#[test]
fn a_sweep_for_pages_that_are_not_there_comes_to_an_end() {
    for entries in [0, 1, 5_000u64] {
        let (memory, model) = stored((0..entries).map(|n| (n, vec![1; 9])), <[u8]>::to_vec);
        let map: Old<u64> = open("map", memory.clone()).unwrap();
        let at = row_pages(map.root().page());
        let pages = map.root().pages_of(map.root().newest()) + 1;
        graven::Memory::write(&memory, at, &pages.to_le_bytes());
        let mut map: New<u64> = open("map", memory).unwrap();
        let damaged = (0..2_000).map(|_| map.sweep(&mut Budget::pages(1))).find_map(Result::err);
        assert!(matches!(damaged, Some(Error::Damaged { .. })), "with {entries} entries");
        assert!(map.iter().map(|(n, item)| (n, item.bytes)).eq(model));
    }
}

/// Returns the offset at which the first row of a root counts its pages.
fn row_pages(root: u32) -> u64 {
    4_096 * u64::from(root) + 320 + 4
}

/// A native panic rolls back only the heap's part; the bytes stay unchanged.
#[test]
fn a_panic_in_the_middle_of_a_sweep_leaves_the_cursor_and_the_way_as_they_were() {
    RULE.set(<[u8]>::to_vec);
    let (memory, model) = stored((0..3_000u64).map(|n| (n, vec![n as u8; 20])), <[u8]>::to_vec);
    let mut map: New<u64> = open("map", memory.clone()).unwrap();
    // Half of the way, so that the next call comes past the last leaf.
    while map.root().cursor().unwrap().as_slice() < 1_500u64.to_be_bytes().as_slice() {
        map.sweep(&mut Budget::pages(1)).unwrap();
    }
    let mut map: BTreeMap<u64, v3::Item> = open("map", memory.clone()).unwrap();
    RULE.set(|bytes| if bytes[0] == 40 { panic!("not this one") } else { bytes.to_vec() });
    for _ in 0..5 {
        assert!(caught(|| map.sweep(&mut Budget::pages(10_000))).is_err());
        map.verify().unwrap();
    }
    RULE.set(<[u8]>::to_vec);
    while !map.sweep(&mut Budget::pages(3)).unwrap() {}
    assert!(map.iter().map(|(n, item)| (n, item.bytes)).eq(model));
}

/// With a collection that has no room to go on, the others get their turn, though it spends the
/// budget each time.
#[test]
fn a_root_without_memory_does_not_keep_others_from_being_swept() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    type Olds = Old<u64, Limited>;
    type News = New<u64, Limited>;
    let options = graven::Options::default();
    let specs = [Olds::SPEC.named("grows"), Olds::SPEC.named("shrinks")];
    let mut store = graven::Store::open(memory.clone(), &specs, options).unwrap();
    let (mut grows, mut shrinks) = (Olds::attach(store.take(0)), Olds::attach(store.take(1)));
    (0..300).for_each(|n| _ = grows.insert(n, old(vec![1; 20])));
    (0..300).for_each(|n| _ = shrinks.insert(n, old(vec![2; 9_000])));
    RULE.set(|bytes| if bytes[0] == 1 { bytes.repeat(250) } else { bytes[..9].to_vec() });
    let specs = [News::SPEC.named("grows"), News::SPEC.named("shrinks")];
    let mut store = graven::Store::open(memory.clone(), &specs, options).unwrap();
    let (mut grows, mut shrinks) = (News::attach(store.take(0)), News::attach(store.take(1)));
    memory.allow(0);
    let (mut calls, mut failures) = (0, 0);
    loop {
        let (budget, mut progress) = (&mut Budget::pages(1), graven::Progress::default());
        let first = graven_core::store::sweep_one(&mut grows, budget, &mut progress);
        graven_core::store::sweep_one(&mut shrinks, budget, &mut progress).unwrap();
        match first {
            Ok(()) if progress.is_done() => break,
            Ok(()) => {}
            Err(Error::OutOfMemory { .. }) => failures += 1,
            Err(error) => panic!("{error}"),
        }
        calls += 1;
        assert!(calls < 1_000, "{progress}");
    }
    assert!(failures > 0);
    assert!(grows.iter().all(|(_, item)| item.bytes == [1; 5_000]));
    assert!(shrinks.iter().all(|(_, item)| item.bytes == [2; 9]));
    account(grows.root().pager(), &[grows.stats(), shrinks.stats()]);
}
