//! BTreeSets of up to three levels, and HashSets of fixed and slotted pages; detached trees of
//! both.

use graven::Reverse;
use graven::{BTreeSet, DefaultMemoryImpl, HashSet};
use serde_json::{Value as Json, json};

#[graven::store]
struct Sets {
    no_tree: BTreeSet<u32>,
    emptied_tree: BTreeSet<u32>,
    numbers: BTreeSet<u64>,
    shortest: BTreeSet<u8>,
    words: BTreeSet<String>,
    deep: BTreeSet<String>,
    backward: BTreeSet<Reverse<(u16, String)>>,
    no_table: HashSet<u32>,
    emptied_table: HashSet<u32>,
    hashed: HashSet<u64>,
    hashed_bytes: HashSet<u8>,
    hashed_words: HashSet<String>,
    shrunk: HashSet<u32>,
    dead_tree: BTreeSet<String>,
    dead_table: HashSet<u64>,
    filler: BTreeSet<String>,
}

/// Returns a text of some length, with few bytes that are not the same.
fn long(number: u32, len: usize) -> String {
    format!("{number:04}{}", "y".repeat(len))
}

/// Of such texts separators are as long as they are.
fn deep(number: u32) -> String {
    format!("{}{number:04}", "y".repeat(980))
}

fn trees(store: &mut Sets) {
    store.emptied_tree.extend(0..10);
    (0..10).for_each(|number| _ = store.emptied_tree.remove(&number));
    store.numbers.extend((0..1_500).map(|number| number * 5));
    (0..1_500).filter(|number| number % 4 == 1).for_each(|number| _ = store.numbers.remove(&(number * 5)));
    store.shortest.extend(0..=255);
    store.words.extend((0..200).map(|number| long(number, number as usize % 50)));
    (20..50).for_each(|number| _ = store.words.remove(&long(number, number as usize % 50)));
    store.deep.extend((0..60).map(deep));
    store.backward.extend((0..30).map(|number| Reverse((number % 4, long(number.into(), 3)))));
}

fn tables(store: &mut Sets) {
    store.emptied_table.extend(0..10);
    (0..10).for_each(|number| _ = store.emptied_table.remove(&number));
    assert!(store.hashed.reseed(5).unwrap());
    store.hashed.extend((0..1_500).map(|number| number * number));
    store.hashed_bytes.extend((0..=255).filter(|number| number % 2 == 0));
    store.hashed_words.extend((0..400).map(|number| long(number, number as usize % 70)));
    (0..200).for_each(|number| _ = store.hashed_words.remove(&long(number, number as usize % 70)));
    store.shrunk.extend(0..5_000);
    (100..5_000).for_each(|number| _ = store.shrunk.remove(&number));
}

fn dead(store: &mut Sets) {
    store.dead_tree.extend((0..30).map(|number| long(number, 600)));
    store.dead_table.extend(0..2_000);
    store.dead_tree.clear();
    store.dead_table.clear();
    (0..8).for_each(|number| _ = store.filler.insert(long(number, 900)));
    store.dead_table.insert(7);
}

/// Writes the memory, and answers its listing.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = Sets::open(memory.clone()).unwrap();
    trees(&mut store);
    tables(&mut store);
    dead(&mut store);
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Sets::open(memory.clone()).unwrap();
    verify(&store);
    stored(&store)
}

fn verify(store: &Sets) {
    store.numbers.verify().unwrap();
    store.words.verify().unwrap();
    store.deep.verify().unwrap();
    store.backward.verify().unwrap();
    store.hashed.verify().unwrap();
    store.hashed_words.verify().unwrap();
    store.shrunk.verify().unwrap();
    assert!((0..1_500).all(|number| store.numbers.contains(&(number * 5)) == (number % 4 != 1)));
    assert!((0..1_500).all(|number| store.hashed.contains(&(number * number))));
    assert!((0..5_000).all(|number| store.shrunk.contains(&number) == (number < 100)));
}

/// Returns the stored content, derived from what was written.
fn stored(store: &Sets) -> Vec<Json> {
    let tree = |name: &str, elements: Vec<Json>| json!({ "name": name, "collection": "BTreeSet", "elements": elements });
    let table = |name: &str, seed: u64, elements: Vec<Json>| json!({ "name": name, "collection": "HashSet", "seed": seed.to_string(), "elements": elements });
    let words = |numbers: &mut dyn Iterator<Item = u32>, modulus: usize| {
        numbers.map(|number| json!(long(number, number as usize % modulus))).collect::<Vec<_>>()
    };
    let text = |number: u64| json!(number.to_string());
    let mut backward: Vec<_> = (0..30).map(|number: u16| (number % 4, long(number.into(), 3))).collect();
    backward.sort_by(|a, b| b.cmp(a));
    vec![
        tree("no_tree", vec![]),
        tree("emptied_tree", vec![]),
        tree("numbers", (0..1_500).filter(|number| number % 4 != 1).map(|number| text(number * 5)).collect()),
        tree("shortest", (0..256).map(Json::from).collect()),
        tree("words", words(&mut (0..20).chain(50..200), 50)),
        tree("deep", (0..60).map(|number| json!(deep(number))).collect()),
        tree("backward", backward.iter().map(|element| json!(element)).collect()),
        table("no_table", store.no_table.seed(), vec![]),
        table("emptied_table", store.emptied_table.seed(), vec![]),
        table("hashed", 5, (0..1_500u64).map(|number| text(number * number)).collect()),
        table("hashed_bytes", store.hashed_bytes.seed(), (0..256).step_by(2).map(Json::from).collect()),
        table("hashed_words", store.hashed_words.seed(), words(&mut (200..400), 70)),
        table("shrunk", store.shrunk.seed(), (0..100).map(Json::from).collect()),
        tree("dead_tree", vec![]),
        table("dead_table", store.dead_table.seed(), vec![text(7)]),
        tree("filler", (0..8).map(|number| json!(long(number, 900))).collect()),
    ]
}
