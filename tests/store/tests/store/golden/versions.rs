//! Three versions of a record, side by side in the leaves of one map.

use std::collections::BTreeMap as Entries;

use graven::key::encode_key;
use graven::{BTreeMap, Blob, Budget, Cell, Collection, DefaultMemoryImpl, StableLayout};

use super::dump::{dump, dump_cell, dump_map};
use super::plain::{Plain, object, record};

record! {
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 1)]
    struct Thing1 {
        number: u32,
        pad: Blob<300>,
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 2)]
    struct Thing2 {
        // So that a write does not take the other records of its leaf along.
        #[layout(was(u32, until = 2, with = core::convert::identity))]
        number: u32,
        #[layout(since = 2, default = 7)]
        extra: u16,
        pad: Blob<300>,
    }
}

record! {
    #[derive(Debug, Clone, PartialEq, StableLayout)]
    #[layout(version = 3, previous = Thing2)]
    struct Thing3 {
        text: String,
        extra: u16,
        data: Vec<u8>,
    }
}

impl From<Thing2> for Thing3 {
    fn from(old: Thing2) -> Thing3 {
        Thing3 { text: format!("was {}", old.number), extra: old.extra, data: vec![0xda; 3] }
    }
}

#[graven::store]
struct First {
    things: BTreeMap<u32, Thing1>,
    by_name: BTreeMap<String, Thing1>,
    renewed: BTreeMap<u32, Thing1>,
    thing: Cell<Thing1>,
    other: Cell<Thing1>,
    kept: BTreeMap<u32, Thing1>,
    few: BTreeMap<u32, Blob<100>>,
}

#[graven::store]
struct Second {
    thing: Cell<Thing2>,
    things: BTreeMap<u32, Thing2>,
    other: Cell<Thing2>,
    by_name: BTreeMap<String, Thing2>,
    renewed: BTreeMap<u32, Thing2>,
    kept: BTreeMap<u32, Thing2>,
    few: BTreeMap<u32, Blob<100>>,
}

#[graven::store]
struct Third {
    things: BTreeMap<u32, Thing3>,
    by_name: BTreeMap<String, Thing3>,
    renewed: BTreeMap<u32, Thing3>,
    thing: Cell<Thing3>,
    other: Cell<Thing3>,
    kept: BTreeMap<u32, Thing3>,
    few: BTreeMap<u32, Blob<100>>,
    added: BTreeMap<u32, Thing3>,
}

fn first(number: u32) -> Thing1 {
    Thing1 { number, pad: Blob::new([1]).unwrap() }
}

fn second(number: u32) -> Thing2 {
    Thing2 { number, extra: 0x0200 + number as u16, pad: Blob::new([2, 2]).unwrap() }
}

/// One in five is kept outside of its leaf.
fn third(number: u32) -> Thing3 {
    let len = if number.is_multiple_of(5) { 2500 } else { 3 };
    Thing3 { text: format!("third {number}"), extra: 3, data: vec![0; len] }
}

fn name(number: u32) -> String {
    format!("name {number}")
}

type Plains = Entries<u32, String>;

fn all(plains: &Plains) -> Vec<(String, String)> {
    plains.iter().map(|(key, value)| (key.plain(), value.clone())).collect()
}

/// The values of two maps as they are stored, each in its own version.
struct Stored {
    things: Plains,
    by_name: Plains,
}

fn write_first(memory: &DefaultMemoryImpl, stored: &mut Stored) {
    let mut store = First::open(memory.clone()).unwrap();
    for number in 0..36 {
        store.things.insert(number, first(number));
        stored.things.insert(number, first(number).plain());
    }
    for number in 0..6 {
        store.by_name.insert(name(number), first(number));
        stored.by_name.insert(number, first(number).plain());
    }
    store.renewed.insert(1, first(1));
    store.thing.set(first(1));
    store.other.set(first(2));
    // Fixed cells, in a leaf that no later version touches.
    (0..5).for_each(|number| _ = store.kept.insert(number, first(number)));
    // Fixed cells in several groups, all of which are searched from the first one on.
    (0..30).for_each(|number| _ = store.few.insert(number, few(number)));
}

fn few(number: u32) -> Blob<100> {
    Blob::new([number as u8; 3]).unwrap()
}

fn write_second(memory: &DefaultMemoryImpl, stored: &mut Stored) {
    let mut store = Second::open(memory.clone()).unwrap();
    for number in (0..40).filter(|number| number % 3 == 1) {
        store.things.insert(number, second(number));
        stored.things.insert(number, second(number).plain());
    }
    for number in [1, 2, 6] {
        store.by_name.insert(name(number), second(number));
        stored.by_name.insert(number, second(number).plain());
    }
    store.other.set(second(2));
}

/// Sweeps the first leaf of `things` as well.
fn write_third(memory: &DefaultMemoryImpl, stored: &mut Stored) {
    let mut store = Third::open(memory.clone()).unwrap();
    for number in (0..44).filter(|number| number % 3 == 2) {
        store.things.insert(number, third(number));
        stored.things.insert(number, third(number).plain());
    }
    for number in [2, 7] {
        store.by_name.insert(name(number), third(number));
        stored.by_name.insert(number, third(number).plain());
    }
    // No value is left in the first version, but the leaf still lists it.
    store.renewed.insert(1, third(1));
    store.added.insert(1, third(1));
    let mut budget = Budget::pages(1);
    store.sweep(&mut budget).unwrap();
    assert_eq!(budget.migrated, 1);

    // The first leaf is swept: all keys below the cursor.
    let next = store.things.root().cursor().unwrap();
    for (number, plain) in &mut stored.things {
        if encode_key(number).as_slice() < next.as_slice() {
            *plain = store.things.get(number).unwrap().plain();
        }
    }
}

/// Opens the memory, checks it, and returns the roots as they are read, each value in the newest
/// version.
pub(super) fn read(memory: &DefaultMemoryImpl) -> Vec<String> {
    let store = Third::open(memory.clone()).unwrap();
    store.things.verify().unwrap();
    store.by_name.verify().unwrap();
    vec![
        dump!(map, "things", &store.things),
        dump!(map, "by_name", &store.by_name),
        dump!(map, "renewed", &store.renewed),
        dump!(cell, "thing", &store.thing),
        dump!(cell, "other", &store.other),
        dump!(map, "kept", &store.kept),
        dump!(map, "few", &store.few),
        dump!(map, "added", &store.added),
    ]
}

/// Sweeps all roots.
pub(super) fn sweep(memory: &DefaultMemoryImpl) {
    let mut store = Third::open(memory.clone()).unwrap();
    assert!(store.sweep(&mut Budget::pages(1_000)).unwrap().is_done());
}

/// Writes the memory. Returns the roots as they are stored, each value in its own version.
pub(super) fn write(memory: &DefaultMemoryImpl) -> Vec<String> {
    let mut stored = Stored { things: Plains::new(), by_name: Plains::new() };
    write_first(memory, &mut stored);
    write_second(memory, &mut stored);
    write_third(memory, &mut stored);

    let by_name: Vec<_> =
        stored.by_name.into_iter().map(|(number, value)| (name(number).plain(), value)).collect();
    let one = Plains::from([(1, third(1).plain())]);
    let kept = (0..5).map(|number| (number, first(number).plain())).collect();
    let few = (0..30).map(|number| (number, few(number).plain())).collect();
    vec![
        dump_map("things", &all(&stored.things)),
        dump_map("by_name", &by_name),
        dump_map("renewed", &all(&one)),
        dump_cell("thing", Some(&first(1).plain())),
        dump_cell("other", Some(&second(2).plain())),
        dump_map("kept", &all(&kept)),
        dump_map("few", &all(&few)),
        dump_map("added", &all(&one)),
    ]
}
