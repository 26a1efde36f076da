//! Faults that damage once caused in ordered maps and the collections made of them, each named for
//! what went wrong. Most of them hit another collection, to whose pages a wrong number led.

use graven::{BTreeMap, Blobs, Cell, Error, Nested, RankedMap, StableLayout, StableVec};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::panics::caught;

type Text = std::vec::Vec<u8>;

/// An image, and where its parts are.
struct Image(std::vec::Vec<u8>);

impl Image {
    fn of(memory: &Bytes) -> Self {
        Image(image(memory))
    }

    fn word(&self, page: u32, offset: usize) -> u32 {
        let at = page as usize * PAGE_SIZE + offset;
        u32::from_le_bytes(self.0[at..at + 4].try_into().unwrap())
    }

    fn half(&self, page: u32, offset: usize) -> usize {
        let at = page as usize * PAGE_SIZE + offset;
        usize::from(u16::from_le_bytes([self.0[at], self.0[at + 1]]))
    }

    fn put(&mut self, page: u32, offset: usize, number: u32) {
        let at = page as usize * PAGE_SIZE + offset;
        self.0[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    /// The page of the root of this name.
    fn root(&self, name: &str) -> u32 {
        let is_named = |page: &u32| {
            let at = *page as usize * PAGE_SIZE;
            self.0[at] == 3
                && self.half(*page, 2) == name.len()
                && self.0[at + 64..].starts_with(name.as_bytes())
        };
        (1..self.word(0, 32)).find(is_named).expect(name)
    }

    fn top(&self, name: &str) -> u32 {
        self.word(self.root(name), 8)
    }

    /// The leaves of a root.
    fn leaves(&self, name: &str) -> std::vec::Vec<u32> {
        let root = self.root(name);
        let is_leaf = |page: &u32| self.half(*page, 0) == 2 && self.word(*page, 12) == root;
        (1..self.word(0, 32)).filter(is_leaf).collect()
    }

    /// The offset of the cell in a slot of a node.
    fn cell(&self, page: u32, slot: usize) -> usize {
        self.half(page, 32 + 2 * slot) & 0xfff
    }

    /// The first chain that the leaves of a root name.
    fn chain(&self, name: &str) -> u32 {
        for leaf in self.leaves(name) {
            for slot in 0..self.half(leaf, 2) {
                if self.half(leaf, 32 + 2 * slot) & 0x4000 != 0 {
                    return self.word(leaf, self.cell(leaf, slot));
                }
            }
        }
        panic!("{name} has no chain");
    }

    fn memory(&self) -> Bytes {
        memory_of(&self.0)
    }
}

#[graven::store]
struct Two {
    damaged: BTreeMap<u64, u64>,
    sound: BTreeMap<u64, u64>,
}

/// Two maps of one type over several leaves each.
fn two() -> Image {
    let memory = Bytes::default();
    let mut two = Two::open(memory.clone()).unwrap();
    for key in 0..1_000 {
        two.damaged.insert(key, key);
        two.sound.insert(key, key);
    }
    Image::of(&memory)
}

#[track_caller]
fn is_whole(map: &BTreeMap<u64, u64>) {
    map.verify().unwrap();
    assert!(map.iter().eq((0..1_000).map(|key| (key, key))), "a sound map has changed");
}

#[track_caller]
fn is_damaged<T>(result: graven::Result<T>) {
    assert!(matches!(result, Err(Error::Damaged { .. })), "it was taken for sound");
}

#[test]
fn a_leaf_of_another_map_was_written_to() {
    let mut image = two();
    let (top, foreign) = (image.top("damaged"), image.leaves("sound"));
    // Each child of the damaged map is the leaf of the other one that has the same keys.
    for (slot, leaf) in (0..image.half(top, 2)).zip(&foreign) {
        let cell = image.cell(top, slot);
        image.put(top, cell, *leaf);
    }
    let mut two = Two::open(image.memory()).unwrap();
    for key in [0, 7, 500, 999] {
        is_damaged(two.damaged.try_insert(key, 1));
        is_damaged(two.damaged.try_insert(key + 2_000, 1));
        is_damaged(two.damaged.try_remove(&key));
        is_damaged(two.damaged.try_get(&key));
        caught(|| two.damaged.update(&key, |value| *value = 3)).unwrap_err();
        caught(|| two.damaged.set_field_of(&key)).unwrap_err();
    }
    caught(|| two.damaged.retain(|_, _| false)).unwrap_err();
    caught(|| two.damaged.pop_first()).unwrap_err();
    is_whole(&two.sound);
}

/// A stand-in for what overwrites a value where it is.
trait SetField {
    fn set_field_of(&mut self, key: &u64);
}

impl SetField for BTreeMap<u64, u64> {
    fn set_field_of(&mut self, key: &u64) {
        *self.entry(*key).or_insert(5) += 1;
    }
}

#[test]
fn the_tree_of_another_map_was_cleared() {
    let mut image = two();
    let (root, foreign) = (image.root("damaged"), image.top("sound"));
    image.put(root, 8, foreign);
    let mut two = Two::open(image.memory()).unwrap();
    caught(|| two.damaged.clear()).unwrap_err();
    is_whole(&two.sound);
}

#[test]
fn the_leaves_of_another_map_were_freed_with_a_detached_tree() {
    let mut image = two();
    let (top, foreign) = (image.top("damaged"), image.leaves("sound"));
    let cell = image.cell(top, 1);
    image.put(top, cell, foreign[1]);
    let mut two = Two::open(image.memory()).unwrap();
    two.damaged.clear();
    (0..3_000).for_each(|key| _ = two.damaged.insert(key, key));
    is_whole(&two.sound);
    two.damaged.verify().unwrap();
}

/// The page was in the list of free pages twice: it was given to two collections.
#[test]
fn a_page_that_a_detached_node_names_twice_was_freed_twice() {
    let mut image = two();
    let top = image.top("damaged");
    let (first, second) = (image.cell(top, 0), image.cell(top, 1));
    let child = image.word(top, first);
    image.put(top, second, child);
    let mut two = Two::open(image.memory()).unwrap();
    two.damaged.clear();
    (0..3_000).for_each(|key| {
        two.damaged.insert(key, key);
        two.sound.insert(key + 1_000, key);
    });
    two.damaged.verify().unwrap();
    two.sound.verify().unwrap();
    assert_eq!((two.damaged.len(), two.sound.len()), (3_000, 4_000));
}

#[test]
fn a_walk_over_a_node_that_names_one_leaf_many_times_went_over_it_as_often() {
    let mut image = two();
    let top = image.top("damaged");
    let child = image.word(top, image.cell(top, 0));
    // As many children as fit, all of them the same one.
    let slot = image.half(top, 32 + 2) as u16;
    let at = top as usize * PAGE_SIZE;
    let cell = image.cell(top, 1);
    image.put(top, cell, child);
    let count = (image.half(top, 4) - 32) / 2;
    image.0[at + 2..at + 4].copy_from_slice(&(count as u16).to_le_bytes());
    (0..count).for_each(|index| {
        image.0[at + 32 + 2 * index..at + 34 + 2 * index].copy_from_slice(&slot.to_le_bytes());
    });
    let two = Two::open(image.memory()).unwrap();
    let (mut iter, mut seen) = (two.damaged.iter(), 0);
    let end = loop {
        match iter.try_next() {
            Ok(Some(_)) => seen += 1,
            end => break end,
        }
    };
    is_damaged(end);
    assert!(seen < 1_000 * 20, "{seen} entries");
}

/// A superblock that is damaged named a leaf in use as a detached tree: the index found in it was
/// used once it was free.
#[test]
fn an_index_in_a_leaf_was_used_after_the_leaf_was_taken_apart() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, Text> = graven::open("map", memory.clone()).unwrap();
    (0..5).for_each(|key| _ = map.insert(key, vec![1; 100]));
    let mut image = Image::of(&memory);
    let leaf = image.top("map");
    image.put(0, 44, leaf);
    for (key, value) in [(7, vec![2; 300_000]), (3, vec![2; 300_000]), (7, vec![2; 3_000])] {
        let mut map: BTreeMap<u64, Text> = graven::open("map", image.memory()).unwrap();
        match map.try_insert(key, value) {
            Ok(_) => map.verify().unwrap(),
            Err(error) => assert!(matches!(error, Error::Damaged { .. }), "{error}"),
        }
    }
}

#[graven::store]
struct Chains {
    map: BTreeMap<u64, Text>,
    cell: Cell<Text>,
    blobs: Blobs<u64>,
    other: BTreeMap<u64, Text>,
}

/// Values in several extents each, for free pages were next to used ones.
fn chains() -> Image {
    let memory = Bytes::default();
    let mut store = Chains::open(memory.clone()).unwrap();
    (0..40).for_each(|key| _ = store.other.insert(key, vec![1; 3_000]));
    (0..40).step_by(2).for_each(|key| _ = store.other.remove(&key));
    store.map.insert(1, vec![1; 9_000]);
    store.map.insert(2, vec![2; 9_000]);
    store.cell.set(&vec![3; 9_000]);
    store.blobs.put(&1, &[4; 9_000]);
    (100..110).for_each(|key| _ = store.other.insert(key, vec![5; 9_000]));
    Image::of(&memory)
}

/// The chain of each of the three collections, and what is wrong with it.
fn broken_chains(name: &str) -> std::vec::Vec<Image> {
    let image = chains();
    let chain = if name == "cell" { image.top("cell") } else { image.chain(name) };
    let foreign = image.chain("other");
    let next = image.word(chain, 8);
    assert!(next != 0, "{name} has a chain of one extent");
    let changed = |page: u32, offset: usize, number: u32| {
        let mut image = Image(image.0.clone());
        image.put(page, offset, number);
        image
    };
    let last = image.word(chain, 12);
    vec![
        changed(chain, 12, foreign),
        changed(chain, 12, last ^ 1),
        changed(chain, 16, image.word(chain, 16) + 1),
        changed(chain, 4, image.word(chain, 4) + 1),
        changed(chain, 8, foreign),
        changed(last, 8, foreign),
        changed(last, 4, image.word(last, 4) + 1),
    ]
}

#[track_caller]
fn others_are_whole(store: &mut Chains) {
    store.other.verify().unwrap();
    for key in 0..60 {
        store.other.insert(1_000 + key, vec![key as u8; 5_000]);
    }
    store.other.verify().unwrap();
    assert!((100..110).all(|key| store.other.get(&key) == Some(vec![5; 9_000])));
    assert!((0..60).all(|key| store.other.get(&(1_000 + key)) == Some(vec![key as u8; 5_000])));
}

#[test]
fn overflow_pages_that_are_not_whole_were_freed_with_the_entry_of_a_map() {
    for image in broken_chains("map") {
        let mut store = Chains::open(image.memory()).unwrap();
        is_damaged(store.map.verify());
        let key = [1, 2].into_iter().find(|key| store.map.try_remove(key).is_err()).expect("one is refused");
        is_damaged(store.map.try_insert(key, vec![1; 10]));
        caught(|| store.map.retain(|_, _| false)).unwrap_err();
        others_are_whole(&mut store);
    }
}

#[test]
fn overflow_pages_that_are_not_whole_were_freed_with_the_value_of_a_cell() {
    for image in broken_chains("cell") {
        let mut store = Chains::open(image.memory()).unwrap();
        let _ = caught(|| store.cell.take());
        is_damaged(store.cell.try_set(&vec![1; 9_000]));
        others_are_whole(&mut store);
    }
}

#[test]
fn overflow_pages_that_are_not_whole_were_written_to_or_freed_with_a_blob() {
    for image in broken_chains("blobs") {
        let mut store = Chains::open(image.memory()).unwrap();
        is_damaged(store.blobs.verify());
        is_damaged(store.blobs.try_write(&1, 100, &[9; 8_000]));
        is_damaged(store.blobs.try_append(&1, &[9; 100]));
        is_damaged(store.blobs.try_put(&1, &[9; 100]));
        is_damaged(store.blobs.try_remove(&1));
        others_are_whole(&mut store);
    }
}

#[test]
fn overflow_pages_that_are_not_whole_were_freed_with_a_dropped_cell() {
    #[graven::store]
    #[store(dropped("cell"))]
    struct Rest {
        map: BTreeMap<u64, Text>,
        blobs: Blobs<u64>,
        other: BTreeMap<u64, Text>,
    }
    for image in broken_chains("cell") {
        assert!(Rest::open(image.memory()).is_err());
    }
}

/// Both were freed, and their pages given out twice.
#[test]
fn verify_took_two_values_in_the_same_overflow_pages_for_sound() {
    let mut image = chains();
    let leaf = image.leaves("map")[0];
    let (first, second) = (image.cell(leaf, 0), image.cell(leaf, 1));
    let chain = image.word(leaf, first);
    image.put(leaf, second, chain);
    let store = Chains::open(image.memory()).unwrap();
    is_damaged(store.map.verify());
}

#[test]
fn a_length_that_does_not_fit_its_overflow_pages_was_taken_for_sound() {
    for len in [1, 4_000, 12_300, 90_000] {
        let mut image = chains();
        let leaf = image.leaves("map")[0];
        let cell = image.cell(leaf, 0);
        image.put(leaf, cell + 4, len);
        let mut store = Chains::open(image.memory()).unwrap();
        is_damaged(store.map.verify());
        is_damaged(store.map.try_remove(&1));
    }
}

#[graven::store]
struct Lists {
    lists: Nested<u64, StableVec<Text>>,
    other: BTreeMap<u64, u64>,
}

/// The value was there twice: that of the index was gone.
#[test]
fn a_last_value_that_cannot_be_freed_took_the_place_of_another_one() {
    let memory = Bytes::default();
    let mut store = Lists::open(memory.clone()).unwrap();
    store.lists.or_create(&1).extend([vec![1], vec![2], vec![3; 9_000]]);
    let mut image = Image::of(&memory);
    let chain = image.chain("lists");
    let tail = image.word(chain, 12);
    image.put(chain, 12, tail + 1);
    let mut store = Lists::open(image.memory()).unwrap();
    let mut list = store.lists.get_mut(&1).unwrap();
    is_damaged(list.try_swap_remove(0));
    assert_eq!((list.get(0), list.len()), (Some(vec![1]), 3));
    assert_eq!(list.get(2), Some(vec![3; 9_000]));
}

/// The counts of a list went to where its row had been, which was another collection's page by
/// then.
#[test]
fn the_row_of_a_list_was_written_to_a_page_that_was_taken_apart() {
    let memory = Bytes::default();
    let mut store = Lists::open(memory.clone()).unwrap();
    store.lists.or_create(&1).extend([vec![1], vec![2]]);
    (0..10).for_each(|key| _ = store.other.insert(key, key));
    let mut image = Image::of(&memory);
    let index = image.word(image.root("lists"), 3840);
    image.put(0, 44, index);
    let mut store = Lists::open(image.memory()).unwrap();
    let mut list = store.lists.get_mut(&1).unwrap();
    is_damaged(list.try_push(&vec![7; 300_000]));
    assert!((0..10).all(|key| store.other.get(&key) == Some(key)));
    store.other.verify().unwrap();
    (10..4_000).for_each(|key| _ = store.other.insert(key, key));
    store.other.verify().unwrap();
}

#[test]
fn a_ranked_map_whose_second_tree_cannot_be_detached_lost_its_entries() {
    let memory = Bytes::default();
    let mut map: RankedMap<u64, u64> = graven::open("map", memory.clone()).unwrap();
    (0..10).for_each(|key| _ = map.insert(key, key));
    let mut image = Image::of(&memory);
    let (root, top) = (image.root("map"), image.top("map"));
    // Its second tree begins with the page of the first.
    image.put(root, 3840, top);
    image.put(root, 3844, 9);
    let mut map: RankedMap<u64, u64> = graven::open("map", image.memory()).unwrap();
    caught(|| map.clear()).unwrap_err();
    assert!(map.iter().eq((0..10).map(|key| (key, key))));
}

thread_local! {
    static PANICS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct V1 {
    a: u64,
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct V2 {
    a: u64,
    #[layout(since = 2, default = 0)]
    b: u64,
}

#[derive(StableLayout)]
#[layout(version = 3)]
struct V3 {
    a: u64,
    #[layout(since = 2, default = 0)]
    b: u64,
    #[layout(since = 3, default = 0)]
    c: u64,
}

#[derive(StableLayout)]
#[layout(version = 4)]
struct V4 {
    a: u64,
    #[layout(since = 2, default = 0)]
    b: u64,
    #[layout(since = 3, default = 0)]
    c: u64,
    #[layout(since = 4, default = 0)]
    d: u64,
}

#[derive(Debug, StableLayout)]
#[layout(version = 5, previous = V4)]
struct V5 {
    sum: u64,
}

impl From<V4> for V5 {
    fn from(V4 { a, b, c, d }: V4) -> Self {
        assert!(!PANICS.get(), "this conversion panics");
        V5 { sum: a + b + c + d }
    }
}

/// A leaf holds four layouts: values of one of them are converted before there is room for the
/// fifth.
#[test]
fn a_conversion_that_panics_left_a_key_without_an_entry_in_a_ranked_map() {
    let memory = Bytes::default();
    let mut map: RankedMap<u64, V1> = graven::open("map", memory.clone()).unwrap();
    map.insert(10, V1 { a: 1 });
    let mut map: RankedMap<u64, V2> = graven::open("map", memory.clone()).unwrap();
    map.insert(20, V2 { a: 1, b: 1 });
    let mut map: RankedMap<u64, V3> = graven::open("map", memory.clone()).unwrap();
    map.insert(30, V3 { a: 1, b: 1, c: 1 });
    let mut map: RankedMap<u64, V4> = graven::open("map", memory.clone()).unwrap();
    map.insert(40, V4 { a: 1, b: 1, c: 1, d: 1 });
    let mut map: RankedMap<u64, V5> = graven::open("map", memory).unwrap();
    PANICS.set(true);
    let panic = caught(|| map.try_insert(25, V5 { sum: 9 })).unwrap_err();
    PANICS.set(false);
    assert_eq!(panic, "this conversion panics");
    map.verify().unwrap();
    assert_eq!((map.len(), map.rank(&40)), (4, 3));
    map.insert(25, V5 { sum: 9 });
    map.verify().unwrap();
}
