//! RankedMaps: keys of one size in arrays, others in nodes, values in overflow pages, two versions
//! of values; detached trees of both kinds.

use graven::{DefaultMemoryImpl, RankedMap, StableLayout};
use serde_json::{Value as Json, json};

mod before {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Score {
        pub points: u32,
    }
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct Score {
    points: u32,
    #[layout(since = 2, default = 7)]
    games: u32,
}

macro_rules! store {
    ($store:ident, $score:ty) => {
        #[graven::store]
        struct $store {
            never_used: RankedMap<u32, u32>,
            emptied: RankedMap<u32, u32>,
            cleared: RankedMap<u64, u64>,
            numbers: RankedMap<u32, u32>,
            texts: RankedMap<String, Vec<u8>>,
            scores: RankedMap<(u32, String), $score>,
        }
    };
}

store!(Before, before::Score);
store!(Ranked, Score);

/// Different numbers in no order.
fn number(n: u32) -> u32 {
    n.wrapping_mul(0x9e37_79b1)
}

fn text(n: usize) -> String {
    format!("{:03}{}", n * 37 % 100, "k".repeat(n * 5))
}

fn bytes(n: usize) -> Vec<u8> {
    vec![n as u8; if n == 9 { 3_000 } else { n }]
}

fn name(n: u32) -> String {
    "n".repeat(n as usize % 30)
}

/// Writes the memory, and answers its listing.
pub fn write(memory: &DefaultMemoryImpl) {
    let mut store = Before::open(memory.clone()).unwrap();
    (0..5).for_each(|n| _ = store.emptied.insert(n, n));
    (0..5).for_each(|n| _ = store.emptied.remove(&n));
    store.cleared.extend((0..3_000).map(|n| (n, n)));
    store.numbers.extend((0..1_500).map(|n| (number(n), n)));
    (0..1_500).step_by(3).for_each(|n| _ = store.numbers.remove(&number(n)));
    store.texts.extend((0..60).map(|n| (text(n), bytes(n))));
    store.scores.extend((0..200).map(|n| ((n / 3, name(n)), before::Score { points: n })));
    drop(store);
    let mut store = Ranked::open(memory.clone()).unwrap();
    let (games, other) = (8, (1_000, "new".to_owned()));
    store.scores.insert(other, Score { points: 1, games });
    store.cleared.clear();
    store.cleared.insert(1, 2);
}

/// Opens the memory, checks what is in it, and returns the stored content.
pub fn read(memory: &DefaultMemoryImpl) -> Vec<Json> {
    let store = Ranked::open(memory.clone()).unwrap();
    for rank in 0..store.scores.len() {
        let (key, _) = store.scores.nth(rank).unwrap();
        assert_eq!(store.scores.position(&key), Some(rank));
    }
    store.numbers.verify().unwrap();
    store.texts.verify().unwrap();
    store.scores.verify().unwrap();
    stored()
}

fn stored() -> Vec<Json> {
    let map = |name: &str, entries: Vec<Json>| json!({ "name": name, "collection": "RankedMap", "entries": entries });
    let mut numbers: Vec<(u32, u32)> = (0..1_500).filter(|n| n % 3 > 0).map(|n| (number(n), n)).collect();
    numbers.sort_unstable();
    let mut texts: Vec<(String, Vec<u8>)> = (0..60).map(|n| (text(n), bytes(n))).collect();
    texts.sort();
    vec![
        map("never_used", vec![]),
        map("emptied", vec![]),
        map("cleared", vec![json!(["1", "2"])]),
        map("numbers", numbers.into_iter().map(|(key, value)| json!([key, value])).collect()),
        map("texts", texts.into_iter().map(|(key, value)| json!([key, super::hex(&value)])).collect()),
        map("scores", scores_stored()),
    ]
}

/// Returns the scores as they are stored: only the new one in version 2.
fn scores_stored() -> Vec<Json> {
    let mut scores: Vec<((u32, String), u32)> = (0..200).map(|n| ((n / 3, name(n)), n)).collect();
    scores.sort();
    let old = scores.into_iter().map(|(key, points)| json!([[key.0, key.1], { "points": points }]));
    old.chain([json!([[1_000, "new"], { "points": 1, "games": 8 }])]).collect()
}
