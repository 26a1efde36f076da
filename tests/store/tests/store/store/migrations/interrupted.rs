//! Sweeps with other operations, exhausted memory, panics and damage between their steps.

use graven::{BTreeMap, Budget, Cell, Collection, Error, open};
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::space::account;

use super::{New, Old, RULE, Rule, check, old, stored, sweep_values, v1, v2, v3};

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
fn a_cell_whose_old_value_is_counted_but_not_there_is_damaged() {
    let memory = Bytes::default();
    let cell: Cell<v1::Item> = open("cell", memory.clone()).unwrap();
    graven::Memory::write(&memory, row_pages(cell.root().page().get()), &1u32.to_le_bytes());
    let mut cell: Cell<v2::Item> = open("cell", memory).unwrap();
    assert!(matches!(cell.sweep(&mut Budget::pages(1)), Err(Error::Damaged { .. })));
}

#[test]
fn a_sweep_for_pages_that_are_not_there_comes_to_an_end() {
    for entries in [0, 1, 5_000u64] {
        let (memory, model) = stored((0..entries).map(|n| (n, vec![1; 9])), <[u8]>::to_vec);
        let map: Old<u64> = open("map", memory.clone()).unwrap();
        let at = row_pages(map.root().page().get());
        let pages = map.root().pages_of(map.root().current()) + 1;
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
