//! Entries whose value can no longer be converted can be replaced and removed: nothing of them is decoded.

use graven::{BTreeMap, Collection, HashMap, Options, StableLayout, Store};
use graven_tests::memory::Bytes;

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

macro_rules! check {
    ($map:ident) => {{
        let memory = Bytes::default();
        {
            let specs = [$map::<u64, v1::Age, Bytes>::SPEC.named("ages")];
            let mut store = Store::open(memory.clone(), &specs, Options::default()).unwrap();
            let mut old = $map::<u64, v1::Age, Bytes>::attach(store.take(0));
            (0..50).for_each(|key| {
                let years = if key % 10 == 3 { "poison".to_owned() } else { key.to_string() };
                old.insert(key, v1::Age { years });
            });
        }
        let specs = [$map::<u64, Age, Bytes>::SPEC.named("ages")];
        let mut store = Store::open(memory, &specs, Options::default()).unwrap();
        let mut ages = $map::<u64, Age, Bytes>::attach(store.take(0));
        assert!(ages.set(&3, &Age { years: 30 }), "it had a value");
        assert!(ages.delete(&13) && !ages.delete(&13));
        assert!(ages.try_set(&23, &Age { years: 31 }).unwrap() && ages.try_delete(&33).unwrap());
        assert!(ages.delete(&43));
        assert_eq!((ages.get(&3), ages.get(&23)), (Some(Age { years: 30 }), Some(Age { years: 31 })));
        assert_eq!((ages.len(), ages.iter().count()), (47, 47), "nothing is left that cannot be read");
        ages.verify().unwrap();
    }};
}

#[test]
fn an_ordered_map_gets_rid_of_values_that_do_not_convert() {
    check!(BTreeMap);
}

#[test]
fn a_hash_map_gets_rid_of_values_that_do_not_convert() {
    check!(HashMap);
}
