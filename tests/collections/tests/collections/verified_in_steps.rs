//! Checks of every kind of collection in steps: they end, find nothing in whole collections, and
//! compare counts only if nothing has changed in between.

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableLayout, StableVec, Table,
};
use graven_core::page::PAGE_SIZE;
use graven_core::{DefaultMemoryImpl, Memory};
use graven_tests::rng::Rng;
use graven_tests::steps::verify_store;

#[derive(StableLayout, Table)]
#[layout(version = 1)]
#[table(index(by = words -> Vec<String>, name = "words"))]
struct Post {
    #[table(key)]
    id: u64,
    #[table(unique)]
    slug: String,
    #[table(index)]
    likes: u32,
    text: String,
}

fn words(post: &Post) -> Vec<String> {
    post.text.split(' ').map(str::to_owned).collect()
}

#[graven::store]
struct Everything {
    map: BTreeMap<u64, u64>,
    texts: BTreeMap<String, Vec<u8>>,
    set: BTreeSet<String>,
    hashed: HashMap<u64, Vec<u8>>,
    numbers: HashSet<u32>,
    vector: StableVec<u64>,
    long: StableVec<Vec<u8>>,
    deque: Deque<u32>,
    log: Log<String>,
    queue: PriorityQueue<u32>,
    ranked: RankedMap<u32, String>,
    maps: Nested<u32, BTreeMap<u64, u64>>,
    lists: Nested<u32, StableVec<u64>>,
    records: Records<u32, String, BTreeMap<u32, u32>>,
    slab: Slab<u64>,
    blobs: Blobs<String>,
    cell: Cell<String>,
    posts: Table<Post>,
    nothing: BTreeMap<u8, u8>,
}

const COLLECTIONS: u32 = 19;

/// Adds to all collections, and removes a few entries.
fn change(store: &mut Everything, rng: &mut Rng) {
    let most = if rng.once_in(20) { 9_000 } else { 60 };
    let (key, len) = (rng.below(900), rng.below(most) as usize);
    let (value, text, small) = (rng.bytes(len), format!("text {key}"), key as u32);
    store.map.insert(key, key);
    store.texts.insert(text.clone(), value.clone());
    store.set.insert(text.clone());
    store.hashed.insert(key, value.clone());
    store.numbers.insert(small);
    store.vector.push(key);
    store.long.push(value.clone());
    store.deque.push_back(small);
    store.log.append(text.clone());
    store.queue.push(small);
    store.ranked.insert(small, text.clone());
    store.maps.or_create(&(small % 7)).insert(key, key);
    store.lists.or_create(&(small % 5)).push(key);
    store.records.insert(small % 9, text.clone());
    if let Some(mut items) = store.records.items_mut(&(small % 9)) {
        items.insert(small, small);
    }
    store.slab.insert(key);
    store.blobs.put(&text, &value);
    store.cell.set(text.clone());
    let likes = rng.below(50) as u32;
    store.posts.upsert(Post { id: key, slug: text.clone(), likes, text: format!("{text} liked") }).unwrap();
    if rng.once_in(3) {
        let gone = rng.below(900);
        store.map.remove(&gone);
        store.texts.remove(&format!("text {gone}"));
        store.hashed.remove(&gone);
        store.numbers.remove(&(gone as u32));
        store.deque.pop_front();
        store.queue.pop();
        store.ranked.remove(&(gone as u32));
        store.maps.or_create(&(gone as u32 % 7)).remove(&gone);
        store.lists.or_create(&(gone as u32 % 5)).pop();
        store.blobs.remove(&format!("text {gone}"));
        store.posts.remove(&gone).unwrap();
        if rng.once_in(30) {
            store.records.remove(&(gone as u32 % 9));
            store.maps.remove(&(gone as u32 % 7));
        }
    }
}

fn filled(rng: &mut Rng) -> (Everything, DefaultMemoryImpl) {
    let memory = DefaultMemoryImpl::default();
    let mut store = Everything::open(memory.clone()).unwrap();
    for _ in 0..600 {
        change(&mut store, rng);
    }
    (store, memory)
}

#[test]
fn whole_collections_have_no_faults_in_steps_of_any_size() {
    let (mut store, _) = filled(&mut Rng::new(1));
    for size in [1, 2, 3, 10, 100, 1_000, u64::MAX] {
        let (all, steps) = verify_store(&mut store, size, |_| false);
        assert_eq!((all.damage, all.checked, all.uncounted), (vec![], COLLECTIONS, 0), "steps of {size}");
        let expected = if size == 1 { 3_000..30_000 } else { 1..10_000 };
        assert!(expected.contains(&steps), "{steps} steps of {size}");
    }
}

#[test]
fn changes_between_steps_are_no_faults() {
    for (seed, size) in [(2, 1), (3, 4), (4, 40), (5, 300)] {
        let mut rng = Rng::new(seed);
        let (mut store, _) = filled(&mut rng);
        let (all, steps) = verify_store(&mut store, size, |store| {
            let changes = rng.once_in(8);
            (0..u64::from(changes) * rng.below(4)).for_each(|_| change(store, &mut rng));
            changes
        });
        assert_eq!((all.damage, all.checked), (vec![], COLLECTIONS), "steps of {size}");
        assert!(steps < 1_000 || all.uncounted > 2, "{} of {steps} steps", all.uncounted);
    }
}

/// A count that is wrong is found if nothing has changed, and is not compared otherwise.
#[test]
fn counts_are_compared_only_if_nothing_has_changed() {
    let (store, memory) = filled(&mut Rng::new(6));
    let root = graven::Collection::root(&store.map).page().get() as u64 * PAGE_SIZE as u64;
    drop(store);
    // The entries of the root's state.
    let mut entries = [0; 8];
    memory.read(root + 16, &mut entries);
    memory.write(root + 16, &(u64::from_le_bytes(entries) + 1).to_le_bytes());
    let mut store = Everything::open(memory).unwrap();
    let (all, _) = verify_store(&mut store, 1, |_| false);
    assert!(matches!(&all.damage[..], [fault] if fault.contains("`map`")), "{:?}", all.damage);
    let (all, _) = verify_store(&mut store, 1, |_| true);
    assert_eq!(all.damage, Vec::<String>::new());
    assert!(all.uncounted > 10, "{}", all.uncounted);
}
