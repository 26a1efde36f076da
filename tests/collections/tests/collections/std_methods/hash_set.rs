//! `HashSet`.

use super::Here::{As, Not, Same};
use super::{Table, check};
use graven::{HashSet, open};
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
    ("iter", Same),
    ("len", Same),
    ("is_empty", Same),
    ("drain", As("extract_if(|_| true), and `clear` for what the iterator did not come to")),
    ("extract_if", Same),
    ("retain", Same),
    ("clear", Same),
    ("difference", Same),
    ("symmetric_difference", Same),
    ("intersection", Same),
    ("union", Same),
    ("contains", Same),
    ("get", Same),
    ("is_disjoint", Same),
    ("is_subset", Same),
    ("is_superset", Same),
    ("insert", Same),
    ("replace", Same),
    ("remove", Same),
    ("take", Same),
];

#[test]
fn what_is_said_is_there() {
    check(TABLE, include_str!("hash_set.rs"), "std/src/collections/hash/set.rs", "HashSet");
    calls();
}

fn sorted(items: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut items: Vec<String> = items.into_iter().collect();
    items.sort();
    items
}

/// Calls every method that the table names, with std's arguments where it says that they are the
/// same.
fn calls() {
    let mut set: HashSet<String> = open("set", Bytes::default()).unwrap();
    let mut other: HashSet<String> = open("other", Bytes::default()).unwrap();
    assert!(set.reseed(7).unwrap() && set.seed() == 7);
    assert!(set.insert("b".into()) && set.insert("a".into()) && other.insert("b".into()));
    assert_eq!((set.get("a"), set.replace("a".into())), (Some("a".into()), Some("a".into())));
    assert!(set.contains("a") && !set.is_empty() && set.len() == 2);
    assert_eq!(sorted(set.union(&other)), ["a", "b"]);
    assert!(set.intersection(&other).eq(["b"]) && set.difference(&other).eq(["a"]));
    assert!(set.symmetric_difference(&other).eq(["a"]));
    assert!(!set.is_disjoint(&other) && !set.is_subset(&other) && set.is_superset(&other));
    assert_eq!(sorted(set.iter()), ["a", "b"]);
    assert_eq!(set.extract_if(|text| text == "b").collect::<Vec<_>>(), ["b"]);
    assert_eq!((set.take("a"), set.remove("a")), (Some("a".into()), false));
    set.extend((0..9).map(|n| n.to_string()));
    set.retain(|text| text.as_str() > "6");
    assert_eq!(sorted(set.iter()), ["7", "8"]);
    set.clear();
    assert_eq!(set.len(), 0);
}
