//! Cursors: each entry that stays is seen once whatever happens in between, and nothing else passes
//! for a cursor.

use std::collections::BTreeMap as Std;
use std::ops::Bound;

use graven::{
    BTreeMap, BTreeSet, Collection, Cursor, CursorFault, Direction, Error, Options, Result, Store, open,
};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use proptest::prelude::*;

/// Returns the cursor as it comes back from a client.
fn echoed(cursor: &Cursor) -> Cursor {
    let bytes = cursor.to_bytes();
    assert!((15..=1007).contains(&bytes.len()));
    let back = Cursor::from_bytes(&bytes).unwrap();
    assert_eq!((&back, back.direction()), (cursor, cursor.direction()));
    back
}

#[track_caller]
fn bad<T>(result: Result<T>) -> CursorFault {
    match result {
        Err(Error::BadCursor { reason }) => reason,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was taken"),
    }
}

/// Pages of random sizes, with random changes and re-opens in between.
fn pages<K: SampleKey>(seed: u64, space: u64, direction: Direction) {
    let (memory, rng) = (Bytes::default(), &mut Rng::new(seed));
    let mut map: BTreeMap<K, u64> = open("map", memory.clone()).unwrap();
    (0..space).for_each(|_| _ = map.insert(K::sample(rng.below(space)), 0));
    // An entry that goes, comes or comes anew is marked as one of which nothing is promised.
    let before: Std<K, u64> = map.iter().collect();
    let mut touched = Std::new();
    let mut from = map.cursor_at(Bound::<&K>::Unbounded, direction).unwrap();
    let mut seen = Vec::new();
    loop {
        let page = map.page(Some(&from), rng.below(40) as usize).unwrap();
        seen.extend(page.items.into_iter().map(|(key, _)| key));
        let Some(next) = page.next else { break };
        from = echoed(&next);
        for _ in 0..rng.below(12) {
            let key = K::sample(rng.below(space * 2));
            touched.insert(key.clone(), ());
            if rng.once_in(2) {
                map.remove(&key)
            } else {
                map.insert(key, 1)
            };
        }
        if rng.once_in(5) {
            map = open("map", memory.clone()).unwrap();
        }
    }
    let rises = |pair: &[K]| match direction {
        Direction::Forward => pair[0] < pair[1],
        Direction::Backward => pair[0] > pair[1],
    };
    assert!(seen.windows(2).all(rises));
    let stayed = || before.keys().filter(|key| !touched.contains_key(key));
    seen.sort();
    assert!(stayed().all(|key| seen.binary_search(key).is_ok()));
    assert!(seen.iter().all(|key| before.contains_key(key) || touched.contains_key(key)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_entry_that_stays_is_seen_once(seed in any::<u64>(), space in 1..1_500u64) {
        for direction in [Direction::Forward, Direction::Backward] {
            pages::<u64>(seed, space, direction);
            pages::<String>(seed, space, direction);
            pages::<Vec<u8>>(seed, space / 4 + 1, direction);
        }
    }

    #[test]
    fn pages_of_ranges(low in 0..900u64, len in 0..900u64, limit in 1..200usize) {
        let mut map: BTreeMap<u64, u64> = open("map", Bytes::default()).unwrap();
        let mut set: BTreeSet<u64> = open("set", Bytes::default()).unwrap();
        map.extend((0..1_000).map(|n| (n, n)));
        set.extend(0..1_000);
        let range = low..low + len;
        for direction in [Direction::Forward, Direction::Backward] {
            let mut from = Some(map.cursor_at(Bound::<&u64>::Unbounded, direction).unwrap());
            let mut from_set = Some(set.cursor_at(Bound::<&u64>::Unbounded, direction).unwrap());
            let mut seen = Vec::new();
            while let Some(cursor) = from {
                let page = map.page_range(range.clone(), Some(&cursor), limit).unwrap();
                let same = set.page_range(range.clone(), from_set.as_ref(), limit).unwrap();
                assert!(page.items.iter().map(|(key, _)| *key).eq(same.items));
                seen.extend(page.items);
                (from, from_set) = (page.next, same.next);
            }
            let mut expected: Vec<(u64, u64)> = map.range(range.clone()).collect();
            if direction == Direction::Backward {
                expected.reverse();
            }
            assert_eq!(seen, expected);
        }
    }
}

#[test]
fn a_cursor_of_another_collection_is_refused() {
    type Map = BTreeMap<u64, u64>;
    type Other = BTreeMap<i64, u64>;
    let specs = [Map::SPEC.named("a"), Map::SPEC.named("b")];
    let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
    let (mut a, b) = (Map::attach(store.take(0)), Map::attach(store.take(1)));
    a.extend((0..10).map(|n| (n, n)));
    let cursor = a.page(None, 5).unwrap().next.unwrap();
    assert_eq!(a.page(Some(&cursor), 1).unwrap().items, [(5, 5)]);
    assert_eq!(bad(b.page(Some(&cursor), 1)), CursorFault::OtherCollection);
    let in_its_place = |reason| assert_eq!(reason, CursorFault::Changed);
    in_its_place(bad(open::<Map>("b", Bytes::default()).unwrap().page(Some(&cursor), 1)));
    in_its_place(bad(open::<Other>("a", Bytes::default()).unwrap().page(Some(&cursor), 1)));
    in_its_place(bad(open::<BTreeSet<u64>>("a", Bytes::default()).unwrap().page(Some(&cursor), 1)));
    // In another store of the same declarations it is the same place.
    assert_eq!(open::<Map>("a", Bytes::default()).unwrap().page(Some(&cursor), 1).unwrap().items, []);
}

#[test]
fn a_cursor_outlives_upgrades_but_no_other_name_of_its_collection() {
    type Before = BTreeMap<String, u32>;
    let memory = Bytes::default();
    let mut map: Before = open("map", memory.clone()).unwrap();
    map.extend((0..9).map(|n| (n.to_string(), n)));
    let cursor = map.page(None, 4).unwrap().next.unwrap();
    drop(map);
    let after: BTreeMap<String, u32> = open("map", memory.clone()).unwrap();
    assert_eq!(after.page(Some(&cursor), 1).unwrap().items, [("4".to_string(), 4)]);
    drop(after);
    let specs = [Before::SPEC.named("renamed").renamed(&["map"])];
    let mut store = Store::open(memory, &specs, Options::default()).unwrap();
    let renamed = Before::attach(store.take(0));
    bad(renamed.page(Some(&cursor), 1));
}

#[test]
fn no_other_bytes_are_a_cursor() {
    let mut map: BTreeMap<String, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..50).map(|n| (format!("key {n}"), n)));
    let cursor = map.page(None, 20).unwrap().next.unwrap().to_bytes();
    let used = |bytes: &[u8]| Cursor::from_bytes(bytes).and_then(|cursor| map.page(Some(&cursor), 1));
    assert!(used(&cursor).is_ok());
    for at in 0..cursor.len() {
        for bit in 0..8 {
            let mut bytes = cursor.clone();
            bytes[at] ^= 1 << bit;
            bad(used(&bytes));
        }
    }
    (0..cursor.len()).for_each(|len| _ = bad(used(&cursor[..len])));
    bad(used(&[&cursor[..], b"x"].concat()));
    assert_eq!(bad(Cursor::from_bytes(&[9])), CursorFault::UnknownFormat);
    assert_eq!(bad(Cursor::from_bytes(&[1; 1011])), CursorFault::WrongLength);
    let of_no_root = Cursor::from_bytes(&[1; 20][..]).and_then(|cursor| map.page(Some(&cursor), 1));
    assert_eq!(bad(of_no_root), CursorFault::OtherCollection);
}

#[test]
fn keys_may_be_as_long_as_keys_are() {
    let mut map: BTreeMap<Vec<u8>, u64> = open("map", Bytes::default()).unwrap();
    map.insert(vec![7; 992], 1);
    map.insert(vec![8; 992], 2);
    let cursor = echoed(&map.page(None, 1).unwrap().next.unwrap());
    assert_eq!(cursor.to_bytes().len(), 1007);
    assert_eq!(map.page(Some(&cursor), 9).unwrap().items, [(vec![8; 992], 2)]);
    let too_long = map.cursor_at(Bound::Included(&vec![7; 993]), Direction::Forward);
    assert!(matches!(too_long, Err(Error::KeyTooLong { len: 993, max: 992 })));
    let there = map.cursor_at(Bound::Included(&vec![8; 992]), Direction::Forward).unwrap();
    assert_eq!(map.page(Some(&there), 9).unwrap().items.len(), 1);
    let beyond = map.cursor_at(Bound::Excluded(&vec![8; 992]), Direction::Forward).unwrap();
    assert_eq!(map.page(Some(&beyond), 9).unwrap().items.len(), 0);
    let below = map.cursor_at(Bound::Excluded(&vec![8; 992]), Direction::Backward).unwrap();
    assert_eq!(map.page(Some(&below), 9).unwrap().items, [(vec![7; 992], 1)]);
}

#[test]
fn no_page_is_larger_than_the_map_whatever_its_limit() {
    let mut set: BTreeSet<u64> = open("set", Bytes::default()).unwrap();
    set.extend(0..10);
    let all = set.page(None, usize::MAX).unwrap();
    assert_eq!((all.items.len(), all.next), (10, None));
    let none = set.page(None, 0).unwrap();
    assert!(none.items.is_empty());
    assert_eq!(set.page(none.next.as_ref(), 1).unwrap().items, [0]);
    set.clear();
    assert_eq!(set.page(None, 0).unwrap().next, None);
}

/// The example of docs/format.md, byte by byte.
#[test]
fn the_bytes_are_those_of_the_document() {
    type Places = BTreeMap<u32, u64>;
    let specs = [graven::Cell::<u64>::SPEC.named("limit"), Places::SPEC.named("places")];
    let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
    let mut places = Places::attach(store.take(1));
    places.extend([(7, 1), (9, 2)]);
    let cursor = places.page(None, 1).unwrap().next.unwrap().to_bytes();
    let hex: Vec<String> = cursor.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.join(" ");
    let fields = [&hex[..2], &hex[3..5], &hex[6..17], &hex[18..41], &hex[42..]].join("  ");
    let document = include_str!("../../../../../docs/format.md");
    assert!(document.contains(&fields), "{fields}");
}
