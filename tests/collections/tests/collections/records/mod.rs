//! Records with collections beside them: what they cost, what is refused, and what they need of a
//! full memory ([`full`]) and do in a damaged one ([`damage`]). Random operations are in `models`.

mod damage;
mod full;

use graven::{BTreeMap, BTreeSet, Budget, Collection, Deque, Error, Records, StableLayout, StableVec, open};
use graven_collection_tests::dropped::assert_its_pages_come_back;
use graven_tests::memory::{Bytes, Limited};

/// A memory that can be full.
pub type Memory = Limited<Bytes>;

/// One that is not.
pub fn memory() -> Memory {
    Limited::new(Bytes::default(), u64::MAX)
}

#[test]
fn another_kind_is_refused_by_its_name() {
    let memory = memory();
    let mut users: Records<u64, String, StableVec<u32>, Memory> = open("users", memory.clone()).unwrap();
    users.insert(1, "Ann".into());
    drop(users);
    fn refused<C: Collection<Memory = Memory>>(memory: &Memory) -> String {
        open::<C>("users", memory.clone()).err().unwrap().to_string()
    }
    for refused in [
        refused::<Records<u64, String, Deque<u32>, Memory>>(&memory),
        refused::<Records<u64, String, BTreeMap<u64, u32>, Memory>>(&memory),
        refused::<Records<u32, String, StableVec<u32>, Memory>>(&memory),
        refused::<graven::Nested<u64, StableVec<u32>, Memory>>(&memory),
    ] {
        assert!(refused.contains("Records<u64, String, StableVec<u32>>"), "{refused}");
    }
    let record = refused::<Records<u64, u8, StableVec<u32>, Memory>>(&memory);
    assert!(record.contains("users: Records<u64, u8, StableVec<u32>>"), "{record}");
    assert!(record.contains("were `String` and are `u8`"), "{record}");
    let item = refused::<Records<u64, String, StableVec<u64>, Memory>>(&memory);
    assert!(item.contains("were `u32` and are `u64`"), "{item}");
    let set = refused::<Records<u64, String, BTreeSet<u8>, Memory>>(&memory);
    assert!(set.contains("Records<u64, String, BTreeSet<u8>>"), "{set}");
    let map = refused::<Records<u64, String, BTreeMap<u8, u16>, Memory>>(&memory);
    assert!(map.contains("Records<u64, String, BTreeMap<u8, u16>>"), "{map}");
    open::<Records<u64, String, StableVec<u32>, Memory>>("users", memory).unwrap();
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
    type Users<U, P> = Records<u64, U, StableVec<P>, Memory>;
    let mut users: Users<User1, Post> = open("users", memory.clone()).unwrap();
    users.insert(1, User1 { name: "Ann".into(), age: 5 });
    drop(users);
    let refused = open::<Users<User2, later::Post>>("users", memory.clone()).err().unwrap().to_string();
    assert!(refused.contains("2 problems"), "{refused}");
    assert!(refused.contains("users: Records<u64, User, StableVec<Post>>"), "{refused}");
    assert!(refused.contains("at users → User v1") && refused.contains("`age: u32`"), "{refused}");
    assert!(refused.contains("at users → Post v1") && refused.contains("`likes: u32`"), "{refused}");
    assert_eq!(open::<Users<User1, Post>>("users", memory).unwrap().get(&1).unwrap().age, 5);
}

/// The bytes of an item do not depend on those of records, nor the other way round.
#[test]
fn short_items_beside_long_records_take_no_more_room() {
    let size = |record: usize, item: usize| {
        fn pages<const R: usize, const T: usize>() -> u32 {
            let mut records: Records<u64, [u8; R], StableVec<[u8; T]>> =
                open("records", Bytes::default()).unwrap();
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
    let mut users: Records<u64, String, StableVec<[u8; 64]>, Memory> = open("users", memory.clone()).unwrap();
    users.extend([(1, "One".into()), (2, "Two".into())]);
    users.items_mut(&1).unwrap().extend((0..20_000u32).map(|n| [n as u8; 64]));
    users.items_mut(&2).unwrap().push([2; 64]);
    let before = users.stats();
    assert_eq!(users.remove(&1).as_deref(), Some("One"));
    assert_eq!(users.stats().pages, before.pages, "pages are freed later");
    assert_eq!(users.stats().entries, before.entries - 1, "the record is gone");
    assert!(!users.free_removed_within(&mut Budget::pages(10)).unwrap().is_done());
    users.verify().unwrap();
    while !users.free_removed_within(&mut Budget::pages(100)).unwrap().is_done() {}
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
    while !users.free_removed_within(&mut Budget::pages(9)).unwrap().is_done() {}
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
    type Users = Records<u64, String, StableVec<String>, Bytes>;
    let mut users: Users = open("users", memory.clone()).unwrap();
    for key in 0..500 {
        users.insert(key, "u".repeat(if key % 100 == 7 { 3_000 } else { 5 }));
        users.items_mut(&key).unwrap().extend((0..20).map(|n| "p".repeat(if n == 7 { 3_000 } else { n })));
    }
    users.remove(&3);
    let used = users.stats().pages;
    drop(users);
    assert_its_pages_come_back(memory, "users", used);
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
        for (n, record, items) in users {
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
