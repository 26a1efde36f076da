//! `HashMap`.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::entry::Entry;
use graven::{Budget, HashMap, open};
use graven_tests::memory::Bytes;

const HEAP: &str = "buckets come and go one at a time: there is nothing to be reserved or given back";
const HASHER: &str = "the hash is part of the format, so that every program finds what another one stored";

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("new_in", Not("an allocator is for the heap; a memory is given to `open`")),
    ("with_capacity", Not(HEAP)),
    ("with_capacity_in", Not(HEAP)),
    ("with_hasher", As("reseed(seed): the hash is the same, its seed is not")),
    ("with_hasher_in", Not(HASHER)),
    ("with_capacity_and_hasher", Not(HASHER)),
    ("with_capacity_and_hasher_in", Not(HASHER)),
    ("hasher", As("seed()")),
    ("capacity", Not(HEAP)),
    ("reserve", Not(HEAP)),
    ("try_reserve", Not(HEAP)),
    ("shrink_to_fit", Not(HEAP)),
    ("shrink_to", Not(HEAP)),
    ("keys", Same),
    ("into_keys", Not("a collection in stable memory is not consumed; `keys` gives copies")),
    ("values", Same),
    ("values_mut", As("update_all(change)")),
    ("into_values", Not("a collection in stable memory is not consumed; `values` gives copies")),
    ("iter", Same),
    ("iter_mut", As("update_all(change)")),
    ("len", Same),
    ("is_empty", Same),
    ("drain", As("extract_if(|_, _| true), and `clear` for what the iterator did not come to")),
    ("extract_if", Same),
    ("retain", Same),
    ("clear", Same),
    ("entry", Same),
    ("get", Same),
    ("get_key_value", Same),
    ("contains_key", Same),
    (
        "get_mut",
        As("update(key, change), or `entry`: a value in stable memory is a copy that is written back"),
    ),
    ("get_disjoint_mut", As("update(key, change), for one key after another")),
    ("get_disjoint_unchecked_mut", As("update(key, change), for one key after another")),
    ("insert", Same),
    ("remove", Same),
    ("remove_entry", Same),
];

#[test]
fn what_is_said_is_there() {
    check(TABLE, include_str!("hash_map.rs"), "std/src/collections/hash/map.rs", "HashMap");
    calls();
}

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    let mut map: HashMap<String, u64> = open("map", Bytes::default()).unwrap();
    assert!(map.reseed(7).unwrap() && map.seed() == 7);
    assert_eq!((map.insert("b".into(), 2), map.insert("a".into(), 1)), (None, None));
    assert_eq!((map.get("a"), map.get_key_value("b")), (Some(1), Some(("b".into(), 2))));
    assert!(map.contains_key("a") && !map.is_empty() && map.len() == 2);
    assert_eq!(map.update("a", |value| *value += 9), Some(()));
    map.update_all(|_, value| *value += 1);
    assert!(matches!(map.entry("c".into()), Entry::Vacant(_)));
    assert_eq!(sorted(map.iter()), [("a".into(), 11), ("b".into(), 3)]);
    assert_eq!((sorted(map.keys()).concat(), sorted(map.values())), ("ab".into(), vec![3, 11]));
    // Changes of what is not taken out are kept, as std does.
    let taken = map.extract_if(|_, value| {
        *value += 1;
        *value == 4
    });
    assert_eq!(taken.collect::<Vec<_>>(), [("b".into(), 4)]);
    assert_eq!((map.remove("z"), map.remove_entry("a")), (None, Some(("a".into(), 12))));
    map.extend((0..9).map(|n| (n.to_string(), n)));
    map.retain(|_, value| {
        *value *= 2;
        *value > 6
    });
    assert_eq!(sorted(map.values()), [8, 10, 12, 14, 16]);
    assert!(map.update_within(None, &mut Budget::entries(9), |_, value| *value /= 2).unwrap().is_done());
    assert_eq!(map.remove("7"), Some(7));
    map.clear();
    assert_eq!(map.len(), 0);
}
