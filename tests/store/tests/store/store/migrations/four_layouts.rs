//! One value type of a map in four layouts, side by side in each leaf; a fifth is the newest.

use std::cell::Cell as StdCell;

use graven::{BTreeMap, Collection, StableLayout, open};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;
use graven_tests::space::account;

use super::{CONVERTED, RULE, convert, sweep_values};

macro_rules! versions {
    ($($name:ident $version:literal { $($field:ident: $since:literal),* })*) => {$(
        #[derive(Debug, StableLayout)]
        #[layout(version = $version, name = "Item")]
        struct $name {
            #[layout(was(Vec<u8>, until = 2, with = super::convert))]
            bytes: Vec<u8>,
            $(#[layout(since = $since)] $field: u16,)*
        }
    )*};
}
#[derive(StableLayout)]
#[layout(version = 1, name = "Item")]
struct I1 {
    bytes: Vec<u8>,
}
versions! {
    I2 2 {}
    I3 3 { c: 3 }
    I4 4 { c: 3, d: 4 }
}

fn count(bytes: Vec<u8>) -> Vec<u8> {
    convert(bytes)
}

#[derive(Debug, StableLayout)]
#[layout(version = 5, name = "Item")]
struct I5 {
    #[layout(was(Vec<u8>, until = 2, with = super::convert), was(Vec<u8>, until = 5, with = count))]
    bytes: Vec<u8>,
    #[layout(since = 3)]
    c: u16,
    #[layout(since = 4)]
    d: u16,
}

/// Keys that are not 4 modulo 5, each in the layout that this says.
fn stored(count: u64, bytes: impl Fn(u64) -> Vec<u8>) -> Bytes {
    let memory = Bytes::default();
    macro_rules! write {
        ($($ty:ident $rest:literal $value:expr;)*) => {$(
            let mut map: BTreeMap<u64, $ty> = open("map", memory.clone()).unwrap();
            for n in (0..count).filter(|n| n % 5 == $rest) {
                let make: fn(Vec<u8>) -> $ty = $value;
                map.insert(n, make(bytes(n)));
            }
        )*};
    }
    write! {
        I1 0 |bytes| I1 { bytes };
        I2 1 |bytes| I2 { bytes };
        I3 2 |bytes| I3 { bytes, c: 0 };
        I4 3 |bytes| I4 { bytes, c: 0, d: 0 };
    }
    memory
}

#[track_caller]
fn check(map: &BTreeMap<u64, I5>, count: u64, bytes: impl Fn(u64) -> Vec<u8>) {
    map.verify().unwrap();
    let keys = (0..count).filter(|n| n % 5 != 4);
    assert!(map.iter().map(|(n, item)| (n, item.bytes)).eq(keys.map(|n| (n, bytes(n)))));
    account(map.root().pager(), &[map.stats()]);
}

#[test]
fn a_leaf_with_as_many_layouts_as_it_can_have_is_swept_value_by_value() {
    RULE.set(<[u8]>::to_vec);
    let bytes = |n| vec![n as u8; 9];
    let memory = stored(2_000, bytes);
    let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
    let pages = map.stats().pages;
    while {
        CONVERTED.set(0);
        !sweep_values(&mut map, 1).unwrap()
    } {
        // The first version is converted twice over.
        assert!(CONVERTED.get() <= 2, "{} conversions in a step", CONVERTED.get());
        map.verify().unwrap();
    }
    check(&map, 2_000, bytes);
    let after = map.stats().pages;
    assert!(after <= 2 * pages, "{after} pages, {pages} before: what was cut is put together again");
}

#[test]
fn a_layout_of_large_values_goes_from_a_leaf_step_by_step_and_is_converted_once() {
    RULE.set(<[u8]>::to_vec);
    let bytes = |n: u64| vec![n as u8; 700_000];
    let memory = stored(25, bytes);
    let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
    CONVERTED.set(0);
    map.insert(24, I5 { bytes: vec![4], c: 0, d: 0 });
    // The five of the first version, each by the conversions of two versions.
    assert_eq!(CONVERTED.get(), 10, "no value is converted twice");
    assert_eq!(map.remove(&24).unwrap().bytes, [4]);
    check(&map, 25, bytes);
}

#[test]
fn a_conversion_that_panics_between_large_values_loses_no_page() {
    RULE.set(<[u8]>::to_vec);
    let bytes = |n: u64| vec![n as u8; 700_000];
    let memory = stored(25, bytes);
    for first_fails in 1..5 {
        let mut map: BTreeMap<u64, I5> = open("map", memory.clone()).unwrap();
        FAILS.set(CONVERTED.get() + first_fails);
        RULE.set(|bytes| {
            assert!(CONVERTED.get() < FAILS.get(), "no more");
            bytes.to_vec()
        });
        for len in [1, 5_000] {
            let item = || I5 { bytes: vec![4; len], c: 0, d: 0 };
            assert_eq!(caught(|| map.insert(24, item())).map(drop), Err("no more".to_owned()));
        }
        RULE.set(<[u8]>::to_vec);
        check(&map, 25, bytes);
    }
}

thread_local! {
    static FAILS: StdCell<u64> = const { StdCell::new(0) };
}
