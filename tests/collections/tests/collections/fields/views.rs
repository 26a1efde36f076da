//! Views: values that are looked at without decoding them, one by one and in order.

use std::cell::Cell as Flag;
use std::ops::ControlFlow::{self, Break, Continue};

use graven::schema::encode;
use graven::{
    BTreeMap, Blob, Cell, Damage, Deque, Error, HashMap, Log, Memory, Slab, StableLayout, StableVec, Text,
    open,
};
use graven_collection_tests::counted::{Count, Counted};
use graven_collection_tests::fields::histories::{V1, V3};
use graven_core::layout::Invalid;
use graven_tests::memory::{Bytes, image};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use proptest::prelude::*;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Place {
    city: String,
    zip: u16,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct User {
    name: String,
    short: Text<12>,
    digest: [u8; 4],
    key: Blob<6>,
    bytes: std::vec::Vec<u8>,
    place: Place,
    karma: u64,
}

fn user(number: u64, bytes: usize) -> User {
    User {
        name: format!("user {number}"),
        short: Text::new("short").unwrap(),
        digest: [number as u8; 4],
        key: Blob::new([1, 2, 3]).unwrap(),
        bytes: vec![9; bytes],
        place: Place { city: "Zürich".into(), zip: 8001 },
        karma: number,
    }
}

/// Borrowed values live as long as the view's bytes, so they can be compared outside of a closure
/// in between.
#[test]
fn text_and_bytes_are_borrowed() {
    let mut map: BTreeMap<u64, User, Bytes> = open("map", Bytes::default()).unwrap();
    for (key, bytes) in [(1, 10), (2, 0), (3, 9_000)] {
        map.insert(key, user(key, bytes));
        let looked = map.view(&key, |view| {
            let expected = user(key, bytes);
            let (name, place) = (view.str(User::NAME), view.at(User::PLACE));
            assert_eq!(name, expected.name);
            assert_eq!(view.str(User::SHORT), "short");
            assert_eq!(view.bytes(User::DIGEST), [key as u8; 4]);
            assert_eq!(view.bytes(User::KEY), [1, 2, 3]);
            assert_eq!(view.bytes(User::BYTES), expected.bytes);
            assert_eq!(place.str(Place::CITY), "Zürich");
            assert_eq!(place.get(Place::ZIP), 8001);
            assert_eq!(view.str(User::PLACE.then(Place::CITY)), "Zürich");
            assert_eq!(view.as_bytes(), encode(&expected));
            assert_eq!(format!("{view:?}"), format!("View(Ok({expected:?}))"));
            view.to_owned() == expected
        });
        assert_eq!(looked, Some(true));
    }
    let mut names: BTreeMap<u64, String, Bytes> = open("names", Bytes::default()).unwrap();
    names.insert(1, "Ada".into());
    assert_eq!(names.view(&1, |name| name.borrowed().len()), Some(3));
}

#[test]
fn a_view_reads_what_the_value_takes_and_decodes_what_is_asked_for() {
    let memory = Counted::default();
    let mut map: BTreeMap<u64, User, Counted> = open("map", memory.clone()).unwrap();
    map.insert(1, user(1, 900));
    let (_, whole) = memory.count(|| map.get(&1));
    let (karma, count) =
        memory.count(|| map.view(&1, |view| (view.get(User::KARMA), view.str(User::NAME).len())));
    assert_eq!((karma, count), (Some((1, 6)), whole));
}

/// All values of a walk in order, and those before the one at which it breaks off.
macro_rules! walks {
    ($collection:expr, $first:expr, $count:expr) => {{
        let mut seen = 0;
        let walked = $collection.for_each_view(.., |index, view| {
            assert_eq!(index, $first + seen);
            assert_eq!(view.get(User::KARMA), seen);
            assert_eq!(view.str(User::NAME), format!("user {seen}"));
            seen += 1;
            ControlFlow::<()>::Continue(())
        });
        assert_eq!((walked, seen), (Continue(()), $count));
        let found = $collection.for_each_view($first + 20..$first + 60, |index, view| {
            if view.get(User::KARMA) == 41 { Break(index) } else { Continue(()) }
        });
        assert_eq!(found, Break($first + 41));
        let found = $collection.for_each_view($first + 3..$first + 5, |index, _| {
            if index < $first + 5 { Continue(()) } else { Break(index) }
        });
        assert_eq!(found, Continue(()));
    }};
}

#[test]
fn walks_visit_all_in_order_and_break_off() {
    let users =
        || (0..300).map(|number| user(number, if number % 40 == 7 { 5_000 } else { number as usize % 90 }));
    let mut map: BTreeMap<u64, User, Bytes> = open("map", Bytes::default()).unwrap();
    map.extend(users().zip(0..).map(|(user, key)| (key, user)));
    walks!(map, 0, 300);
    let mut list: StableVec<User, Bytes> = open("list", Bytes::default()).unwrap();
    list.extend(users());
    walks!(list, 0, 300);
    let mut queue: Deque<User, Bytes> = open("queue", Bytes::default()).unwrap();
    queue.extend(users());
    walks!(queue, 0, 300);
    let mut slab: Slab<User, Bytes> = open("slab", Bytes::default()).unwrap();
    slab.extend(users());
    walks!(slab, 0, 300);
    let mut log: Log<User, Bytes> = open("log", Bytes::default()).unwrap();
    log.extend((0..30).map(|number| user(number, 3)));
    log.drop_before(30);
    log.extend(users());
    walks!(log, 30, 300);
    let mut cell: Cell<User, Bytes> = open("cell", Bytes::default()).unwrap();
    assert_eq!(cell.view(|_| ()), None);
    cell.set(user(3, 4));
    assert_eq!(cell.view(|view| view.get(User::KARMA)), Some(3));
}

#[test]
fn a_walk_over_a_hash_map_visits_all_once_and_breaks_off() {
    let mut map: HashMap<u64, User, Bytes> = open("map", Bytes::default()).unwrap();
    map.extend((0..300).map(|n| (n, user(n, if n % 40 == 7 { 5_000 } else { n as usize % 90 }))));
    let mut seen = std::vec::Vec::new();
    let walked = map.for_each_view(|key, view| {
        assert_eq!((view.get(User::KARMA), view.str(User::NAME)), (key, format!("user {key}").as_str()));
        // While a view is open, the same map can be read.
        assert_eq!(map.view(&(299 - key), |other| other.get(User::KARMA)), Some(299 - key));
        seen.push(key);
        ControlFlow::<()>::Continue(())
    });
    seen.sort_unstable();
    assert!(walked == Continue(()) && seen.into_iter().eq(0..300));
    let found =
        map.for_each_view(|key, view| if view.get(User::KARMA) == 41 { Break(key) } else { Continue(()) });
    assert_eq!(found, Break(41));
}

/// A walk reads each leaf once, whatever is looked at.
#[test]
fn a_walk_reads_a_page_for_each_leaf() {
    let memory = Counted::default();
    let mut map: BTreeMap<u64, User, Counted> = open("map", memory.clone()).unwrap();
    map.extend((0..1_000).map(|number| (number, user(number, 20))));
    let _ = map.iter().count();
    let (_, decoded) = memory.count(|| map.iter().map(|(_, user)| user.karma).sum::<u64>());
    let mut sum = 0;
    let (_, viewed) = memory.count(|| {
        map.for_each_view(.., |_, view| {
            sum += view.get(User::KARMA);
            ControlFlow::<()>::Continue(())
        })
    });
    assert_eq!((sum, viewed), (499_500, decoded));
    assert_eq!(viewed, Count { writes: 0, written_bytes: 0, ..viewed });
}

/// Old values are converted to the current layout on the heap; memory stays unchanged.
#[test]
fn views_of_old_values_are_those_of_the_newest_layout() {
    let memory = Bytes::default();
    let rng = &mut Rng::new(4);
    let mut map: BTreeMap<u64, V1, Bytes> = open("map", memory.clone()).unwrap();
    (0..200).for_each(|key| _ = map.insert(key, V1::sample(rng)));
    drop(map);
    let map: BTreeMap<u64, V3, Bytes> = open("map", memory.clone()).unwrap();
    let before = image(&memory);
    let mut seen = 0;
    let _ = map.for_each_view(.., |key, view| {
        let whole = map.get(&key).unwrap();
        assert_eq!(view.str(V3::FULL_NAME), whole.full_name);
        assert_eq!(view.get(V3::BALANCE), whole.balance);
        assert_eq!(view.get(V3::TAGS), ["none"]);
        assert_eq!(view.to_owned(), whole);
        assert_eq!(view.as_bytes(), encode(&whole));
        seen += 1;
        ControlFlow::<()>::Continue(())
    });
    assert_eq!(seen, 200);
    assert!(image(&memory) == before);
}

/// While a view is open, the same collection can be read: the buffer is lent to one at a time.
#[test]
fn a_view_can_look_into_the_collection_that_it_is_of() {
    let mut map: BTreeMap<u64, User, Bytes> = open("map", Bytes::default()).unwrap();
    map.extend((0..50).map(|number| (number, user(number, 30))));
    let sum = map.view(&1, |one| {
        let other = map.view(&2, |two| two.get(User::KARMA) + map.get_field(&3, User::KARMA).unwrap());
        assert_eq!(one.str(User::NAME), "user 1");
        one.get(User::KARMA) + other.unwrap()
    });
    assert_eq!(sum, Some(6));
}

#[test]
fn damaged_values_are_errors_where_they_are_looked_at() {
    let memory = Bytes::default();
    let mut list: StableVec<User, Bytes> = open("list", memory.clone()).unwrap();
    list.extend((0..3).map(|number| user(number, 8)));
    let at = image(&memory).windows(6).position(|bytes| bytes == b"user 1").unwrap();
    memory.write(at as u64, &[0xff]);
    let looked = Flag::new(0);
    let walked = list.try_for_each_view(.., |_, view| {
        looked.set(looked.get() + 1);
        match view.try_str(User::NAME) {
            Ok(_) => Continue(()),
            Err(error) => Break(error),
        }
    });
    let Ok(Break(Error::Damaged { reason, .. })) = walked else { panic!("{walked:?}") };
    assert_eq!(reason, Damage::InvalidValue(Invalid("a string is not UTF-8")));
    assert_eq!(looked.get(), 2);
    let karma = list.view(1, |view| (view.get(User::KARMA), view.try_to_owned().is_err()));
    assert_eq!(karma, Some((1, true)), "what is not damaged can be seen");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ranges_of_views_are_ranges_of_values(
        lens in prop::collection::vec(0..3_000usize, 0..60),
        a in 0..70u64,
        b in 0..70u64,
    ) {
        let mut map: BTreeMap<u64, User, Bytes> = open("map", Bytes::default()).unwrap();
        map.extend(lens.iter().zip(0..).map(|(len, number)| (number, user(number, *len))));
        let (low, high) = (a.min(b), a.max(b));
        let mut values = std::vec::Vec::new();
        let _ = map.for_each_view(low..=high, |key, view| {
            values.push((key, view.to_owned()));
            ControlFlow::<()>::Continue(())
        });
        prop_assert!(values.into_iter().eq(map.range(low..=high)));
    }
}
