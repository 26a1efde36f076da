//! What fails leaves everything as it was.

use graven::{BTreeMap, Error, StableLayout, Vec, open};
use graven_collection_tests::fields::Fields;
use graven_tests::memory::{Bytes, Limited, image};
use graven_tests::panics::caught;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Old {
    number: u32,
    small: u8,
}

/// Larger, and what some numbers cannot become.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct New {
    #[layout(was(u32, until = 2, with = |number| if number == 13 { panic!("unlucky") } else { number.into() }))]
    number: u64,
    small: u8,
    #[layout(since = 2, default = [1; 900])]
    large: [u8; 900],
}

const OLD: Old = Old { number: 13, small: 1 };

fn panics<C: Fields<Old, Memory = Bytes>>() {
    let memory = Bytes::default();
    let mut collection: C = open("root", memory.clone()).unwrap();
    collection.put(0, OLD);
    drop(collection);
    let mut collection: C::Of<New> = open("root", memory.clone()).unwrap();
    let before = image(&memory);
    assert_eq!(caught(|| collection.set(0, New::SMALL, 2).map(|_| ()).unwrap()), Err("unlucky".into()));
    assert_eq!(caught(|| collection.field(0, New::NUMBER).map(|_| ()).unwrap()), Err("unlucky".into()));
    assert!(image(&memory) == before);
    // Neither of these has to convert the number.
    assert_eq!(collection.field(0, New::SMALL).unwrap(), Some(1));
    assert_eq!(collection.field(0, New::LARGE).unwrap(), Some([1; 900]));
}

#[test]
fn a_conversion_that_panics_changes_nothing() {
    panics::<BTreeMap<u64, Old, Bytes>>();
    panics::<Vec<Old, Bytes>>();
}

#[test]
fn a_change_that_panics_changes_nothing() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, Old, Bytes> = open("map", memory.clone()).unwrap();
    map.insert(1, OLD);
    let before = image(&memory);
    let change = |small: &mut u8| {
        *small = 9;
        panic!("no")
    };
    assert_eq!(caught(|| map.update_field(&1, Old::SMALL, change)), Err("no".into()));
    assert!(image(&memory) == before);
    assert_eq!(map.get(&1), Some(OLD));
}

#[test]
fn without_memory_an_old_value_stays_old_and_readable() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: BTreeMap<u64, Old, _> = open("map", memory.clone()).unwrap();
    (0..5_000).for_each(|key| _ = map.insert(key, Old { number: 1, small: 2 }));
    drop(map);
    let mut map: BTreeMap<u64, New, _> = open("map", memory.clone()).unwrap();
    memory.allow(0);
    let failed =
        (0..5_000).find_map(|key| map.try_set_field(&key, New::SMALL, 3).err().map(|error| (key, error)));
    let Some((key, Error::OutOfMemory { .. })) = failed else { panic!("{failed:?}") };
    assert_eq!(map.get_field(&key, New::SMALL), Some(2));
    map.verify().unwrap();
    memory.set_limit(u64::MAX);
    assert_eq!(map.set_field(&key, New::SMALL, 3), Some(2));
    assert_eq!(map.get(&key), Some(New { number: 1, small: 3, large: [1; 900] }));
    map.verify().unwrap();
}

#[test]
fn what_is_not_there_has_no_fields() {
    let mut map: BTreeMap<u64, Old, Bytes> = open("map", Bytes::default()).unwrap();
    assert_eq!(map.get_field(&1, Old::SMALL), None);
    assert_eq!(map.set_field(&1, Old::SMALL, 1), None);
    map.insert(1, OLD);
    assert_eq!(map.get_field(&2, Old::SMALL), None);
    assert_eq!(map.update_field(&2, Old::SMALL, |_| ()), None);
    assert_eq!(map.view(&2, |_| ()), None);
    assert_eq!(map.len(), 1);
}
