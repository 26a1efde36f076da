//! Faults of overflow pages, each named for what went wrong: a chain that does not fit its value
//! was freed or written to, and with it the pages of another value or another collection.

use graven::{BTreeMap, Blobs, Cell, HashMap, StableVec};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;

use crate::edited::{Image, is_damaged};

type Text = std::vec::Vec<u8>;

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
    store.cell.set(vec![3; 9_000]);
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
        changed(chain, 8, 1),
        changed(chain, 8, image.leaves("other")[0]),
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
        is_damaged(store.cell.try_set(vec![1; 9_000]));
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

/// The pages of the other collection were freed, and given out while it still had them.
#[test]
fn a_value_in_overflow_pages_of_another_collection_was_freed_with_them() {
    let mut image = chains();
    let (leaf, foreign) = (image.leaves("map")[0], image.chain("other"));
    let cell = image.cell(leaf, 0);
    image.put(leaf, cell, foreign);
    let mut store = Chains::open(image.memory()).unwrap();
    is_damaged(store.map.try_get(&1));
    is_damaged(store.map.verify());
    is_damaged(store.map.try_insert(1, vec![1; 10]));
    is_damaged(store.map.try_remove(&1));
    others_are_whole(&mut store);
}

/// A value of a cell was overwritten in place, and that of another collection was there.
#[test]
fn a_cell_with_the_overflow_page_of_another_collection_was_overwritten() {
    #[graven::store]
    struct Cells {
        one: Cell<Text>,
        other: Cell<Text>,
    }
    let memory = Bytes::default();
    let mut store = Cells::open(memory.clone()).unwrap();
    store.one.set(vec![1; 50]);
    store.other.set(vec![2; 50]);
    let mut image = Image::of(&memory);
    let foreign = image.top("other");
    let root = image.root("one");
    image.put(root, 8, foreign);
    let mut store = Cells::open(image.memory()).unwrap();
    is_damaged(store.one.try_get());
    is_damaged(store.one.try_set(vec![3; 50]));
    assert_eq!(store.other.get(), Some(vec![2; 50]));
}

/// The pages were freed twice, and given out twice.
#[test]
fn a_second_value_in_the_same_overflow_pages_was_freed_after_the_first() {
    let mut image = chains();
    let leaf = image.leaves("map")[0];
    let (first, second) = (image.cell(leaf, 0), image.cell(leaf, 1));
    let chain = image.word(leaf, first);
    image.put(leaf, second, chain);
    let mut store = Chains::open(image.memory()).unwrap();
    store.map.try_remove(&1).unwrap();
    is_damaged(store.map.try_remove(&2));
    others_are_whole(&mut store);
}

/// The chains of two values met at their second extents.
#[test]
fn verify_took_two_chains_with_the_same_later_extents_for_sound() {
    let mut image = chains();
    let leaf = image.leaves("map")[0];
    let chain = |slot: usize| image.word(leaf, image.cell(leaf, slot));
    let (first, second) = (chain(0), chain(1));
    assert_eq!(image.word(first, 16), image.word(second, 16), "pages of the chains");
    assert_eq!(image.word(first, 4), image.word(second, 4), "pages of their first extents");
    for offset in [8, 12] {
        let page = image.word(first, offset);
        image.put(second, offset, page);
    }
    let store = Chains::open(image.memory()).unwrap();
    is_damaged(store.map.verify());
}

#[graven::store]
struct Kinds {
    map: BTreeMap<u64, Text>,
    hash: HashMap<u64, Text>,
    list: StableVec<Text>,
    cell: Cell<Text>,
    blobs: Blobs<u64>,
    other: BTreeMap<u64, Text>,
}

const KINDS: [&str; 5] = ["map", "hash", "list", "cell", "blobs"];

/// An image in which the value of each root counts the page after it as well, which belongs to
/// `other`: in the extent and in the whole value, so that these agree.
fn one_page_more() -> Image {
    let memory = Bytes::default();
    let mut store = Kinds::open(memory.clone()).unwrap();
    (0..5).for_each(|key| _ = store.other.insert(key, vec![5; 3_000]));
    store.map.insert(0, vec![1; 10]);
    store.hash.insert(0, vec![1; 10]);
    store.list.push(vec![1; 10]);
    store.blobs.put(&0, &[1; 10]);
    for round in 0..5 {
        match round {
            0 => _ = store.map.insert(1, vec![1; 3_000]),
            1 => _ = store.hash.insert(1, vec![1; 3_000]),
            2 => store.list.push(vec![1; 3_000]),
            3 => store.cell.set(vec![1; 3_000]),
            _ => store.blobs.put(&1, &[1; 3_000]),
        }
        store.other.insert(100 + round, vec![5; 3_000]);
    }
    let mut image = Image::of(&memory);
    for name in KINDS {
        let value = (image.root(name), image.root("other"));
        let is_value = |page: &u32| (image.word(*page, 20), image.word(page + 1, 20)) == value;
        let page = (1..image.word(0, 32) - 1).find(is_value).expect(name);
        image.put(page, 4, 2);
        image.put(page, 16, 2);
    }
    image
}

/// Fills the pages that are free, and those of detached trees.
#[track_caller]
fn another_is_whole(other: &mut BTreeMap<u64, Text, Bytes>) {
    (1_000..1_100).for_each(|key| _ = other.insert(key, vec![6; 3_000]));
    other.verify().unwrap();
    assert!((0..5).chain(100..105).all(|key| other.get(&key) == Some(vec![5; 3_000])));
    assert!((1_000..1_100).all(|key| other.get(&key) == Some(vec![6; 3_000])));
}

#[test]
fn the_page_after_a_value_was_freed_with_the_tree_of_a_root_that_was_cleared() {
    let mut store = Kinds::open(one_page_more().memory()).unwrap();
    store.map.clear();
    store.hash.clear();
    store.list.clear();
    store.blobs.clear();
    is_damaged(store.cell.try_clear());
    another_is_whole(&mut store.other);
}

#[test]
fn the_page_after_a_value_was_freed_with_the_tree_of_a_root_that_was_dropped() {
    #[graven::store]
    #[store(dropped("map"), dropped("hash"), dropped("list"), dropped("blobs"))]
    struct Rest {
        cell: Cell<Text>,
        other: BTreeMap<u64, Text>,
    }
    #[graven::store]
    #[store(dropped("cell"))]
    struct NoCell {
        map: BTreeMap<u64, Text>,
        hash: HashMap<u64, Text>,
        list: StableVec<Text>,
        blobs: Blobs<u64>,
        other: BTreeMap<u64, Text>,
    }
    is_damaged(NoCell::open(one_page_more().memory()).map(drop));
    let mut store = Rest::open(one_page_more().memory()).unwrap();
    another_is_whole(&mut store.other);
}

#[test]
fn the_page_after_a_value_was_freed_with_the_value() {
    let mut store = Kinds::open(one_page_more().memory()).unwrap();
    is_damaged(store.map.try_remove(&1));
    is_damaged(store.map.try_insert(1, vec![1; 10]));
    is_damaged(store.hash.try_remove(&1));
    is_damaged(store.hash.try_insert(1, vec![1; 10]));
    is_damaged(store.list.try_pop());
    is_damaged(store.list.try_set(1, vec![1; 10]));
    is_damaged(store.cell.try_set(vec![1; 10]));
    is_damaged(store.blobs.try_remove(&1));
    is_damaged(store.blobs.try_put(&1, &[1; 10]));
    another_is_whole(&mut store.other);
}
