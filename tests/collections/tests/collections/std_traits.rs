//! Traits and methods that code written for std expects: comparisons, loops over references,
//! `Extend` by references, and entries.

use graven::entry::Entry;
use graven::key::{KeyBuf, KeyRef};
use graven::{
    BTreeMap, BTreeSet, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    StableVec, open,
};
use graven_tests::memory::{Bytes, image, memory_of};

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

#[test]
fn collections_are_compared_with_those_of_std() {
    use std::collections as heap;
    let mut map = new!(BTreeMap<u64, String, Bytes>);
    let mut ranked = new!(RankedMap<u64, String, Bytes>);
    let mut hashed = new!(HashMap<u64, String, Bytes>);
    let mut model = heap::BTreeMap::from([(2, "b".to_owned()), (1, "a".to_owned())]);
    map.extend(model.clone());
    ranked.extend(model.clone());
    hashed.extend(model.clone());
    assert!(
        map == model
            && ranked == model
            && hashed == model.clone().into_iter().collect::<heap::HashMap<_, _>>()
    );
    model.insert(2, "c".to_owned());
    assert!(
        map != model
            && ranked != model
            && hashed != model.clone().into_iter().collect::<heap::HashMap<_, _>>()
    );
    model.insert(3, String::new());
    assert!(map != model && map != heap::BTreeMap::new());
    let (mut set, mut hashes) = (new!(BTreeSet<u64, Bytes>), new!(HashSet<u64, Bytes>));
    set.extend(&[3, 1]);
    hashes.extend(&[3, 1]);
    assert!(set == heap::BTreeSet::from([1, 3]) && hashes == heap::HashSet::<_>::from([1, 3]));
    assert!(set != heap::BTreeSet::from([1, 2]) && hashes != heap::HashSet::<_>::from([1, 3, 4]));
    let mut deque = new!(Deque<u64, Bytes>);
    deque.extend(&[1, 2, 3]);
    let (array, slice) = (&[1, 2, 3], &[1, 2, 3][..]);
    assert!(deque == [1, 2, 3] && deque == array && deque == slice && deque == vec![1, 2, 3]);
    let (same, shorter) = (heap::VecDeque::from([1, 2, 3]), heap::VecDeque::from([1, 2]));
    assert!(deque == same && deque != shorter);
}

#[test]
fn ordered_collections_are_ordered_as_those_of_std() {
    let lists: [&[u64]; 5] = [&[], &[1], &[1, 2], &[2], &[1, 3]];
    for (one, other) in lists.iter().flat_map(|one| lists.iter().map(move |other| (*one, *other))) {
        let (mut a, mut b) = (new!(StableVec<u64, Bytes>), new!(StableVec<u64, Bytes>));
        a.extend(one);
        b.extend(other);
        assert_eq!(a.partial_cmp(&b), one.partial_cmp(other));
        let (mut a, mut b) = (new!(BTreeSet<u64, Bytes>), new!(BTreeSet<u64, Bytes>));
        a.extend(one);
        b.extend(other);
        assert_eq!(a.partial_cmp(&b), one.partial_cmp(other));
    }
}

#[test]
fn cells_do_what_options_do() {
    let mut cell = new!(Cell<String, Bytes>);
    assert!(cell.is_none() && cell == new!(Cell<String, Bytes>));
    assert_eq!((cell.try_replace("a".into()).unwrap(), cell.is_some()), (None, true));
    assert_eq!(
        cell.try_update(|text| {
            text.push('b');
            text.len()
        })
        .unwrap(),
        2
    );
    assert_eq!(
        (cell.try_replace("c".into()).unwrap().as_deref(), cell.get().as_deref()),
        (Some("ab"), Some("c"))
    );
    assert_ne!(cell, new!(Cell<String, Bytes>));
    assert_eq!(
        (cell.try_take().unwrap().as_deref(), cell.is_none(), cell.try_take().unwrap()),
        (Some("c"), true, None)
    );
    cell.set("d".into());
    cell.clear();
    assert_eq!(cell.get(), None);
}

/// A borrowed form of a text key whose bytes may not be UTF-8.
struct Raw<'a>(&'a [u8]);

impl KeyRef<String> for Raw<'_> {
    fn write_ref(&self, out: &mut KeyBuf, _: bool) {
        out.extend(self.0);
    }
}

macro_rules! stays {
    ($map:ident) => {
        let memory = Bytes::default();
        let mut map: $map<String, u64, Bytes> = open("map", memory.clone()).unwrap();
        map.insert("<the name>".into(), 7);
        let mut bytes = image(&memory);
        while let Some(at) = bytes.windows(10).position(|key| key == b"<the name>") {
            bytes[at] = 0xff;
        }
        let mut map: $map<String, u64, Bytes> = open("map", memory_of(&bytes)).unwrap();
        let damaged = Raw(b"\xffthe name>");
        // A hash map looks for the damaged key in another bucket, or finds another tag there.
        let removed = map.try_remove_entry(&damaged);
        assert!(if map.try_contains_key(&damaged).unwrap() {
            removed.is_err()
        } else {
            removed.unwrap().is_none()
        });
        assert_eq!(map.len(), 1, "nothing was removed");
        assert_eq!(map.try_remove_entry(&Raw(b"\xfe")).unwrap(), None);
        assert_eq!(map.try_remove_entry("absent").unwrap(), None);
    };
}

#[test]
fn an_entry_whose_key_cannot_be_decoded_stays() {
    stays!(BTreeMap);
    stays!(RankedMap);
    stays!(HashMap);
    let mut map = new!(BTreeMap<String, u64, Bytes>);
    map.insert("a".into(), 7);
    assert_eq!((map.try_remove_entry("a").unwrap(), map.len()), (Some(("a".into(), 7)), 0));
}
