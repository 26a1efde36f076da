//! Damage that was once answered by a panic or not at all, each by itself.

use graven::{BTreeMap, Budget, Cell, Collection, Damage, Error, Options, Result, StableLayout, Store, open};
use graven_core::page::PAGE_SIZE;
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Metered, image};

type Map<V> = BTreeMap<u64, V, Metered>;

fn memory() -> (Bytes, Metered) {
    let bytes = Bytes::default();
    (bytes.clone(), Metered::new(bytes, 1_000_000))
}

/// Overwrites a number of two bytes in a page.
fn put(bytes: &Bytes, page: u32, at: usize, number: u16) {
    let at = page as usize * PAGE_SIZE + at;
    bytes.borrow_mut()[at..at + 2].copy_from_slice(&number.to_le_bytes());
}

#[track_caller]
fn damaged<R>(result: Result<R>, expected: Damage) {
    match result {
        Err(Error::Damaged { reason, .. }) => assert_eq!(reason, expected),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("no error"),
    }
}

#[test]
fn cells_that_begin_behind_the_end_of_their_node() {
    let (bytes, memory) = memory();
    let mut map: Map<String> = open("map", memory).unwrap();
    (0..10).for_each(|n| _ = map.insert(n, n.to_string()));
    for begin in [4097, 5000, u16::MAX] {
        put(&bytes, map.root().state().top.get().get(), 4, begin);
        damaged(map.try_insert(11, "1".into()), Damage::CellOutOfRange);
    }
}

#[test]
fn a_hole_that_reaches_beyond_its_node() {
    let (bytes, memory) = memory();
    let mut map: Map<String> = open("map", memory).unwrap();
    // Cells of 16 bytes: a length, a key and a value of six bytes.
    (0..10).for_each(|n| _ = map.insert(n, format!("{n:6}")));
    map.remove(&0);
    let page = map.root().state().top.get().get();
    put(&bytes, page, 8, 4090);
    put(&bytes, page, 4092, 16);
    damaged(map.try_insert(11, "twelve".into()), Damage::CellOutOfRange);
    assert_eq!(map.get(&9).as_deref(), Some("     9"));
}

/// A cell takes four bytes at least, even if a length and a key have three.
#[test]
fn a_short_cell_that_reaches_beyond_its_node() {
    let (bytes, memory) = memory();
    let mut map: BTreeMap<u8, Vec<u8>, Metered> = open("map", memory).unwrap();
    map.insert(0, vec![]);
    let page = map.root().state().top.get().get();
    put(&bytes, page, 32, 4093);
    bytes.borrow_mut()[page as usize * PAGE_SIZE + 4093..][..3].fill(0);
    damaged(map.try_insert(0, vec![]), Damage::CellOutOfRange);
}

#[test]
fn cells_that_overlap() {
    let (bytes, memory) = memory();
    let mut map: Map<String> = open("map", memory).unwrap();
    (0..12).for_each(|n| _ = map.insert(n, "x".repeat(310)));
    let page = map.root().state().top.get().get();
    // Every cell is the last one, which now is as long as the page.
    let slot = 40;
    (0..12).for_each(|n| put(&bytes, page, 36 + 2 * n, slot * 4));
    put(&bytes, page, slot as usize * 4, 3_000);
    damaged(map.try_insert(20, "y".repeat(310)), Damage::CellsOverlap);
}

#[test]
fn a_sweep_for_layouts_that_no_page_has() {
    let (bytes, memory) = memory();
    let mut map: Map<mixed::V1> = open("map", memory.clone()).unwrap();
    (0..2_000).for_each(|n| _ = map.insert(n, mixed::V1 { a: 1 }));
    let mut map: Map<mixed::V2> = open("map", memory.clone()).unwrap();
    assert!(map.sweep(&mut Budget::pages(1_000)).unwrap());
    // Its first row counts a page again.
    put(&bytes, map.root().page().get(), 320 + 4, 1);
    let mut map: Map<mixed::V2> = open("map", memory).unwrap();
    let reason = Damage::LayoutPages;
    damaged(map.sweep(&mut Budget::while_true(&mut || true)), reason);
    damaged(map.sweep(&mut Budget::pages(1_000)), reason);
    assert_eq!(map.get(&7), Some(mixed::V2 { a: 1, b: 7 }));
}

#[test]
fn counters_at_their_end() {
    let (bytes, memory) = memory();
    let mut map: Map<mixed::V1> = open("map", memory.clone()).unwrap();
    (0..300).for_each(|n| _ = map.insert(n, mixed::V1 { a: 1 }));
    let root = map.root().page().get() as usize * PAGE_SIZE;
    // Entries, bytes and pages.
    bytes.borrow_mut()[root + 16..root + 36].fill(0xff);
    let mut map: Map<mixed::V4> = open("map", memory).unwrap();
    (0..600).for_each(|n| {
        _ = map.insert(n, mixed::V4 { c: 1, d: vec![1; 20 * n as usize], text: String::new() });
    });
    assert!(map.sweep(&mut Budget::pages(1_000)).unwrap());
    (0..600).for_each(|n| assert_eq!(map.get(&n).unwrap().d.len(), 20 * n as usize));
    damaged(map.verify(), Damage::EntryCount);
}

/// The value can be read, but not be freed: nothing may come in its place.
#[test]
fn a_value_whose_last_extent_is_not_where_its_first_one_says() {
    let (bytes, memory) = memory();
    let specs = [Map::<v1::File>::SPEC.named("map"), Cell::<Vec<u8>, Metered>::SPEC.named("cell")];
    let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
    let mut map = Map::<v1::File>::attach(store.take(0));
    let mut cell = Cell::<Vec<u8>, Metered>::attach(store.take(1));
    map.insert(1, v1::File { bytes: vec![1; 9_000] });
    cell.set(vec![2; 9_000]);
    let used = map.root().pager().usage().pages;
    let chains: Vec<u32> = (1..used).filter(|page| bytes.borrow()[*page as usize * PAGE_SIZE] == 1).collect();
    chains.iter().for_each(|page| put(&bytes, *page, 14, u16::MAX));
    let before = image(&bytes);
    for bytes in [vec![3; 9], vec![3; 20_000]] {
        assert!(matches!(cell.try_set(bytes.clone()), Err(Error::Damaged { .. })));
        assert!(matches!(map.try_insert(1, v1::File { bytes }), Err(Error::Damaged { .. })));
    }
    assert!(matches!(map.try_remove(&1), Err(Error::Damaged { .. })));
    assert!(image(&bytes) == before, "something was written");
    let mut store = Store::open(
        memory,
        &[Map::<File>::SPEC.named("map"), Cell::<Vec<u8>, Metered>::SPEC.named("cell")],
        Options::default(),
    )
    .unwrap();
    let mut map = Map::<File>::attach(store.take(0));
    let cell = Cell::<Vec<u8>, Metered>::attach(store.take(1));
    let before = image(&bytes);
    assert!(matches!(map.sweep(&mut Budget::pages(1)), Err(Error::Damaged { .. })));
    assert!(image(&bytes) == before, "something was written");
    assert_eq!(
        (map.get(&1).map(|file| file.bytes.len()), cell.get().map(|value| value.len())),
        (Some(9_000), Some(9_000))
    );
}

/// A leaf of another map that is nearly empty was merged away, and its page freed.
#[test]
fn a_neighbour_that_belongs_to_another_map() {
    let (bytes, memory) = memory();
    let specs = ["one", "other"].map(|name| Map::<u64>::SPEC.named(name));
    let mut store = Store::open(memory, &specs, Options { cached_pages: 0 }).unwrap();
    let (mut one, mut other) = (Map::<u64>::attach(store.take(0)), Map::<u64>::attach(store.take(1)));
    (0..1_000).for_each(|n| _ = one.insert(n, n));
    (0..20).for_each(|n| _ = other.insert(n, n));
    let top = one.root().state().top.get().get();
    let second = top as usize * PAGE_SIZE + 32 + 2;
    let cell = u16::from_le_bytes([bytes.borrow()[second], bytes.borrow()[second + 1]]) & 0xfff;
    let leaf = other.root().state().top.get().get();
    put(&bytes, top, usize::from(cell), leaf as u16);
    put(&bytes, top, usize::from(cell) + 2, (leaf >> 16) as u16);
    (0..1_000).take_while(|n| one.try_remove(n).is_ok_and(|found| found.is_some())).for_each(drop);
    other.verify().unwrap();
    assert!(other.iter().eq((0..20).map(|n| (n, n))));
}

mod v1 {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct File {
        pub bytes: Vec<u8>,
    }
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct File {
    bytes: Vec<u8>,
    #[layout(since = 2, default = 7)]
    kind: u8,
}

/// A probe of an uncached node without slots once read the buffer's previous content.
#[test]
fn a_probed_inner_node_without_children() {
    let (bytes, memory) = memory();
    let mut map: Map<u64> = open("map", memory).unwrap();
    (0..1_000).for_each(|n| _ = map.insert(n, n));
    let top = map.root().state().top.get().get();
    assert_eq!(map.root().state().height.get(), 2);
    drop(map);
    put(&bytes, top, 2, 0);
    let (memory, options) = (Metered::new(bytes, 1_000_000), Options { cached_pages: 0 });
    let mut store = Store::open(memory, &[Map::<u64>::SPEC.named("map")], options).unwrap();
    let map: Map<u64> = Collection::attach(store.take(0));
    damaged(map.try_get(&7), Damage::WrongLevel);
}

/// The bytes that search for a bound may be shorter than a key, but a whole key was read from them.
#[test]
fn a_probed_node_and_a_bound_that_is_no_whole_key() {
    let (bytes, memory) = memory();
    let mut posts: graven::Nested<u64, graven::StableVec<u64>, Metered> = open("posts", memory).unwrap();
    for user in 0..200u64 {
        (0..100).for_each(|n| posts.or_create(&user).push(user + n));
    }
    drop(posts);
    let mut posts: graven::Nested<u64, graven::StableVec<u64>, Metered> =
        open("posts", Metered::new(bytes, 1_000_000)).unwrap();
    (0..200).step_by(2).for_each(|user| assert!(posts.remove(&user)));
    assert!(posts.free_removed_within(&mut Budget::pages(u64::MAX)).unwrap().is_done());
    for user in (1..200u64).step_by(2) {
        assert!(posts.get(&user).unwrap().iter().eq(user..user + 100));
    }
    posts.verify().unwrap();
}

/// The right half of a leaf was written, and a page taken for it, before the left half was found to
/// be damaged.
#[test]
fn a_full_leaf_whose_order_points_astray() {
    for number in [224, 255] {
        let (bytes, memory) = memory();
        let mut map: Map<u64> = open("map", memory).unwrap();
        (0..224).for_each(|n| _ = map.insert(2 * n, n));
        let top = map.root().state().top.get().get();
        assert_eq!(map.root().state().height.get(), 1, "the next one splits it");
        bytes.borrow_mut()[top as usize * PAGE_SIZE + 32 + 15 * 16 + 60] = number;
        let before = bytes.borrow().clone();
        damaged(map.try_insert(301, 1), Damage::ControlBytes);
        assert!(*bytes.borrow() == before, "something was written");
        assert_eq!(map.len(), 224);
    }
}

/// Bytes of the header passed for a cell.
#[test]
fn a_cell_that_is_found_in_the_header() {
    let (bytes, memory) = memory();
    let mut map: Map<String> = open("map", memory).unwrap();
    map.insert(1, "1".into());
    let top = map.root().state().top.get().get();
    put(&bytes, top, 32, 8);
    damaged(map.try_get(&1), Damage::SlotOutOfRange);
}
