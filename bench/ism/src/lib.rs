//! ic-stable-memory 0.4.4 in the bench. Its collections have no ranges, no prefixes and no
//! iteration backward; its log and its vector are measured, priority queues and large values it has
//! none.

use std::cell::RefCell;

use bench_work::lists::run as list;
use bench_work::maps::run as map;
use bench_work::{Key, List, Map};
use ic_stable_memory::collections::{SBTreeMap, SHashMap, SLog, SVec};
use ic_stable_memory::{
    retrieve_custom_data, stable_memory_init, stable_memory_post_upgrade, stable_memory_pre_upgrade,
    store_custom_data, AsFixedSizeBytes, SBox, StableType,
};

struct Bench {
    btree_u64: SBTreeMap<u64, u64>,
    btree_32: SBTreeMap<[u8; 32], [u8; 128]>,
    btree_1024: SBTreeMap<u64, [u8; 1024]>,
    hash_u64: SHashMap<u64, u64>,
    hash_32: SHashMap<[u8; 32], [u8; 128]>,
    hash_1024: SHashMap<u64, [u8; 1024]>,
    vec_u64: SVec<u64>,
    log_64: SLog<[u8; 64]>,
}

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

#[ic_cdk_macros::init]
fn init() {
    stable_memory_init();
    let bench = Bench {
        btree_u64: SBTreeMap::new(),
        btree_32: SBTreeMap::new(),
        btree_1024: SBTreeMap::new(),
        hash_u64: SHashMap::new(),
        hash_32: SHashMap::new(),
        hash_1024: SHashMap::new(),
        vec_u64: SVec::new(),
        log_64: SLog::new(),
    };
    BENCH.with(|home| *home.borrow_mut() = Some(bench));
}

#[ic_cdk_macros::pre_upgrade]
fn pre_upgrade() {
    fn store<T: StableType + AsFixedSizeBytes>(id: usize, data: T) {
        let Ok(data) = SBox::new(data) else { panic!("out of stable memory") };
        store_custom_data(id, data);
    }
    let bench = BENCH.with(|home| home.borrow_mut().take()).expect("it was made in init");
    store(1, bench.btree_u64);
    store(2, bench.btree_32);
    store(3, bench.btree_1024);
    store(4, bench.hash_u64);
    store(5, bench.hash_32);
    store(6, bench.hash_1024);
    store(7, bench.vec_u64);
    store(8, bench.log_64);
    assert!(stable_memory_pre_upgrade().is_ok());
}

#[ic_cdk_macros::post_upgrade]
fn post_upgrade() {
    fn load<T: StableType + AsFixedSizeBytes>(id: usize) -> T {
        retrieve_custom_data::<T>(id).expect("it was stored before the upgrade").into_inner()
    }
    stable_memory_post_upgrade();
    let bench = Bench {
        btree_u64: load(1),
        btree_32: load(2),
        btree_1024: load(3),
        hash_u64: load(4),
        hash_32: load(5),
        hash_1024: load(6),
        vec_u64: load(7),
        log_64: load(8),
    };
    BENCH.with(|home| *home.borrow_mut() = Some(bench));
}

/// A collection here, which the bench's traits can be implemented for.
struct Of<'a, T>(&'a mut T);

impl<K, V> Map<K, V> for Of<'_, SBTreeMap<K, V>>
where
    K: StableType + AsFixedSizeBytes + Key,
    V: StableType + AsFixedSizeBytes,
{
    fn put(&mut self, key: K, value: V) -> bool {
        matches!(self.0.insert(key, value), Ok(None))
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).map(|value| look(&value)).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(&key, &value));
    }
}

impl<K, V> Map<K, V> for Of<'_, SHashMap<K, V>>
where
    K: StableType + AsFixedSizeBytes + Key + std::hash::Hash,
    V: StableType + AsFixedSizeBytes,
{
    fn put(&mut self, key: K, value: V) -> bool {
        matches!(self.0.insert(key, value), Ok(None))
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).map(|value| look(&value)).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(&key, &value));
    }
}

impl List<u64> for Of<'_, SVec<u64>> {
    fn add(&mut self, value: u64) {
        assert!(self.0.push(value).is_ok());
    }

    fn at(&self, index: u64, look: impl FnOnce(&u64)) -> bool {
        self.0.get(index as usize).map(|value| look(&value)).is_some()
    }

    fn put_at(&mut self, index: u64, value: u64) {
        self.0.replace(index as usize, value);
    }

    fn take_last(&mut self) -> bool {
        self.0.pop().is_some()
    }

    fn each(&self, mut look: impl FnMut(&u64)) {
        self.0.iter().for_each(|value| look(&value));
    }
}

/// The log's only iteration begins with its end.
impl List<[u8; 64]> for Of<'_, SLog<[u8; 64]>> {
    fn add(&mut self, value: [u8; 64]) {
        assert!(self.0.push(value).is_ok());
    }

    fn at(&self, index: u64, look: impl FnOnce(&[u8; 64])) -> bool {
        self.0.get(index).map(|value| look(&value)).is_some()
    }

    fn each(&self, mut look: impl FnMut(&[u8; 64])) {
        self.0.rev_iter().for_each(|value| look(&value));
    }
}

/// The attributes that the bench's macros use.
mod cdk {
    pub use ic_cdk_macros::{query, update};
}

fn with<R>(f: impl FnOnce(&mut Bench) -> R) -> R {
    BENCH.with(|home| f(home.borrow_mut().as_mut().expect("it was made in init")))
}

fn run_on(structure: &str, operation: &str, numbers: &[u64]) -> u64 {
    with(|bench| match structure {
        "btree-u64" | "btree-clock" => map(&mut Of(&mut bench.btree_u64), operation, numbers),
        "btree-32" => map(&mut Of(&mut bench.btree_32), operation, numbers),
        "btree-1024" => map(&mut Of(&mut bench.btree_1024), operation, numbers),
        "hash-u64" => map(&mut Of(&mut bench.hash_u64), operation, numbers),
        "hash-32" => map(&mut Of(&mut bench.hash_32), operation, numbers),
        "hash-1024" => map(&mut Of(&mut bench.hash_1024), operation, numbers),
        "vec-u64" => list(&mut Of(&mut bench.vec_u64), operation, numbers),
        "log-64" => list(&mut Of(&mut bench.log_64), operation, numbers),
        other => panic!("no structure `{other}`"),
    })
}

fn btree<R>(f: impl FnOnce(&mut Of<'_, SBTreeMap<u64, u64>>) -> R) -> R {
    with(|bench| f(&mut Of(&mut bench.btree_u64)))
}

fn hash<R>(f: impl FnOnce(&mut Of<'_, SHashMap<u64, u64>>) -> R) -> R {
    with(|bench| f(&mut Of(&mut bench.hash_u64)))
}

bench_work::methods!(run_on);
bench_work::alone_btree!(btree);
bench_work::alone_hash!(hash);
