//! A store with all collections, small.

use std::cell::Cell as StdCell;
use std::rc::Rc;

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, Memory, Nested, PriorityQueue, RankedMap, Records, Slab,
    StableVec,
};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, ENDLESS, image};
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

/// A memory that allows so many accesses, as often as it is told.
#[derive(Clone)]
pub struct Counted {
    inner: Bytes,
    left: Rc<StdCell<u64>>,
}

impl Counted {
    pub fn new(inner: Bytes) -> Self {
        Counted { inner, left: Rc::new(StdCell::new(u64::MAX)) }
    }

    pub fn allow(&self, accesses: u64) {
        self.left.set(accesses);
    }

    fn count(&self) {
        let left = self.left.get();
        assert!(left > 0, "{ENDLESS}");
        self.left.set(left - 1);
    }
}

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.inner.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        assert!(pages < 1024, "a damaged memory grows by {pages} pages");
        self.inner.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.count();
        self.inner.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.count();
        self.inner.write(offset, bytes);
    }
}

macro_rules! version {
    ($store:ident, $value:ty) => {
        #[graven::store]
        pub struct $store {
            pub numbers: BTreeMap<u64, u64, Counted>,
            pub wide: BTreeMap<u32, [u8; 1400], Counted>,
            pub texts: BTreeMap<String, Vec<u8>, Counted>,
            pub versions: BTreeMap<u64, $value, Counted>,
            pub ids: BTreeSet<u64, Counted>,
            pub words: BTreeSet<String, Counted>,
            pub ranked: RankedMap<u32, Vec<u8>, Counted>,
            pub maps: Nested<u64, BTreeMap<u32, Vec<u8>>, Counted>,
            pub vecs: Nested<String, StableVec<u64>, Counted>,
            pub deques: Nested<u64, Deque<Vec<u8>>, Counted>,
            pub users: Records<u64, $value, Deque<u64>, Counted>,
            pub slab: Slab<Vec<u8>, Counted>,
            pub blobs: Blobs<u32, Counted>,
            pub cell: Cell<Vec<u8>, Counted>,
            pub hashed: HashMap<u64, Vec<u8>, Counted>,
            pub list: StableVec<u64, Counted>,
            pub queue: PriorityQueue<u64, Counted>,
        }
    };
}

version!(First, mixed::V1);
version!(Second, mixed::V2);
version!(Newest, mixed::V4);

/// The names of all collections, in order; the damaged ones come first.
pub const NAMES: [&str; 17] = [
    "numbers", "wide", "texts", "versions", "ids", "words", "ranked", "maps", "vecs", "deques", "users", "slab",
    "blobs", "cell", "hashed", "list", "queue",
];

/// Kinds of collections that are damaged.
pub const VICTIMS: usize = 14;

fn bytes(rng: &mut Rng, number: u64) -> Vec<u8> {
    rng.bytes(if number % 12 == 5 { 5_000 + number as usize * 60 } else { 40 + number as usize })
}

/// A sound memory: several layouts, overflow pages, free pages, a detached tree.
pub fn sound() -> Vec<u8> {
    let (inner, rng) = (Bytes::default(), &mut Rng::new(5));
    let memory = Counted::new(inner.clone());
    let mut store = First::open(memory.clone()).unwrap();
    // Room that comes back in pieces.
    (0..40).for_each(|number| _ = store.hashed.insert(number, vec![1; 3_000]));
    for n in 0..400 {
        store.numbers.insert(n * 7919 % 1_000, n);
        store.ids.insert(n * 7919 % 1_000);
        store.list.push(n);
        store.queue.push(n * 31 % 97);
    }
    for n in 0..30u64 {
        store.hashed.remove(&n);
        store.wide.insert(n as u32 * 7 % 40, [n as u8; 1400]);
        store.texts.insert(String::sample(n), bytes(rng, n));
        store.ranked.insert(n as u32 * 7 % 31, bytes(rng, n));
        store.slab.insert(bytes(rng, n));
        store.hashed.insert(n + 1_000, bytes(rng, n));
    }
    for n in 0..120 {
        store.words.insert(String::sample(n * 31));
        store.versions.insert(n, mixed::V1 { a: n as u32 });
    }
    for key in 0..8u64 {
        let mut map = store.maps.or_create(&key);
        (0..12).for_each(|n| _ = map.insert(n, bytes(rng, u64::from(n) + key)));
        let mut vec = store.vecs.or_create(&String::sample(key));
        (0..40).for_each(|n| vec.push(n));
        let mut deque = store.deques.or_create(&key);
        (0..12).for_each(|n| deque.push_back(bytes(rng, n + key)));
        store.users.insert(key, mixed::V1 { a: key as u32 });
        let mut items = store.users.items_mut(&key).unwrap();
        (0..20).for_each(|n| items.push_front(n));
        store.blobs.put(&(key as u32), &rng.bytes([0, 10, 3_000, 9_000, 40_000, 5_000, 100, 1][key as usize]));
    }
    store.cell.set(&rng.bytes(9_000));
    let mut store = Second::open(memory.clone()).unwrap();
    (0..20).for_each(|n| _ = store.versions.insert(n * 5, mixed::V2 { a: n, b: 1 }));
    store.users.insert(3, mixed::V2 { a: 1, b: 2 });
    let mut store = Newest::open(memory).unwrap();
    (0..20).for_each(|n| _ = store.versions.insert(n * 6, mixed::V4::sample(rng)));
    let large = mixed::V4 { c: 1, d: rng.bytes(9_000), text: "large".into() };
    store.users.insert(4, large.clone());
    store.versions.insert(4, large);
    store.maps.remove(&6);
    store.deques.get_mut(&5).unwrap().clear();
    store.wide.remove(&3);
    store.texts.remove(&String::sample(3));
    // A detached tree.
    store.queue.clear();
    (0..100).for_each(|n| _ = store.queue.push(n));
    image(&inner)
}

/// The store without all collections that may be damaged.
#[graven::store]
#[store(dropped(
    "numbers", "wide", "texts", "versions", "ids", "words", "ranked", "maps", "vecs", "deques", "users", "slab",
    "blobs", "cell"
))]
pub struct Rest {
    pub hashed: HashMap<u64, Vec<u8>, Counted>,
    pub list: StableVec<u64, Counted>,
    pub queue: PriorityQueue<u64, Counted>,
}
