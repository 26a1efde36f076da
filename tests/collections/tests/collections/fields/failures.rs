//! Operations that fail leave everything unchanged.

use graven::{BTreeMap, Error, HashMap, Slab, StableLayout, StableVec, open};
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
    panics::<StableVec<Old, Bytes>>();
    panics::<HashMap<u64, Old, Bytes>>();
    panics::<Slab<Old, Bytes>>();
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

fn without_memory<C: Fields<Old, Memory = Limited<Bytes>>>() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut collection: C = open("values", memory.clone()).unwrap();
    (0..5_000).for_each(|index| collection.put(index, Old { number: 1, small: 2 }));
    drop(collection);
    let mut collection: C::Of<New> = open("values", memory.clone()).unwrap();
    memory.allow(0);
    let mut set = |index| collection.set(index, New::SMALL, 3).err().map(|error| (index, error));
    let failed = (0..5_000).find_map(&mut set);
    let Some((index, Error::OutOfMemory { .. })) = failed else { panic!("{failed:?}") };
    assert_eq!(collection.field(index, New::SMALL).unwrap(), Some(2));
    collection.check();
    memory.set_limit(u64::MAX);
    assert_eq!(collection.set(index, New::SMALL, 3).unwrap(), Some(2));
    assert_eq!(collection.value(index), Some(New { number: 1, small: 3, large: [1; 900] }));
    collection.check();
}

#[test]
fn without_memory_an_old_value_stays_old_and_readable() {
    without_memory::<BTreeMap<u64, Old, _>>();
    without_memory::<HashMap<u64, Old, _>>();
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
