//! Records of a page that a write converts together with its own: those whose conversion runs none
//! of the user's code.

use graven::{BTreeMap, Collection, Error, HashMap, StableLayout, open};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::space::account;

const COUNT: u32 = 150;
/// The number in a record that cannot be converted.
const BAD: u32 = 0x5eed_f00d;

#[derive(Debug, Clone, PartialEq, StableLayout)]
#[layout(version = 1)]
enum Side {
    Left,
    Right(u16),
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Item")]
struct Old {
    n: u32,
    flag: bool,
    side: Side,
}

/// A field is new, and others have moved.
#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2, name = "Item")]
struct Moved {
    n: u32,
    #[layout(since = 2, default = 9)]
    new: u64,
    flag: bool,
    side: Side,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2, name = "Item")]
struct Checked {
    #[layout(was(u32, until = 2, with = checked))]
    n: u32,
    flag: bool,
    side: Side,
}

fn checked(n: u32) -> u32 {
    assert!(n != BAD, "a record that nobody reads or writes is converted");
    n
}

#[derive(StableLayout)]
#[layout(version = 1, name = "Large")]
struct OldLarge {
    n: u32,
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2, name = "Large")]
struct Large {
    n: u32,
    #[layout(since = 2, default = fails())]
    bytes: Vec<u8>,
}

fn fails() -> Vec<u8> {
    panic!("a default of another record is evaluated between two writes")
}

fn side(n: u32) -> Side {
    if n.is_multiple_of(2) { Side::Left } else { Side::Right(n as u16) }
}

fn moved(n: u32) -> Moved {
    Moved { n, new: 9, flag: true, side: side(n) }
}

fn checked_item(n: u32) -> Checked {
    Checked { n, flag: true, side: side(n) }
}

macro_rules! tests {
    ($($name:ident $map:ident)*) => {$(
        mod $name {
            use super::*;

            /// Stores records below their numbers, and a bad one below `COUNT`.
            fn stored() -> Bytes {
                let memory = Bytes::default();
                let mut map: $map<u32, Old> = open("map", memory.clone()).unwrap();
                let numbers = (0..COUNT).map(|n| (n, n)).chain([(COUNT, BAD)]);
                numbers.for_each(|(key, n)| _ = map.insert(key, Old { n, flag: true, side: side(n) }));
                memory
            }

            #[test]
            fn records_are_converted_with_the_one_that_is_written() {
                let memory = stored();
                let mut map: $map<u32, Moved> = open("map", memory.clone()).unwrap();
                let before = map.root().old_pages();
                map.insert(3, moved(3));
                map.verify().unwrap();
                assert!(map.root().old_pages() < before, "no page was converted");
                assert!((0..COUNT).all(|n| map.get(&n) == Some(moved(n))));
                (0..COUNT).for_each(|n| assert_eq!(map.insert(n, moved(n)), Some(moved(n))));
                assert_eq!(map.insert(COUNT, moved(0)), Some(moved(BAD)));
                assert_eq!(map.root().old_pages(), 0);
                let map: $map<u32, Moved> = open("map", memory).unwrap();
                map.verify().unwrap();
                assert!((0..COUNT).all(|n| map.get(&n) == Some(moved(n))));
            }

            #[test]
            fn functions_of_the_user_are_run_for_no_other_record() {
                let memory = stored();
                let mut map: $map<u32, Checked> = open("map", memory.clone()).unwrap();
                (0..COUNT).for_each(|n| _ = map.insert(n, checked_item(n)));
                assert!(map.root().old_pages() > 0);
                map.verify().unwrap();
                assert!((0..COUNT).all(|n| map.get(&n) == Some(checked_item(n))));
            }

            #[test]
            fn a_large_value_takes_no_record_along() {
                let memory = Bytes::default();
                let mut map: $map<u32, OldLarge> = open("map", memory.clone()).unwrap();
                (0..COUNT).for_each(|n| _ = map.insert(n, OldLarge { n }));
                let mut map: $map<u32, Large> = open("map", memory).unwrap();
                map.set(3, Large { n: 3, bytes: vec![2; 5_000] });
                account(map.root().pager(), &[map.stats()]);
                map.verify().unwrap();
                assert_eq!(map.get(&3), Some(Large { n: 3, bytes: vec![2; 5_000] }));
            }

            #[test]
            fn a_damaged_record_keeps_no_other_from_being_written() {
                let mut bytes = image(&stored());
                let [a, b, c, d] = BAD.to_le_bytes();
                let at = bytes.windows(5).position(|found| found == [a, b, c, d, 1]).unwrap();
                bytes[at + 4] = 7;
                let mut map: $map<u32, Moved> = open("map", memory_of(&bytes)).unwrap();
                (0..COUNT).for_each(|n| assert_eq!(map.insert(n, moved(n)), Some(moved(n))));
                assert!(matches!(map.try_get(&COUNT), Err(Error::Damaged { .. })));
                assert!(map.root().old_pages() > 0, "the damaged record is not lost");
                assert!((0..COUNT).all(|n| map.get(&n) == Some(moved(n))));
                map.set(COUNT, moved(1));
                map.verify().unwrap();
            }
        }
    )*};
}

tests! {
    map BTreeMap
    hash_map HashMap
}
