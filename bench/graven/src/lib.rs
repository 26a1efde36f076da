//! Graven in the bench: a store with 20 roots, one for each collection and for each type of entries
//! that is measured.
//!
//! `maps` and `lists` say how the bench's operations are done with Graven's collections.

#[cfg(feature = "canbench")]
mod canbench;
mod lists;
mod maps;

use std::cell::RefCell;

use bench_work::large;
use bench_work::lists::{queue, run as list};
use bench_work::maps::run as map;
use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, Log, Nested, Options, PriorityQueue, RankedMap, Reverse,
    Schema, StableLayout,
};

/// A record of a kibibyte.
#[derive(StableLayout)]
#[layout(version = 1)]
struct Record {
    score: u64,
    text: [u8; 1016],
}

impl bench_work::Value for Record {
    fn of(number: u64) -> Self {
        Record { score: number, text: [number as u8; 1016] }
    }

    fn part(&self) -> u64 {
        self.score + u64::from(self.text[500])
    }
}

#[graven::store]
struct Bench {
    btree_u64: BTreeMap<u64, u64>,
    btree_32: BTreeMap<[u8; 32], [u8; 128]>,
    btree_text: BTreeMap<String, u64>,
    btree_owned: BTreeMap<([u8; 29], u64), u64>,
    btree_named: BTreeMap<(u32, String), u64>,
    btree_1024: BTreeMap<u64, [u8; 1024]>,
    hash_u64: HashMap<u64, u64>,
    hash_32: HashMap<[u8; 32], [u8; 128]>,
    hash_text: HashMap<String, u64>,
    hash_1024: HashMap<u64, [u8; 1024]>,
    vec_u64: graven::StableVec<u64>,
    log_64: Log<[u8; 64]>,
    queue: PriorityQueue<Reverse<u64>>,
    large: BTreeMap<u64, Vec<u8>>,
    blobs: Blobs<u64>,
    records: BTreeMap<u64, Record>,
    // Not measured one by one: with these the store has 20 roots, whose opening is.
    cell: Cell<u64>,
    deque: Deque<u64>,
    ranked: RankedMap<u64, u64>,
    nested: Nested<u64, BTreeSet<u64>>,
}

graven::canister!(Bench);

/// A collection here, which the bench's traits can be implemented for.
struct Of<'a, T>(&'a mut T);

/// The attributes that the bench's macros use.
mod cdk {
    pub use ic_cdk::{query, update};
}

thread_local! {
    /// The store opened anew without caches, if it was.
    static UNCACHED: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

/// Opens the store anew, keeping no pages on the heap.
#[ic_cdk::update]
fn keep_nothing() {
    let store =
        Bench::open_with(Default::default(), Options { cached_pages: 0 }).expect("it was open before");
    UNCACHED.set(Some(store));
}

fn run_on(structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    UNCACHED.with_borrow_mut(|uncached| match uncached {
        Some(store) => run_in(store, structure, operation, numbers),
        None => Bench::with_mut(|store| run_in(store, structure, operation, numbers)),
    })
}

fn run_in(store: &mut Bench, structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    match structure {
        "btree-u64" | "btree-clock" => map(&mut Of(&mut store.btree_u64), operation, numbers),
        "btree-32" => map(&mut Of(&mut store.btree_32), operation, numbers),
        "btree-text" => map(&mut Of(&mut store.btree_text), operation, numbers),
        "btree-owned" => map(&mut Of(&mut store.btree_owned), operation, numbers),
        "btree-named" => map(&mut Of(&mut store.btree_named), operation, numbers),
        "btree-1024" => map(&mut Of(&mut store.btree_1024), operation, numbers),
        "hash-u64" => map(&mut Of(&mut store.hash_u64), operation, numbers),
        "hash-32" => map(&mut Of(&mut store.hash_32), operation, numbers),
        "hash-text" => map(&mut Of(&mut store.hash_text), operation, numbers),
        "hash-1024" => map(&mut Of(&mut store.hash_1024), operation, numbers),
        "vec-u64" => list(&mut Of(&mut store.vec_u64), operation, numbers),
        "log-64" => list(&mut Of(&mut store.log_64), operation, numbers),
        "queue" => queue(&mut Of(&mut store.queue), operation, numbers),
        "large" => large::run(&mut Of(&mut store.large), operation),
        "blobs" => large::run(&mut Of(&mut store.blobs), operation),
        "records" if operation == "get-field" => get_fields(store, numbers),
        "records" => map(&mut Of(&mut store.records), operation, numbers),
        other => panic!("no structure `{other}`"),
    }
}

/// Reads one field of each record.
fn get_fields(store: &Bench, numbers: &[u64]) -> u64 {
    for number in numbers {
        assert_eq!(store.records.get_field(number, Record::SCORE), Some(*number));
    }
    numbers.len() as u64
}

fn btree<R>(f: impl FnOnce(&mut Of<'_, BTreeMap<u64, u64>>) -> R) -> R {
    Bench::with_mut(|store| f(&mut Of(&mut store.btree_u64)))
}

fn hash<R>(f: impl FnOnce(&mut Of<'_, HashMap<u64, u64>>) -> R) -> R {
    Bench::with_mut(|store| f(&mut Of(&mut store.hash_u64)))
}

bench_work::methods!(run_on);
bench_work::alone_btree!(btree);
bench_work::alone_hash!(hash);
