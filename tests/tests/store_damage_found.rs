//! Damage that was once answered by a panic or not at all, each by itself.

use graven::page::PAGE_SIZE;
use graven::{BTreeMap, Budget, Collection, Error, Result, open};
use graven_tests::chains::mixed;
use graven_tests::memory::{Bytes, Metered};

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
fn damaged<R>(result: Result<R>, why: &str) {
    match result {
        Err(Error::Damaged { why: found, .. }) => assert_eq!(found, why),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("no error"),
    }
}

#[test]
fn cells_that_begin_behind_the_end_of_their_node() {
    let (bytes, memory) = memory();
    let mut map: Map<u64> = open("map", memory).unwrap();
    (0..10).for_each(|n| _ = map.insert(n, n));
    for begin in [4097, 5000, u16::MAX] {
        put(&bytes, map.root().state().top.get(), 4, begin);
        damaged(map.try_insert(11, 1), "its cells begin behind its end");
    }
}

#[test]
fn a_hole_that_reaches_beyond_its_node() {
    let (bytes, memory) = memory();
    let mut map: Map<u64> = open("map", memory).unwrap();
    (0..10).for_each(|n| _ = map.insert(n, n));
    map.remove(&0);
    let page = map.root().state().top.get();
    put(&bytes, page, 8, 4090);
    put(&bytes, page, 4092, 16);
    damaged(map.try_insert(11, 1), "a cell reaches beyond its node");
    assert_eq!(map.get(&9), Some(9));
}

/// A cell takes four bytes at least, even if key and value have two.
#[test]
fn a_short_cell_that_reaches_beyond_its_node() {
    let (bytes, memory) = memory();
    let mut map: BTreeMap<u8, u8, Metered> = open("map", memory).unwrap();
    map.insert(0, 7);
    put(&bytes, map.root().state().top.get(), 32, 4094);
    damaged(map.try_insert(0, 1), "a cell reaches beyond its node");
}

#[test]
fn cells_that_overlap() {
    let (bytes, memory) = memory();
    let mut map: Map<String> = open("map", memory).unwrap();
    (0..12).for_each(|n| _ = map.insert(n, "x".repeat(310)));
    let page = map.root().state().top.get();
    // Every cell is the last one, which now is as long as the page.
    let slot = 40;
    (0..12).for_each(|n| put(&bytes, page, 36 + 2 * n, slot * 4));
    put(&bytes, page, slot as usize * 4, 3_000);
    damaged(map.try_insert(20, "y".repeat(310)), "its cells overlap");
}

#[test]
fn a_sweep_for_layouts_that_no_page_has() {
    let (bytes, memory) = memory();
    let mut map: Map<mixed::V1> = open("map", memory.clone()).unwrap();
    (0..2_000).for_each(|n| _ = map.insert(n, mixed::V1 { a: 1 }));
    let mut map: Map<mixed::V2> = open("map", memory.clone()).unwrap();
    assert!(map.sweep(&mut Budget::pages(1_000)).unwrap());
    // Its first row counts a page again.
    put(&bytes, map.root().page(), 320 + 4, 1);
    let mut map: Map<mixed::V2> = open("map", memory).unwrap();
    let why = "pages of older layouts are counted, but there are none";
    damaged(map.sweep(&mut Budget::while_true(&mut || true)), why);
    damaged(map.sweep(&mut Budget::pages(1_000)), why);
    assert_eq!(map.get(&7), Some(mixed::V2 { a: 1, b: 7 }));
}

#[test]
fn counters_at_their_end() {
    let (bytes, memory) = memory();
    let mut map: Map<mixed::V1> = open("map", memory.clone()).unwrap();
    (0..300).for_each(|n| _ = map.insert(n, mixed::V1 { a: 1 }));
    let root = map.root().page() as usize * PAGE_SIZE;
    // Entries, bytes and pages.
    bytes.borrow_mut()[root + 16..root + 36].fill(0xff);
    let mut map: Map<mixed::V4> = open("map", memory).unwrap();
    (0..600)
        .for_each(|n| _ = map.insert(n, mixed::V4 { c: 1, d: vec![1; 20 * n as usize], text: "".into() }));
    assert!(map.sweep(&mut Budget::pages(1_000)).unwrap());
    (0..600).for_each(|n| assert_eq!(map.get(&n).unwrap().d.len(), 20 * n as usize));
    damaged(map.verify(), "its entries are not as many as counted");
}
