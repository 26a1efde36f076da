//! Changing, keeping, taking out and moving many entries: against std's map, in pieces and in old
//! layouts.

use std::collections::BTreeMap as Std;

use graven::progress::Step;
use graven::{BTreeMap, Budget, Collection, Cursor, Memory, Options, Result, StableLayout, Store};
use graven_tests::chains::mixed;
use graven_tests::memory::Bytes;
use graven_tests::samples::SampleKey;
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

fn opened<K: SampleKey, V: StableLayout, M: Memory + 'static>(memory: M) -> [BTreeMap<K, V, M>; 2] {
    let specs = ["a", "b"].map(|name| BTreeMap::<K, V, M>::SPEC.named(name));
    let mut store = Store::open(memory, &specs, Options::default()).unwrap();
    [0, 1].map(|index| BTreeMap::attach(store.take(index)))
}

/// Repeats `call` until nothing is left, and converts the cursor to bytes and back between calls.
/// Returns the numbers of entries that were seen, and changed or removed.
fn in_pieces(mut call: impl FnMut(Option<&Cursor>) -> Result<Step<Cursor>>) -> (u64, u64) {
    let (mut from, mut seen, mut count) = (None, 0, 0);
    loop {
        let step = call(from.as_ref()).unwrap();
        seen += step.seen;
        count += step.count;
        let Some(next) = step.next else { return (seen, count) };
        from = Some(Cursor::from_bytes(&next.to_bytes()).unwrap());
    }
}

impl<K: SampleKey, V: StableLayout + Clone + PartialEq + std::fmt::Debug> Pair<K, V> {
    #[expect(clippy::too_many_lines, reason = "an arm for each operation")]
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
                    let (seen, _) = in_pieces(|from| {
                        let budget = &mut Budget::entries(budget.into());
                        map.update_within(range.clone(), from, budget, |_, old| {
                            called += 1;
                            if called % 3 == 0 {
                                *old = value(len);
                            }
                        })
                    });
                    let changed: Vec<_> = model.range_mut(range).collect();
                    assert_eq!((called, seen), (changed.len(), changed.len() as u64));
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
                    let (_, count) = in_pieces(|from| {
                        let budget = &mut Budget::entries(budget.into());
                        map.retain_within(range.clone(), from, budget, |_, _| {
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
                    assert_eq!(count, (before - model.len()) as u64);
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
                            map.extract_within(key(n).., from.as_ref(), budget, |_, _| due(&mut calls[0]));
                        let (entries, step) = taken.unwrap();
                        found.extend(entries);
                        from = step.next;
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
                    while {
                        let step = map.split_off_within(&key(n), &mut other, &mut budget()).unwrap();
                        let is_left = map.range(key(n)..).next().is_some();
                        assert_eq!(step.is_done(), !is_left, "exact, also if the budget is just enough");
                        is_left
                    } {}
                    rest.append(&mut model.split_off(&key(n)));
                }
                Op::Append(budget) => {
                    let budget = || Budget::entries(u64::from(budget));
                    while {
                        let step = map.append_within(&mut other, &mut budget()).unwrap();
                        assert_eq!(step.is_done(), other.is_empty());
                        !step.is_done()
                    } {}
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

/// A leaf of two cells that was split for an entry before the last kept its old cells: one
/// entry was twice in the map, another one lost.
#[test]
fn a_leaf_of_two_cells_splits_without_losing_an_entry() {
    fn check<const N: usize>() {
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            let [mut map, _] = opened::<u64, [u8; N], _>(Bytes::default());
            for key in order {
                map.insert(key, [key as u8; N]);
                map.verify().unwrap();
            }
            assert!(map.iter().eq((0..3).map(|key| (key, [key as u8; N]))), "{N} bytes, {order:?}");
        }
    }
    [check::<1344>, check::<1345>, check::<1999>, check::<2014>, check::<2015>]
        .iter()
        .for_each(|check| check());
}
