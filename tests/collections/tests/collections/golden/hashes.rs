//! HashMaps: fixed and slotted pages, buckets of several pages, a directory of two levels, values
//! in overflow pages, three versions in one map, maps that have shrunk, seeds of all kinds, and
//! detached trees.

use graven::{Blob, DefaultMemoryImpl, HashMap, StableLayout};
use graven_collection_tests::colliding::key_with_hash;
use serde_json::{Value as Json, json};

use super::hex;

/// Of one size.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
struct Thing1 {
    number: u32,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Thing2 {
    // So that a write does not take the other records of its bucket along.
    #[layout(was(u32, until = 2, with = core::convert::identity))]
    number: u32,
    #[layout(since = 2, default = 7)]
    extra: u16,
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

/// The stores that follow each other, with what stays the same in all of them.
macro_rules! stores {
    ($($name:ident: $thing:ty;)+) => {$(
        #[graven::store]
        struct $name {
            never_used: HashMap<u32, u32>,
            emptied: HashMap<u32, u32>,
            few: HashMap<u64, u64>,
            seeded: HashMap<String, u8>,
            numbers: HashMap<u64, u64>,
            shrunk: HashMap<u32, u16>,
            shortest: HashMap<u8, bool>,
            texts: HashMap<String, String>,
            long_keys: HashMap<String, u16>,
            removed: HashMap<(u8, String), Vec<u8>>,
            things: HashMap<u32, $thing>,
            swept: HashMap<u32, $thing>,
            far: HashMap<u32, Blob<1000>>,
            crowded: HashMap<u64, u64>,
            crowded_texts: HashMap<u64, String>,
            dead_plain: HashMap<u64, Blob<500>>,
            dead_mixed: HashMap<String, Vec<u8>>,
        }
    )+};
}

stores! {
    First: Thing1;
    Second: Thing2;
    Newest: Thing3;
}

/// Entries of `far`, in more buckets than a branch has.
const FAR: u32 = 2_500;

fn blob<const N: usize>(number: u32) -> Blob<N> {
    Blob::new([number as u8, (number >> 8) as u8]).unwrap()
}

/// Returns a text of some length, with few bytes that are not the same.
fn long(number: u32, len: usize) -> String {
    format!("{number:04}{}", "x".repeat(len))
}

/// Keys whose hashes have the same place, so that no number of buckets tells them apart: in order.
fn crowd(seed: u64) -> Vec<u64> {
    let mut keys: Vec<u64> =
        (0..250).map(|n| key_with_hash(seed, 0xab12_3400_0000_0000 | n << 32 | 0x2abc)).collect();
    keys.sort_unstable();
    keys
}

/// Lengths of values in cells, and of some in one overflow page and of several.
fn length(number: u32) -> usize {
    match number % 11 {
        0 => 700,
        4 => 2_500,
        9 => 9_000,
        other => other as usize * 9,
    }
}

fn plain(store: &mut First) {
    store.emptied.extend((0..300).map(|number| (number, number)));
    (0..300).for_each(|number| _ = store.emptied.remove(&number));
    store.few.extend((0..5).map(|number| (number, number * 3)));
    assert!(store.seeded.reseed(0x0123_4567_89ab_cdef).unwrap());
    store.seeded.insert("ab".into(), 1);
    store.numbers.extend((0..2_000).map(|number| (number * 7, number)));
    (0..2_000).step_by(9).for_each(|number| _ = store.numbers.remove(&(number * 7)));
    store.shrunk.extend((0..4_000).map(|number| (number, number as u16)));
    (300..4_000).for_each(|number| _ = store.shrunk.remove(&number));
    store.shortest.extend((0..=255).map(|number| (number, number % 3 == 0)));
    store.far.extend((0..FAR).map(|number| (number, blob(number))));
    for key in crowd(store.crowded.seed()) {
        store.crowded.insert(key, key & 7);
    }
}

fn mixed(store: &mut First) {
    store.texts.extend((0..60).map(|number| (long(number, number as usize), long(number, length(number)))));
    // The same length, a longer and a shorter one, into a chain and out of one.
    for (number, len) in [(1, 9), (2, 300), (11, 3), (12, 3_000), (15, 20)] {
        assert!(store.texts.insert(long(number, number as usize), long(0, len)).is_some());
    }
    store.long_keys.extend((0..20).map(|number| (long(number, 988), number as u16)));
    let key = |number: u32| (number as u8, long(number, 5));
    store.removed.extend((0..90).map(|number| (key(number), vec![number as u8; length(number)])));
    (0..90).filter(|number| number % 8 != 0).for_each(|number| _ = store.removed.remove(&key(number)));
    for key in crowd(store.crowded_texts.seed()) {
        store.crowded_texts.insert(key, long(key as u32 & 0xff, 8));
    }
    store.things.extend((0..700).map(|number| (number, Thing1 { number })));
    store.swept.extend((0..700).map(|number| (number, Thing1 { number })));
}

/// Adds directories, fixed pages, slotted pages and overflow pages. The youngest tree is partly
/// freed.
fn dead(store: &mut Newest) {
    store.dead_plain.extend((0..30).map(|number| (number, blob(number as u32))));
    store.dead_mixed.extend((0..12).map(|number| (long(number, 0), vec![1; length(number)])));
    store.dead_plain.clear();
    store.dead_mixed.clear();
    let children = |store: &Newest| {
        use graven::Collection;
        let pager = store.few.root().pager();
        let (dead, mut count) = (pager.heads().detached.get(), [0; 2]);
        pager.read(dead, 2, &mut count).unwrap();
        (dead, u16::from_le_bytes(count))
    };
    let (before, mut number) = (children(store), 0);
    while children(store) == before {
        store.dead_plain.insert(number, blob(1));
        number += 1;
    }
    store.dead_plain.retain(|number, _| *number < 3);
}

/// Writes the memory, and answers its listing, each value as it is stored.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = First::open(memory.clone()).unwrap();
    plain(&mut store);
    mixed(&mut store);
    drop(store);
    let mut store = Second::open(memory.clone()).unwrap();
    for number in (0..700).step_by(70) {
        store.things.insert(number, Thing2 { number, extra: 2 });
    }
    drop(store);
    let mut store = Newest::open(memory.clone()).unwrap();
    for number in (0..800).step_by(100) {
        store.things.insert(number, Thing3 { text: format!("third {number}"), extra: 3 });
    }
    sweep(&mut store);
    dead(&mut store);
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Newest::open(memory.clone()).unwrap();
    verify(&store);
    compare(&store);
    stored(&store)
}

/// Sweeps all of one map.
fn sweep(store: &mut Newest) {
    use graven::{Budget, Collection};
    while !store.swept.sweep(&mut Budget::pages(1)).unwrap() {}
}

fn verify(store: &Newest) {
    store.numbers.verify().unwrap();
    store.shrunk.verify().unwrap();
    store.shortest.verify().unwrap();
    store.texts.verify().unwrap();
    store.long_keys.verify().unwrap();
    store.removed.verify().unwrap();
    store.things.verify().unwrap();
    store.swept.verify().unwrap();
    store.far.verify().unwrap();
    store.crowded.verify().unwrap();
    store.crowded_texts.verify().unwrap();
    store.dead_plain.verify().unwrap();
}

/// Returns a value of `things` in the version in which it is stored.
fn thing(number: u32) -> Json {
    match number {
        _ if number.is_multiple_of(100) => json!({ "text": format!("third {number}"), "extra": 3 }),
        _ if number.is_multiple_of(70) => json!({ "number": number, "extra": 2 }),
        _ => json!({ "number": number }),
    }
}

fn text(number: u32) -> String {
    match number {
        1 => long(0, 9),
        2 => long(0, 300),
        11 => long(0, 3),
        12 => long(0, 3_000),
        15 => long(0, 20),
        _ => long(number, length(number)),
    }
}

/// Returns the stored content, derived from what was written.
fn stored(store: &Newest) -> Vec<Json> {
    let map = |name: &str, seed: u64, entries: Vec<Json>| json!({ "name": name, "collection": "HashMap", "seed": seed.to_string(), "entries": entries });
    let numbers = (0..2_000u64).filter(|number| number % 9 != 0);
    let numbers = numbers.map(|number| json!([(number * 7).to_string(), number.to_string()]));
    let removed = (0..90).filter(|number| number % 8 == 0);
    let removed =
        removed.map(|number| json!([[number, long(number, 5)], hex(&vec![number as u8; length(number)])]));
    let swept = |number: u32| json!([number, { "text": format!("was {number}"), "extra": 7 }]);
    let things = (0..700).chain([700]);
    vec![
        map("never_used", store.never_used.seed(), vec![]),
        map("emptied", store.emptied.seed(), vec![]),
        map(
            "few",
            store.few.seed(),
            (0..5u64).map(|n| json!([n.to_string(), (n * 3).to_string()])).collect(),
        ),
        map("seeded", 0x0123_4567_89ab_cdef, vec![json!(["ab", 1])]),
        map("numbers", store.numbers.seed(), numbers.collect()),
        map("shrunk", store.shrunk.seed(), (0..300).map(|number| json!([number, number])).collect()),
        map("shortest", store.shortest.seed(), (0..256).map(|n| json!([n, n % 3 == 0])).collect()),
        map(
            "texts",
            store.texts.seed(),
            (0..60).map(|number| json!([long(number, number as usize), text(number)])).collect(),
        ),
        map("long_keys", store.long_keys.seed(), (0..20).map(|n| json!([long(n, 988), n])).collect()),
        map("removed", store.removed.seed(), removed.collect()),
        map("things", store.things.seed(), things.map(|number| json!([number, thing(number)])).collect()),
        map("swept", store.swept.seed(), (0..700).map(swept).collect()),
        map(
            "far",
            store.far.seed(),
            (0..FAR).map(|number| json!([number, hex(&blob::<1000>(number))])).collect(),
        ),
        map(
            "crowded",
            store.crowded.seed(),
            crowd(store.crowded.seed()).iter().map(|n| json!([n.to_string(), (n & 7).to_string()])).collect(),
        ),
        map(
            "crowded_texts",
            store.crowded_texts.seed(),
            crowd(store.crowded_texts.seed())
                .iter()
                .map(|n| json!([n.to_string(), long(*n as u32 & 0xff, 8)]))
                .collect(),
        ),
        map("dead_plain", store.dead_plain.seed(), (0..3).map(|n| json!([n.to_string(), "0100"])).collect()),
        map("dead_mixed", store.dead_mixed.seed(), vec![]),
    ]
}

/// Compares what the newest code reads with what was written.
fn compare(store: &Newest) {
    assert_eq!((store.never_used.len(), store.emptied.len(), store.few.get(&4)), (0, 0, Some(12)));
    assert!((0..2_000).all(|number| store.numbers.get(&(number * 7)) == Some(number).filter(|n| n % 9 != 0)));
    assert!((0..60).all(|number| store.texts.get(&long(number, number as usize)) == Some(text(number))));
    for number in 0..700 {
        let found = store.things.get(&number).unwrap();
        let stored = thing(number);
        let extra = stored.get("extra").cloned().unwrap_or(json!(7));
        let text = stored.get("text").cloned().unwrap_or(json!(format!("was {number}")));
        assert_eq!((json!(found.text), json!(found.extra)), (text, extra));
    }
}
