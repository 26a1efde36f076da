//! A sweep that makes values longer packs them with their neighbours, so that it does not double
//! the pages.

use graven::{BTreeMap, Budget, Collection, StableLayout, StableVec, open};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::space::account;

const COUNT: u64 = 20_000;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1, name = "Short")]
struct Short {
    a: u64,
    b: u64,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, name = "Short")]
struct Longer {
    a: u64,
    b: u64,
    #[layout(since = 2, default = 5)]
    c: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1, name = "Text")]
struct Text {
    text: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, name = "Text")]
struct LongerText {
    text: String,
    #[layout(since = 2, default = "and more".to_owned())]
    more: String,
}

fn short(n: u64) -> Short {
    Short { a: n, b: !n }
}

fn longer(n: u64) -> Longer {
    Longer { a: n, b: !n, c: 5 }
}

fn text(n: u64) -> Text {
    Text { text: "text ".repeat(1 + (n % 13) as usize) }
}

fn longer_text(n: u64) -> LongerText {
    LongerText { text: text(n).text, more: "and more".to_owned() }
}

/// Sweeps in steps of so many pages, and checks that the pages are at most a tenth more than those
/// of `fresh`.
#[track_caller]
fn sweep<C: Collection>(collection: &mut C, pages: u64, fresh: &C, what: &str) {
    while !collection.sweep(&mut Budget::pages(pages)).unwrap() {}
    let (swept, fresh) = (collection.root().stats().pages, fresh.root().stats().pages);
    println!("{what}: {swept} pages after the sweep, {fresh} of a copy");
    assert!(swept * 10 <= fresh * 11, "{what}: {swept} pages, {fresh} of a copy");
}

macro_rules! map {
    ($name:ident, $key:expr, $key_type:ty, $old:ty, $old_value:expr, $new:ty, $new_value:expr) => {
        #[test]
        fn $name() {
            for pages in [1, 7, 10_000] {
                let memory = Bytes::default();
                let mut map: BTreeMap<$key_type, $old> = open("map", memory.clone()).unwrap();
                (0..COUNT).for_each(|n| _ = map.insert($key(n), $old_value(n)));
                let mut map: BTreeMap<$key_type, $new> = open("map", memory.clone()).unwrap();
                let mut fresh: BTreeMap<$key_type, $new> = open("map", Bytes::default()).unwrap();
                (0..COUNT).for_each(|n| _ = fresh.insert($key(n), $new_value(n)));
                sweep(&mut map, pages, &fresh, stringify!($name));
                map.verify().unwrap();
                account(map.root().pager(), &[map.stats()]);
                assert!(map.iter().eq(fresh.iter()));
                let map: BTreeMap<$key_type, $new> = open("map", memory).unwrap();
                map.verify().unwrap();
                assert!((0..COUNT).all(|n| map.get(&$key(n)) == Some($new_value(n))));
            }
        }
    };
}

map!(numbers_in_fixed_cells, |n: u64| n, u64, Short, short, Longer, longer);
map!(texts_in_slots, |n: u64| format!("{n:08}"), String, Text, text, LongerText, longer_text);
map!(texts_below_numbers, |n: u64| n, u64, Text, text, LongerText, longer_text);

fn list<Old: StableLayout, New: StableLayout + PartialEq>(
    old: fn(u64) -> Old,
    new: fn(u64) -> New,
    what: &str,
) {
    for pages in [1, 7, 10_000] {
        let memory = Bytes::default();
        open::<StableVec<Old>>("list", memory.clone()).unwrap().extend((0..COUNT).map(old));
        let mut list: StableVec<New> = open("list", memory).unwrap();
        let mut fresh: StableVec<New> = open("list", Bytes::default()).unwrap();
        fresh.extend((0..COUNT).map(new));
        sweep(&mut list, pages, &fresh, what);
        list.verify().unwrap();
        assert!(list.iter().eq(fresh.iter()) && list.len() == COUNT);
    }
}

#[test]
fn arrays_and_nodes_of_a_vector() {
    list(short, longer, "an array");
    list(text, longer_text, "a vector of texts");
}

/// Memory that runs out in the middle of a sweep loses nothing, and the sweep continues.
#[test]
fn packing_without_room_loses_nothing() {
    let memory = Limited::new(Bytes::default(), u64::MAX);
    let mut map: BTreeMap<u64, Short, Limited> = open("map", memory.clone()).unwrap();
    (0..COUNT).for_each(|n| _ = map.insert(n, short(n)));
    let mut map: BTreeMap<u64, Longer, Limited> = open("map", memory.clone()).unwrap();
    let (mut refused, mut steps) = (0, 0);
    memory.allow(0);
    loop {
        steps += 1;
        match map.sweep(&mut Budget::pages(1)) {
            Ok(true) => break,
            Ok(false) => {}
            Err(error) => {
                assert!(matches!(error, graven::Error::OutOfMemory { .. }), "{error}");
                refused += 1;
                map.verify().unwrap();
                memory.allow(1);
            }
        }
        assert!(steps < 5_000);
    }
    assert!(refused > 1, "{refused}");
    map.verify().unwrap();
    assert!((0..COUNT).all(|n| map.get(&n) == Some(longer(n))));
}
