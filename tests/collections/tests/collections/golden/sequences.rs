//! Vecs, Deques and Logs: arrays, nodes and chains over up to two levels of branches, values of
//! several versions, positions without values, leaves that were dropped, and detached trees.

use graven::{Blob, DefaultMemoryImpl, Deque, Log, StableLayout, StableVec};
use graven_core::page::PageNumber;
use serde_json::{Value as Json, json};

use super::{hex, values};

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Thing1 {
    number: u32,
    pad: Blob<700>,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Thing2 {
    number: u32,
    #[layout(since = 2, default = 7)]
    extra: u16,
    pad: Blob<700>,
}

/// Of any size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 3, previous = Thing2)]
struct Thing3 {
    text: String,
    extra: u16,
}

impl From<Thing2> for Thing3 {
    fn from(old: Thing2) -> Thing3 {
        Thing3 { text: format!("was {}", old.number), extra: old.extra }
    }
}

/// Of any size, then of one.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Text1 {
    text: String,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2, previous = Text1)]
struct Text2 {
    len: u64,
}

impl From<Text1> for Text2 {
    fn from(old: Text1) -> Text2 {
        Text2 { len: old.text.len() as u64 }
    }
}

/// The stores that follow each other, with what stays the same in all of them.
macro_rules! stores {
    ($($name:ident: $thing:ty, $text:ty;)+) => {$(
        #[graven::store]
        struct $name {
            never_used: StableVec<u32>,
            emptied: Deque<u32>,
            units: StableVec<()>,
            deep: StableVec<Blob<1014>>,
            widest: StableVec<Blob<1015>>,
            things: StableVec<$thing>,
            lengths: StableVec<$text>,
            texts: StableVec<String>,
            numbers: Deque<Blob<200>>,
            fronts: Deque<u64>,
            words: Deque<String>,
            events: Log<Blob<500>>,
            lines: Log<String>,
            over: Log<u16>,
            dead_array: StableVec<Blob<900>>,
            dead_texts: Deque<String>,
            dead_log: Log<Blob<900>>,
            filler: Log<Blob<900>>,
        }
    )+};
}

stores! {
    First: Thing1, Text1;
    Second: Thing2, Text2;
    Newest: Thing3, Text2;
}

fn blob<const N: usize>(number: u32) -> Blob<N> {
    Blob::new([number as u8, (number >> 8) as u8]).unwrap()
}

/// Returns a text of some length, with few bytes that are not the same.
fn long(number: u32, len: usize) -> String {
    format!("{number}{}", "x".repeat(len))
}

fn first(number: u32) -> Thing1 {
    Thing1 { number, pad: blob(1) }
}

fn second(number: u32) -> Thing2 {
    Thing2 { number, extra: 2, pad: blob(2) }
}

fn third(number: u32) -> Thing3 {
    Thing3 { text: format!("third {number}"), extra: 3 }
}

/// Blobs of two bytes.
fn blobs(numbers: impl Iterator<Item = u32>) -> Vec<Json> {
    numbers.map(|number| hex(&[number as u8, (number >> 8) as u8])).collect()
}

/// Texts whose lengths make leaves with few and many of them, and some in overflow pages.
fn lengths(number: u32) -> usize {
    match number % 7 {
        0 => 700,
        3 => 2100,
        5 => 9000,
        _ => 3,
    }
}

fn sequences(store: &mut First) {
    (0..3).for_each(|number| store.emptied.push_back(number));
    while store.emptied.pop_front().is_some() {}
    (0..3).for_each(|_| store.units.push(()));
    (0..1_360).for_each(|number| store.deep.push(blob(number)));
    (0..6).for_each(|number| store.widest.push(blob(number)));
    (0..13).for_each(|number| store.things.push(first(number)));
    (0..3).for_each(|number| store.lengths.push(Text1 { text: long(number, 5) }));
    (0..30).for_each(|number| store.texts.push(long(number, lengths(number))));
    store.texts.remove(1);
    store.texts.insert(10, long(99, 600));
}

fn ends(store: &mut First) {
    (0..50).for_each(|number| store.numbers.push_back(blob(number)));
    for number in 0..27 {
        assert_eq!(store.numbers.pop_front(), Some(blob(number)));
    }
    (0..3).for_each(|number| store.fronts.push_back(number));
    (100..105).for_each(|number| store.fronts.push_front(number));
    (0..8).for_each(|number| store.words.push_back(long(number, 900)));
    (0..2).for_each(|_| _ = store.words.pop_front());
    (10..15).for_each(|number| store.words.push_front(long(number, 900)));
}

/// A Log frees the leaves in front later, as others are added.
fn logs(store: &mut First) {
    (0..80).for_each(|number| _ = store.events.append(blob(number)));
    store.events.drop_before(47);
    (0..40).for_each(|number| _ = store.lines.append(long(number, if number % 6 == 2 { 2500 } else { 400 })));
    store.lines.drop_before(33);
    (0..20).for_each(|number| _ = store.over.append(number));
    store.over.drop_before(20);
    assert_eq!(store.over.append(20), 20);
}

/// Adds trees of branches, arrays, nodes and overflow pages. The youngest tree is partly freed.
fn dead(store: &mut Newest) {
    (0..12).for_each(|number| store.dead_array.push(blob(number)));
    (0..12).for_each(|number| {
        store.dead_texts.push_back(long(number, if number % 5 == 1 { 5000 } else { 900 }));
    });
    (0..16).for_each(|number| _ = store.dead_log.append(blob(number)));
    store.dead_array.clear();
    store.dead_texts.clear();
    store.dead_log.drop_before(16);
    let children = dead_children(store);
    while dead_children(store) == children {
        store.filler.append(blob(store.filler.len() as u32));
    }
}

/// Returns the page of the first detached tree, and how many children it has.
fn dead_children(store: &Newest) -> (PageNumber, u16) {
    use graven::Collection;
    let pager = store.filler.root().pager();
    let (dead, mut count) = (pager.heads().detached.get(), [0; 2]);
    pager.read(dead, 2, &mut count).unwrap();
    (dead, u16::from_le_bytes(count))
}

/// Writes the memory, and answers its listing, each value as it is stored.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = First::open(memory.clone()).unwrap();
    sequences(&mut store);
    ends(&mut store);
    logs(&mut store);
    drop(store);
    let mut store = Second::open(memory.clone()).unwrap();
    // An array of five, which comes to the newest version whole.
    store.things.set(7, second(107));
    (13..20).for_each(|number| store.things.push(second(number)));
    // One of a size beside those of any.
    store.lengths.push(Text2 { len: 40 });
    drop(store);
    let mut store = Newest::open(memory.clone()).unwrap();
    (20..23).for_each(|number| store.things.push(third(number)));
    dead(&mut store);
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Newest::open(memory.clone()).unwrap();
    verify(&store);
    let stored = stored(store.filler.len() as u32);
    compare(&store, &stored);
    stored
}

fn verify(store: &Newest) {
    store.deep.verify().unwrap();
    store.things.verify().unwrap();
    store.lengths.verify().unwrap();
    store.texts.verify().unwrap();
    store.numbers.verify().unwrap();
    store.fronts.verify().unwrap();
    store.words.verify().unwrap();
    store.events.verify().unwrap();
    store.lines.verify().unwrap();
    store.over.verify().unwrap();
}

/// Returns the stored content, derived from what was written.
fn stored(filler: u32) -> Vec<Json> {
    let long = |number: u32, len| json!(long(number, len));
    let log = |name: &str, first: u64, list: Vec<Json>| {
        let mut log = values(name, "Log", list);
        log["first"] = first.to_string().into();
        log
    };
    let one = |number: u32| json!({ "number": number, "pad": "0100" });
    let two = |number: u32, extra: u16, pad: &str| json!({ "number": number, "extra": extra, "pad": pad });
    let things = (0..5)
        .map(one)
        .chain([5, 6].map(|number| two(number, 7, "0100")))
        .chain([two(107, 2, "0200")])
        .chain([8, 9].map(|number| two(number, 7, "0100")))
        .chain((10..13).map(one))
        .chain((13..20).map(|number| two(number, 2, "0200")))
        .chain((20..23).map(|number| json!({ "text": format!("third {number}"), "extra": 3 })));
    let text = |number| json!({ "text": format!("{number}xxxxx") });
    let mut texts: Vec<Json> = (0..30).map(|number| long(number, lengths(number))).collect();
    texts.remove(1);
    texts.insert(10, long(99, 600));
    let line = |number: u32| long(number, if number % 6 == 2 { 2500 } else { 400 });
    vec![
        values("never_used", "Vec", []),
        values("emptied", "Deque", []),
        values("units", "Vec", [json!([]), json!([]), json!([])]),
        values("deep", "Vec", blobs(0..1_360)),
        values("widest", "Vec", blobs(0..6)),
        values("things", "Vec", things),
        values("lengths", "Vec", (0..3).map(text).chain([json!({ "len": "40" })])),
        values("texts", "Vec", texts),
        values("numbers", "Deque", blobs(27..50)),
        values("fronts", "Deque", [104, 103, 102, 101, 100, 0, 1, 2].map(|n: u64| json!(n.to_string()))),
        values("words", "Deque", [14, 13, 12, 11, 10, 2, 3, 4, 5, 6, 7].map(|number| long(number, 900))),
        log("events", 47, blobs(47..80)),
        log("lines", 33, (33..40).map(line).collect()),
        log("over", 20, vec![json!(20)]),
        values("dead_array", "Vec", []),
        values("dead_texts", "Deque", []),
        log("dead_log", 16, Vec::new()),
        log("filler", 0, blobs(0..filler)),
    ]
}

/// Compares what the newest code reads with what was written.
fn compare(store: &Newest, stored: &[Json]) {
    let list = |index: usize| stored[index]["values"].as_array().unwrap().clone();
    let blob_list = |read: Vec<Vec<u8>>| read.iter().map(|bytes| hex(bytes)).collect::<Vec<_>>();
    assert_eq!(blob_list(store.deep.iter().map(|blob| blob.to_vec()).collect()), list(3));
    assert_eq!(blob_list(store.widest.iter().map(|blob| blob.to_vec()).collect()), list(4));
    let thing = |stored: &Json| match stored.get("number") {
        None => (stored["text"].clone(), stored["extra"].clone()),
        Some(number) => (json!(format!("was {number}")), stored.get("extra").cloned().unwrap_or(json!(7))),
    };
    let things: Vec<_> = store.things.iter().map(|thing| (json!(thing.text), json!(thing.extra))).collect();
    assert_eq!(things, list(5).iter().map(thing).collect::<Vec<_>>());
    assert_eq!(store.lengths.iter().map(|text| text.len).collect::<Vec<_>>(), [6, 6, 6, 40]);
    let strings = |read: Vec<String>| read.into_iter().map(Json::from).collect::<Vec<_>>();
    assert_eq!(strings(store.texts.iter().collect()), list(7));
    assert_eq!(blob_list(store.numbers.iter().map(|blob| blob.to_vec()).collect()), list(8));
    assert_eq!(strings(store.fronts.iter().map(|number| number.to_string()).collect()), list(9));
    assert_eq!(strings(store.words.iter().collect()), list(10));
    assert_eq!(blob_list(store.events.iter().map(|blob| blob.to_vec()).collect()), list(11));
    assert_eq!(strings(store.lines.iter().collect()), list(12));
    assert_eq!((store.lines.numbers(), store.over.numbers()), (33..40, 20..21));
    assert_eq!(store.over.get(20), Some(20));
}
