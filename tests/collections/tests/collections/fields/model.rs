//! Random operations on fields and on whole values, beside std's map.

use std::collections::BTreeMap as Model;

use graven::{BTreeMap, Budget, Collection, open};
use graven_collection_tests::fields::Fielded;
use graven_collection_tests::fields::histories::{V2, V3};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Op {
    Insert(u64, u64),
    Remove(u64),
    Change(u64, u64),
    Compare(u64),
    Sweep(u64),
    Reopen,
}

fn op() -> impl Strategy<Value = Op> {
    let key = 0..60u64;
    prop_oneof![
        2 => (key.clone(), any::<u64>()).prop_map(|(key, seed)| Op::Insert(key, seed)),
        1 => key.clone().prop_map(Op::Remove),
        6 => (key.clone(), any::<u64>()).prop_map(|(key, seed)| Op::Change(key, seed)),
        3 => key.prop_map(Op::Compare),
        1 => (1..3u64).prop_map(Op::Sweep),
        1 => Just(Op::Reopen),
    ]
}

fn old(memory: &Bytes, seeds: &[u64]) -> Model<u64, V3> {
    let mut map: BTreeMap<u64, V2, Bytes> = open("map", memory.clone()).unwrap();
    for (key, seed) in (0..).zip(seeds) {
        map.insert(key, V2::sample(&mut Rng::new(*seed)));
    }
    drop(map);
    let map: BTreeMap<u64, V3, Bytes> = open("map", memory.clone()).unwrap();
    map.iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fields_are_those_of_the_model(
        seeds in prop::collection::vec(any::<u64>(), 0..40),
        ops in prop::collection::vec(op(), 1..120),
    ) {
        let memory = Bytes::default();
        let mut model = old(&memory, &seeds);
        let mut map: BTreeMap<u64, V3, Bytes> = open("map", memory.clone()).unwrap();
        for op in ops {
            match op {
                Op::Insert(key, seed) => {
                    let value = V3::sample(&mut Rng::new(seed));
                    prop_assert_eq!(map.insert(key, value.clone()), model.insert(key, value));
                }
                Op::Remove(key) => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                Op::Change(key, seed) => {
                    if let Some(value) = model.get_mut(&key) {
                        *value = V3::change(&mut map, key, &mut Rng::new(seed));
                    } else {
                        prop_assert_eq!(map.set_field(&key, V3::ID, 1), None);
                    }
                }
                Op::Compare(key) => {
                    prop_assert_eq!(map.get(&key), model.get(&key).cloned());
                    if model.contains_key(&key) {
                        V3::compare(&map, key);
                    }
                }
                Op::Sweep(pages) => drop(map.sweep(&mut Budget::pages(pages)).unwrap()),
                Op::Reopen => map = open("map", memory.clone()).unwrap(),
            }
        }
        map.verify().unwrap();
        prop_assert!(map.iter().eq(model));
    }
}
