//! Changing, keeping, taking out and moving many entries: against std's map, in pieces, without memory, with functions
//! that panic, in old layouts and in damaged memory.

use std::cell::RefCell;
use std::collections::BTreeMap as Std;

use graven::btree_map::Walked;
use graven::{
    BTreeMap, Budget, Collection, Cursor, Error, Memory, Options, Result, StableLayout, Store, open,
};
use graven_tests::chains::mixed;
use graven_tests::damage;
use graven_tests::memory::{Bytes, Limited, Metered, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use graven_tests::space::account;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u16, u16, u8),
    Update(u16, u16),
    UpdateRange(u16, u16, u16),
    UpdateSome(u16, u16, u16, u8),
    Retain(u8),
    RetainSome(u16, u16, u8, u8),
    ExtractIf(u16, u8, u8),
    ExtractSome(u16, u8, u8),
    SplitOff(u16, u8),
    Append(u8),
    Ends(u16),
}

fn op() -> impl Strategy<Value = Op> {
    let (key, len, part) = (|| 0..600u16, || 0..2_600u16, any::<u8>);
    prop_oneof![
        8 => (key(), len(), part()).prop_map(|(key, len, count)| Op::Insert(key, len, count)),
        2 => (key(), len()).prop_map(|(key, len)| Op::Update(key, len)),
        2 => (key(), key(), len()).prop_map(|(low, high, len)| Op::UpdateRange(low, high, len)),
        2 => (key(), key(), len(), part()).prop_map(|(low, high, len, b)| Op::UpdateSome(low, high, len, b)),
        1 => part().prop_map(Op::Retain),
        2 => (key(), key(), part(), part()).prop_map(|(low, high, m, b)| Op::RetainSome(low, high, m, b)),
        1 => (key(), part(), part()).prop_map(|(low, m, count)| Op::ExtractIf(low, m, count)),
        1 => (key(), part(), part()).prop_map(|(low, m, b)| Op::ExtractSome(low, m, b)),
        1 => (key(), part()).prop_map(|(key, b)| Op::SplitOff(key, b)),
        1 => part().prop_map(Op::Append),
        1 => len().prop_map(Op::Ends),
    ]
}

/// Two maps of a store and their models, as another version of values may find them.
struct Pair<K, V> {
    memory: Bytes,
    models: [Std<K, V>; 2],
}

fn opened<K: SampleKey, V: StableLayout, M: Memory>(memory: M) -> [BTreeMap<K, V, M>; 2] {
    let specs = ["a", "b"].map(|name| BTreeMap::<K, V, M>::SPEC.named(name));
    let mut store = Store::open(memory, &specs, Options::default()).unwrap();
    [0, 1].map(|index| BTreeMap::attach(store.take(index)))
}

/// Calls in pieces until nothing is left, over a cursor that was a client's in between.
fn in_pieces(mut step: impl FnMut(Option<&Cursor>) -> Result<Walked>) -> Walked {
    let (mut from, mut all) = (None, Walked::default());
    loop {
        let walked = step(from.as_ref()).unwrap();
        all.seen += walked.seen;
        all.changed += walked.changed;
        all.removed += walked.removed;
        let Some(next) = walked.next else { return all };
        from = Some(Cursor::from_bytes(&next.to_bytes()).unwrap());
    }
}

impl<K: SampleKey, V: StableLayout + Clone + PartialEq + std::fmt::Debug> Pair<K, V> {
    fn run(&mut self, ops: &[Op], value: impl Fn(u16) -> V) {
        let [mut map, mut other] = opened::<K, V, _>(self.memory.clone());
        let [model, rest] = &mut self.models;
        let key = |number: u16| K::sample(number.into());
        let ordered = |a: u16, b: u16| (key(a).min(key(b)), key(a).max(key(b)));
        for op in ops {
            match *op {
                Op::Insert(n, len, count) => {
                    for i in n..n + u16::from(count) {
                        map.insert(key(i), value(len / (1 + i % 40)));
                        model.insert(key(i), value(len / (1 + i % 40)));
                    }
                }
                Op::Update(n, len) => {
                    let before = map.update(&key(n), |old| std::mem::replace(old, value(len)));
                    assert_eq!(before, model.get_mut(&key(n)).map(|old| std::mem::replace(old, value(len))));
                    let expected = model.get_key_value(&key(n)).map(|(k, v)| (k.clone(), v.clone()));
                    assert_eq!(map.get_key_value(&key(n)), expected);
                }
                Op::UpdateRange(a, b, len) => {
                    let (low, high) = ordered(a, b);
                    map.update_range(low.clone()..=high.clone(), |_, old| *old = value(len));
                    model.range_mut(low..=high).for_each(|(_, old)| *old = value(len));
                }
                Op::UpdateSome(a, b, len, budget) => {
                    let (low, high) = ordered(a, b);
                    let (range, mut called) = (low..high, 0);
                    let _ = in_pieces(|from| {
                        let budget = &mut Budget::entries(budget.into());
                        map.update_some(range.clone(), from, budget, |_, old| {
                            called += 1;
                            if called % 3 == 0 {
                                *old = value(len);
                            }
                        })
                    });
                    let changed: Vec<_> = model.range_mut(range).collect();
                    assert_eq!(called, changed.len());
                    changed.into_iter().skip(2).step_by(3).for_each(|(_, old)| *old = value(len));
                }
                Op::Retain(modulus) => {
                    let mut calls = [0u32; 2];
                    let keeps = |calls: &mut u32| {
                        *calls += 1;
                        !calls.is_multiple_of(u32::from(modulus % 5) + 1)
                    };
                    map.retain(|_, _| keeps(&mut calls[0]));
                    model.retain(|_, _| keeps(&mut calls[1]));
                    assert_eq!(calls[0], calls[1]);
                }
                Op::RetainSome(a, b, modulus, budget) => {
                    let ((low, high), modulus) = (ordered(a, b), u32::from(modulus % 5) + 1);
                    let (range, mut calls) = (low..high, 0u32);
                    let before = model.len();
                    let walked = in_pieces(|from| {
                        let budget = &mut Budget::entries(budget.into());
                        map.retain_some(range.clone(), from, budget, |_, _| {
                            calls += 1;
                            calls.is_multiple_of(modulus)
                        })
                    });
                    let mut calls = 0u32;
                    model.retain(|key, _| {
                        let is_in = range.contains(key);
                        calls += u32::from(is_in);
                        !is_in || calls.is_multiple_of(modulus)
                    });
                    assert_eq!(walked.removed, (before - model.len()) as u64);
                }
                Op::ExtractIf(n, modulus, count) => {
                    let modulus = u32::from(modulus % 7) + 1;
                    let due = |calls: &mut u32| {
                        *calls += 1;
                        calls.is_multiple_of(modulus)
                    };
                    let mut calls = [0u32; 2];
                    let found: Vec<(K, V)> =
                        map.extract_if(key(n).., |_, _| due(&mut calls[0])).take(count.into()).collect();
                    let expected: Vec<(K, V)> =
                        model.extract_if(key(n).., |_, _| due(&mut calls[1])).take(count.into()).collect();
                    assert_eq!((found, calls[0]), (expected, calls[1]));
                }
                Op::ExtractSome(n, modulus, budget) => {
                    let modulus = u32::from(modulus % 7) + 1;
                    let (mut calls, mut found, mut from) = ([0u32; 2], Vec::new(), None);
                    let due = |calls: &mut u32| {
                        *calls += 1;
                        calls.is_multiple_of(modulus)
                    };
                    loop {
                        let budget = &mut Budget::entries(budget.into());
                        let taken =
                            map.extract_some(key(n).., from.as_ref(), budget, |_, _| due(&mut calls[0]));
                        let taken = taken.unwrap();
                        found.extend(taken.entries);
                        from = taken.next;
                        if from.is_none() {
                            break;
                        }
                    }
                    let expected: Vec<(K, V)> =
                        model.extract_if(key(n).., |_, _| due(&mut calls[1])).collect();
                    assert_eq!(found, expected);
                }
                Op::SplitOff(n, budget) => {
                    let budget = || Budget::entries(u64::from(budget));
                    while !map.split_off_some(&key(n), &mut other, &mut budget()).unwrap().done {}
                    rest.append(&mut model.split_off(&key(n)));
                }
                Op::Append(budget) => {
                    let budget = || Budget::entries(u64::from(budget));
                    while !map.append_some(&mut other, &mut budget()).unwrap().done {}
                    model.append(rest);
                }
                Op::Ends(len) => {
                    if let Some(mut entry) = map.first_entry() {
                        entry.insert(value(len));
                    }
                    model.first_entry().into_iter().for_each(|mut entry| _ = entry.insert(value(len)));
                    if let Some(entry) = map.last_entry() {
                        assert_eq!(Some(entry.remove()), model.pop_last().map(|(_, value)| value));
                    }
                    assert_eq!(map.is_empty(), model.is_empty());
                }
            }
        }
        for (map, model) in [(&map, &*model), (&other, &*rest)] {
            map.verify().unwrap();
            assert!(map.iter().eq(model.iter().map(|(k, v)| (k.clone(), v.clone()))));
        }
        account(map.root().pager(), &[map.stats(), other.stats()]);
    }

    fn upgraded<W: From<V>>(self) -> Pair<K, W> {
        let models = self.models.map(|model| model.into_iter().map(|(k, v)| (k, v.into())).collect());
        Pair { memory: self.memory, models }
    }
}

fn pair<K, V>() -> Pair<K, V> {
    Pair { memory: Bytes::default(), models: [Std::new(), Std::new()] }
}

fn ops(max: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(op(), 0..max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn values_of_any_size(ops in ops(24)) {
        pair::<u64, Vec<u8>>().run(&ops, |len| vec![len as u8; usize::from(len)]);
        pair::<String, String>().run(&ops, |len| "t".repeat(usize::from(len / 20)));
    }

    #[test]
    fn values_of_one_size(ops in ops(24)) {
        pair::<u64, u64>().run(&ops, u64::from);
        pair::<Vec<u8>, u64>().run(&ops, u64::from);
    }

    #[test]
    fn upgrades(ops in prop::collection::vec(ops(8), 5)) {
        let text = |len: u16| "t".repeat(usize::from(len / 20));
        let mut v2 = pair::<String, mixed::V2>();
        v2.run(&ops[0], |len| mixed::V2 { a: len.into(), b: len });
        let mut v3 = v2.upgraded();
        v3.run(&ops[1], |len| mixed::V3 { c: len.into(), text: text(len) });
        let mut v4 = v3.upgraded();
        v4.run(&ops[2], |len| mixed::V4 { c: len.into(), d: vec![1; len as usize], text: text(len) });
        let mut v5 = v4.upgraded();
        v5.run(&ops[3], |len| mixed::V5 { e: len, c: len.into() });
        let mut v6 = v5.upgraded();
        v6.run(&ops[4], |len| mixed::V6 { f: [1; 40], e: len, c: len.into() });
    }
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
        caught(|| map.extract_some(.., None, &mut Budget::entries(1_000), |n, _| {
            panics(n);
            true
        }))
        .is_err()
    );
    assert!(caught(|| map.update(&100, |_| panic!("not this one"))).is_err());
    assert!(image(&memory) == before);
    let walked = map.update_some(.., None, &mut Budget::entries(5_000), |_, value| *value += 1).unwrap();
    assert_eq!((walked.seen, walked.changed, walked.is_done()), (2_000, 2_000, true));
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
            match map.update_some(.., from.as_ref(), budget, |_, value| value.extend([1; 30])) {
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
    let taken = map.extract_some(..500, None, &mut Budget::entries(100), |_, _| true).unwrap();
    assert_eq!(taken.entries.len(), 100);
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
        match a.split_off_some(&0, &mut b, &mut Budget::entries(400)) {
            Ok(moved) if moved.done => break,
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
    assert_eq!(b.append_some(&mut a, &mut budget).unwrap().moved, 1);
}

#[test]
fn a_cursor_that_goes_backward_changes_nothing() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..10).map(|n| (n, n)));
    let from = map.cursor_at(std::ops::Bound::Included(&5), graven::Direction::Backward).unwrap();
    let error = map.retain_some(.., Some(&from), &mut Budget::entries(1), |_, _| false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this cursor cannot be used: it goes backward, and changes are made forward"
    );
    assert_eq!(map.len(), 10);
}

/// A budget in entries ends a walk between two of them, wherever they are.
#[test]
fn budgets_are_kept() {
    let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..10_000).map(|n| (n, n)));
    let walked = map.update_some(.., None, &mut Budget::entries(3), |_, value| *value += 1).unwrap();
    assert_eq!((walked.seen, walked.changed), (3, 3));
    let walked = map.update_some(.., walked.next.as_ref(), &mut Budget::entries(3), |_, _| ()).unwrap();
    assert_eq!((walked.seen, walked.changed), (192, 0));
    let walked =
        map.retain_some(.., walked.next.as_ref(), &mut Budget::entries(1_000), |_, _| false).unwrap();
    assert_eq!((walked.seen, walked.removed), (1_000, 1_000));
    let mut left = 5;
    let mut more = || {
        left -= 1;
        left > 0
    };
    let budget = &mut Budget::while_true(&mut more);
    let walked = map.update_some(.., walked.next.as_ref(), budget, |_, _| ()).unwrap();
    assert!((1..6).contains(&walked.seen), "{}", walked.seen);
}

/// What is damaged is told by an error, after a number of accesses that does not grow without end.
#[test]
fn damaged_memory() {
    let sound = damage::sound();
    let rng = &mut Rng::new(9);
    let (mut errors, mut fine) = (0, 0);
    for _ in 0..400 {
        let mut bytes = sound.clone();
        for _ in 0..1 + rng.below(12) {
            let at = 4_096 + rng.below(bytes.len() as u64 - 4_096) as usize;
            // Headers and slots are where it hurts.
            let at = if rng.once_in(2) { at / 4_096 * 4_096 + rng.below(64) as usize } else { at };
            bytes[at] = rng.any() as u8;
        }
        let memory = Metered::new(memory_of(&bytes), 400_000);
        let Ok(store) = damage::Newest::open(memory) else { continue };
        let store = RefCell::new(store);
        let ran = caught(|| {
            let store = &mut *store.borrow_mut();
            let results = [
                all(&mut store.numbers, rng),
                all(&mut store.versions, rng),
                all(&mut store.texts, rng),
                all(&mut store.deep, rng),
                all(&mut store.large, rng),
            ];
            results.into_iter().partition::<Vec<_>, _>(Result::is_ok)
        });
        let (ok, failed) =
            ran.unwrap_or_else(|panic| panic!("{panic} at {}", graven_tests::panics::last_place()));
        fine += ok.len();
        errors += failed.len();
    }
    assert!(errors > 20 && fine > 20, "{errors} {fine}");
}

fn all<K: SampleKey, V: SampleValue>(map: &mut BTreeMap<K, V, Metered>, rng: &mut Rng) -> Result<()> {
    let mut from = None;
    for _ in 0..50 {
        let page = map.page(from.as_ref(), 40)?;
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let mut from = None;
    for _ in 0..200 {
        let value = V::sample(rng);
        let walked =
            map.update_some(.., from.as_ref(), &mut Budget::entries(25), |_, old| *old = value.clone())?;
        from = walked.next;
        if from.is_none() {
            break;
        }
    }
    let mut other = open::<BTreeMap<K, V>>("other", Bytes::default())?;
    for _ in 0..200 {
        if map.split_off_some(&K::sample(300), &mut other, &mut Budget::entries(20))?.done {
            break;
        }
    }
    let mut odd = false;
    let mut takes = |_: &K, _: &mut V| {
        odd = !odd;
        odd
    };
    let mut taken = map.extract_if(.., &mut takes);
    for _ in 0..30 {
        if taken.try_next()?.is_none() {
            break;
        }
    }
    drop(taken);
    let last = K::sample(1 << 20);
    let _ = map.load_sorted([(last, V::sample(rng))]).map_err(|failed| failed.error);
    for _ in 0..200 {
        if map.retain_some(.., None, &mut Budget::entries(64), |_, _| false)?.is_done() {
            break;
        }
    }
    Ok(())
}
