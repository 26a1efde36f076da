//! Records with collections of all kinds beside them: records and items of two layouts in either
//! order, of constant and of any size, in overflow pages, collections that were cleared, and what
//! is left of those that were removed.

use graven::{BTreeMap, BTreeSet, Budget, DefaultMemoryImpl, Deque, Records, StableLayout, StableVec};
use serde_json::{Value as Json, json};

#[derive(StableLayout)]
#[layout(version = 1)]
struct User1 {
    name: String,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct User2 {
    name: String,
    #[layout(since = 2, default = 0)]
    karma: u32,
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Post1 {
    text: String,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Post2 {
    text: String,
    #[layout(since = 2, default = false)]
    is_pinned: bool,
}

macro_rules! version {
    ($store:ident, $user:ty, $post:ty) => {
        #[graven::store]
        struct $store {
            never_used: Records<u8, u16, BTreeSet<u8>>,
            maps: Records<(String, u16), [u16; 30], BTreeMap<String, u32>>,
            sets: Records<u32, $user, BTreeSet<(u8, String)>>,
            vecs: Records<String, $user, StableVec<$post>>,
            deques: Records<u64, u8, Deque<[u8; 40]>>,
            cleared: Records<u64, String, StableVec<u64>>,
        }
    };
}

version!(First, User1, Post1);
version!(Second, User2, Post1);
version!(Third, User2, Post2);

fn town(number: u16) -> (String, u16) {
    (format!("town\0{}", number % 7), number)
}

fn user(name: &str) -> User1 {
    User1 { name: name.to_owned() }
}

fn post(text: &str) -> Post1 {
    Post1 { text: text.to_owned() }
}

fn maps(store: &mut First) {
    for number in 0..130 {
        store.maps.insert(town(number), [number; 30]);
        let mut map = store.maps.items_mut(&town(number)).unwrap();
        map.extend((0..u32::from(number % 4)).map(|n| ("k".repeat(n as usize * 9), n * 1000)));
    }
    store.maps.items_mut(&town(5)).unwrap().remove("");
    store.maps.rename(&town(6), &town(777));
    store.maps.remove(&town(9));
    store.maps.insert(town(10), [7; 30]);
    store.sets.extend([0, 1].map(|key| (key, user("set"))));
    for number in 0..200 {
        let mut set = store.sets.items_mut(&(number % 2)).unwrap();
        set.insert((number as u8, "s".repeat(number as usize % 50)));
    }
}

fn lists(store: &mut First) {
    for name in ["ann", "bob", "cid", "dan", "eve"] {
        store.vecs.insert(name.to_owned(), user(&name.repeat(if name == "bob" { 900 } else { 1 })));
    }
    store.vecs.items_mut("ann").unwrap().extend(["Hello", "Again"].map(post));
    store.vecs.items_mut("cid").unwrap().push(post(&"long ".repeat(700)));
    store.vecs.items_mut("dan").unwrap().extend((0..40).map(|n| post(&"d".repeat(n * 5))));
    let mut dan = store.vecs.items_mut("dan").unwrap();
    dan.pop();
    dan.swap_remove(3);
    store.deques.extend([u64::MAX, 7, 8].map(|key| (key, key as u8)));
    let mut deque = store.deques.items_mut(&u64::MAX).unwrap();
    (0..30).for_each(|n| deque.push_back([n; 40]));
    (1..4).for_each(|n| deque.push_front([0xf0 + n; 40]));
    deque.pop_back();
    // Too much to be freed at once.
    store.deques.items_mut(&7).unwrap().extend((0..1_000u16).map(|n| [n as u8; 40]));
    store.deques.items_mut(&8).unwrap().extend((0..700u16).map(|n| [n as u8; 40]));
    store.deques.remove(&7);
    store.deques.items_mut(&8).unwrap().clear();
    store.deques.items_mut(&8).unwrap().push_back([8; 40]);
    assert!(!store.deques.free_removed_within(&mut Budget::pages(4)).unwrap().is_done());
    store.cleared.insert(1, "gone".into());
    store.cleared.items_mut(&1).unwrap().extend(0..500);
    store.cleared.clear();
    store.cleared.insert(2, "here".into());
    store.cleared.items_mut(&2).unwrap().extend(0..2);
}

/// Writes the memory, and answers its listing.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = First::open(memory.clone()).unwrap();
    maps(&mut store);
    lists(&mut store);
    drop(store);
    let mut store = Second::open(memory.clone()).unwrap();
    store.vecs.update("ann", |user| user.karma = 3);
    store.vecs.items_mut("eve").unwrap().push(post("Second"));
    drop(store);
    let mut store = Third::open(memory.clone()).unwrap();
    store.vecs.items_mut("ann").unwrap().push(Post2 { text: "New".into(), is_pinned: true });
    store.vecs.insert("fay".into(), User2 { name: "Fay".into(), karma: 5 });
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Third::open(memory.clone()).unwrap();
    store.never_used.verify().and(store.maps.verify()).and(store.sets.verify()).unwrap();
    store.vecs.verify().and(store.deques.verify()).and(store.cleared.verify()).unwrap();
    stored(&store)
}

/// Returns the stored content, with users and posts in the layout in which they are.
fn stored(store: &Third) -> Vec<Json> {
    let root = |name: &str, kind: &str, collections: Vec<Json>, removed: Json| json!({ "name": name, "collection": kind, "collections": collections, "removed": removed });
    let named = |name: String| json!({ "name": name });
    let old = |text: String| json!({ "text": text });
    let maps = store.maps.iter().map(|((town, number), record, map)| {
        let items: Vec<Json> = map.iter().map(|(key, value)| json!([key, value])).collect();
        json!([[town, number], record, items])
    });
    let sets = store
        .sets
        .iter()
        .map(|(key, user, set)| json!([key, named(user.name), set.iter().collect::<Vec<_>>()]));
    let mut dan: Vec<String> = (0..39).map(|n| "d".repeat(n * 5)).collect();
    dan.swap_remove(3);
    let ann = json!([old("Hello".into()), old("Again".into()), { "text": "New", "is_pinned": true }]);
    let vecs = vec![
        json!(["ann", { "name": "ann", "karma": 3 }, ann]),
        json!(["bob", named("bob".repeat(900)), []]),
        json!(["cid", named("cid".into()), [old("long ".repeat(700))]]),
        json!(["dan", named("dan".into()), dan.into_iter().map(old).collect::<Vec<_>>()]),
        json!(["eve", named("eve".into()), [old("Second".into())]]),
        json!(["fay", { "name": "Fay", "karma": 5 }, []]),
    ];
    let bytes = |byte: u8| super::hex(&[byte; 40]);
    let deque: Vec<Json> = [0xf3, 0xf2, 0xf1].into_iter().chain(0..29).map(bytes).collect();
    let deques = vec![json!(["8", 8, [bytes(8)]]), json!([u64::MAX.to_string(), 255, deque])];
    // Leaves of the first of two are freed before the second's. Three records stand there, of which
    // one is gone.
    let left = store.deques.stats().entries - 33 - 700 - 2;
    assert!((300..900).contains(&left), "{left} are left");
    let left = json!([["3", left], ["5", 700]]);
    vec![
        root("never_used", "RecordsSet", vec![], json!([])),
        root("maps", "RecordsMap", maps.collect(), json!([])),
        root("sets", "RecordsSet", sets.collect(), json!([])),
        root("vecs", "RecordsVec", vecs, json!([])),
        root("deques", "RecordsDeque", deques, left),
        root("cleared", "RecordsVec", vec![json!(["2", "here", ["0", "1"]])], json!([])),
    ]
}
