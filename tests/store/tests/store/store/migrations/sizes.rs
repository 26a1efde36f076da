//! Values that grow and shrink: leaves split, and values go to overflow pages and back.

use graven::{BTreeMap, Collection, StableKey, open};
use graven_tests::space::account;

use super::{New, Rule, check, stored, sweep_values, v3};

/// Bytes that are longer for longer ones, up to what still stands in a leaf, and beyond.
fn grown(bytes: &[u8]) -> Vec<u8> {
    let len = bytes.first().map_or(1_900, |first| 1_850 + usize::from(*first));
    vec![bytes.len() as u8; len]
}

fn sweeps_whole_and_in_parts<K: StableKey + Ord + Clone>(
    entries: impl Iterator<Item = (K, Vec<u8>)> + Clone,
    rule: Rule,
) {
    for values in [1, 3, 50, u64::MAX / 2] {
        let (memory, model) = stored(entries.clone(), rule);
        let mut map: New<K> = open("map", memory.clone()).unwrap();
        while !sweep_values(&mut map, values).unwrap() {}
        check(&map, &model);
        check(&open("map", memory).unwrap(), &model);
    }
}

#[test]
fn values_that_grow_split_their_leaf_many_ways() {
    sweeps_whole_and_in_parts((0..800u64).map(|n| (n, vec![])), grown);
    sweeps_whole_and_in_parts((0..800u32).map(|n| (n, vec![n as u8; (n % 3) as usize])), grown);
    sweeps_whole_and_in_parts((0..1_000u16).map(|n| (n, vec![n as u8; (n % 2) as usize])), grown);
    sweeps_whole_and_in_parts((0..250u8).map(|n| (n, vec![n; (n % 5) as usize])), grown);
}

/// Keys of no byte, of one, and of as many as a key may have or one less, with much or little in
/// common.
fn boundary_keys() -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + Clone {
    let lens = [0, 1, 2, 990, 991, 992];
    lens.into_iter().flat_map(|len| (0..40u8).map(move |n| (len, n))).map(|(len, n)| {
        let mut key = vec![if n % 2 == 0 { 7 } else { n }; len];
        if let Some(last) = key.last_mut() {
            *last = n;
        }
        (key, vec![n; usize::from(n % 4)])
    })
}

#[test]
fn keys_of_no_byte_one_and_the_most() {
    sweeps_whole_and_in_parts(boundary_keys(), grown);
    sweeps_whole_and_in_parts(boundary_keys(), |bytes| vec![3; 1_030 + bytes.len()]);
    sweeps_whole_and_in_parts(boundary_keys(), |bytes| vec![3; bytes.len() * 5_000]);
}

#[test]
fn values_leave_their_leaf_and_come_back() {
    let rule: Rule = |bytes| if bytes.len() < 100 { bytes.repeat(1_000) } else { bytes[..9].to_vec() };
    let (memory, model) = stored((0..300u64).map(|n| (n, vec![n as u8; 9])), rule);
    let mut map: New<u64> = open("map", memory.clone()).unwrap();
    let before = map.stats().pages;
    while !sweep_values(&mut map, 7).unwrap() {}
    check(&map, &model);
    assert!(map.stats().pages > 3 * 300);
    let mut map: BTreeMap<u64, v3::Item> = open("map", memory).unwrap();
    while !sweep_values(&mut map, 7).unwrap() {}
    map.verify().unwrap();
    assert!(map.iter().all(|(n, item)| item.bytes == [n as u8; 9]));
    assert!(map.stats().pages <= 2 * before, "{} {before}", map.stats().pages);
    account(map.root().pager(), &[map.stats()]);
}
