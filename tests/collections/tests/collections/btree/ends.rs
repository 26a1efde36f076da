//! The leaf that was found last, and the end of the leaf to which the last entry was added, which a
//! tree remembers. Each test makes them outdated in another way, between entries that ascend.

use std::collections::BTreeMap as Std;

use graven::{BTreeMap, Error, Nested};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;

type Memory = Limited;

#[graven::store]
struct App {
    numbers: BTreeMap<u64, u64, Memory>,
    others: BTreeMap<u64, u64, Memory>,
    digests: BTreeMap<[u8; 32], [u8; 100], Memory>,
    owned: BTreeMap<(u64, u16), u32, Memory>,
    nested: Nested<u8, BTreeMap<u64, u64, Memory>, Memory>,
}

/// A store whose maps get the same entries as a model.
struct Twin {
    memory: Memory,
    app: App,
    model: Std<u64, u64>,
}

fn digest(n: u64) -> [u8; 32] {
    let mut key = [0; 32];
    // Keys share their first eight bytes with seven others.
    key[..8].copy_from_slice(&(n / 8).to_be_bytes());
    key[8..16].copy_from_slice(&n.to_be_bytes());
    key
}

fn owned(n: u64) -> (u64, u16) {
    (n / 50, (n % 50) as u16)
}

impl Twin {
    fn new() -> Self {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let app = App::open(memory.clone()).unwrap();
        Twin { memory, app, model: Std::new() }
    }

    /// Returns a store with entries that end in the middle of a leaf.
    fn filled(entries: u64) -> Self {
        let mut twin = Twin::new();
        twin.put(0..entries);
        twin
    }

    fn put(&mut self, keys: impl IntoIterator<Item = u64>) {
        for n in keys {
            let old = self.model.insert(n, n + 7);
            assert_eq!(self.app.numbers.insert(n, n + 7), old);
            assert_eq!(self.app.digests.insert(digest(n), [n as u8; 100]).is_some(), old.is_some());
            assert_eq!(self.app.owned.insert(owned(n), n as u32).is_some(), old.is_some());
            let mut nested = self.app.nested.or_create(&1);
            assert_eq!(nested.insert(n, n + 7), old);
        }
    }

    fn remove(&mut self, keys: impl IntoIterator<Item = u64>) {
        for n in keys {
            let old = self.model.remove(&n);
            assert_eq!(self.app.numbers.remove(&n), old);
            assert_eq!(self.app.digests.remove(&digest(n)).is_some(), old.is_some());
            assert_eq!(self.app.owned.remove(&owned(n)).is_some(), old.is_some());
            assert_eq!(self.app.nested.or_create(&1).remove(&n), old);
        }
    }

    fn check(&self) {
        let model: Vec<_> = self.model.iter().map(|(key, value)| (*key, *value)).collect();
        assert_eq!(self.app.numbers.iter().collect::<Vec<_>>(), model);
        assert!(model.iter().all(|(key, value)| self.app.numbers.get(key) == Some(*value)));
        assert!(self.app.digests.keys().eq(model.iter().map(|(key, _)| digest(*key))));
        assert!(self.app.owned.keys().eq(model.iter().map(|(key, _)| owned(*key))));
        assert!(model.iter().all(|(key, _)| self.app.digests.contains_key(&digest(*key))));
        if let Some(nested) = self.app.nested.get(&1) {
            assert_eq!(nested.iter().collect::<Vec<_>>(), model);
        }
        self.app.numbers.verify().unwrap();
        self.app.others.verify().unwrap();
        self.app.digests.verify().unwrap();
        self.app.owned.verify().unwrap();
        self.app.nested.verify().unwrap();
    }
}

#[test]
fn a_removal_makes_an_end_outdated() {
    for entries in [1, 5, 300, 1_000] {
        for gone in [vec![entries - 1], vec![0], vec![entries / 2, entries - 1], vec![entries - 1, 0]] {
            let mut twin = Twin::filled(entries);
            twin.remove(gone);
            twin.put(entries..entries + 3);
            twin.remove([entries + 2]);
            twin.put([entries + 1, entries + 4, entries + 2]);
            twin.check();
        }
    }
}

#[test]
fn an_entry_elsewhere_makes_an_end_outdated() {
    for entries in [3, 300, 1_000] {
        let mut twin = Twin::new();
        twin.put((0..entries).map(|n| 10 * n));
        for n in 0..entries {
            // Between two entries, then after all.
            twin.put([10 * ((n * 37) % entries) + 1 + n % 7, 10 * (entries + n)]);
        }
        twin.check();
    }
}

#[test]
fn a_split_in_the_middle_makes_a_leaf_outdated() {
    let mut twin = Twin::new();
    twin.put((0..400).map(|n| 1_000 * n));
    // A leaf fills up and is divided. Entries that come after each other are on both sides.
    for n in 0..500 {
        twin.put([200_000 + n]);
        assert_eq!(twin.app.numbers.get(&200_000), twin.model.get(&200_000).copied());
        assert_eq!(twin.app.numbers.get(&(200_000 + n / 2)), twin.model.get(&(200_000 + n / 2)).copied());
        assert_eq!(twin.app.numbers.get(&(201_000)), twin.model.get(&201_000).copied());
    }
    twin.check();
}

#[test]
fn a_merge_makes_a_leaf_outdated() {
    let mut twin = Twin::filled(2_000);
    for n in (900..1_999).rev() {
        twin.remove([n]);
        assert_eq!(twin.app.numbers.get(&(n - 1)), twin.model.get(&(n - 1)).copied());
        assert_eq!(twin.app.numbers.get(&n), None);
    }
    twin.put([1_000, 3_000, 3_001]);
    twin.check();
    twin.remove(0..2_000);
    twin.put([5, 4_000]);
    twin.remove([3_000, 3_001, 5, 4_000]);
    twin.put(0..3);
    twin.check();
}

#[test]
fn a_cleared_map_begins_anew() {
    for entries in [1, 10, 1_000] {
        let mut twin = Twin::filled(entries);
        twin.app.numbers.clear();
        twin.app.digests.clear();
        twin.app.owned.clear();
        twin.app.nested.remove(&1);
        twin.model.clear();
        assert_eq!(twin.app.numbers.get(&(entries - 1)), None);
        // Another map gets the pages.
        (0..entries + 400).for_each(|n| _ = twin.app.others.insert(n, n));
        twin.put(entries..entries + 300);
        twin.check();
        assert_eq!(twin.app.others.len(), entries + 400);
    }
}

#[test]
fn an_undone_transaction_makes_an_end_outdated() {
    for entries in [3, 300, 1_000] {
        let mut twin = Twin::filled(entries);
        for added in [1, 2, 150, 700] {
            let undone = twin.app.transact(|app| -> Result<(), ()> {
                for n in entries..entries + added {
                    app.numbers.insert(n, 1);
                    app.digests.insert(digest(n), [1; 100]);
                    app.owned.insert(owned(n), 1);
                    app.nested.or_create(&1).insert(n, 1);
                }
                Err(())
            });
            assert_eq!(undone, Err(()));
            assert_eq!(twin.app.numbers.get(&entries), None);
        }
        twin.put(entries + 1..entries + 5);
        twin.check();
    }
}

#[test]
fn an_insert_that_found_no_memory_leaves_an_end_valid() {
    let mut twin = Twin::new();
    twin.memory.allow(0);
    let mut refused = 0;
    for n in 0..40_000 {
        match twin.app.numbers.try_insert(n, n + 7) {
            Ok(old) => {
                assert_eq!(old, None);
                twin.model.insert(n, n + 7);
            }
            Err(Error::OutOfMemory { .. }) => {
                refused += 1;
                // What has room is still added, before the end and in other maps.
                twin.app.numbers.remove(&(n / 2));
                twin.model.remove(&(n / 2));
                if refused % 3 == 0 {
                    twin.memory.allow(1);
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused > 3);
    assert!(twin.app.numbers.iter().eq(twin.model.iter().map(|(key, value)| (*key, *value))));
    twin.app.numbers.verify().unwrap();
}

#[test]
fn a_store_that_was_opened_again_knows_no_end_and_the_old_one_writes_none() {
    let mut twin = Twin::filled(300);
    let mut old = std::mem::replace(&mut twin.app, App::open(twin.memory.clone()).unwrap());
    twin.put(300..310);
    assert!(matches!(old.numbers.try_insert(301, 0), Err(Error::Superseded)));
    assert!(matches!(old.numbers.try_get(&299), Err(Error::Superseded)));
    twin.put(310..320);
    twin.check();
}

#[test]
fn many_entries_at_once_make_an_end_outdated() {
    let mut twin = Twin::filled(500);
    let all = |range: std::ops::Range<u64>| range.map(|n| (n, n + 7));
    twin.app.numbers.extend(all(500..900));
    twin.app.digests.extend((500..900).map(|n| (digest(n), [n as u8; 100])));
    twin.app.owned.extend((500..900).map(|n| (owned(n), n as u32)));
    twin.app.nested.or_create(&1).extend(all(500..900));
    twin.model.extend(all(500..900));
    twin.put(900..905);
    twin.check();
    twin.app.numbers.retain(|key, _| key % 3 > 0);
    twin.app.digests.retain(|_, value| value[0] % 3 > 0);
    twin.model.retain(|key, _| key % 3 > 0);
    twin.app.numbers.insert(905, 912);
    twin.model.insert(905, 912);
    let mut rest = twin.app.numbers.range(600..).collect::<Vec<_>>();
    rest.iter().for_each(|(key, _)| _ = twin.app.numbers.remove(key));
    rest.iter_mut().for_each(|(key, value)| _ = twin.app.numbers.insert(*key, *value));
    assert!(twin.app.numbers.iter().eq(twin.model.iter().map(|(key, value)| (*key, *value))));
    twin.app.numbers.verify().unwrap();
    twin.app.digests.verify().unwrap();
}

#[test]
fn runs_of_ascending_keys_among_all_other_operations() {
    for seed in 0..12 {
        let (rng, mut twin) = (&mut Rng::new(seed), Twin::new());
        let mut next = 0;
        for _ in 0..1_200 {
            match rng.below(20) {
                0..12 => {
                    let run = rng.below(30);
                    twin.put(next..next + run);
                    next += run + rng.below(3);
                }
                12..14 => twin.remove(next.checked_sub(1 + rng.below(3))),
                14 => twin.remove([rng.below(next + 1)]),
                15 => twin.put([rng.below(next + 1)]),
                16 => next = rng.below(next + 1),
                17 => {
                    let from = rng.below(next + 1);
                    twin.remove(from..from + rng.below(60));
                }
                18 => _ = twin.app.others.insert(rng.below(5_000), 1),
                _ => {
                    let n = rng.below(next + 1);
                    assert_eq!(twin.app.numbers.get(&n), twin.model.get(&n).copied());
                    assert_eq!(twin.app.numbers.get(&(n + 1)), twin.model.get(&(n + 1)).copied());
                }
            }
        }
        twin.check();
    }
}
