//! The feature `serde`: collections are written as std's are, and damage is an error.

use std::collections::{
    BTreeMap as Map, BTreeSet as Set, HashMap as StdHashMap, HashSet as StdHashSet, VecDeque,
};

use graven::{
    BTreeMap, BTreeSet, Blob, Blobs, Cell, Collection, Deque, HashMap, HashSet, Log, Nested, PriorityQueue,
    RankedMap, Records, Reverse, Slab, StableVec, Text, open,
};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};
use serde_json::{Value as Json, from_str, to_string, to_value};

/// Returns a key of a number.
fn text(number: u64) -> String {
    SampleKey::sample(number)
}

fn new<C: Collection<Memory = Bytes>>() -> C {
    open("it", Bytes::default()).unwrap()
}

/// Enough entries for several leaves, some of them in extents.
const MANY: u64 = 1_500;

fn entries<K: SampleKey, V: SampleValue>() -> Vec<(K, V)> {
    let rng = &mut Rng::new(1);
    (0..MANY).map(|_| (K::sample(rng.below(MANY)), V::sample(rng))).collect()
}

#[test]
fn maps_are_maps() {
    let (mut tree, mut hash) = (new::<BTreeMap<String, Vec<u8>>>(), new::<HashMap<u64, String>>());
    assert_eq!((to_string(&tree).unwrap(), to_string(&hash).unwrap()), ("{}".into(), "{}".into()));
    tree.extend(entries());
    let expected: Map<String, Vec<u8>> = entries().into_iter().collect();
    assert_eq!(to_string(&tree).unwrap(), to_string(&expected).unwrap());
    let mut ranked: RankedMap<String, Vec<u8>> = new();
    ranked.extend(entries());
    assert_eq!(to_string(&ranked).unwrap(), to_string(&expected).unwrap());
    hash.extend(entries());
    let expected: StdHashMap<u64, String> = entries().into_iter().collect();
    assert_eq!(to_value(&hash).unwrap(), to_value(&expected).unwrap());
    assert_eq!(from_str::<StdHashMap<u64, String>>(&to_string(&hash).unwrap()).unwrap(), expected);
}

#[test]
fn a_table_is_its_rows() {
    #[derive(serde::Serialize, graven::StableLayout, graven::Table)]
    #[layout(version = 1)]
    struct Row {
        #[table(key)]
        id: u64,
        #[table(index)]
        name: String,
    }
    let mut rows: graven::Table<Row> = new();
    for id in [3, 1] {
        rows.insert(Row { id, name: text(id) }).unwrap();
    }
    let expected = serde_json::json!([{ "id": 1, "name": text(1) }, { "id": 3, "name": text(3) }]);
    assert_eq!(to_value(&rows).unwrap(), expected);
}

#[test]
fn nested_collections_are_what_they_are_in_a_map() {
    let (mut maps, mut lists) =
        (new::<Nested<u64, BTreeMap<String, u8>, _>>(), new::<Nested<String, StableVec<u64>, _>>());
    let (mut std_maps, mut std_lists) = (Map::<u64, Map<String, u8>>::new(), Map::<String, Vec<u64>>::new());
    for number in 0..MANY {
        maps.or_create(&(number % 7)).insert(text(number), number as u8);
        std_maps.entry(number % 7).or_default().insert(text(number), number as u8);
        lists.or_create(&text(number % 5)).push(number);
        std_lists.entry(text(number % 5)).or_default().push(number);
    }
    assert_eq!(to_string(&maps).unwrap(), to_string(&std_maps).unwrap());
    assert_eq!(to_string(&lists).unwrap(), to_string(&std_lists).unwrap());
    let mut sets = new::<Nested<u8, BTreeSet<u32>, _>>();
    sets.or_create(&1).extend([3, 1, 2]);
    let mut queues = new::<Nested<u8, Deque<u32>, _>>();
    queues.or_create(&2).push_front(9);
    assert_eq!(
        (to_string(&sets).unwrap(), to_string(&queues).unwrap()),
        (r#"{"1":[1,2,3]}"#.into(), r#"{"2":[9]}"#.into())
    );
}

#[test]
fn records_are_pairs_with_their_collections() {
    let mut users = new::<Records<u64, String, StableVec<u64>, _>>();
    let mut std_users = Map::<u64, (String, Vec<u64>)>::new();
    for number in 0..MANY {
        let key = number % 7;
        if number < 7 {
            users.insert(key, text(number));
            std_users.insert(key, (text(number), Vec::new()));
        }
        users.items_mut(&key).unwrap().push(number);
        std_users.get_mut(&key).unwrap().1.push(number);
    }
    assert_eq!(to_string(&users).unwrap(), to_string(&std_users).unwrap());
    assert_eq!(format!("{users:?}"), format!("{std_users:?}"));
    let mut sets = new::<Records<u8, bool, BTreeSet<u32>, _>>();
    sets.insert(1, true);
    sets.items_mut(&1).unwrap().extend([3, 1, 2]);
    assert_eq!(to_string(&sets).unwrap(), r#"{"1":[true,[1,2,3]]}"#);
}

#[test]
fn sets_are_sequences() {
    let (mut tree, mut hash) = (new::<BTreeSet<String>>(), new::<HashSet<u64>>());
    let numbers = || (0..MANY).map(|number| number * 7 % 1_000);
    tree.extend(numbers().map(text));
    hash.extend(numbers());
    let expected: Set<String> = numbers().map(text).collect();
    assert_eq!(to_string(&tree).unwrap(), to_string(&expected).unwrap());
    let found: Vec<u64> = from_str(&to_string(&hash).unwrap()).unwrap();
    assert_eq!(found.len(), 1_000);
    assert_eq!(found.into_iter().collect::<StdHashSet<_>>(), numbers().collect());
}

#[test]
fn lists_are_sequences() {
    let values: Vec<Vec<u8>> = entries::<u64, _>().into_iter().map(|(_, value)| value).collect();
    let mut vec: StableVec<Vec<u8>> = new();
    vec.extend(values.clone());
    assert_eq!(to_string(&vec).unwrap(), to_string(&values).unwrap());
    let (mut deque, mut expected): (Deque<Vec<u8>>, _) = (new(), VecDeque::new());
    for (i, value) in values.iter().enumerate() {
        if i % 3 == 0 {
            deque.push_front(value.clone());
        } else {
            deque.push_back(value.clone());
        }
        if i % 3 == 0 {
            expected.push_front(value);
        } else {
            expected.push_back(value);
        }
    }
    assert_eq!(to_string(&deque).unwrap(), to_string(&expected).unwrap());
    let mut log: Log<Vec<u8>> = new();
    log.extend(values.clone());
    log.drop_before(700);
    assert_eq!(to_string(&log).unwrap(), to_string(&values[700..]).unwrap());
}

#[test]
fn queues_are_sequences_in_any_order() {
    let mut queue: PriorityQueue<Reverse<(u64, String)>> = new();
    queue.extend((0..MANY).map(|n| Reverse((n * 7 % 500, n.to_string()))));
    let mut found: Vec<(u64, String)> = from_str(&to_string(&queue).unwrap()).unwrap();
    found.sort();
    let mut expected: Vec<_> = (0..MANY).map(|n| (n * 7 % 500, n.to_string())).collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn slabs_are_maps_of_ids() {
    let mut slab: Slab<Text<9>> = new();
    slab.extend((0..MANY).map(|n| Text::new(n.to_string()).unwrap()));
    (0..MANY).step_by(2).for_each(|id| _ = slab.remove(id));
    let expected: Map<u64, String> = (1..MANY).step_by(2).map(|n| (n, n.to_string())).collect();
    assert_eq!(to_string(&slab).unwrap(), to_string(&expected).unwrap());
}

#[test]
fn blobs_are_bytes_by_name() {
    let (mut blobs, mut expected): (Blobs<String>, _) = (new(), Map::new());
    for (n, len) in [0, 1, 5_000, 3 << 20].into_iter().enumerate() {
        let bytes: Vec<u8> = (0..len).map(|i| (i / 7) as u8).collect();
        blobs.append(&n.to_string(), &bytes);
        expected.insert(n.to_string(), bytes);
    }
    assert!(to_string(&blobs).unwrap() == to_string(&expected).unwrap());
}

#[test]
fn a_cell_is_its_value() {
    let mut cell: Cell<(u64, Blob<4>)> = new();
    assert_eq!(to_value(&cell).unwrap(), Json::Null);
    cell.set((7, Blob::new([1, 2]).unwrap()));
    assert_eq!(to_string(&cell).unwrap(), "[7,[1,2]]");
}

/// Damages one page after the other, and serializes: never a panic, and errors say what is damaged.
#[track_caller]
fn damaged<C: Collection<Memory = Bytes> + serde::Serialize>(fill: impl FnOnce(&mut C)) {
    let memory = Bytes::default();
    let mut collection: C = open("it", memory.clone()).unwrap();
    fill(&mut collection);
    drop(collection);
    let (sound, mut failed) = (image(&memory), 0);
    for page in 2..sound.len() / 4096 {
        let mut bytes = sound.clone();
        bytes[page * 4096..][..4096].fill(0xee);
        let Ok(collection) = open::<C>("it", memory_of(&bytes)) else { continue };
        if let Err(error) = to_string(&collection) {
            assert!(error.to_string().contains("damaged"), "{error}");
            failed += 1;
        }
    }
    assert!(failed > 1, "{failed} pages are read");
}

#[test]
fn damage_is_an_error() {
    damaged::<BTreeMap<String, Vec<u8>>>(|map| map.extend(entries()));
    damaged::<HashMap<u64, String>>(|map| map.extend(entries()));
    damaged::<BTreeSet<String>>(|set| set.extend((0..MANY).map(text)));
    damaged::<HashSet<u64>>(|set| set.extend(0..MANY));
    damaged::<StableVec<String>>(|vec| vec.extend((0..MANY).map(|n| n.to_string())));
    damaged::<Deque<u64>>(|deque| deque.extend(0..MANY));
    damaged::<Log<Vec<u8>>>(|log| log.extend((0..MANY).map(|n| vec![1; n as usize % 50])));
    damaged::<PriorityQueue<u64>>(|queue| queue.extend(0..MANY));
    damaged::<Slab<String>>(|slab| slab.extend((0..MANY).map(|n| n.to_string())));
    damaged::<Records<u64, String, StableVec<u64>, _>>(|users| {
        for key in 0..200 {
            users.insert(key, text(key));
            users.items_mut(&key).unwrap().extend(0..10);
        }
    });
    damaged::<Blobs<u64>>(|blobs| (0..40).for_each(|n| blobs.append(&n, &[7; 900])));
}

#[test]
fn a_wrong_count_is_an_error() {
    let memory = Bytes::default();
    open::<BTreeMap<u64, u64>>("it", memory.clone()).unwrap().extend([(1, 2), (3, 4)]);
    let sound = image(&memory);
    let root = sound.chunks(4096).position(|page| page[0] == 3).unwrap() * 4096;
    assert_eq!(sound[root + 16], 2, "the number of entries");
    for (count, words) in [(1, "more entries than"), (3, "fewer entries than")] {
        let mut bytes = sound.clone();
        bytes[root + 16] = count;
        let map: BTreeMap<u64, u64> = open("it", memory_of(&bytes)).unwrap();
        let error = to_string(&map).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
