//! Walks and moves in pieces: what they write, with functions that panic, without memory, within
//! their budgets.

use std::collections::BTreeMap as Std;

use graven::{BTreeMap, Budget, Collection, CursorFault, Error, Memory, Options, StableLayout, Store, open};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use graven_tests::space::account;

/// Two maps of a store.
fn opened<K: SampleKey, V: StableLayout, M: Memory + 'static>(memory: M) -> [BTreeMap<K, V, M>; 2] {
    let specs = ["a", "b"].map(|name| BTreeMap::<K, V, M>::SPEC.named(name));
    let mut store = Store::open(memory, &specs, Options::default()).unwrap();
    [0, 1].map(|index| BTreeMap::attach(store.take(index)))
}

#[test]
fn what_does_not_change_is_not_written() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, Vec<u8>> = open("map", memory.clone()).unwrap();
    map.extend((0..400).map(|n| (n, vec![n as u8; if n % 50 == 0 { 5_000 } else { 20 }])));
    let before = image(&memory);
    map.update_range(.., |_, value| value.push(1));
    map.update_range(.., |_, value| _ = value.pop());
    let again = image(&memory);
    assert!(before != again);
    map.update_range(.., |_, _| ());
    map.retain(|_, _| true);
    assert_eq!(map.update(&7, |value| value.len()), Some(20));
    assert_eq!(map.extract_if(.., |_, _| false).count(), 0);
    assert!(image(&memory) == again);
    drop(map);
    // Values in an older layout that stay the same are not brought to the newest one, either.
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, mixed::V1> = open("map", memory.clone()).unwrap();
    map.extend((0..400).map(|n| (n, mixed::V1 { a: 1 })));
    let mut map: BTreeMap<u64, mixed::V2> = open("map", memory.clone()).unwrap();
    let before = image(&memory);
    map.update_range(.., |_, value| value.b = 7);
    assert!(image(&memory) == before);
    map.update_range(10..12, |_, value| value.b = 8);
    assert_eq!(map.values().filter(|value| value.b == 8).count(), 2);
    map.verify().unwrap();
}

#[test]
fn a_function_that_panics_changes_nothing_of_its_leaf() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, u64> = open("map", memory.clone()).unwrap();
    map.extend((0..2_000).map(|n| (n, n)));
    let before = image(&memory);
    let panics = |n: &u64| assert!(*n != 100, "not this one");
    assert!(
        caught(|| map.update_range(.., |n, value| {
            panics(n);
            *value += 1;
        }))
        .is_err()
    );
    assert!(
        caught(|| map.retain(|n, _| {
            panics(n);
            false
        }))
        .is_err()
    );
    assert!(
        caught(|| map.extract_within(.., None, &mut Budget::entries(1_000), |n, _| {
            panics(n);
            true
        }))
        .is_err()
    );
    assert!(caught(|| map.update(&100, |_| panic!("not this one"))).is_err());
    assert!(image(&memory) == before);
    let walked = map.update_within(.., None, &mut Budget::entries(5_000), |_, value| *value += 1).unwrap();
    assert_eq!((walked.seen, walked.count, walked.is_done()), (2_000, 2_000, true));
}

/// Every entry grows by one byte exactly once, though most calls fail.
#[test]
fn updates_without_memory_go_on_where_they_stopped() {
    for len in [10, 2_020, 4_000] {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let mut map: BTreeMap<u64, Vec<u8>, _> = open("map", memory.clone()).unwrap();
        map.load_sorted((0..1_500).map(|n| (n, vec![n as u8; (len + n % 20) as usize]))).unwrap();
        memory.allow(0);
        let (mut from, mut failures) = (None, 0);
        loop {
            let budget = &mut Budget::entries(10_000);
            match map.update_within(.., from.as_ref(), budget, |_, value| value.extend([1; 30])) {
                Ok(walked) if walked.is_done() => break,
                Ok(walked) => from = walked.next,
                Err(Error::OutOfMemory { .. }) => {
                    failures += 1;
                    memory.allow(1);
                }
                Err(error) => panic!("{error}"),
            }
            map.verify().unwrap();
        }
        assert!(failures > 0);
        assert!(map.iter().all(|(n, value)| value.len() as u64 == len + n % 20 + 30), "{len}");
        account(map.root().pager(), &[map.stats()]);
    }
}

#[test]
fn removing_needs_no_memory() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: BTreeMap<u64, Vec<u8>, _> = open("map", memory.clone()).unwrap();
    map.extend((0..900).map(|n| (n, vec![n as u8; (n * 5) as usize])));
    memory.set_limit(0);
    assert!((1_000..2_000).any(|n| map.try_insert(n, vec![1; 9_000]).is_err()));
    map.update_range(..900, |n, value| *value = vec![0; (n % 3) as usize]);
    map.retain(|n, _| n % 2 == 0);
    let taken = map.extract_within(..500, None, &mut Budget::entries(100), |_, _| true).unwrap();
    assert_eq!((taken.0.len(), taken.1.count), (100, 100));
    assert_eq!(map.extract_if(..900, |n, _| n % 4 == 0).count(), 175);
    map.retain(|_, _| false);
    assert!(map.is_empty() && map.stats().pages == 1);
    account(map.root().pager(), &[map.stats()]);
}

#[test]
fn moves_without_memory_keep_each_entry_in_one_place() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let [mut a, mut b] = opened::<u64, Vec<u8>, _>(memory.clone());
    let rng = &mut Rng::new(4);
    let all: Std<u64, Vec<u8>> = (0..1_000).map(|n| (n, SampleValue::sample(rng))).collect();
    a.extend(all.clone());
    b.extend((0..20).map(|n| (2_000 + n * 7, vec![0; 5_000])));
    b.extend((0..20).map(|n| (n * 31, vec![0; 60])));
    let check = |a: &BTreeMap<_, _, _>, b: &BTreeMap<_, _, _>| {
        a.verify().unwrap();
        b.verify().unwrap();
        let whole = |(key, value): (&u64, &Vec<u8>)| match (a.get(key), b.get(key)) {
            (Some(found), here) => &found == value && here.is_none_or(|here| here == vec![0; 60]),
            (None, here) => here.as_ref() == Some(value),
        };
        assert!(all.iter().all(whole));
        account(a.root().pager(), &[a.stats(), b.stats()]);
    };
    memory.allow(0);
    let mut failures = 0;
    loop {
        match a.split_off_within(&0, &mut b, &mut Budget::entries(400)) {
            Ok(moved) if moved.is_done() => break,
            Ok(_) => {}
            Err(Error::OutOfMemory { .. }) => {
                failures += 1;
                memory.allow(1);
            }
            Err(error) => panic!("{error}"),
        }
        check(&a, &b);
    }
    assert!(a.is_empty() && b.len() == 1_020 && failures > 0, "{failures}");
    check(&a, &b);
    a.append(&mut b);
    b.split_off(&1, &mut a);
    assert_eq!((a.len(), b.len()), (1_020, 0));
    let mut budget = Budget::entries(1);
    assert_eq!(b.append_within(&mut a, &mut budget).unwrap().count, 1);
}

#[test]
fn a_cursor_that_goes_backward_changes_nothing() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..10).map(|n| (n, n)));
    let from = map.cursor_at(std::ops::Bound::Included(&5), graven::Direction::Backward).unwrap();
    let error = map.retain_within(.., Some(&from), &mut Budget::entries(1), |_, _| false).unwrap_err();
    assert!(matches!(error, Error::BadCursor { reason: CursorFault::ForwardOnly }), "{error}");
    assert_eq!(map.len(), 10);
}

/// A budget in entries ends a walk between two of them, wherever they are.
#[test]
fn budgets_are_kept() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..10_000).map(|n| (n, n)));
    let walked = map.update_within(.., None, &mut Budget::entries(3), |_, value| *value += 1).unwrap();
    assert_eq!((walked.seen, walked.count), (3, 3));
    let walked = map.update_within(.., walked.next.as_ref(), &mut Budget::entries(3), |_, _| ()).unwrap();
    assert_eq!((walked.seen, walked.count), (192, 0));
    let walked =
        map.retain_within(.., walked.next.as_ref(), &mut Budget::entries(1_000), |_, _| false).unwrap();
    assert_eq!((walked.seen, walked.count), (1_000, 1_000));
    let mut left = 5;
    let mut more = || {
        left -= 1;
        left > 0
    };
    let budget = &mut Budget::while_true(&mut more);
    let walked = map.update_within(.., walked.next.as_ref(), budget, |_, _| ()).unwrap();
    assert!((1..6).contains(&walked.seen), "{}", walked.seen);
}
