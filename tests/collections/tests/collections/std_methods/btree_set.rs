//! `BTreeSet`.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::{BTreeSet, open};
use graven_tests::memory::Bytes;

const TABLE: Table = &[
    ("new", As("open(..)")),
    ("new_in", Not("an allocator is for the heap; a memory is given to `open`")),
    ("range", Same),
    ("difference", Same),
    ("symmetric_difference", Same),
    ("intersection", Same),
    ("union", Same),
    ("clear", Same),
    ("contains", Same),
    ("get", Same),
    ("is_disjoint", Same),
    ("is_subset", Same),
    ("is_superset", Same),
    ("first", Same),
    ("last", Same),
    ("pop_first", Same),
    ("pop_last", Same),
    ("insert", Same),
    ("replace", Same),
    ("remove", Same),
    ("take", Same),
    ("retain", Same),
    ("append", Same),
    ("split_off", As("split_off(value, into): a root cannot be made while a store is open")),
    ("extract_if", Same),
    ("iter", Same),
    ("len", Same),
    ("is_empty", Same),
];

#[test]
fn what_is_said_is_there() {
    check(TABLE, include_str!("btree_set.rs"), "alloc/src/collections/btree/set.rs", "BTreeSet");
    calls();
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    let mut set: BTreeSet<String> = open::<BTreeSet<String>>("set", Bytes::default()).unwrap();
    let mut other: BTreeSet<String> = open("other", Bytes::default()).unwrap();
    assert!(set.insert("b".into()) && set.insert("a".into()) && other.insert("b".into()));
    assert_eq!((set.get("a"), set.replace("a".into())), (Some("a".into()), Some("a".into())));
    assert!(set.contains("a") && !set.is_empty() && set.len() == 2);
    assert_eq!((set.first().as_deref(), set.last().as_deref()), (Some("a"), Some("b")));
    assert!(set.union(&other).eq(["a", "b"]) && set.intersection(&other).eq(["b"]));
    assert!(set.difference(&other).eq(["a"]) && set.symmetric_difference(&other).eq(["a"]));
    assert!(!set.is_disjoint(&other) && !set.is_subset(&other) && set.is_superset(&other));
    assert!(set.iter().eq(["a", "b"]) && set.range("b".to_string()..).eq(["b"]));
    set.split_off("b", &mut other);
    set.append(&mut other);
    assert_eq!(set.extract_if(.., |text| text == "b").collect::<Vec<_>>(), ["b"]);
    assert_eq!((set.take("a"), set.remove("a")), (Some("a".into()), false));
    set.extend((0..9).map(|n| n.to_string()));
    set.retain(|text| text.as_str() > "3");
    assert_eq!((set.pop_first().as_deref(), set.pop_last().as_deref()), (Some("4"), Some("8")));
    set.clear();
    assert_eq!(set.len(), 0);
}
