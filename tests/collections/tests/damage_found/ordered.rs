//! Faults that damage once caused in ordered maps, each named for what went wrong. Most of them
//! hit another collection, to whose pages a wrong number led.

use graven::{BTreeMap, Error};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;

use crate::edited::{Image, is_damaged};

type Text = std::vec::Vec<u8>;

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

/// The leaf to which sorted entries are added was chosen before room was made for them.
#[test]
fn entries_were_appended_to_a_leaf_that_was_taken_apart() {
    #[graven::store]
    struct Appended {
        cells: BTreeMap<u64, u64>,
        texts: BTreeMap<u64, Text>,
        sound: BTreeMap<u64, u64>,
    }
    let memory = Bytes::default();
    let mut store = Appended::open(memory.clone()).unwrap();
    for key in 0..5 {
        store.cells.insert(key, key);
        store.texts.insert(key, vec![1; 10]);
    }
    (0..1_000).for_each(|key| _ = store.sound.insert(key, key));
    for name in ["cells", "texts"] {
        let mut image = Image::of(&memory);
        let leaf = image.top(name);
        image.put(0, 44, leaf);
        let mut store = Appended::open(image.memory()).unwrap();
        let error = match name {
            "cells" => store.cells.load_sorted((5..20_000).map(|key| (key, key))).unwrap_err().error,
            _ => store.texts.load_sorted((5..2_000).map(|key| (key, vec![2; 400]))).unwrap_err().error,
        };
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        is_whole(&store.sound);
        (1_000..9_000).for_each(|key| _ = store.sound.insert(key, key));
        store.sound.verify().unwrap();
    }
}

#[test]
fn entries_were_appended_to_a_leaf_of_another_map() {
    let mut image = two();
    let (top, foreign) = (image.top("damaged"), image.leaves("sound"));
    let last = image.cell(top, image.half(top, 2) - 1);
    let leaf = *foreign.last().unwrap();
    image.put(top, last, leaf);
    let mut two = Two::open(image.memory()).unwrap();
    assert!(two.damaged.load_sorted((2_000..2_010).map(|key| (key, key))).is_err());
    is_whole(&two.sound);
}

/// An inner node of another map led back to a leaf of the damaged one: the new leaves of the latter
/// became children of the former.
#[test]
fn an_inner_node_of_another_map_was_written_to() {
    #[graven::store]
    struct Deep {
        damaged: BTreeMap<String, u64>,
        sound: BTreeMap<String, u64>,
    }
    let key = |n: usize| format!("{n:0>400}");
    let memory = Bytes::default();
    let mut deep = Deep::open(memory.clone()).unwrap();
    for n in 0..200 {
        deep.damaged.insert(key(2 * n), 0);
        deep.sound.insert(key(2 * n), 0);
    }
    let mut image = Image::of(&memory);
    let first = |image: &Image, page: u32| image.word(page, image.cell(page, 0));
    let (ours, foreign) = (image.top("damaged"), image.top("sound"));
    let mut path = (ours, foreign);
    // Down to the lowest inner nodes.
    while image.half(path.0, 0) >> 8 > 1 {
        path = (first(&image, path.0), first(&image, path.1));
    }
    assert!(path.0 != ours, "the tree has one level of inner nodes");
    let leaf = first(&image, path.0);
    let cell = image.cell(path.1, 0);
    image.put(path.1, cell, leaf);
    let mut above = ours;
    while first(&image, above) != path.0 {
        above = first(&image, above);
    }
    let cell = image.cell(above, 0);
    image.put(above, cell, path.1);
    let memory = image.memory();
    let mut deep = Deep::open(memory.clone()).unwrap();
    let failed =
        (0..20).map(|n| deep.damaged.try_insert(format!("{}{n:0>5}", key(0)), 0)).find(Result::is_err);
    is_damaged(failed.expect("a split is refused"));
    let page = path.1 as usize * PAGE_SIZE;
    assert_eq!(Image::of(&memory).0[page..page + PAGE_SIZE], image.0[page..page + PAGE_SIZE]);
}
