//! Conversions that take long, grow, shrink, panic or allocate much: what a sweep and an insert do
//! then.

mod alongside;
mod four_layouts;
mod interrupted;
mod packing;
mod sizes;
mod steps;

use std::cell::Cell as StdCell;
use std::collections::BTreeMap as Model;

use graven::{BTreeMap, Budget, Collection, StableKey, open};
use graven_tests::memory::Bytes;
use graven_tests::space::account;

/// A conversion of bytes.
type Rule = fn(&[u8]) -> Vec<u8>;

thread_local! {
    static CONVERTED: StdCell<u64> = const { StdCell::new(0) };
    static RULE: StdCell<Rule> = const { StdCell::new(<[u8]>::to_vec) };
}

fn convert(bytes: Vec<u8>) -> Vec<u8> {
    CONVERTED.set(CONVERTED.get() + 1);
    RULE.get()(&bytes)
}

mod v1 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 1)]
    pub struct Item {
        pub bytes: Vec<u8>,
    }
}

mod v2 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 2)]
    pub struct Item {
        #[layout(was(Vec<u8>, until = 2, with = super::convert))]
        pub bytes: Vec<u8>,
    }
}

mod v3 {
    #[derive(Debug, PartialEq, graven::StableLayout)]
    #[layout(version = 3)]
    pub struct Item {
        #[layout(was(Vec<u8>, until = 2, with = super::convert), was(Vec<u8>, until = 3, with = super::convert))]
        pub bytes: Vec<u8>,
    }
}

type Old<K, M = Bytes> = BTreeMap<K, v1::Item, M>;
type New<K, M = Bytes> = BTreeMap<K, v2::Item, M>;

fn old(bytes: Vec<u8>) -> v1::Item {
    v1::Item { bytes }
}

/// Returns a map that was written by the version before, and what it holds now.
fn stored<K: StableKey + Ord + Clone>(
    entries: impl IntoIterator<Item = (K, Vec<u8>)>,
    rule: Rule,
) -> (Bytes, Model<K, Vec<u8>>) {
    RULE.set(rule);
    let (memory, mut model) = (Bytes::default(), Model::new());
    let mut map: Old<K> = open("map", memory.clone()).unwrap();
    for (key, bytes) in entries {
        model.insert(key.clone(), rule(&bytes));
        map.insert(key, old(bytes));
    }
    map.verify().unwrap();
    (memory, model)
}

#[track_caller]
fn check<K: StableKey + Ord + Clone, M: graven::Memory>(map: &New<K, M>, model: &Model<K, Vec<u8>>) {
    map.verify().unwrap();
    assert_eq!(map.len(), model.len() as u64);
    for ((found, value), (key, bytes)) in map.iter().zip(model) {
        assert!(found == *key && value.bytes == *bytes);
    }
    account(map.root().pager(), &[map.stats()]);
}

/// Sweeps until this call has converted the given number of values.
fn sweep_values<C: Collection>(map: &mut C, values: u64) -> graven::Result<bool> {
    let until = CONVERTED.get() + values;
    map.sweep(&mut Budget::while_true(&mut || CONVERTED.get() < until))
}
