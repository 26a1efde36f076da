//! Operations on ordered maps and what is made of them that an error or a panic left half done,
//! each named for what was left.

use graven::{BTreeMap, Nested, RankedMap, Records, StableLayout, StableVec};
use graven_tests::memory::{Bytes, image};
use graven_tests::panics::caught;

use crate::edited::{Image, is_damaged};

type Text = std::vec::Vec<u8>;

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
    is_damaged(list.try_push(vec![7; 300_000]));
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
    let image = with_a_wrong_second_tree(&memory, "map");
    let mut map: RankedMap<u64, u64> = graven::open("map", image.memory()).unwrap();
    caught(|| map.clear()).unwrap_err();
    assert!(map.iter().eq((0..10).map(|key| (key, key))));
}

/// Points the second tree of a root at the first page of its first tree, and gives it a height that
/// does not fit.
fn with_a_wrong_second_tree(memory: &Bytes, name: &str) -> Image {
    let mut edited = Image::of(memory);
    let (root, top) = (edited.root(name), edited.top(name));
    edited.put(root, 3840, top);
    edited.put(root, 3844, 9);
    edited
}

/// The first tree was detached before the second one was looked at.
#[test]
fn nested_collections_whose_index_cannot_be_detached_lost_their_entries() {
    let memory = Bytes::default();
    let mut lists: Nested<u64, StableVec<Text>> = graven::open("lists", memory.clone()).unwrap();
    lists.or_create(&1).extend([vec![1], vec![2]]);
    let edited = with_a_wrong_second_tree(&memory, "lists");
    let memory = edited.memory();
    let mut lists: Nested<u64, StableVec<Text>> = graven::open("lists", memory.clone()).unwrap();
    caught(|| lists.clear()).unwrap_err();
    assert!(image(&memory) == edited.0, "something was written");
}

#[test]
fn records_whose_index_cannot_be_detached_lost_their_values() {
    let memory = Bytes::default();
    let mut users: Records<u64, u64, StableVec<u64>> = graven::open("users", memory.clone()).unwrap();
    users.insert(1, 7);
    let edited = with_a_wrong_second_tree(&memory, "users");
    let memory = edited.memory();
    let mut users: Records<u64, u64, StableVec<u64>> = graven::open("users", memory.clone()).unwrap();
    caught(|| users.clear()).unwrap_err();
    assert!(image(&memory) == edited.0, "something was written");
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
    #[layout(was(u64, until = 2, with = core::convert::identity))]
    a: u64,
    #[layout(since = 2, default = 0)]
    b: u64,
}

#[derive(StableLayout)]
#[layout(version = 3)]
struct V3 {
    #[layout(was(u64, until = 3, with = core::convert::identity))]
    a: u64,
    #[layout(since = 2, default = 0)]
    b: u64,
    #[layout(since = 3, default = 0)]
    c: u64,
}

#[derive(StableLayout)]
#[layout(version = 4)]
struct V4 {
    #[layout(was(u64, until = 4, with = core::convert::identity))]
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

/// A leaf holds four layouts, and no write takes values along whose conversion runs a function of
/// the user. So values of one of them are converted before there is room for the fifth.
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
