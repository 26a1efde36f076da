//! The operations that fill the store, in this order: cells, values, trees, large values, keys, and
//! detached trees.

use candid::Principal;
use graven::{BTreeMap, Blob, Collection, Reverse, StableKey};
use graven_core::page::PageNumber;

use super::Everything;
use super::keys::{DynamicKey, Even, FixedKey, Odd};
use super::samples::{dynamic, events, extremes, fixed, primitives, principal, shapes};
use super::values::{Coded, Event};

/// Mostly zeros, which take no rows in a listing.
pub(super) fn sparse(len: usize, mark: u8) -> Vec<u8> {
    let mut bytes = vec![0; len];
    (bytes[0], bytes[len - 1]) = (mark, mark);
    bytes
}

pub(super) fn cells(store: &mut Everything) {
    store.taken.set(5);
    store.unit.set(());
    store.limit.set(9);
    store.limit.set(10);
    store.primitives.set(primitives());
    store.extremes.set(extremes());
    store.fixed.set(fixed());
    store.dynamic.set(dynamic());
    store.coded.set(Coded(vec![0xc0, 0xde]));
    store.large_cell.set(sparse(20_000, 1));
    assert_eq!(store.taken.take(), Some(5));
}

pub(super) fn values(store: &mut Everything) {
    for number in 0..4 {
        store.emptied.insert(number, Event::Started);
    }
    while store.emptied.pop_first().is_some() {}
    store.short_cell.insert(7, ());
    store.shapes.extend((1..).zip(shapes()));
    store.events.extend((1..).zip(events()));
    for (key, value) in [("ab", "xyz"), ("", "empty key"), ("empty value", ""), ("Zürich", "ZH")] {
        store.names.insert(key.into(), value.into());
        store.scores.insert(key.into(), value.len() as u32);
    }
    store.options.extend([(1, Some("one".into())), (2, None), (3, Some(String::new()))]);
    for number in 0..6 {
        store.holes.insert(number, format!("text {number}").repeat(number as usize));
    }
    store.holes.remove(&1);
    store.holes.remove(&3);
    store.holes.insert(4, "shorter than before".into());
    store.holes.insert(6, "text 1".into());
}

pub(super) fn trees(store: &mut Everything) {
    for number in 0..15u32 {
        store.two_levels.insert(number * 7 % 15, Blob::new([number as u8]).unwrap());
    }
    for number in 0..34u32 {
        let mut key = vec![0; 980];
        key[976..].copy_from_slice(&(number * 5 % 34).to_be_bytes());
        store.three_levels.insert(key, number);
    }
    // Leaves are dropped on both sides; keys in front of first children are left over.
    for number in (0..8).chain([14, 15, 16, 17, 18]) {
        let mut key = vec![0; 980];
        key[976..].copy_from_slice(&u32::to_be_bytes(number));
        assert!(store.three_levels.remove(&key).is_some());
    }
}

/// Values in extents, of which some are in pieces between others.
pub(super) fn large(store: &mut Everything) {
    for number in 1..6 {
        store.large_values.insert(number, sparse(3000 + 1000 * number as usize, number as u8));
    }
    store.large_values.remove(&2);
    store.large_values.remove(&4);
    store.large_cell.set(sparse(17_000, 2));
    store.large_values.insert(6, sparse(12_000, 6));
    store.large_values.insert(1, sparse(2000, 1));
    store.large_values.insert(7, Vec::new());
    store.large_values.insert(8, sparse(2024, 8));
    store.large_values.insert(9, sparse(2025, 9));
    for key in ["one", "two"] {
        store.large_fixed.insert(key.into(), Blob::new(key.as_bytes()).unwrap());
    }
}

fn fill<K: StableKey, const N: usize>(map: &mut BTreeMap<K, u32>, keys: [K; N]) {
    map.extend(keys.into_iter().zip(1..));
}

fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn keys(store: &mut Everything) {
    let max = (u8::MAX, u16::MAX, u32::MAX, u64::MAX, u128::MAX);
    fill(&mut store.unsigned, [(1, 2, 3, 4, 5), max, (0, 0x0102, 0, 0x0304, 0)]);
    let (min, max) = (
        (i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN),
        (i8::MAX, i16::MAX, i32::MAX, i64::MAX, i128::MAX),
    );
    fill(&mut store.signed, [(-1, -2, -3, -4, -5), max, (0, 0, 0, 0, 0), min, (1, 2, 3, 4, 5)]);
    fill(&mut store.bools, [(true, 'a'), (false, '\u{10ffff}'), (true, 'é'), (false, 'a')]);
    let principals = [principal(&[1, 2]), Principal::anonymous(), principal(&[9; 29])];
    fill(&mut store.principals, principals);
    store.principals.insert(Principal::management_canister(), 4);
    fill(&mut store.texts, ["b", "", "ab", "a\0", "Zürich"].map(|text| text.parse().unwrap()));
    fill(&mut store.blobs, [&[0u8, 0][..], &[], &[0xff; 4], &[1]].map(|bytes| Blob::new(bytes).unwrap()));
    fill(&mut store.bytes, [[1, 2, 3, 4], [0; 4], [0xff; 4]]);
    fill(&mut store.arrays, [[-1, 1], [0, 0], [-300, 300]]);
    fill(&mut store.text_arrays, [["a", "b\0"], ["a\0", ""], ["", "a"]].map(|pair| pair.map(text)));
    let words = ["ab", "a\0b", "a", "", "\0"].map(text);
    fill(&mut store.text_first, words.clone().map(|word| (word, 8001)));
    fill(&mut store.text_last, words.clone().map(|word| (8001, word)));
    fill(&mut store.text_then_unit, words.clone().map(|word| (word.into_bytes(), ())));
    fill(&mut store.option_first, [(Some(text("ab")), 1), (None, 1), (Some(text("")), 2)]);
    let blob = Blob::new([0, 1]).unwrap();
    fill(&mut store.option_last, [(1, Some(blob)), (1, None), (0, Some(Blob::default()))]);
    fill(&mut store.reversed, [5, -5, i32::MIN].map(Reverse));
    fill(&mut store.reversed_text, words.clone().map(Reverse));
    fill(&mut store.reversed_inside, words.map(|word| (Reverse((word.clone(), -1)), word)));
    fill(&mut store.fixed_keys, [-1, 0, 1].map(|number| FixedKey { number, bytes: [1, 2] }));
    let key = |city: Option<&str>, newest_first, name: &str| DynamicKey {
        country: text("CH"),
        city: city.map(text),
        newest_first: Reverse(newest_first),
        name: text(name),
    };
    fill(&mut store.dynamic_keys, [key(Some("Bern"), 1, "x"), key(None, 7, "y"), key(None, 8, "\0")]);
    fill(&mut store.even_keys, [Even::Bytes([1, 2]), Even::Number(0x0102), Even::Bytes([0, 0])]);
    let both = Odd::Both { name: text("b\0"), number: 3 };
    let odd = [
        (Odd::Name(text("a")), both.clone()),
        (Odd::None, Odd::Name(text("a\0"))),
        (both.clone(), both),
        (Odd::None, Odd::None),
    ];
    fill(&mut store.odd_keys, odd);
    fill(&mut store.unit_key, [()]);
}

/// Two detached trees, of which the younger one is partly freed: that begins when pages
/// run short.
pub(super) fn dead(store: &mut Everything) {
    for round in 1..=2 {
        for number in 0..12 {
            store.cleared.insert(number, sparse(if number % 5 == 1 { 2500 } else { 900 }, round));
        }
        store.cleared.clear();
    }
    let (memory_bytes, whole) = (store.usage().memory_bytes, dead_children(store));
    while dead_children(store) == whole {
        store.filler.insert(store.filler.len() as u32, Blob::new([0xf1]).unwrap());
        assert_eq!(store.usage().memory_bytes, memory_bytes, "the memory grew before the dead were used");
    }
    assert!(store.usage().detached);
}

/// Page of the first dead node, and how many pages it owns.
fn dead_children(store: &Everything) -> (PageNumber, u16) {
    let pager = store.cleared.root().pager();
    let (dead, mut owned) = (pager.heads().detached.get(), [0; 2]);
    pager.read(dead, 10, &mut owned).unwrap();
    (dead, u16::from_le_bytes(owned))
}
