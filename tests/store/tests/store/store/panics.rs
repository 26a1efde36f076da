//! A conversion that panics: its words come through, nothing is lost, nothing was written.

use std::collections::BTreeMap as Model;

use graven::{BTreeMap, Budget, Cell, Collection, StableLayout, open};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::panics::caught;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct V1 {
    n: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct V2 {
    // So that a write does not take the other records of its leaf along.
    #[layout(was(u32, until = 2, with = core::convert::identity))]
    n: u32,
    #[layout(since = 2)]
    a: u8,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 3)]
struct V3 {
    #[layout(was(u32, until = 3, with = core::convert::identity))]
    n: u32,
    #[layout(since = 2)]
    a: u8,
    #[layout(since = 3)]
    b: u16,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 4)]
struct V4 {
    #[layout(was(u32, until = 4, with = core::convert::identity))]
    n: u32,
    #[layout(since = 2)]
    a: u8,
    #[layout(since = 3)]
    b: u16,
    #[layout(since = 4)]
    c: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 5, previous = V4)]
struct V5 {
    n: u32,
    bytes: Vec<u8>,
}

const BAD: u32 = 4_000_913;
const WORDS: &str = "4000913 cannot be converted";

/// Every fifth value does not fit into a leaf.
impl From<V4> for V5 {
    fn from(old: V4) -> V5 {
        assert!(old.n != BAD, "{} cannot be converted", old.n);
        V5 { n: old.n, bytes: vec![old.n as u8; if old.n.is_multiple_of(5) { 5_000 } else { 3 }] }
    }
}

type Map<V> = BTreeMap<u32, V>;

fn converted(n: u32) -> V5 {
    V4 { n, a: 0, b: 0, c: String::new() }.into()
}

/// Entries in four layouts in each leaf; one of them cannot be converted.
fn stored(count: u32) -> (Bytes, Model<u32, V5>) {
    let memory = Bytes::default();
    let mut map: Map<V1> = open("map", memory.clone()).unwrap();
    (0..count).for_each(|n| _ = map.insert(n, V1 { n }));
    map.insert(count / 2, V1 { n: BAD });
    let mut map: Map<V2> = open("map", memory.clone()).unwrap();
    (1..count).step_by(8).for_each(|n| _ = map.insert(n, V2 { n, a: 0 }));
    let mut map: Map<V3> = open("map", memory.clone()).unwrap();
    (3..count).step_by(8).for_each(|n| _ = map.insert(n, V3 { n, a: 0, b: 0 }));
    let mut map: Map<V4> = open("map", memory.clone()).unwrap();
    (5..count).step_by(8).for_each(|n| _ = map.insert(n, V4 { n, a: 0, b: 0, c: String::new() }));
    assert_eq!(map.get(&(count / 2)).unwrap().n, BAD);
    let model = (0..count).filter(|n| *n != count / 2).map(|n| (n, converted(n))).collect();
    (memory, model)
}

/// Stores few values, with nothing else in the first layout, which makes it the one that is
/// converted to make room for a fifth.
fn stored_with_few(count: u32) -> (Bytes, Model<u32, V5>) {
    let (memory, model) = stored(count);
    let mut map: Map<V4> = open("map", memory.clone()).unwrap();
    let first = |n: &u32| ![1, 3, 5].contains(&(n % 8)) && *n != count / 2;
    (0..count).filter(first).for_each(|n| _ = map.insert(n, V4 { n, a: 0, b: 0, c: String::new() }));
    (memory, model)
}

#[track_caller]
fn check(map: &Map<V5>, model: &Model<u32, V5>) {
    map.verify().unwrap();
    assert_eq!(map.len(), model.len() as u64 + 1);
    for (key, value) in model {
        assert_eq!(map.get(key).as_ref(), Some(value), "{key}");
    }
}

/// Runs what panics, and sees to it that nothing else happens.
#[track_caller]
fn panics<R>(memory: &Bytes, map: &mut Map<V5>, model: &Model<u32, V5>, run: impl Fn(&mut Map<V5>) -> R) {
    let before = image(memory);
    for _ in 0..2 {
        assert_eq!(caught(|| run(map)).err().as_deref(), Some(WORDS));
        assert!(image(memory) == before, "something was written");
    }
    check(map, model);
    // A copy, for the map is still in use.
    let map: Map<V5> = open("map", memory_of(&before)).unwrap();
    check(&map, model);
}

#[test]
fn reading_what_cannot_be_converted() {
    let (memory, model) = stored(1_000);
    let map = &mut open("map", memory.clone()).unwrap();
    panics(&memory, map, &model, |map| map.get(&500));
    panics(&memory, map, &model, |map| map.iter().count());
    panics(&memory, map, &model, |map| map.range(400..).count());
    panics(&memory, map, &model, |map| map.values().rev().count());
    assert_eq!(map.keys().count(), 1_000);
    assert!(map.contains_key(&500));
}

#[test]
fn replacing_or_removing_what_cannot_be_converted() {
    let (memory, model) = stored(1_000);
    let map = &mut open("map", memory.clone()).unwrap();
    panics(&memory, map, &model, |map| map.remove(&500));
    panics(&memory, map, &model, |map| map.insert(500, converted(5)));
    panics(&memory, map, &model, |map| map.entry(500).or_insert(converted(5)).n);
}

#[test]
fn inserting_into_a_leaf_that_has_to_be_converted() {
    let (memory, model) = stored_with_few(60);
    let map = &mut open("map", memory.clone()).unwrap();
    panics(&memory, map, &model, |map| map.insert(7, converted(7)));
    panics(&memory, map, &model, |map| map.insert(70, converted(7)));
    panics(&memory, map, &model, |map| *map.entry(8).or_insert(converted(8)) = converted(9));
}

#[test]
fn inserting_a_large_value_into_a_leaf_that_has_to_be_converted() {
    let (memory, model) = stored_with_few(60);
    let map = &mut open("map", memory.clone()).unwrap();
    panics(&memory, map, &model, |map| map.insert(7, V5 { n: 7, bytes: vec![1; 9_000] }));
    panics(&memory, map, &model, |map| map.insert(70, V5 { n: 7, bytes: vec![1; 9_000] }));
}

#[test]
fn a_sweep_stops_at_it_and_keeps_what_was_done_before() {
    let (memory, model) = stored(3_000);
    let map: &mut Map<V5> = &mut open("map", memory.clone()).unwrap();
    let all = map.root().old_pages();
    assert!(caught(|| map.sweep(&mut Budget::pages(1_000))).is_err());
    let left = map.root().old_pages();
    assert!(left < all, "{left} {all}");
    check(map, &model);
    panics(&memory, map, &model, |map| while !map.sweep(&mut Budget::pages(1)).unwrap() {});
    assert_eq!(map.root().old_pages(), left);
}

#[test]
fn a_cell_that_cannot_be_converted() {
    let memory = Bytes::default();
    open::<Cell<V4>>("cell", memory.clone()).unwrap().set(V4 { n: BAD, a: 0, b: 0, c: String::new() });
    let mut cell: Cell<V5> = open("cell", memory.clone()).unwrap();
    let before = image(&memory);
    assert_eq!(caught(|| cell.get()), Err(WORDS.to_owned()));
    assert_eq!(caught(|| cell.sweep(&mut Budget::pages(1))).err().as_deref(), Some(WORDS));
    assert!(image(&memory) == before);
    cell.set(converted(1));
    assert_eq!(cell.get(), Some(converted(1)), "a cell is replaced without being read");
}
