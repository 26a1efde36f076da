//! Sweeping: by instructions and pages, value by value where they are very large, and what is left.

use std::cell::Cell as StdCell;

use graven::{BTreeMap, Budget, StableLayout};
use graven_tests::memory::Bytes;

const MIB: usize = 1 << 20;

thread_local! {
    static CONVERTED: StdCell<usize> = const { StdCell::new(0) };
}

fn converted() -> usize {
    CONVERTED.replace(0)
}

mod v1 {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct File {
        pub bytes: Vec<u8>,
    }
}

fn count(bytes: Vec<u8>) -> Vec<u8> {
    CONVERTED.set(CONVERTED.get() + 1);
    bytes
}

#[derive(StableLayout)]
#[layout(version = 2)]
struct File {
    #[layout(was(Vec<u8>, until = 2, with = count))]
    bytes: Vec<u8>,
}

#[graven::store]
struct Old {
    files: BTreeMap<u64, v1::File>,
}

#[graven::store]
struct New {
    files: BTreeMap<u64, File>,
}

fn stored(count: u64, len: usize) -> New {
    let memory = Bytes::default();
    let mut store = Old::open(memory.clone()).unwrap();
    (0..count).for_each(|n| _ = store.files.insert(n, v1::File { bytes: vec![n as u8; len] }));
    drop(store);
    New::open(memory).unwrap()
}

#[test]
fn large_values_are_swept_one_by_one() {
    let mut store = stored(20, 3 * MIB);
    let (mut calls, mut last) = (0, 21);
    loop {
        let progress = store.sweep(&mut Budget::pages(1)).unwrap();
        assert_eq!(converted(), 1, "one value per step");
        calls += 1;
        if progress.is_done() {
            break;
        }
        let left = store.files.iter().filter(|_| true).count();
        assert_eq!(left, 20);
        converted();
        last -= 1;
        assert!(last > 0, "the sweep comes to an end");
    }
    assert_eq!(calls, 20);
    store.files.verify().unwrap();
    (0..20).for_each(|n| assert_eq!(store.files.get(&n).unwrap().bytes, vec![n as u8; 3 * MIB]));
}

#[test]
fn a_large_value_is_not_rewritten_because_a_neighbour_changed() {
    let mut store = stored(10, 10 * MIB);
    store.files.insert(3, File { bytes: vec![1, 2, 3] });
    assert_eq!(store.files.get(&3).unwrap().bytes, [1, 2, 3]);
    store.files.remove(&4);
    // The replaced value and the removed one were read, as they are given back; the others were not
    // touched.
    assert!(converted() <= 3);
    store.files.verify().unwrap();
}

#[test]
fn progress_says_what_is_left_and_the_end_what_may_be_deleted() {
    let mut store = stored(20_000, 40);
    assert_eq!(store.obsolete().unwrap(), []);
    let progress = store.sweep(&mut Budget::pages(3)).unwrap();
    assert_eq!(progress.migrated, 3);
    let [left] = progress.left.as_slice() else { panic!("{progress:?}") };
    assert_eq!((left.root.as_str(), left.layout.as_str()), ("files", "File v1"));
    assert_eq!(u64::from(left.pages), progress.old_pages);
    assert_eq!(progress.to_string(), format!("files: {} pages of File v1", left.pages));
    while !store.sweep(&mut Budget::instructions(5_000_000)).unwrap().is_done() {}
    let end = store.sweep(&mut Budget::pages(1)).unwrap();
    assert_eq!(end.to_string(), "every page is in the current layout");
    let obsolete: Vec<String> = store.obsolete().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(obsolete, ["File v1"]);
}

#[test]
fn a_deleted_history_is_accepted_once_nothing_is_old_and_refused_before() {
    #[derive(StableLayout)]
    #[layout(version = 2, oldest = 2, name = "File")]
    struct Later {
        bytes: Vec<u8>,
    }
    #[graven::store]
    struct Final {
        files: BTreeMap<u64, Later>,
    }
    let memory = Bytes::default();
    let mut store = Old::open(memory.clone()).unwrap();
    (0..1_000).for_each(|n| _ = store.files.insert(n, v1::File { bytes: vec![n as u8; 9] }));
    drop(store);
    let refused =
        Final::open(memory.clone()).map(drop).expect_err("pages of version 1 are there").to_string();
    assert!(refused.contains("[version-forgotten]"), "{refused}");
    let mut store = New::open(memory.clone()).unwrap();
    while !store.sweep(&mut Budget::pages(10)).unwrap().is_done() {}
    drop(store);
    let store = Final::open(memory).unwrap();
    assert_eq!(store.files.get(&7).unwrap().bytes, [7; 9]);
}

/// A leaf holds values in four layouts at most; a fifth makes the cheapest of them go.
#[test]
fn the_fifth_layout_of_a_leaf_migrates_the_cheapest() {
    macro_rules! versions {
        ($($store:ident $ty:ident $version:literal { $($field:ident: $since:literal),* })*) => {$(
            #[derive(StableLayout)]
            #[layout(version = $version, name = "Item")]
            struct $ty {
                #[layout(removed(extra: u8, until = 2))]
                bytes: Vec<u8>,
                $(#[layout(since = $since)] $field: u16,)*
            }
            #[graven::store]
            struct $store { items: BTreeMap<u64, $ty> }
        )*};
    }
    versions! {
        S2 I2 2 {}
        S3 I3 3 { c: 3 }
        S4 I4 4 { c: 3, d: 4 }
        S5 I5 5 { c: 3, d: 4, e: 5 }
    }
    #[derive(StableLayout)]
    #[layout(version = 1, name = "Item")]
    struct I1 {
        extra: u8,
        bytes: Vec<u8>,
    }
    #[graven::store]
    struct S1 {
        items: BTreeMap<u64, I1>,
    }
    let memory = Bytes::default();
    let bytes = vec![9; 2 * MIB];
    S1::open(memory.clone()).unwrap().items.insert(1, I1 { extra: 1, bytes: bytes.clone() });
    S2::open(memory.clone()).unwrap().items.insert(2, I2 { bytes: vec![2] });
    S3::open(memory.clone()).unwrap().items.insert(3, I3 { bytes: bytes.clone(), c: 3 });
    S4::open(memory.clone()).unwrap().items.insert(4, I4 { bytes: bytes.clone(), c: 3, d: 4 });
    let mut store = S5::open(memory.clone()).unwrap();
    let pages = store.usage().pages;
    store.items.insert(5, I5 { bytes: vec![5], c: 3, d: 4, e: 5 });
    assert!(store.usage().pages <= pages + 2, "no large value was written anew");
    store.items.insert(6, I5 { bytes: bytes.clone(), c: 3, d: 4, e: 5 });
    store.items.verify().unwrap();
    let layouts: Vec<(Option<u32>, u32)> =
        store.stats()[0].layouts.iter().map(|layout| (layout.version, layout.pages)).collect();
    assert_eq!(layouts.iter().map(|(_, pages)| *pages).collect::<Vec<_>>(), [1, 0, 1, 1, 1]);
    assert_eq!(store.items.get(&1).unwrap().bytes, bytes);
    assert_eq!((store.items.get(&2).unwrap().bytes, store.items.get(&2).unwrap().c), (vec![2], 0));
    drop(store);
    let mut store = S5::open(memory).unwrap();
    while !store.sweep(&mut Budget::pages(1)).unwrap().is_done() {}
    assert_eq!(store.items.get(&4).unwrap().d, 4);
    store.items.verify().unwrap();
}
