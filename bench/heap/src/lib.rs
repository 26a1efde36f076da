//! std's collections on the heap in the bench, written to stable memory by bincode before an
//! upgrade and read after it.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use bench_work::large::{self, Large};
use bench_work::lists::{queue, run as list};
use bench_work::maps::run as map;
use bench_work::{List, Map, Queue};
use bincode::{Decode, Encode, config};

/// A record as the first version of the code has it, and one as the next has it.
#[derive(Encode, Decode)]
struct Record {
    count: u64,
    sum: u64,
}

struct Record2 {
    count: u64,
    sum: u64,
    last: u64,
}

#[derive(Default, Encode, Decode)]
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
    vec_u64: Vec<u64>,
    log_64: Vec<[u8; 64]>,
    queue: BinaryHeap<Reverse<u64>>,
    large: LargeValue,
    records: BTreeMap<u64, Record>,
}

#[derive(Default, Encode, Decode)]
struct LargeValue(Vec<u8>);

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
    static NEXT: RefCell<BTreeMap<u64, Record2>> = const { RefCell::new(BTreeMap::new()) };
}

#[ic_cdk::pre_upgrade]
fn pre_upgrade() {
    let bytes = BENCH.with_borrow(|bench| bincode::encode_to_vec(bench, config::standard()));
    let bytes = bytes.expect("there is room on the heap");
    let missing = (bytes.len() as u64).div_ceil(65_536).saturating_sub(ic_cdk::stable::stable_size());
    ic_cdk::stable::stable_grow(missing).expect("there is room");
    ic_cdk::stable::stable_write(0, &bytes);
}

/// With `changed` the records are brought to the next layout.
#[ic_cdk::post_upgrade]
fn post_upgrade(changed: bool) {
    let bytes = ic_cdk::stable::stable_bytes();
    let decoded = bincode::decode_from_slice::<Bench, _>(&bytes, config::standard());
    let (mut bench, _) = decoded.expect("it was written before the upgrade");
    if changed {
        let next = |(key, Record { count, sum }): (u64, Record)| (key, Record2 { count, sum, last: 0 });
        NEXT.set(std::mem::take(&mut bench.records).into_iter().map(next).collect());
    }
    BENCH.set(bench);
}

/// Adds the given number of records.
#[ic_cdk::update]
fn fill(count: u64) {
    BENCH.with_borrow_mut(|bench| {
        let numbers = bench_work::numbers::numbers("random", count, count);
        bench
            .records
            .extend(numbers.into_iter().map(|number| (number, Record { count: number, sum: number })));
    });
}

/// Returns a part of all records.
#[ic_cdk::query]
fn sum() -> u64 {
    NEXT.with_borrow(|records| records.values().fold(0, |sum, r| sum ^ r.count ^ r.sum ^ r.last))
}

impl<K: bench_work::Key + Clone + AsPrefix, V> Map<K, V> for Of<'_, BTreeMap<K, V>> {
    fn put(&mut self, key: K, value: V) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).map(look).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(key, value));
    }

    fn each_back(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().rev().for_each(|(key, value)| look(key, value));
    }

    fn some(&self, from: &K, count: usize, mut look: impl FnMut(&K, &V)) {
        self.0.range(from..).take(count).for_each(|(key, value)| look(key, value));
    }

    fn alike(&self, to: &K, mut look: impl FnMut(&K, &V)) {
        let alike = self.0.range(to.beginning()..).take_while(|(key, _)| to.is_alike(key));
        alike.for_each(|(key, value)| look(key, value));
    }

    fn load(&mut self, entries: impl Iterator<Item = (K, V)>) {
        *self.0 = entries.collect();
    }
}

/// Keys that may have a beginning in common.
trait AsPrefix: Sized {
    fn beginning(&self) -> Self {
        unimplemented!("only strings have prefixes")
    }

    fn is_alike(&self, _other: &Self) -> bool {
        unimplemented!("only strings have prefixes")
    }
}

impl AsPrefix for u64 {}
impl AsPrefix for [u8; 32] {}
impl AsPrefix for ([u8; 29], u64) {}
impl AsPrefix for (u32, String) {}

impl AsPrefix for String {
    fn beginning(&self) -> Self {
        self[..2].to_owned()
    }

    fn is_alike(&self, other: &Self) -> bool {
        other.starts_with(&self[..2])
    }
}

impl<K: bench_work::Key + std::hash::Hash, V> Map<K, V> for Of<'_, HashMap<K, V>> {
    fn put(&mut self, key: K, value: V) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).map(look).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(key, value));
    }
}

impl<V> List<V> for Of<'_, Vec<V>> {
    fn add(&mut self, value: V) {
        self.0.push(value);
    }

    fn at(&self, index: u64, look: impl FnOnce(&V)) -> bool {
        self.0.get(index as usize).map(look).is_some()
    }

    fn put_at(&mut self, index: u64, value: V) {
        self.0[index as usize] = value;
    }

    fn take_last(&mut self) -> bool {
        self.0.pop().is_some()
    }

    fn each(&self, look: impl FnMut(&V)) {
        self.0.iter().for_each(look);
    }
}

impl Queue for Of<'_, BinaryHeap<Reverse<u64>>> {
    fn add(&mut self, number: u64) {
        self.0.push(Reverse(number));
    }

    fn take(&mut self) -> Option<u64> {
        self.0.pop().map(|Reverse(number)| number)
    }
}

impl Large for Of<'_, LargeValue> {
    fn put(&mut self, bytes: Vec<u8>) {
        self.0.0 = bytes;
    }

    fn see(&self, look: impl FnOnce(&[u8])) {
        look(&self.0.0);
    }
}

/// A collection here, which the bench's traits can be implemented for.
struct Of<'a, T>(&'a mut T);

/// The attributes that the bench's macros use.
mod cdk {
    pub use ic_cdk::{query, update};
}

fn run_on(structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    BENCH.with_borrow_mut(|bench| match structure {
        "btree-u64" | "btree-clock" => map(&mut Of(&mut bench.btree_u64), operation, numbers),
        "btree-32" => map(&mut Of(&mut bench.btree_32), operation, numbers),
        "btree-text" => map(&mut Of(&mut bench.btree_text), operation, numbers),
        "btree-owned" => map(&mut Of(&mut bench.btree_owned), operation, numbers),
        "btree-named" => map(&mut Of(&mut bench.btree_named), operation, numbers),
        "btree-1024" => map(&mut Of(&mut bench.btree_1024), operation, numbers),
        "hash-u64" => map(&mut Of(&mut bench.hash_u64), operation, numbers),
        "hash-32" => map(&mut Of(&mut bench.hash_32), operation, numbers),
        "hash-text" => map(&mut Of(&mut bench.hash_text), operation, numbers),
        "hash-1024" => map(&mut Of(&mut bench.hash_1024), operation, numbers),
        "vec-u64" => list(&mut Of(&mut bench.vec_u64), operation, numbers),
        "log-64" => list(&mut Of(&mut bench.log_64), operation, numbers),
        "queue" => queue(&mut Of(&mut bench.queue), operation, numbers),
        "large" => large::run(&mut Of(&mut bench.large), operation),
        other => panic!("no structure `{other}`"),
    })
}

fn btree<R>(f: impl FnOnce(&mut Of<'_, BTreeMap<u64, u64>>) -> R) -> R {
    BENCH.with_borrow_mut(|bench| f(&mut Of(&mut bench.btree_u64)))
}

fn hash<R>(f: impl FnOnce(&mut Of<'_, HashMap<u64, u64>>) -> R) -> R {
    BENCH.with_borrow_mut(|bench| f(&mut Of(&mut bench.hash_u64)))
}

bench_work::methods!(run_on);
bench_work::alone_btree!(btree);
bench_work::alone_hash!(hash);
