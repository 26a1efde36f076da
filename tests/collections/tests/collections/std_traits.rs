//! Traits and methods that code written for std expects: comparisons, loops over references,
//! `Extend` by references, and entries.

use graven::entry::Entry;
use graven::{BTreeMap, BTreeSet, HashMap, HashSet, Log, Nested, PriorityQueue, Records, StableVec, open};
use graven_tests::memory::Bytes;

macro_rules! new {
    ($collection:ty) => {
        open::<$collection>("collection", Bytes::default()).unwrap()
    };
}

#[test]
fn collections_with_the_same_values_are_equal() {
    let (mut one, mut other) = (new!(StableVec<u64, Bytes>), new!(StableVec<u64, Bytes>));
    one.extend(&[1, 2, 3]);
    other.extend([1, 2]);
    assert!(one != other && one == [1, 2, 3] && one != vec![1, 2] && one != [1, 2, 4]);
    other.push(3);
    assert_eq!(one, other);
    let (mut one, mut other) = (new!(HashMap<u64, u64, Bytes>), new!(HashMap<u64, u64, Bytes>));
    one.extend((0..100).map(|n| (n, n)));
    other.extend((0..100).rev().map(|n| (n, n)));
    assert_eq!(one, other);
    other.insert(5, 6);
    assert_ne!(one, other);
    let (mut one, mut other) = (new!(HashSet<u64, Bytes>), new!(HashSet<u64, Bytes>));
    one.extend(&[1, 2]);
    other.extend(&[2, 3]);
    assert_ne!(one, other);
    let (mut one, mut other) = (new!(BTreeSet<u64, Bytes>), new!(BTreeSet<u64, Bytes>));
    one.extend(&[1, 2]);
    other.extend(&[2, 1]);
    assert_eq!(one, other);
}

#[test]
fn references_to_collections_are_looped_over() {
    let mut queue = new!(PriorityQueue<u64, Bytes>);
    queue.extend(&[1, 2, 3]);
    assert_eq!((&queue).into_iter().map(|(_, value)| value).sum::<u64>(), 6);
    assert_eq!(queue.iter().len(), 3);
    let mut nested = new!(Nested<u64, BTreeSet<u64>, Bytes>);
    nested.or_create(&1).extend(&[1, 2]);
    for (key, set) in &nested {
        assert_eq!((key, set.len()), (1, 2));
    }
    let mut records = new!(Records<u64, u64, BTreeSet<u64>, Bytes>);
    records.insert(1, 2);
    for (key, record, items) in &records {
        assert_eq!((key, record, items.is_empty()), (1, 2, true));
    }
}

#[test]
fn a_cleared_log_counts_on() {
    let mut log = new!(Log<u64, Bytes>);
    log.extend(0..1_000);
    log.clear();
    assert_eq!((log.len(), log.append(7), log.get(1_000)), (0, 1_000, Some(7)));
    log.verify().unwrap();
}

#[test]
fn lists_say_no_where_there_is_no_index() {
    let mut list = new!(StableVec<u64, Bytes>);
    list.extend(0..3);
    assert_eq!((list.try_swap(0, 3).unwrap(), list.try_swap(0, 2).unwrap()), (false, true));
    assert_eq!((list.try_swap_remove(3).unwrap(), list.try_swap_remove(0).unwrap()), (None, Some(2)));
    assert_eq!(
        (list.try_update(2, |_| ()).unwrap(), list.try_update(0, |n| *n += 9).unwrap()),
        (None, Some(()))
    );
    assert_eq!(
        (list.try_pop().unwrap(), list.try_pop().unwrap(), list.try_pop().unwrap()),
        (Some(1), Some(9), None)
    );
}

#[test]
fn entries_do_what_those_of_std_do() {
    let mut map = new!(BTreeMap<u64, String, Bytes>);
    assert_eq!(map.entry(3).or_insert_with_key(ToString::to_string).as_str(), "3");
    assert_eq!(map.entry(4).insert_entry("four".into()).get(), "four");
    let Entry::Occupied(mut entry) = map.try_entry(3).unwrap() else { panic!("it was inserted") };
    entry.get_mut().push('!');
    assert_eq!(format!("{entry:?}"), r#"OccupiedEntry { key: 3, value: "3!" }"#);
    assert_eq!(map.get(&3).as_deref(), Some("3!"));
    let Entry::Occupied(entry) = map.entry(3) else { panic!("it was inserted") };
    assert_eq!(entry.remove_entry(), (3, "3!".into()));
    let Entry::Vacant(entry) = map.entry(3) else { panic!("it was removed") };
    assert_eq!(entry.into_key(), 3);
    assert_eq!(map.len(), 1);
}
