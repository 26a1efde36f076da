//! Records with collections beside them: what they cost, what they need of a full memory, what is refused, and what damage
//! does to them. Random operations are in `models`.

use std::collections::BTreeMap as Std;

use graven::page::Pager;
use graven::{
    BTreeMap, BTreeSet, Budget, Collection, Deque, Error, Options, Records, StableLayout, Store,
    Vec as GravenVec, open,
};
use graven_tests::memory::{Bytes, Limited, image, memory_of};
use graven_tests::space::account;

type Memory = Limited<Bytes>;

fn memory() -> Memory {
    Limited::new(Bytes::default(), u64::MAX)
}

#[test]
fn another_kind_is_refused_by_its_name() {
    let memory = memory();
    let mut users: Records<u64, String, GravenVec<u32>, Memory> = open("users", memory.clone()).unwrap();
    users.insert(1, "Ann".into());
    drop(users);
    fn refused<C: Collection<Memory = Memory>>(memory: &Memory) -> String {
        open::<C>("users", memory.clone()).err().unwrap().to_string()
    }
    for refused in [
        refused::<Records<u64, String, Deque<u32>, Memory>>(&memory),
        refused::<Records<u64, String, BTreeMap<u64, u32>, Memory>>(&memory),
        refused::<Records<u32, String, GravenVec<u32>, Memory>>(&memory),
        refused::<graven::Nested<u64, GravenVec<u32>, Memory>>(&memory),
    ] {
        assert!(refused.contains("Records<u64, String, Vec<u32>>"), "{refused}");
    }
    let record = refused::<Records<u64, u8, GravenVec<u32>, Memory>>(&memory);
    assert!(record.contains("users: Records<u64, u8, Vec<u32>>"), "{record}");
    assert!(record.contains("were `String` and are `u8`"), "{record}");
    let item = refused::<Records<u64, String, GravenVec<u64>, Memory>>(&memory);
    assert!(item.contains("were `u32` and are `u64`"), "{item}");
    let set = refused::<Records<u64, String, BTreeSet<u8>, Memory>>(&memory);
    assert!(set.contains("Records<u64, String, BTreeSet<u8>>"), "{set}");
    let map = refused::<Records<u64, String, BTreeMap<u8, u16>, Memory>>(&memory);
    assert!(map.contains("Records<u64, String, BTreeMap<u8, u16>>"), "{map}");
    open::<Records<u64, String, GravenVec<u32>, Memory>>("users", memory).unwrap();
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1, name = "User")]
struct User1 {
    name: String,
    age: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, name = "User")]
struct User2 {
    name: String,
    #[layout(since = 2, default = 7)]
    karma: u64,
}

/// Fields that are gone without a word, one of a record and one of an item.
#[test]
fn what_is_lost_in_records_and_in_items_is_told() {
    #[derive(StableLayout)]
    #[layout(version = 1)]
    struct Post {
        text: String,
        likes: u32,
    }
    mod later {
        #[derive(graven::StableLayout)]
        #[layout(version = 2)]
        pub struct Post {
            text: String,
            #[layout(since = 2, default = false)]
            is_pinned: bool,
        }
    }
    let memory = memory();
    type Users<U, P> = Records<u64, U, GravenVec<P>, Memory>;
    let mut users: Users<User1, Post> = open("users", memory.clone()).unwrap();
    users.insert(1, User1 { name: "Ann".into(), age: 5 });
    drop(users);
    let refused = open::<Users<User2, later::Post>>("users", memory.clone()).err().unwrap().to_string();
    assert!(refused.contains("2 problems"), "{refused}");
    assert!(refused.contains("users: Records<u64, User, Vec<Post>>"), "{refused}");
    assert!(refused.contains("at users → User v1") && refused.contains("`age: u32`"), "{refused}");
    assert!(refused.contains("at users → Post v1") && refused.contains("`likes: u32`"), "{refused}");
    assert_eq!(open::<Users<User1, Post>>("users", memory).unwrap().get(&1).unwrap().age, 5);
}

/// The bytes of an item do not depend on those of records, nor the other way round.
#[test]
fn short_items_beside_long_records_take_no_more_room() {
    let size = |record: usize, item: usize| {
        fn pages<const R: usize, const T: usize>() -> u32 {
            let mut records: Records<u64, [u8; R], GravenVec<[u8; T]>> =
                open("records", Bytes::default().into()).unwrap();
            records.insert(1, [1; R]);
            records.items_mut(&1).unwrap().extend((0..10_000).map(|n| [n as u8; T]));
            records.stats().pages
        }
        match (record, item) {
            (8, 8) => pages::<8, 8>(),
            (900, 8) => pages::<900, 8>(),
            _ => unreachable!(),
        }
    };
    assert!(size(900, 8) <= size(8, 8) + 2);
}

#[test]
fn removing_costs_the_same_whatever_there_is_and_its_room_is_used_again() {
    let memory = memory();
    let mut users: Records<u64, String, GravenVec<[u8; 64]>, Memory> = open("users", memory.clone()).unwrap();
    users.extend([(1, "One".into()), (2, "Two".into())]);
    users.items_mut(&1).unwrap().extend((0..20_000u32).map(|n| [n as u8; 64]));
    users.items_mut(&2).unwrap().push([2; 64]);
    let before = users.stats();
    assert_eq!(users.remove(&1).as_deref(), Some("One"));
    assert_eq!(users.stats().pages, before.pages, "pages are freed later");
    assert_eq!(users.stats().entries, before.entries - 1, "the record is gone");
    assert!(!users.free_removed(&mut Budget::pages(10)).unwrap());
    users.verify().unwrap();
    while !users.free_removed(&mut Budget::pages(100)).unwrap() {}
    assert_eq!(users.get(&2).as_deref(), Some("Two"));
    assert_eq!(users.items(&2).unwrap().iter().collect::<Vec<_>>(), [[2; 64]]);
    let size = users.root().pager().usage().pages;
    users.insert(3, "Three".into());
    users.items_mut(&3).unwrap().extend((0..19_000u32).map(|n| [n as u8; 64]));
    assert_eq!(users.root().pager().usage().pages, size, "memory did not grow");
    // And what was not freed yet is, where there is no more memory.
    users.remove(&3);
    memory.allow(0);
    users.insert(4, "Four".into());
    (0..19_000u32).for_each(|n| users.items_mut(&4).unwrap().push([n as u8; 64]));
    users.verify().unwrap();
}

#[test]
fn a_cleared_collection_keeps_its_record() {
    let mut users: Records<u64, String, Deque<u64>, Memory> = open("users", memory()).unwrap();
    for key in 0..3 {
        users.insert(key, format!("user {key}"));
        users.items_mut(&key).unwrap().extend(0..2_000);
    }
    let mut items = users.items_mut(&1).unwrap();
    items.clear();
    items.push_front(5);
    drop(items);
    users.verify().unwrap();
    assert_eq!(users.get(&1).as_deref(), Some("user 1"));
    while !users.free_removed(&mut Budget::pages(9)).unwrap() {}
    users.verify().unwrap();
    assert_eq!(users.get(&1).as_deref(), Some("user 1"));
    assert!(users.items(&1).unwrap().iter().eq([5]));
    assert_eq!(users.remove(&1).as_deref(), Some("user 1"));
    assert_eq!(users.stats().entries, 2 * 2_001);
    users.verify().unwrap();
}

#[test]
fn a_key_that_is_too_long_is_an_error_with_the_limit() {
    let mut tags: Records<String, u8, BTreeSet<String>, Memory> = open("tags", memory()).unwrap();
    let key = |len| "k".repeat(len);
    assert!(matches!(tags.try_insert(key(992), 1), Err(Error::KeyTooLong { max: 992, .. })));
    assert_eq!((tags.len(), tags.stats().entries), (0, 0));
    tags.insert(key(991), 1);
    let mut inner = tags.items_mut(&key(991)).unwrap();
    assert!(matches!(inner.try_insert(key(985)), Err(Error::KeyTooLong { max: 992, .. })));
    assert!(inner.try_insert(key(984)).unwrap());
    assert!(!tags.try_rename(&key(991), &key(991)).unwrap());
    assert!(matches!(tags.try_rename(&key(991), &key(992)), Err(Error::KeyTooLong { .. })));
    tags.verify().unwrap();
}

#[test]
fn a_dropped_root_gives_back_both_trees() {
    let memory = Bytes::default();
    type Users = Records<u64, String, GravenVec<String>, Bytes>;
    let mut users: Users = open("users", memory.clone()).unwrap();
    for key in 0..500 {
        users.insert(key, "u".repeat(if key % 100 == 7 { 3_000 } else { 5 }));
        users.items_mut(&key).unwrap().extend((0..20).map(|n| "p".repeat(if n == 7 { 3_000 } else { n })));
    }
    users.remove(&3);
    let used = users.stats().pages;
    drop(users);
    let roots = [GravenVec::<u64, Bytes>::SPEC.named("numbers")];
    let mut store = Store::open_dropping(memory, &roots, &["users"], Options::default()).unwrap();
    let mut numbers = GravenVec::<u64, Bytes>::attach(store.take(0));
    let before = numbers.root().pager().usage().pages;
    numbers.extend(0..u64::from(used - 20) * 508);
    let after = numbers.root().pager().usage();
    assert!(after.pages <= before + 4, "{used} pages were dropped, {before} were there: {after:?}");
    account(numbers.root().pager(), &[numbers.stats()]);
}

/// Rows of what is removed are added to the index, which must not need what a full memory does not have.
#[test]
fn everything_can_be_removed_from_a_full_memory() {
    for (size, keys, is_forward) in [(0, 2_000, true), (1, 2_000, true), (30, 300, false), (700, 30, true)] {
        let memory = memory();
        let mut users: Records<String, String, GravenVec<[u8; 40]>, Memory> =
            open("users", memory.clone()).unwrap();
        for key in 0..keys {
            let name = format!("{key:0>40}");
            users.insert(name.clone(), name.repeat(1 + key % 3));
            users.items_mut(&name).unwrap().extend((0..size).map(|_| [1; 40]));
        }
        memory.allow(0);
        let pager = users.root().pager().clone();
        while pager.allocate().is_ok() {}
        for key in 0..keys {
            let key = if is_forward { key } else { keys - 1 - key };
            let name = format!("{key:0>40}");
            assert_eq!(users.try_remove(&name).unwrap(), Some(name.repeat(1 + key % 3)), "{size}");
            if key % (keys / 10) == 0 {
                users.verify().unwrap();
            }
        }
        while !users.free_removed(&mut Budget::pages(1)).unwrap() {}
        users.verify().unwrap();
        assert_eq!((users.stats().pages, users.stats().entries), (1, 0));
    }
}

type Users = Records<String, Vec<u8>, GravenVec<Vec<u8>>, Memory>;

type Contents = Std<String, (Vec<u8>, Vec<Vec<u8>>)>;

fn contents(users: &Users) -> Contents {
    users.iter().map(|(key, record, items)| (key, (record, items.iter().collect()))).collect()
}

/// Pages that only this test holds: none is free but those that are given back.
struct Full {
    pager: std::rc::Rc<Pager<Memory>>,
    taken: Vec<u32>,
}

impl Full {
    fn new(memory: &Memory, users: &Users) -> Full {
        memory.allow(0);
        let pager = users.root().pager().clone();
        let taken = std::iter::from_fn(|| pager.allocate().ok()).collect();
        Full { pager, taken }
    }

    fn give(&mut self) {
        self.pager.free(self.taken.pop().expect("more pages are needed than there are")).unwrap();
    }
}

/// Tries an operation with no free page, with one, two, and so on. Where it fails, nothing has changed.
fn with_every_growth_refused(name: &str, at_least: u32, operate: impl Fn(&mut Users) -> graven::Result<()>) {
    let memory = memory();
    let mut users: Users = open("users", memory.clone()).unwrap();
    for key in 0..40u8 {
        let name = format!("{key:0>200}");
        users.insert(name.clone(), vec![key; if key % 10 == 3 { 5_000 } else { 60 }]);
        let mut items = users.items_mut(&name).unwrap();
        items.extend((0..key % 8 * 12).map(|n| vec![n; if n == 5 { 3_000 } else { usize::from(n) }]));
    }
    // Pages that a new extent or a new leaf of either tree might take.
    memory.allow(1);
    let spare: Vec<u32> = (0..30).map(|_| users.root().pager().allocate().unwrap()).collect();
    let mut full = Full::new(&memory, &users);
    full.taken.extend(spare);
    let (before, entries) = (contents(&users), users.stats());
    let mut refused = 0;
    loop {
        match operate(&mut users) {
            Ok(()) => break,
            Err(Error::OutOfMemory { .. }) => refused += 1,
            Err(error) => panic!("{name}: {error}"),
        }
        users.verify().unwrap_or_else(|error| panic!("{name} after {refused}: {error}"));
        assert!(contents(&users) == before, "{name}: changed after {refused}");
        let after = users.stats();
        assert_eq!((after.entries, after.bytes), (entries.entries, entries.bytes), "{name} after {refused}");
        full.give();
    }
    users.verify().unwrap();
    assert!(refused >= at_least, "{name}: {refused} growths were refused");
    drop(users);
    let users: Users = open("users", memory).unwrap();
    users.verify().unwrap();
}

#[test]
fn every_growth_that_fails_leaves_everything_as_it_was() {
    let name = |key: u8| format!("{key:0>200}");
    with_every_growth_refused("a long record for a new key", 3, |users| {
        users.try_insert("new".repeat(60), vec![1; 9_000]).map(drop)
    });
    // Leaves that are full make room by splitting: one of 60 splits the entries', one of 20 the index's.
    with_every_growth_refused("new keys until both trees have grown", 2, |users| {
        let before = contents(users);
        let inserted: graven::Result<Vec<_>> =
            (100..160).map(|key| users.try_insert(name(key), vec![key; 700])).collect();
        if inserted.is_err() {
            users.verify().unwrap();
            for (key, value) in contents(users) {
                assert!(before.get(&key).is_none_or(|old| *old == value));
                if !before.contains_key(&key) {
                    assert_eq!(users.try_remove(&key)?, Some(value.0));
                }
            }
        }
        inserted.map(drop)
    });
    with_every_growth_refused("a longer record", 2, |users| {
        let old = users.try_insert(name(7), vec![2; 9_000])?;
        assert_eq!(old, Some(vec![7; 60]));
        Ok(())
    });
    with_every_growth_refused("an update", 2, |users| {
        users.try_update(&name(7), |record| record.resize(9_000, 1)).map(drop)
    });
    with_every_growth_refused("a long item", 2, |users| {
        users.try_items_mut(&name(7))?.unwrap().try_push(&vec![1; 9_000])
    });
}

/// Whoever fails for want of a page for the row has written the record before: it has to go again.
#[test]
fn a_record_whose_row_has_no_room_is_taken_back() {
    let memory = memory();
    let mut users: Users = open("users", memory.clone()).unwrap();
    users.insert("first".into(), vec![1; 10]);
    let mut full = Full::new(&memory, &users);
    // A leaf of the index takes four rows of long keys, one of the entries many short records.
    let mut refused = Vec::new();
    for key in 0..40 {
        let key = format!("{key:0>900}");
        let before = users.stats();
        match users.try_insert(key.clone(), vec![2; 10]) {
            Ok(old) => assert_eq!(old, None),
            Err(Error::OutOfMemory { .. }) => {
                let after = users.stats();
                assert_eq!((after.entries, after.bytes), (before.entries, before.bytes));
                users.verify().unwrap();
                assert!(!users.contains_key(&key));
                refused.push(key);
                if !full.taken.is_empty() {
                    full.give();
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(!refused.is_empty());
    assert_eq!(users.len() as usize, 41 - refused.len());
}

/// Freeing what was removed merges leaves of the index, in which the row of the collection stands that is being changed.
#[test]
fn a_record_in_use_while_others_are_freed_keeps_its_row() {
    let memory = memory();
    let mut users: Records<String, u16, GravenVec<[u8; 40]>, Memory> = open("users", memory.clone()).unwrap();
    let name = |key: u16| format!("{key:0>90}");
    for key in 0..400u16 {
        let len = if key % 2 == 0 { 70 } else { 3 };
        users.insert(name(key), key);
        users.items_mut(&name(key)).unwrap().extend((0..len).map(|_| [key as u8; 40]));
    }
    (0..400).step_by(2).for_each(|key| assert_eq!(users.remove(&name(key)), Some(key)));
    memory.allow(0);
    let pager = users.root().pager().clone();
    while pager.allocate().is_ok() {}
    for key in [1, 3, 41, 399] {
        let mut inner = users.items_mut(&name(key)).unwrap();
        let mut pushed = 3;
        while inner.try_push(&[key as u8; 40]).is_ok() {
            pushed += 1;
        }
        assert_eq!(inner.len(), pushed);
        users.verify().unwrap();
        assert!(users.items(&name(key)).unwrap().iter().eq((0..pushed).map(|_| [key as u8; 40])));
    }
    assert!((1..400).step_by(2).all(|key| users.get(&name(key)) == Some(key)));
}

/// A record in two versions beside items in two, in one leaf: each is read in its own, and swept.
#[test]
fn records_and_items_of_two_versions_stand_side_by_side() {
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2, name = "User")]
    struct Newer {
        name: String,
        age: u32,
        #[layout(since = 2, default = 7)]
        karma: u64,
    }
    let memory = memory();
    let old = |n: u32| User1 { name: format!("user {n}"), age: n };
    let new = |n: u32| Newer { name: format!("user {n}"), age: n, karma: n.into() };
    let mut users: Records<u32, User1, BTreeMap<u32, User1>, Memory> = open("users", memory.clone()).unwrap();
    for n in 0..50 {
        users.insert(n, old(n));
        users.items_mut(&n).unwrap().extend((0..5).map(|item| (item, old(item))));
    }
    drop(users);
    let mut users: Records<u32, Newer, BTreeMap<u32, Newer>, Memory> = open("users", memory.clone()).unwrap();
    for n in (0..50).step_by(2) {
        assert_eq!(users.insert(n, new(n)), Some(Newer { karma: 7, ..new(n) }));
        users.items_mut(&n).unwrap().insert(3, new(3));
    }
    let check = |users: &Records<u32, Newer, BTreeMap<u32, Newer>, Memory>| {
        users.verify().unwrap();
        for (n, record, items) in users.iter() {
            let karma = if n % 2 == 0 { n.into() } else { 7 };
            assert_eq!(record, Newer { karma, ..new(n) });
            let karma = |item| if n % 2 == 0 && item == 3 { 3 } else { 7 };
            assert!(items.iter().eq((0..5).map(|item| (item, Newer { karma: karma(item), ..new(item) }))));
        }
    };
    check(&users);
    while !users.sweep(&mut Budget::pages(1)).unwrap() {}
    check(&users);
    let old = |users: &Records<u32, Newer, BTreeMap<u32, Newer>, Memory>| {
        users.stats().layouts.iter().map(|layout| layout.pages).collect::<Vec<_>>()
    };
    assert_eq!(old(&users).iter().filter(|pages| **pages > 0).count(), 1, "{:?}", old(&users));
}

/// The only root of a memory, and where the bytes of a value are.
fn find(image: &[u8], bytes: &[u8]) -> usize {
    image.windows(bytes.len()).position(|window| window == bytes).expect("the bytes are in the image")
}

#[test]
fn a_record_in_the_place_of_an_item_is_told() {
    let memory = Bytes::default();
    let mut users: Records<u64, [u8; 11], GravenVec<[u8; 11]>, Bytes> =
        open("users", memory.clone()).unwrap();
    users.insert(1, *b"the record.");
    users.items_mut(&1).unwrap().push(*b"and an item");
    let sound = image(&memory);
    let damaged = |value: &[u8], tag: u8| {
        let mut bytes = sound.clone();
        let at = find(&bytes, value) - 1;
        bytes[at] = tag;
        open::<Records<u64, [u8; 11], GravenVec<[u8; 11]>, Bytes>>("users", memory_of(&bytes)).unwrap()
    };
    for tag in [1, 7] {
        let mut users = damaged(b"the record.", tag);
        assert!(matches!(users.try_get(&1), Err(Error::Damaged { .. })));
        assert!(matches!(users.iter().try_next(), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_update(&1, |record| record[0] = 1), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_insert(1, [0; 11]), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_remove(&1), Err(Error::Damaged { .. })));
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })));
        assert_eq!(users.items(&1).unwrap().get(0), Some(*b"and an item"));
    }
    for tag in [0, 7] {
        let users = damaged(b"and an item", tag);
        assert!(matches!(users.items(&1).unwrap().try_get(0), Err(Error::Damaged { .. })));
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })));
        assert_eq!(users.get(&1), Some(*b"the record."));
    }
}

/// A row whose record is another number than it was: nothing is taken for it, and `verify` tells.
#[test]
fn a_row_that_names_another_record_is_told() {
    let memory = Bytes::default();
    let mut users: Records<u64, u64, GravenVec<u64>, Bytes> = open("users", memory.clone()).unwrap();
    users.extend([(1, 10), (2, 20)]);
    users.items_mut(&2).unwrap().push(7);
    let sound = image(&memory);
    // Number, length, first position and record of the second one.
    let row: Vec<u8> = [3u64, 1, 0, 2].into_iter().flat_map(u64::to_le_bytes).collect();
    let at = find(&sound, &row);
    for (word, number, reads) in
        [(3, 9u64, false), (3, 3, false), (3, 0, true), (0, 2, true), (0, 9, true), (1, 0, true)]
    {
        let mut bytes = sound.clone();
        bytes[at + word * 8..][..8].copy_from_slice(&number.to_le_bytes());
        let mut users: Records<u64, u64, GravenVec<u64>, Bytes> = open("users", memory_of(&bytes)).unwrap();
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })), "{word} {number}");
        assert_eq!(users.try_get(&2).is_ok(), reads, "{word} {number}");
        let _ = users.try_items_mut(&2).unwrap().unwrap().try_push(&5);
        let _ = users.try_remove(&2);
    }
}
