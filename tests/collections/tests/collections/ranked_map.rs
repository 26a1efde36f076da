//! RankedMap: ranks against a sorted list, and what belongs to two trees in one root. Long runs are
//! in `models`.

use std::collections::BTreeMap as Std;

use graven::{Budget, Collection, Error, Memory, Options, RankedMap, Reverse, Store, open};
use graven_tests::damage::pages_of;
use graven_tests::memory::{Bytes, Limited, Metered, Watched, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use graven_tests::space::account;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u16, u64),
    Remove(u16),
    Extend(u16, u8),
    Look(u16),
    Ranks(u64, u64),
    Update(u16),
    PopFirst,
    PopLast,
    Reopen,
    Clear,
}

fn op() -> impl Strategy<Value = Op> {
    let key = || 0..1_000u16;
    prop_oneof![
        8 => (key(), any::<u64>()).prop_map(|(key, value)| Op::Insert(key, value)),
        5 => key().prop_map(Op::Remove),
        5 => (key(), any::<u8>()).prop_map(|(key, count)| Op::Extend(key, count)),
        4 => key().prop_map(Op::Look),
        3 => (0..600u64, 0..600u64).prop_map(|(start, end)| Op::Ranks(start, end)),
        1 => key().prop_map(Op::Update),
        1 => Just(Op::PopFirst),
        1 => Just(Op::PopLast),
        1 => Just(Op::Reopen),
        1 => Just(Op::Clear),
    ]
}

fn owned<K: Clone>((key, value): (&K, &u64)) -> (K, u64) {
    (key.clone(), *value)
}

fn run<K: SampleKey>(ops: &[Op]) {
    let memory = Bytes::default();
    let mut map: RankedMap<K, u64> = open("map", memory.clone()).unwrap();
    let mut model = Std::new();
    let key = |number: u16| K::sample(number.into());
    for op in ops {
        match *op {
            Op::Insert(n, value) => assert_eq!(map.insert(key(n), value), model.insert(key(n), value)),
            Op::Remove(n) => assert_eq!(map.remove(&key(n)), model.remove(&key(n))),
            Op::Extend(n, count) => {
                let entries = || (n..n + u16::from(count)).map(|n| (key(n), u64::from(n)));
                map.extend(entries());
                model.extend(entries());
            }
            Op::Look(n) => {
                let rank = model.range(..key(n)).count() as u64;
                assert_eq!((map.rank(&key(n)), map.get(&key(n))), (rank, model.get(&key(n)).copied()));
                assert_eq!(map.position(&key(n)), model.contains_key(&key(n)).then_some(rank));
                assert_eq!(map.nth(rank), model.iter().nth(rank as usize).map(owned));
            }
            Op::Ranks(start, end) => {
                let some = (end.saturating_sub(start)) as usize;
                let expected = model.iter().map(owned).skip(start as usize).take(some);
                assert!(map.ranks(start..end).eq(expected));
                assert!(map.ranks(start..).eq(model.iter().map(owned).skip(start as usize)));
                assert!(map.ranks(..=end).eq(model.iter().map(owned).take(end as usize + 1)));
            }
            Op::Update(n) => {
                let updated = map.update(&key(n), |value| *value ^= 1).is_some();
                assert_eq!(updated, model.get_mut(&key(n)).map(|value| *value ^= 1).is_some());
            }
            Op::PopFirst => assert_eq!(map.pop_first(), model.pop_first()),
            Op::PopLast => assert_eq!(map.pop_last(), model.pop_last()),
            Op::Reopen => map = open("map", memory.clone()).unwrap(),
            Op::Clear => {
                map.clear();
                model.clear();
            }
        }
        assert_eq!((map.len(), map.is_empty()), (model.len() as u64, model.is_empty()));
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(owned)));
    assert!(map.range(key(300)..).rev().eq(model.range(key(300)..).rev().map(owned)));
    assert!(map.keys().eq(model.keys().cloned()) && map.values().eq(model.values().copied()));
    account(map.root().pager(), &[map.stats()]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_operations(ops in prop::collection::vec(op(), 0..80)) {
        run::<u64>(&ops);
        run::<String>(&ops);
        run::<Reverse<(String, u32)>>(&ops);
    }

    #[test]
    fn any_operations_with_the_longest_and_the_shortest_keys(ops in prop::collection::vec(op(), 0..40)) {
        run::<Vec<u8>>(&ops);
        run::<u8>(&ops);
    }
}

#[test]
fn every_page_that_is_missing_is_an_error_that_changes_nothing() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: RankedMap<String, Vec<u8>, _> = open("map", memory.clone()).unwrap();
    let (mut model, mut refused, rng) = (Std::new(), 0, &mut Rng::new(4));
    let mut taken = Vec::new();
    for round in 0..6_000u64 {
        if round % 500 == 0 {
            taken.drain(..).for_each(|page| map.root().pager().free(page).unwrap());
            memory.allow(u64::from(round < 3_000));
            // So many pages are left, and then none.
            taken.extend(std::iter::from_fn(|| map.root().pager().allocate().ok()));
            (0..round / 500 % 7)
                .filter_map(|_| taken.pop())
                .for_each(|page| map.root().pager().free(page).unwrap());
        }
        let key = String::sample(rng.below(4_000));
        if rng.once_in(5) {
            assert_eq!(map.try_remove(&key).unwrap(), model.remove(&key));
            continue;
        }
        let longest = if rng.once_in(50) { 9_000 } else { 60 };
        let value = rng.bytes_below(longest);
        match map.try_insert(key.clone(), value.clone()) {
            Ok(old) => assert_eq!(old, model.insert(key, value)),
            Err(Error::OutOfMemory { .. }) => {
                refused += 1;
                assert_eq!(
                    (map.len(), map.try_get(&key).unwrap().as_ref()),
                    (model.len() as u64, model.get(&key))
                );
                if refused % 32 == 1 {
                    map.verify().unwrap();
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.into_iter()));
    assert!(refused > 100, "{refused} inserts were refused");
    let too_long = map.try_insert("k".repeat(993), Vec::new());
    assert!(matches!(too_long, Err(Error::KeyTooLong { max: 992, .. })), "{too_long:?}");
}

#[test]
fn a_dropped_map_gives_both_of_its_trees_back() {
    let memory = Bytes::default();
    let mut map: RankedMap<u64, u64> = open("map", memory.clone()).unwrap();
    map.extend((0..50_000).map(|n| (n, n)));
    let pages = map.stats().pages;
    drop(map);
    let roots = [graven::StableVec::<u64>::SPEC.named("numbers")];
    let mut store = Store::open_dropping(memory, &roots, &["map"], Options::default()).unwrap();
    let numbers = graven::StableVec::<u64>::attach(store.take(0));
    account(numbers.root().pager(), &[numbers.stats()]);
    assert!(pages > 300 && numbers.root().pager().usage().free + 1 >= pages);
}

/// As the document of the collections has it.
#[test]
fn an_insert_dirties_few_pages_and_a_rank_reads_few_keys() {
    let watched = Watched::new(Bytes::default());
    let mut map: RankedMap<u64, u64, _> = open("map", watched.clone()).unwrap();
    let rng = &mut Rng::new(1);
    map.extend((0..100_000).map(|n| (rng.any(), n)));
    let _ = watched.take();
    let (mut pages, mut most) = (0, 0);
    for n in 0..1_000 {
        map.insert(rng.any(), n);
        let dirty = watched.take().pages.len();
        (pages, most) = (pages + dirty, most.max(dirty));
    }
    println!("{pages} pages for 1,000 inserts, {most} at most");
    assert!(pages <= 5_200 && most <= 16, "{pages} {most}");
    let reads = 2_000;
    let metered: RankedMap<u64, u64, _> =
        open("map", Metered::new(memory_of(&image(&watched)), reads)).unwrap();
    (0..20).for_each(|_| assert!(metered.rank(&rng.any()) <= 101_000));
}

fn everything<M: Memory>(map: &mut RankedMap<u64, String, M>) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut note = |done: Result<(), Error>| errors.extend(done.err());
    for n in (0..3_000).step_by(61) {
        note(map.try_rank(&n).map(drop));
        note(map.try_nth(n).map(drop));
        note(map.try_position(&n).map(drop));
        note(map.try_insert(n * 2 + 1, "new".into()).map(drop));
        note(map.try_remove(&(n * 2)).map(drop));
        note(map.try_update(&n, |value| value.push('!')).map(drop));
    }
    note(map.verify());
    note(map.sweep(&mut Budget::pages(5)).map(drop));
    errors
}

#[test]
fn damage_is_an_error() {
    let memory = Bytes::default();
    let mut map: RankedMap<u64, String> = open("map", memory.clone()).unwrap();
    map.extend((0..2_000u64).map(|n| (n * 2, n.to_string())));
    drop(map);
    let (sound, rng, mut found) = (image(&memory), &mut Rng::new(9), 0);
    let root = pages_of(&sound, 3)[0] * 4096;
    let second = root + 3584 + 256;
    let structure = (root + 8..root + 36).chain(second..second + 64);
    let anywhere = std::iter::repeat_with(|| (rng.any() as usize) % sound.len()).take(1_500);
    for (trial, at) in structure.chain(anywhere).enumerate() {
        for bad in [0, 0xff, sound[at] ^ 1 << (trial % 8)] {
            let mut bytes = sound.clone();
            bytes[at] = bad;
            let memory = Metered::new(memory_of(&bytes), 200_000);
            let Ok(mut map) = open::<RankedMap<u64, String, Metered>>("map", memory) else { continue };
            let errors =
                caught(|| everything(&mut map)).unwrap_or_else(|panic| panic!("byte {at} → {bad}: {panic}"));
            let expected = |error: &Error| matches!(error, Error::Damaged { .. } | Error::OutOfMemory { .. });
            assert!(errors.iter().all(expected), "byte {at} → {bad}: {errors:?}");
            found += u64::from(!errors.is_empty());
        }
    }
    assert!(found > 300, "{found} damages were found");
}

#[test]
fn entries_that_are_loaded_kept_and_paged_have_ranks() {
    let mut map: RankedMap<u64, String, Bytes> = open("map", Bytes::default()).unwrap();
    assert_eq!(map.load_sorted((0..500).map(|n| (n, n.to_string()))).unwrap(), 500);
    let failed = map.load_sorted([(500, "a".into()), (502, "b".into()), (501, "c".into())]).unwrap_err();
    assert!(matches!(failed.error, Error::NotAscending { position: 2 }) && failed.loaded == 2);
    let panicked = caught(|| {
        map.load_sorted((600..).map(|n| if n == 650 { panic!("mine") } else { (n, n.to_string()) }))
    });
    assert!(panicked.is_err());
    map.verify().unwrap();
    map.retain(|key, value| {
        *value += "!";
        key % 3 == 0
    });
    map.verify().unwrap();
    assert_eq!((map.nth(2), map.position(&9), map.rank(&10)), (Some((6, "6!".into())), Some(3), 4));
    let first = map.page(None, 2).unwrap();
    let second = map.page(first.next.as_ref(), 2).unwrap();
    assert_eq!(second.items, [(6, "6!".into()), (9, "9!".into())]);
    map.entry(7).or_insert_with_key(ToString::to_string).push('?');
    assert_eq!((map.get(&7).as_deref(), map.position(&7)), (Some("7?"), Some(3)));
    map.verify().unwrap();
}
