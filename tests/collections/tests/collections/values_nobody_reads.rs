//! Entries whose value can no longer be converted can be replaced and removed: nothing of them is
//! decoded.

use graven::{BTreeMap, HashMap, RankedMap, Records, Slab, StableLayout, StableVec, open};
use graven_tests::memory::Bytes;
use graven_tests::panics::caught;

mod v1 {
    use graven::StableLayout;

    #[derive(StableLayout)]
    #[layout(version = 1)]
    pub struct Age {
        pub years: String,
    }
}

#[derive(Debug, PartialEq, StableLayout)]
#[layout(version = 2)]
struct Age {
    #[layout(was(String, until = 2, with = |years: String| years.parse::<u64>().unwrap()))]
    years: u64,
}

/// Checks a collection of `v1::Age` whose key 3 and every tenth after it do not convert, filled
/// with 0 to 49 and opened with `Age`.
macro_rules! check {
    ($old:ty, $new:ty, |$put:ident| $insert:expr, $by:tt) => {{
        let memory = Bytes::default();
        {
            let mut $put: $old = open("ages", memory.clone()).unwrap();
            for key in 0..50 {
                let years = if key % 10 == 3 { "poison".to_owned() } else { key.to_string() };
                $insert(key, v1::Age { years });
            }
        }
        let mut ages: $new = open("ages", memory).unwrap();
        assert!(caught(|| ages.get(key!($by 3))).is_err() && caught(|| ages.remove(key!($by 3))).is_err());
        assert!(ages.set(3, Age { years: 30 }), "it had a value");
        assert!(ages.delete(key!($by 13)) && !ages.delete(key!($by 13)));
        assert!(ages.try_set(23, Age { years: 31 }).unwrap() && ages.try_delete(key!($by 33)).unwrap());
        assert!(ages.delete(key!($by 43)));
        assert_eq!(ages.get(key!($by 3)), Some(Age { years: 30 }));
        assert_eq!(ages.get(key!($by 23)), Some(Age { years: 31 }));
        assert_eq!((ages.len(), ages.iter().count()), (47, 47), "nothing is left that cannot be read");
        ages.verify().unwrap();
        ages
    }};
}

macro_rules! key {
    (by_key $key:expr) => {
        &$key
    };
    (by_id $key:expr) => {
        $key
    };
}

#[test]
fn an_ordered_map_gets_rid_of_values_that_do_not_convert() {
    let mut ages = check!(BTreeMap<u64, v1::Age, Bytes>, BTreeMap<u64, Age, Bytes>, |old| (|key, age| drop(old.insert(key, age))), by_key);
    assert!(!ages.set(99, Age { years: 1 }), "there was none");
}

#[test]
fn a_hash_map_gets_rid_of_values_that_do_not_convert() {
    let mut ages = check!(HashMap<u64, v1::Age, Bytes>, HashMap<u64, Age, Bytes>, |old| (|key, age| drop(old.insert(key, age))), by_key);
    assert!(!ages.set(99, Age { years: 1 }), "there was none");
}

#[test]
fn a_ranked_map_gets_rid_of_values_that_do_not_convert() {
    let mut ages = check!(RankedMap<u64, v1::Age, Bytes>, RankedMap<u64, Age, Bytes>, |old| (|key, age| drop(old.insert(key, age))), by_key);
    assert!(!ages.set(13, Age { years: 1 }), "it was deleted");
    assert_eq!(ages.position(&14), Some(14));
    ages.verify().unwrap();
}

#[test]
fn records_get_rid_of_values_that_do_not_convert() {
    type Of<R> = Records<u64, R, StableVec<u8>, Bytes>;
    let mut ages = check!(Of<v1::Age>, Of<Age>, |old| (|key, age| drop(old.insert(key, age))), by_key);
    assert!(!ages.set(13, Age { years: 1 }) && ages.items(&13).unwrap().is_empty());
    ages.verify().unwrap();
}

#[test]
fn a_slab_gets_rid_of_values_that_do_not_convert() {
    let mut ages =
        check!(Slab<v1::Age, Bytes>, Slab<Age, Bytes>, |old| (|_, age| _ = old.insert(age)), by_id);
    assert!(!ages.set(13, Age { years: 1 }) && !ages.set(50, Age { years: 1 }), "only what is there is set");
    assert_eq!(ages.next_id(), 50);
}
