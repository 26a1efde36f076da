//! Regressions that damage once caused in sequences and blobs, each named after its symptom.

mod edited;
mod foreign_pages;
mod half_done;
mod named;
mod ordered;
mod ordered_half_done;
mod overflow;

use graven::{Blobs, Budget, Collection, Error, HashMap, Nested, StableLayout, StableVec, open};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, Metered, image, memory_of};
use graven_tests::panics::caught;
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Returns the only root of a memory.
fn root(image: &[u8]) -> usize {
    (1..image.len() / PAGE_SIZE).find(|page| image[page * PAGE_SIZE] == 3).unwrap() * PAGE_SIZE
}

fn put(image: &mut [u8], at: usize, number: u64) {
    image[at..at + 8].copy_from_slice(&number.to_le_bytes());
}

/// Returns a vector of ten values, in an image to be damaged. The root counts them: an insert ends
/// the count of the last array.
fn ten<T: StableLayout + Clone>(value: T) -> Vec<u8> {
    let bytes = Bytes::default();
    let mut vec: StableVec<T> = open("vec", bytes.clone()).unwrap();
    (0..9).for_each(|_| vec.push(value.clone()));
    vec.insert(5, value);
    image(&bytes)
}

fn damaged<C: Collection<Memory = Metered>>(name: &'static str, image: &[u8]) -> C {
    open(name, Metered::new(memory_of(image), 10_000)).unwrap()
}

#[test]
fn positions_at_the_end_of_all_numbers_overflowed_when_iterated() {
    let mut image = ten(7u64);
    let root = root(&image);
    put(&mut image, root + 3584, u64::MAX - 3);
    let vec: StableVec<u64, Metered> = damaged("vec", &image);
    let mut iter = vec.iter();
    while let Ok(Some(_)) = iter.try_next() {}
}

#[test]
fn positions_at_the_end_of_all_numbers_overflowed_when_inserted_at() {
    let mut image = ten(String::from("text"));
    let root = root(&image);
    for first in [u64::MAX, u64::MAX - 1, u64::MAX - 9] {
        put(&mut image, root + 3584, first);
        let mut vec: StableVec<String, Metered> = damaged("vec", &image);
        (0..10).for_each(|index| assert!(vec.try_insert(index, String::new()).is_err()));
    }
}

/// The heap was asked for all the bytes after the value.
/// Layout numbers end at `fffe`; the mark of a vector is one more than that of its arrays' layout.
#[test]
fn the_mark_of_a_layout_number_that_cannot_be_overflowed() {
    let mut image = ten(7u64);
    let root = root(&image);
    image[root + 320..root + 322].copy_from_slice(&[0xff; 2]);
    let mut vec: StableVec<u64, Metered> = damaged("vec", &image);
    (0..2_000).for_each(|value| _ = caught(|| vec.push(value)));
    let _ = caught(|| vec.clear());
    let panic = caught(|| vec.push(1));
    assert!(!panic.is_err_and(|panic| panic.contains("overflow")));
    let _ = vec.sweep(&mut Budget::pages(100));
}

#[test]
fn removing_from_an_array_that_is_said_to_be_too_long_asked_for_its_length() {
    let mut image = ten(7u64);
    let root = root(&image);
    for len in [1 << 32, 1 << 40, u64::MAX] {
        put(&mut image, root + 16, len);
        let mut vec: StableVec<u64, Metered> = damaged("vec", &image);
        assert!(matches!(vec.try_remove(3), Err(Error::Damaged { .. })));
        assert!(HEAP.peak_usage() < 64 << 20);
    }
}

#[test]
fn truncating_an_array_that_is_said_to_be_too_long_overflowed() {
    let mut image = ten(7u64);
    let root = root(&image);
    for len in [1 << 62, 1 << 63, u64::MAX] {
        put(&mut image, root + 16, len);
        let mut vec: StableVec<u64, Metered> = damaged("vec", &image);
        let truncated = vec.truncate_within(3, &mut Budget::pages(9));
        assert!(matches!(truncated, Err(Error::Damaged { .. })), "{truncated:?}");
    }
}

/// Pages were set aside for every level of a tree that is not there.
#[test]
fn a_height_that_cannot_be_grew_the_memory() {
    let bytes = Bytes::default();
    let mut blobs: Blobs<u32> = open("blobs", bytes.clone()).unwrap();
    blobs.put(&1, &[1; 100]);
    let mut image = image(&bytes);
    let root = root(&image);
    for height in [1 << 20, u32::MAX] {
        image[root + 12..root + 16].copy_from_slice(&height.to_le_bytes());
        let mut blobs: Blobs<u32, Metered> = damaged("blobs", &image);
        // More than 1,024 pages of 64 KiB are too many.
        assert!(matches!(blobs.try_put(&2, &[1; 100]), Err(Error::Damaged { .. })));
    }
}

/// Four levels of branches, each 338 times the same child: checking them took 13,051,691,536 steps.
#[test]
fn branches_that_share_children_were_checked_for_ever() {
    let mut image = ten(7u64);
    let root = root(&image);
    let leaf = u32::from_le_bytes(image[root + 8..root + 12].try_into().unwrap());
    let pages = u32::from_le_bytes(image[32..36].try_into().unwrap());
    let owner = (root / PAGE_SIZE) as u32;
    let (mut child, mut covers) = (leaf, 1u64);
    for level in 1..5u32 {
        let page = pages + level - 1;
        let mut branch = vec![6, level as u8];
        branch.extend([338u16.to_le_bytes(), 12u16.to_le_bytes()].concat());
        branch.extend([0; 6]);
        branch.extend(owner.to_le_bytes());
        branch.extend([0; 16]);
        for entry in 0..338 {
            branch.extend(child.to_le_bytes());
            branch.extend((entry * covers).to_le_bytes());
        }
        let at = page as usize * PAGE_SIZE;
        image[at..at + branch.len()].copy_from_slice(&branch);
        (child, covers) = (page, covers * 338);
    }
    image[32..36].copy_from_slice(&(pages + 4).to_le_bytes());
    image[root + 8..root + 12].copy_from_slice(&child.to_le_bytes());
    image[root + 12..root + 16].copy_from_slice(&5u32.to_le_bytes());
    put(&mut image, root + 16, covers);
    let vec: StableVec<u64, Metered> = damaged("vec", &image);
    assert_eq!(vec.try_get(covers - 1).unwrap(), Some(7), "the tree is one that can be walked");
    assert!(matches!(vec.verify(), Err(Error::Damaged { .. })));
}

#[test]
fn shortening_a_blob_as_a_file_panicked_on_damage() {
    let bytes = Bytes::default();
    let mut blobs: Blobs<u32> = open("blobs", bytes.clone()).unwrap();
    blobs.put(&1, &[1; 9_000]);
    let mut image = image(&bytes);
    let chain = (1..image.len() / PAGE_SIZE).find(|page| image[page * PAGE_SIZE] == 1).unwrap();
    image[chain * PAGE_SIZE] = 9;
    let mut blobs: Blobs<u32, Metered> = damaged("blobs", &image);
    assert!(matches!(blobs.file(&1).set_len(10), Err(Error::Damaged { .. })));
    assert!(matches!(blobs.try_truncate(&1, 10), Err(Error::Damaged { .. })));
}

type Text = std::vec::Vec<u8>;

/// Overwrites the references to the last extents of overflow pages.
fn lose_tails(image: &mut [u8]) {
    for page in 0..image.len() / PAGE_SIZE {
        if image[page * PAGE_SIZE] == 1 {
            image[page * PAGE_SIZE + 14..page * PAGE_SIZE + 16].fill(0xff);
        }
    }
}

/// The value can be read, but its extents cannot be freed: nothing may come in its place, and it
/// may not go.
#[test]
fn a_value_whose_extents_cannot_be_freed_was_replaced_all_the_same() {
    for value in [vec![3; 9], vec![3; 20_000]] {
        let mut bytes = ten::<Text>(vec![1; 9_000]);
        lose_tails(&mut bytes);
        let memory = memory_of(&bytes);
        let mut vec: StableVec<Text> = open("vec", memory.clone()).unwrap();
        assert!(matches!(vec.try_set(4, value.clone()), Err(Error::Damaged { .. })));
        assert!(matches!(vec.try_remove(4), Err(Error::Damaged { .. })));
        assert!(matches!(vec.try_remove(0), Err(Error::Damaged { .. })));
        assert!(image(&memory)[..bytes.len()] == bytes, "a vector was written to");

        let memory = Bytes::default();
        let mut map: HashMap<u64, Text> = open("map", memory.clone()).unwrap();
        (0..10).for_each(|key| drop(map.insert(key, vec![1; 9_000])));
        let mut bytes = image(&memory);
        lose_tails(&mut bytes);
        let memory = memory_of(&bytes);
        let mut map: HashMap<u64, Text> = open("map", memory.clone()).unwrap();
        assert!(matches!(map.try_insert(4, value), Err(Error::Damaged { .. })));
        assert!(matches!(map.try_remove(&4), Err(Error::Damaged { .. })));
        assert!(image(&memory)[..bytes.len()] == bytes, "a map was written to");
    }
}

/// The row was the first one, but not found by its key when it was to be removed.
#[test]
fn removed_collections_with_a_row_out_of_order_were_freed_for_ever() {
    let bytes = Bytes::default();
    let mut lists: Nested<u64, StableVec<u64>> = open("lists", bytes.clone()).unwrap();
    (0..9).for_each(|key| lists.or_create(&key).extend(0..500));
    assert!(lists.remove(&3) && lists.remove(&4));
    let row = |number: u64, len: u64| {
        [&[0][..], &number.to_be_bytes(), &number.to_le_bytes(), &len.to_le_bytes()].concat()
    };
    // Another number in key and value, in front of a lower one: of this collection there are no
    // entries.
    let (mut image, sound, bad) = (image(&bytes), row(3, 500), row(9_000, 500));
    let at = image.windows(sound.len()).position(|window| window == sound).expect("the row");
    image[at..at + bad.len()].copy_from_slice(&bad);
    let mut lists: Nested<u64, StableVec<u64>, Metered> = damaged("lists", &image);
    let freed = lists.free_removed_within(&mut Budget::while_true(&mut || true));
    assert!(matches!(freed, Err(Error::Damaged { .. })), "{freed:?}");
}

/// A list of a megabyte claims a quarter of a million records, each of which takes a kilobyte of
/// the heap and more. All of them were asked for before the first was found to be none.
#[test]
fn a_forged_count_asked_for_the_room_of_all_its_elements() {
    #[allow(dead_code)]
    #[derive(StableLayout)]
    #[layout(version = 1)]
    struct Wide([String; 60]);

    let mut forged = vec![0; 1 << 20];
    forged[..4].copy_from_slice(&(((1u32 << 20) - 4) / 4).to_le_bytes());
    HEAP.reset_peak_usage();
    let before = HEAP.peak_usage();
    assert!(<Vec<Wide>>::decode(&forged).is_err());
    let asked = HEAP.peak_usage() - before;
    assert!(asked < 32 << 20, "{asked} bytes for a list of one megabyte");
}
