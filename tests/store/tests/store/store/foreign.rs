//! Memory that is no store, or another one, is refused with the right error and not touched.

use std::io::{Seek, SeekFrom, Write};

use graven::{BTreeMap, Damage, Error, Foreign, Memory, Result, open};
use graven_core::page::PageNumber;
use graven_core::page::superblock::{Identity, MAGIC};
use graven_core::store::inspect;
use graven_tests::memory::{Bytes, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;
use ic_stable_structures as iss;
use iss::FileMemory;
use iss::memory_manager::{MemoryId, MemoryManager};

fn try_open<M: Memory + 'static>(memory: M) -> Result<BTreeMap<u64, u64, M>> {
    open("map", memory)
}

/// Opens a memory, which has to fail and leave every byte alone.
#[track_caller]
fn refused(memory: &Bytes) -> Error {
    let before = memory.borrow().clone();
    let error = try_open(memory.clone()).map(drop).expect_err("it was opened");
    assert!(*memory.borrow() == before, "it was written to: {error}");
    error
}

#[track_caller]
fn foreign(memory: &Bytes, what: Foreign, text: &str) {
    let error = refused(memory);
    assert!(matches!(&error, Error::Foreign(found) if *found == what), "{error:?}");
    assert_eq!(
        error.to_string(),
        format!("this memory holds {text}, not a Graven store; it was not touched")
    );
}

#[track_caller]
fn stable_structure(memory: &Bytes, what: &'static str) {
    assert!(memory.size() > 0);
    foreign(memory, Foreign::StableStructures(what), &format!("a {what} of ic-stable-structures"));
}

#[test]
fn structures_of_ic_stable_structures() {
    let memory = Bytes::default;
    let manager = memory();
    let virtual_memory = MemoryManager::init(manager.clone()).get(MemoryId::new(0));
    virtual_memory.grow(1);
    stable_structure(&manager, "MemoryManager");

    let map = memory();
    iss::BTreeMap::init(map.clone()).insert(1u64, 2u64);
    stable_structure(&map, "BTreeMap or BTreeSet");

    let set = memory();
    iss::BTreeSet::init(set.clone()).insert(1u64);
    stable_structure(&set, "BTreeMap or BTreeSet");

    let vec = memory();
    iss::Vec::init(vec.clone()).push(&1u64);
    stable_structure(&vec, "Vec");

    let heap = memory();
    iss::MinHeap::init(heap.clone()).push(&1u64);
    stable_structure(&heap, "MinHeap");

    let cell = memory();
    iss::Cell::init(cell.clone(), 1u64).set(7);
    stable_structure(&cell, "Cell");

    let (index, data) = (memory(), memory());
    iss::Log::init(index.clone(), data.clone()).append(&1u64).unwrap();
    stable_structure(&index, "Log (its index)");
    stable_structure(&data, "Log (its data)");
}

#[test]
fn a_store_within_a_memory_manager_beside_others() {
    let memory = Bytes::default();
    let manager = MemoryManager::init(memory.clone());
    iss::BTreeMap::init(manager.get(MemoryId::new(0))).insert(1u64, 2u64);
    let mut map = try_open(manager.get(MemoryId::new(1))).unwrap();
    map.insert(3, 4);
    assert!(matches!(try_open(manager.get(MemoryId::new(0))), Err(Error::Foreign(_))));
    let manager = MemoryManager::init(memory);
    assert_eq!(try_open(manager.get(MemoryId::new(1))).unwrap().get(&3), Some(4));
    let other = iss::BTreeMap::<u64, u64, _>::init(manager.get(MemoryId::new(0)));
    assert_eq!(other.get(&1), Some(2));
}

#[test]
fn candid_zeros_and_anything_else() {
    let candid = Bytes::default();
    candid.grow(1);
    candid.write(0, &candid::encode_args((1u64, "state")).unwrap());
    foreign(&candid, Foreign::Candid, "candid (as ic_cdk::storage::stable_save writes)");

    let zeros = Bytes::default();
    zeros.grow(3);
    foreign(&zeros, Foreign::Zeros, "zeros at its beginning");

    let text = memory_of(&b"Hello, W".repeat(65_536 / 8));
    let words = "unknown data beginning with [48, 65, 6c, 6c, 6f, 2c, 20, 57]";
    foreign(&text, Foreign::Unknown(*b"Hello, W"), words);
}

#[test]
fn random_bytes() {
    let rng = &mut Rng::new(1);
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..8192).flat_map(|_| rng.any().to_le_bytes()).collect();
        assert!(matches!(refused(&memory_of(&bytes)), Error::Foreign(Foreign::Unknown(_))));
        let mut with_magic = bytes;
        with_magic[..8].copy_from_slice(&MAGIC);
        assert!(matches!(refused(&memory_of(&with_magic)), Error::NewerFormat { .. }));
        with_magic[8..12].copy_from_slice(&1u32.to_le_bytes());
        let error = refused(&memory_of(&with_magic));
        assert_eq!(
            error.to_string(),
            "page 0 of the store is damaged: the superblock's checksum is wrong; load a snapshot of the canister"
        );
    }
}

fn store() -> Vec<u8> {
    let memory = Bytes::default();
    let mut map = try_open(memory.clone()).unwrap();
    (0..40_000).for_each(|n| _ = map.insert(n, n));
    memory.borrow().clone()
}

/// Code beside the store, such as a function that saves state from offset 0, overwrites the
/// superblock of an open store. The store writes on, and must not make the memory look sound again.
#[test]
fn a_superblock_that_was_overwritten_is_not_repaired() {
    let mut rng = Rng::new(3);
    for length in [8, 32, 72, 4096] {
        let memory = Bytes::default();
        let mut map = try_open(memory.clone()).unwrap();
        (0..1000).for_each(|n| _ = map.insert(n, n));
        let candid: Vec<u8> = b"DIDL".iter().copied().chain((4..length).map(|_| rng.any() as u8)).collect();
        memory.write(0, &candid);
        // Allocates pages, which writes the heads of lists in the superblock.
        (1000..200_000).for_each(|n| _ = map.try_insert(n, n));
        drop(map);
        foreign(&memory, Foreign::Candid, "candid (as ic_cdk::storage::stable_save writes)");
    }
}

#[test]
fn a_newer_format() {
    let mut bytes = store();
    bytes[8..12].copy_from_slice(&2u32.to_le_bytes());
    let error = refused(&memory_of(&bytes));
    assert!(matches!(error, Error::NewerFormat { found: 2, known: 1 }));
    assert_eq!(error.to_string(), "this memory has format 2; this code reads up to 1: use a newer graven");
}

#[test]
fn every_bit_of_the_identity_counts() {
    let bytes = store();
    for bit in 0..size_of::<Identity>() * 8 {
        let mut bad = bytes.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let error = refused(&memory_of(&bad));
        match (bit / 8, error) {
            (0..8, Error::Foreign(Foreign::Unknown(_)))
            | (8..12, Error::NewerFormat { .. } | Error::Damaged { page: PageNumber::NONE, .. })
            | (12.., Error::Damaged { page: PageNumber::NONE, .. }) => {}
            (byte, error) => panic!("byte {byte}: {error}"),
        }
    }
}

/// Returns the page of the only root of a [`store`]: the catalog is page 1.
fn root_of(bytes: &[u8]) -> usize {
    u32::from_le_bytes(*bytes[4096 + 16..].first_chunk().unwrap()) as usize
}

#[test]
fn every_bit_of_what_a_root_is_counts() {
    let bytes = store();
    let root = root_of(&bytes);
    // Its collection, the length of its name, the layout of its keys, the check, and the name.
    for at in (1..4).chain(36..38).chain(44..64).chain(64..67) {
        for bit in 0..8 {
            let mut bad = bytes.clone();
            bad[4096 * root + at] ^= 1 << bit;
            let error = refused(&memory_of(&bad));
            let Error::Damaged { page, reason, .. } = error else { panic!("byte {at}, bit {bit}: {error}") };
            assert!(
                page.get() as usize == root && matches!(reason, Damage::RootCheck | Damage::RootName),
                "{at}: {reason}"
            );
        }
    }
}

#[test]
fn unknown_features_of_a_root_and_a_second_page_of_the_catalog_are_refused() {
    for at in [42, 43] {
        let mut bytes = store();
        let root = root_of(&bytes);
        bytes[4096 * root + at] = 0x40;
        let error = refused(&memory_of(&bytes));
        let expected =
            "the root `map` uses features that this code does not know (bits 0x40): use a newer graven";
        assert_eq!(error.to_string(), expected);
        // A tool that only reads may know less than a writer.
        assert_eq!(inspect(memory_of(&bytes)).is_ok(), at == 43);
    }
    let mut bytes = store();
    bytes[4096 + 4] = 1;
    let error = refused(&memory_of(&bytes));
    assert!(matches!(error, Error::Damaged { reason: Damage::CatalogNext, .. }), "{error}");
}

#[test]
fn memory_that_was_cut_off() {
    let bytes = store();
    let used = u64::from(u32::from_le_bytes([bytes[32], bytes[33], bytes[34], bytes[35]])) * 4096;
    let whole = used.div_ceil(65_536);
    assert!(whole > 10);
    for pages in 1..whole {
        for odd in [0, 1, 4095, 4096, 30_000, 65_535] {
            let len = pages as usize * 65_536 + odd;
            let error = refused(&memory_of(&bytes[..len]));
            let (expected, found) = (used, pages * 65_536);
            assert!(
                matches!(error, Error::Truncated { expected: e, found: f } if (e, f) == (expected, found))
            );
            assert_eq!(
                error.to_string(),
                format!(
                    "this memory ends after {found} bytes of {expected}: it was cut off; use a complete copy"
                )
            );
        }
    }
    assert!(try_open(memory_of(&bytes[..whole as usize * 65_536])).is_ok());
}

#[test]
fn files_that_were_cut_off() {
    let bytes = store();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    for pages in (1..bytes.len() as u64 / 65_536 - 1).rev() {
        file.set_len(pages * 65_536).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let error = try_open(FileMemory::new(file.try_clone().unwrap())).map(drop).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error}");
        assert_eq!(file.metadata().unwrap().len(), pages * 65_536);
    }
    file.set_len(65_537).unwrap();
    let odd = caught(|| try_open(FileMemory::new(file.try_clone().unwrap())).map(drop));
    assert!(odd.is_err_and(|words| words.contains("exact page sizes")), "the memory's own panic");
    assert_eq!(file.metadata().unwrap().len(), 65_537);
}

#[test]
fn names_that_cannot_be() {
    let memory = Bytes::default();
    for name in ["", "x".repeat(256).leak()] {
        let error = open::<BTreeMap<u64, u64>>(name, memory.clone()).map(drop).unwrap_err();
        let text = format!("a root's name has 1 to 255 bytes and is used once; `{name}` is not such a name");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(memory.size(), 0);
}
