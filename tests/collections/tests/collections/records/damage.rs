//! Records and items in each other's place, and rows of the index that name others.

use graven::{Error, Records, StableVec, open};
use graven_tests::memory::{Bytes, image, memory_of};

/// Returns the offset of a value's bytes.
fn find(image: &[u8], bytes: &[u8]) -> usize {
    image.windows(bytes.len()).position(|window| window == bytes).expect("the bytes are in the image")
}

#[test]
fn a_record_in_the_place_of_an_item_is_told() {
    let memory = Bytes::default();
    let mut users: Records<u64, [u8; 11], StableVec<[u8; 11]>, Bytes> =
        open("users", memory.clone()).unwrap();
    users.insert(1, *b"the record.");
    users.items_mut(&1).unwrap().push(*b"and an item");
    let sound = image(&memory);
    let damaged = |value: &[u8], tag: u8| {
        let mut bytes = sound.clone();
        let at = find(&bytes, value) - 1;
        bytes[at] = tag;
        open::<Records<u64, [u8; 11], StableVec<[u8; 11]>, Bytes>>("users", memory_of(&bytes)).unwrap()
    };
    for tag in [1, 7] {
        let mut users = damaged(b"the record.", tag);
        assert!(matches!(users.try_get(&1), Err(Error::Damaged { .. })));
        assert!(matches!(users.iter().try_next(), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_update(&1, |record| record[0] = 1), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_insert(1, [0; 11]), Err(Error::Damaged { .. })));
        assert!(matches!(users.try_remove(&1), Err(Error::Damaged { .. })));
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })));
        assert_eq!(users.items(&1).unwrap().get(0), Some(*b"and an item"));
    }
    for tag in [0, 7] {
        let users = damaged(b"and an item", tag);
        assert!(matches!(users.items(&1).unwrap().try_get(0), Err(Error::Damaged { .. })));
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })));
        assert_eq!(users.get(&1), Some(*b"the record."));
    }
}

/// A row whose record is another number than it was: nothing is taken for it, and `verify` tells.
#[test]
fn a_row_that_names_another_record_is_told() {
    let memory = Bytes::default();
    let mut users: Records<u64, u64, StableVec<u64>, Bytes> = open("users", memory.clone()).unwrap();
    users.extend([(1, 10), (2, 20)]);
    users.items_mut(&2).unwrap().push(7);
    let sound = image(&memory);
    // Number, length, first position and record of the second one.
    let row: Vec<u8> = [3u64, 1, 0, 2].into_iter().flat_map(u64::to_le_bytes).collect();
    let at = find(&sound, &row);
    for (word, number, reads) in
        [(3, 9u64, false), (3, 3, false), (3, 0, true), (0, 2, true), (0, 9, true), (1, 0, true)]
    {
        let mut bytes = sound.clone();
        bytes[at + word * 8..][..8].copy_from_slice(&number.to_le_bytes());
        let mut users: Records<u64, u64, StableVec<u64>, Bytes> = open("users", memory_of(&bytes)).unwrap();
        assert!(matches!(users.verify(), Err(Error::Damaged { .. })), "{word} {number}");
        assert_eq!(users.try_get(&2).is_ok(), reads, "{word} {number}");
        let _ = users.try_items_mut(&2).unwrap().unwrap().try_push(&5);
        let _ = users.try_remove(&2);
    }
}
