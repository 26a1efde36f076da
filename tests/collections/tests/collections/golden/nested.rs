//! Nested collections of all kinds: an index over two levels, empty collections, values in overflow
//! pages and of two layouts, and what is left of collections that were removed or cleared.

use graven::{BTreeMap, BTreeSet, Budget, DefaultMemoryImpl, Deque, Nested, StableLayout, StableVec};
use serde_json::{Value as Json, json};

#[derive(StableLayout)]
#[layout(version = 1)]
struct Post1 {
    text: String,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Post2 {
    text: String,
    #[layout(since = 2, default = 0)]
    likes: u32,
}

macro_rules! version {
    ($store:ident, $post:ty) => {
        #[graven::store]
        struct $store {
            never_used: Nested<u8, BTreeSet<u8>>,
            maps: Nested<(String, u16), BTreeMap<String, u32>>,
            sets: Nested<u32, BTreeSet<(u8, String)>>,
            vecs: Nested<String, StableVec<$post>>,
            deques: Nested<u64, Deque<[u8; 40]>>,
            cleared: Nested<u64, StableVec<u64>>,
        }
    };
}

version!(First, Post1);
version!(Second, Post2);

fn town(number: u16) -> (String, u16) {
    (format!("town\0{}", number % 7), number)
}

fn maps(store: &mut First) {
    for number in 0..130 {
        let mut map = store.maps.or_create(&town(number));
        map.extend((0..u32::from(number % 4)).map(|n| ("k".repeat(n as usize * 9), n * 1000)));
    }
    store.maps.get_mut(&town(5)).unwrap().remove("");
    store.maps.rename(&town(6), &town(777));
    store.maps.remove(&town(9));
    for number in 0..200 {
        let mut set = store.sets.or_create(&(number % 2));
        set.insert((number as u8, "s".repeat(number as usize % 50)));
    }
}

fn lists(store: &mut First) {
    let post = |text: &str| Post1 { text: text.to_owned() };
    store.vecs.or_create("ann").extend(["Hello", "Again"].map(post));
    store.vecs.or_create("bob");
    store.vecs.or_create("cid").push(post(&"long ".repeat(700)));
    store.vecs.or_create("dan").extend((0..40).map(|n| post(&"d".repeat(n * 5))));
    let mut dan = store.vecs.get_mut("dan").unwrap();
    dan.pop();
    dan.swap_remove(3);
    let mut deque = store.deques.or_create(&u64::MAX);
    (0..30).for_each(|n| deque.push_back([n; 40]));
    (1..4).for_each(|n| deque.push_front([0xf0 + n; 40]));
    deque.pop_back();
    // Too much to be freed at once.
    store.deques.or_create(&7).extend((0..1_000u16).map(|n| [n as u8; 40]));
    store.deques.or_create(&8).extend((0..700u16).map(|n| [n as u8; 40]));
    store.deques.remove(&7);
    store.deques.get_mut(&8).unwrap().clear();
    store.deques.get_mut(&8).unwrap().push_back([8; 40]);
    assert!(!store.deques.free_removed_within(&mut Budget::pages(4)).unwrap().is_done());
    store.cleared.or_create(&1).extend(0..500);
    store.cleared.clear();
    store.cleared.or_create(&2).extend(0..2);
}

/// Writes the memory, and answers its listing.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = First::open(memory.clone()).unwrap();
    maps(&mut store);
    lists(&mut store);
    drop(store);
    let mut store = Second::open(memory.clone()).unwrap();
    store.vecs.get_mut("ann").unwrap().push(Post2 { text: "New".into(), likes: 3 });
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Second::open(memory.clone()).unwrap();
    store.maps.verify().unwrap();
    store.sets.verify().unwrap();
    store.vecs.verify().unwrap();
    store.deques.verify().unwrap();
    store.cleared.verify().unwrap();
    stored(&store)
}

/// Returns the stored content, with posts in the layout in which they are.
fn stored(store: &Second) -> Vec<Json> {
    let nested = |name: &str, kind: &str, collections: Vec<Json>, removed: Json| json!({ "name": name, "collection": kind, "collections": collections, "removed": removed });
    let old = |text: String| json!({ "text": text });
    let map =
        |((town, number), map): ((String, u16), graven::nested::Inner<'_, BTreeMap<String, u32>, _>)| {
            json!([[town, number], map.iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>()])
        };
    let sets = store.sets.iter().map(|(key, set)| json!([key, set.iter().collect::<Vec<_>>()]));
    let mut dan: Vec<String> = (0..39).map(|n| "d".repeat(n * 5)).collect();
    dan.swap_remove(3);
    let ann = json!([old("Hello".into()), old("Again".into()), { "text": "New", "likes": 3 }]);
    let vecs = vec![
        json!(["ann", ann]),
        json!(["bob", []]),
        json!(["cid", [old("long ".repeat(700))]]),
        json!(["dan", dan.into_iter().map(old).collect::<Vec<_>>()]),
    ];
    let bytes = |byte: u8| super::hex(&[byte; 40]);
    let deque: Vec<Json> = [0xf3, 0xf2, 0xf1].into_iter().chain(0..29).map(bytes).collect();
    let deques = vec![json!(["8", [bytes(8)]]), json!([u64::MAX.to_string(), deque])];
    // Leaves of the first of two are freed before the second's.
    let left = store.deques.stats().entries - 33 - 700;
    assert!((300..900).contains(&left), "{left} are left");
    let left = json!([["1", left], ["2", 700]]);
    vec![
        nested("never_used", "NestedSet", vec![], json!([])),
        nested("maps", "NestedMap", store.maps.iter().map(map).collect(), json!([])),
        nested("sets", "NestedSet", sets.collect(), json!([])),
        nested("vecs", "NestedVec", vecs, json!([])),
        nested("deques", "NestedDeque", deques, left),
        nested("cleared", "NestedVec", vec![json!(["2", ["0", "1"]])], json!([])),
    ]
}
