//! A store with all collections of this package, over several levels and versions.

use graven::{
    BTreeMap, Blob, Blobs, Deque, Log, Nested, PriorityQueue, Records, Slab, StableLayout, StableVec,
};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Metered, image};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

/// Arrays in all versions.
#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
pub struct Fixed1 {
    pub a: u64,
}

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 2)]
pub struct Fixed2 {
    pub a: u64,
    #[layout(since = 2, default = 7)]
    pub b: u16,
}

macro_rules! version {
    ($store:ident, $value:ty, $fixed:ty) => {
        #[graven::store]
        pub struct $store {
            pub numbers: StableVec<u64, Metered>,
            pub versions: StableVec<$value, Metered>,
            pub fixed: StableVec<$fixed, Metered>,
            pub texts: StableVec<Vec<u8>, Metered>,
            pub deque: Deque<$fixed, Metered>,
            pub words: Deque<String, Metered>,
            pub log: Log<Blob<400>, Metered>,
            pub lines: Log<$value, Metered>,
            pub queue: PriorityQueue<u64, Metered>,
            pub deadlines: PriorityQueue<(String, u32), Metered>,
            pub slab: Slab<$value, Metered>,
            pub files: Blobs<String, Metered>,
            pub pages: Blobs<u32, Metered>,
            pub posts: Nested<u64, Deque<$value>, Metered>,
            pub maps: Nested<String, BTreeMap<u32, $fixed>, Metered>,
            pub users: Records<u64, $value, Deque<$fixed>, Metered>,
            pub teams: Records<String, $fixed, BTreeMap<u32, $value>, Metered>,
            pub dead: StableVec<Vec<u8>, Metered>,
            pub dead_queue: PriorityQueue<u64, Metered>,
        }
    };
}

version!(First, mixed::V1, Fixed1);
version!(Second, mixed::V2, Fixed2);
version!(Newest, mixed::V4, Fixed2);

fn sequences(store: &mut First, rng: &mut Rng) {
    (0..900).for_each(|number| store.numbers.push(number));
    (0..1_500).for_each(|a| store.versions.push(mixed::V1 { a }));
    (0..1_200).for_each(|a| store.fixed.push(Fixed1 { a }));
    (0..120).for_each(|number| store.texts.push(rng.bytes(if number % 40 == 7 { 6_000 } else { number })));
    (0..1_200).for_each(|a| store.deque.push_back(Fixed1 { a }));
    (0..700).for_each(|_| _ = store.deque.pop_front());
    (0..10).for_each(|a| store.deque.push_front(Fixed1 { a }));
    (0..120).for_each(|_| store.words.push_back(String::sample(rng)));
    (0..30).for_each(|_| _ = store.words.pop_front());
    (0..100).for_each(|number| _ = store.log.append(Blob::new([number]).unwrap()));
    store.log.drop_before(70);
    (0..1_500).for_each(|a| _ = store.lines.append(mixed::V1 { a }));
}

fn others(store: &mut First, rng: &mut Rng) {
    let handles: Vec<_> = (0..600).map(|_| store.queue.push(rng.any())).collect();
    handles.into_iter().step_by(50).for_each(|handle| _ = store.queue.remove(handle));
    (0..100).for_each(|number| _ = store.deadlines.push((String::sample(rng), number)));
    (0..5).for_each(|_| _ = store.deadlines.pop());
    (0..300).for_each(|a| _ = store.slab.insert(mixed::V1 { a }));
    (0..300).step_by(7).for_each(|id| _ = store.slab.remove(id));
    for (name, len) in [("", 3), ("inline", 900), ("page", 4_000), ("pages", 30_000), ("empty", 0)] {
        store.files.put(&name.to_owned(), &rng.bytes(len));
    }
    for number in 0..20 {
        store.pages.append(&number, &rng.bytes(200));
        store.pages.append(&number, &rng.bytes(if number % 5 == 1 { 5_000 } else { 1 }));
    }
}

fn nested(store: &mut First, rng: &mut Rng) {
    for key in 0..20 {
        store.posts.or_create(&key).extend((0..key as u32 * 8).map(|a| mixed::V1 { a }));
        let mut map = store.maps.or_create(&String::sample(rng));
        map.extend((0..30).map(|n| (n * 7, Fixed1 { a: 1 })));
    }
    for key in [19, 18, 17, 16] {
        store.posts.remove(&key);
    }
}

fn records(store: &mut First, rng: &mut Rng) {
    for key in 0..20 {
        store.users.insert(key, mixed::V1 { a: key as u32 });
        store.users.items_mut(&key).unwrap().extend((0..key * 8).map(|a| Fixed1 { a }));
        let name = String::sample(rng);
        store.teams.insert(name.clone(), Fixed1 { a: key });
        store.teams.items_mut(&name).unwrap().extend((0..30).map(|a| (a * 7, mixed::V1 { a })));
    }
    [19, 18, 17].into_iter().for_each(|key| _ = store.users.remove(&key));
    store.users.items_mut(&16).unwrap().clear();
}

/// Returns a sound memory: several layouts, chains, free pages, detached trees.
pub fn sound() -> Vec<u8> {
    let (bytes, rng) = (Bytes::default(), &mut Rng::new(5));
    let memory = Metered::new(bytes.clone(), u64::MAX);
    let mut store = First::open(memory.clone()).unwrap();
    sequences(&mut store, rng);
    others(&mut store, rng);
    nested(&mut store, rng);
    records(&mut store, rng);
    let mut store = Second::open(memory.clone()).unwrap();
    (0..30).for_each(|a| store.versions.push(mixed::V2 { a, b: 1 }));
    (0..30).for_each(|a| store.fixed.push(Fixed2 { a, b: 1 }));
    store.fixed.set(3, Fixed2 { a: 1, b: 2 });
    (0..30).for_each(|a| _ = store.slab.insert(mixed::V2 { a, b: 1 }));
    store.posts.or_create(&5).push_front(mixed::V2 { a: 1, b: 2 });
    store.users.items_mut(&5).unwrap().push_front(Fixed2 { a: 1, b: 2 });
    store.users.insert(6, mixed::V2 { a: 1, b: 2 });
    let mut store = Newest::open(memory).unwrap();
    (0..10).for_each(|_| store.versions.push(mixed::V4::sample(rng)));
    (0..10).for_each(|_| _ = store.lines.append(mixed::V4::sample(rng)));
    store.lines.drop_before(400);
    let large = mixed::V4 { c: 1, d: rng.bytes(9_000), text: "large".into() };
    store.slab.insert(large.clone());
    store.users.insert(7, large);
    (0..60).for_each(|number| store.dead.push(rng.bytes(if number % 20 == 7 { 6_000 } else { 200 })));
    (0..400).for_each(|number| _ = store.dead_queue.push(number));
    store.files.remove(&"pages".to_owned());
    store.dead.clear();
    store.dead_queue.clear();
    store.dead_queue.push(1);
    image(&bytes)
}

/// Returns a Vec over two levels of branches.
pub fn deep(memory: Metered) -> graven::Result<StableVec<Blob<1014>, Metered>> {
    graven::open("deep", memory)
}

pub fn sound_deep() -> Vec<u8> {
    let bytes = Bytes::default();
    let mut vec = deep(Metered::new(bytes.clone(), u64::MAX)).unwrap();
    (0..1_500u32).for_each(|number| vec.push(Blob::new(number.to_le_bytes()).unwrap()));
    image(&bytes)
}
