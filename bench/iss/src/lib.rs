//! ic-stable-structures 0.7.2 in the bench, each structure in a memory of its own under a
//! MemoryManager, as people use it. It has no hash map.

use std::cell::RefCell;

use bench_work::large::{self, Large};
use bench_work::lists::{queue, run as list};
use bench_work::maps::run as map;
use bench_work::{List, Map, Queue, Value};
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};
use ic_stable_structures::{BTreeMap, DefaultMemoryImpl, Log, MinHeap, StableVec, Storable};

type Memory = VirtualMemory<DefaultMemoryImpl>;

struct Bench {
    btree_u64: BTreeMap<u64, u64, Memory>,
    btree_32: BTreeMap<[u8; 32], [u8; 128], Memory>,
    btree_text: BTreeMap<String, u64, Memory>,
    btree_owned: BTreeMap<([u8; 29], u64), u64, Memory>,
    btree_1024: BTreeMap<u64, [u8; 1024], Memory>,
    vec_u64: StableVec<u64, Memory>,
    log_64: Log<[u8; 64], Memory, Memory>,
    queue: MinHeap<u64, Memory>,
    large: BTreeMap<u64, Vec<u8>, Memory>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::new({
        let manager = MemoryManager::init(DefaultMemoryImpl::default());
        let memory = |id| manager.get(MemoryId::new(id));
        Bench {
            btree_u64: BTreeMap::init(memory(0)),
            btree_32: BTreeMap::init(memory(1)),
            btree_text: BTreeMap::init(memory(2)),
            btree_1024: BTreeMap::init(memory(3)),
            vec_u64: StableVec::init(memory(4)),
            log_64: Log::init(memory(5), memory(6)),
            queue: MinHeap::init(memory(7)),
            large: BTreeMap::init(memory(8)),
            btree_owned: BTreeMap::init(memory(9)),
        }
    });
}

/// Opens all structures where Graven opens its store, so that no measured message has to.
#[ic_cdk::init]
fn init() {
    BENCH.with_borrow(|_| {});
}

#[ic_cdk::post_upgrade]
fn post_upgrade() {
    init();
}

/// Keys that may have a beginning in common.
trait Beginning {
    fn is_alike(&self, _other: &Self) -> bool {
        unimplemented!("only strings have prefixes")
    }

    fn least_alike(&self) -> Self;
}

impl Beginning for u64 {
    fn least_alike(&self) -> Self {
        unimplemented!("only strings have prefixes")
    }
}

impl Beginning for [u8; 32] {
    fn least_alike(&self) -> Self {
        unimplemented!("only strings have prefixes")
    }
}

impl Beginning for ([u8; 29], u64) {
    fn least_alike(&self) -> Self {
        unimplemented!("only strings have prefixes")
    }
}

impl Beginning for String {
    fn is_alike(&self, other: &Self) -> bool {
        other.starts_with(&self[..2])
    }

    fn least_alike(&self) -> Self {
        self[..2].to_owned()
    }
}

impl<K: Storable + Ord + Clone + Beginning, V: Storable + Value> Map<K, V>
    for Of<'_, BTreeMap<K, V, Memory>>
{
    fn put(&mut self, key: K, value: V) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).as_ref().map(look).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|entry| look(entry.key(), &entry.value()));
    }

    fn each_back(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().rev().for_each(|entry| look(entry.key(), &entry.value()));
    }

    fn some(&self, from: &K, count: usize, mut look: impl FnMut(&K, &V)) {
        self.0.range(from.clone()..).take(count).for_each(|entry| look(entry.key(), &entry.value()));
    }

    fn alike(&self, to: &K, mut look: impl FnMut(&K, &V)) {
        let alike = self.0.range(to.least_alike()..).take_while(|entry| to.is_alike(entry.key()));
        alike.for_each(|entry| look(entry.key(), &entry.value()));
    }
}

impl List<u64> for Of<'_, StableVec<u64, Memory>> {
    fn add(&mut self, value: u64) {
        self.0.push(&value);
    }

    fn at(&self, index: u64, look: impl FnOnce(&u64)) -> bool {
        self.0.get(index).as_ref().map(look).is_some()
    }

    fn put_at(&mut self, index: u64, value: u64) {
        self.0.set(index, &value);
    }

    fn take_last(&mut self) -> bool {
        self.0.pop().is_some()
    }

    fn each(&self, mut look: impl FnMut(&u64)) {
        self.0.iter().for_each(|value| look(&value));
    }
}

impl List<[u8; 64]> for Of<'_, Log<[u8; 64], Memory, Memory>> {
    fn add(&mut self, value: [u8; 64]) {
        self.0.append(&value).expect("there is room");
    }

    fn at(&self, index: u64, look: impl FnOnce(&[u8; 64])) -> bool {
        self.0.get(index).as_ref().map(look).is_some()
    }

    fn each(&self, mut look: impl FnMut(&[u8; 64])) {
        self.0.iter().for_each(|value| look(&value));
    }
}

impl Queue for Of<'_, MinHeap<u64, Memory>> {
    fn add(&mut self, number: u64) {
        self.0.push(&number);
    }

    fn take(&mut self) -> Option<u64> {
        self.0.pop()
    }
}

impl Large for Of<'_, BTreeMap<u64, Vec<u8>, Memory>> {
    fn put(&mut self, bytes: Vec<u8>) {
        self.0.insert(1, bytes);
    }

    fn see(&self, look: impl FnOnce(&[u8])) {
        look(&self.0.get(&1).expect("there is a value"));
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
        "btree-1024" => map(&mut Of(&mut bench.btree_1024), operation, numbers),
        "vec-u64" => list(&mut Of(&mut bench.vec_u64), operation, numbers),
        "log-64" => list(&mut Of(&mut bench.log_64), operation, numbers),
        "queue" => queue(&mut Of(&mut bench.queue), operation, numbers),
        "large" => large::run(&mut Of(&mut bench.large), operation),
        other => panic!("no structure `{other}`"),
    })
}

fn btree<R>(f: impl FnOnce(&mut Of<'_, BTreeMap<u64, u64, Memory>>) -> R) -> R {
    BENCH.with_borrow_mut(|bench| f(&mut Of(&mut bench.btree_u64)))
}

bench_work::methods!(run_on);
bench_work::alone_btree!(btree);
