//! `BTreeMap`.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::entry::Entry;
use graven::{BTreeMap, Budget, open};
use graven_tests::memory::Bytes;

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("new_in", Not("an allocator is for the heap; a memory is given to `open`")),
    ("clear", Same),
    ("get", Same),
    ("get_key_value", Same),
    ("first_key_value", Same),
    ("first_entry", Same),
    ("pop_first", Same),
    ("last_key_value", Same),
    ("last_entry", Same),
    ("pop_last", Same),
    ("contains_key", Same),
    (
        "get_mut",
        As("update(key, change), or `entry`: a value in stable memory is a copy that is written back"),
    ),
    ("insert", Same),
    ("remove", Same),
    ("remove_entry", Same),
    ("retain", Same),
    // Into a map that is there already: a root cannot be made while a store is open.
    ("append", Same),
    ("range", Same),
    ("range_mut", As("update_range(range, change)")),
    ("entry", Same),
    ("split_off", As("split_off(key, into): a root cannot be made while a store is open")),
    ("extract_if", Same),
    ("into_keys", Not("a collection in stable memory is not consumed; `keys` gives copies")),
    ("into_values", Not("a collection in stable memory is not consumed; `values` gives copies")),
    ("iter", Same),
    ("iter_mut", As("update_range(.., change)")),
    ("keys", Same),
    ("values", Same),
    ("values_mut", As("update_range(.., change)")),
    ("len", Same),
    ("is_empty", Same),
];

#[test]
fn what_is_said_is_there() {
    check(TABLE, include_str!("btree_map.rs"), "alloc/src/collections/btree/map.rs", "BTreeMap");
    calls();
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    let mut map: BTreeMap<String, u64> = open::<BTreeMap<String, u64>>("map", Bytes::default()).unwrap();
    let mut other: BTreeMap<String, u64> = open("other", Bytes::default()).unwrap();
    assert_eq!((map.insert("b".into(), 2), map.insert("a".into(), 1)), (None, None));
    assert_eq!((map.get("a"), map.get_key_value("b")), (Some(1), Some(("b".into(), 2))));
    assert_eq!((map.first_key_value(), map.last_key_value()), (Some(("a".into(), 1)), Some(("b".into(), 2))));
    assert_eq!(map.first_entry().map(|entry| *entry.get()), Some(1));
    assert_eq!(map.last_entry().map(|mut entry| entry.insert(3)), Some(2));
    assert!(map.contains_key("a") && !map.is_empty() && map.len() == 2);
    assert_eq!(map.update("a", |value| *value += 9), Some(()));
    map.update_range("b".to_string().., |_, value| *value = 20);
    map.update_range(.., |_, value| *value += 1);
    assert!(matches!(map.entry("c".into()), Entry::Vacant(_)));
    assert!(map.iter().eq([("a".into(), 11), ("b".into(), 21)]));
    assert!(map.range("b".to_string()..).eq([("b".into(), 21)]));
    assert!(map.keys().eq(["a", "b"]) && map.values().eq([11, 21]));
    map.split_off("b", &mut other);
    assert_eq!((map.len(), other.len()), (1, 1));
    map.append(&mut other);
    assert_eq!(map.extract_if(.., |_, value| *value == 21).collect::<Vec<_>>(), [("b".into(), 21)]);
    assert_eq!((map.remove("z"), map.remove_entry("a")), (None, Some(("a".into(), 11))));
    map.extend((0..9).map(|n| (n.to_string(), n)));
    map.retain(|_, value| *value > 3);
    assert_eq!((map.pop_first(), map.pop_last()), (Some(("4".into(), 4)), Some(("8".into(), 8))));
    map.clear();
    assert!(map.retain_within(.., None, &mut Budget::entries(1), |_, _| true).unwrap().is_done());
}
