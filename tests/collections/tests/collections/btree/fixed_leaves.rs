//! Leaves of fixed cells: all lengths of cells, keys that collide, damage.

use std::collections::BTreeMap as Std;
use std::fmt::Debug;

use graven::{BTreeMap, StableKey, StableLayout, open};
use graven_collection_tests::counted::Counted;
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::rng::Rng;

use super::iterators::ends_with_one_error;

/// Random changes, compared with std. Few keys, so that most are there.
fn lives<K, V>(keys: u64, key: impl Fn(u64) -> K, value: impl Fn(u64) -> V)
where
    K: StableKey + Ord + Clone + Debug,
    V: StableLayout + Clone + PartialEq + Debug,
{
    let mut map: BTreeMap<K, V, Bytes> = open("map", Bytes::default()).unwrap();
    let (mut model, rng) = (Std::new(), &mut Rng::new(keys));
    for step in 0..4 * keys {
        let (key, value) = (key(rng.below(keys)), value(rng.any()));
        // It fills up in the first half, and empties in the second.
        if rng.once_in(4) == (step < 2 * keys) {
            assert_eq!(map.remove(&key), model.remove(&key));
        } else {
            assert_eq!(map.insert(key.clone(), value.clone()), model.insert(key, value));
        }
        let key = model.keys().nth(rng.below(8) as usize).cloned();
        assert!(key.is_none_or(|key| map.get(&key).as_ref() == model.get(&key)));
        if step % (keys / 4) == 0 {
            map.verify().unwrap();
            assert!(map.iter().eq(model.iter().map(|(key, value)| (key.clone(), value.clone()))));
            assert!(map.iter().rev().eq(model.iter().rev().map(|(key, value)| (key.clone(), value.clone()))));
        }
    }
    map.verify().unwrap();
}

/// The shortest and the longest fixed cells, those around the lengths from which the order has one
/// byte for each and a leaf has few cells, and cells just too long to be fixed.
#[test]
fn cells_of_all_lengths_are_as_in_std() {
    let number = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    lives(200, |number| number as u8, |byte| [byte as u8; 1]);
    lives(3_000, |number| number as u16, |_| ());
    lives(3_000, |number| number as u32, |_| ());
    lives(3_000, |number| number as u32, |number| number as u16);
    lives(3_000, number, |_| ());
    lives(3_000, number, |byte| [byte as u8; 4]);
    lives(1_600, number, |byte| [byte as u8; 5]);
    lives(1_600, number, |byte| [byte as u8; 6]);
    lives(1_600, number, |byte| byte);
    lives(800, number, |byte| [byte as u8; 76]);
    lives(800, number, |byte| [byte as u8; 77]);
    lives(400, number, |byte| [byte as u8; 1_016]);
    lives(200, number, |byte| [byte as u8; 2_015]);
    lives(200, number, |byte| [byte as u8; 2_016]);
    lives(800, |number| [number as u8, (number >> 8) as u8, 9, 9], |byte| [byte as u8; 10]);
    lives(800, |number| number as u16, |byte| [byte as u8; 12]);
    lives(800, |number| ([7u8; 29], number), |byte| byte);
    lives(800, |number| ([number as u8; 32], [0u8; 5], number), |byte| (byte, byte));
}

/// Keys of one group and one control byte, made by undoing the hash.
fn colliding() -> impl Iterator<Item = u64> {
    const SPREAD: u64 = 0x9e37_678d_de6e_5fd3;
    let mut inverse = 1u64;
    for _ in 0..6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(SPREAD.wrapping_mul(inverse)));
    }
    (0..).map(move |low: u64| {
        let mixed = (0x5a << 56 | 0x1234 << 32 | low).wrapping_mul(inverse);
        mixed ^ mixed >> 32
    })
}

/// A leaf has at most 573 entries, so colliding keys cannot make a search long without limit.
#[test]
fn keys_that_collide_are_found_and_cost_a_leaf_at_most() {
    let memory = Counted::default();
    let mut map: BTreeMap<u64, u64, Counted> = open("map", memory.clone()).unwrap();
    let mut model = Std::new();
    for (key, value) in colliding().zip(0..3_000) {
        assert_eq!((map.insert(key, value), model.insert(key, value)), (None, None));
    }
    map.verify().unwrap();
    for key in model.keys() {
        let (value, count) = memory.count(|| map.get(key));
        assert_eq!(value.as_ref(), model.get(key));
        assert!(count.reads < 252 && count.read_bytes < 8_192, "{count:?}");
    }
    let (missing, count) = memory.count(|| map.get(&colliding().nth(3_000).unwrap()));
    assert!(missing.is_none() && count.read_bytes < 8_192, "{count:?}");
    for key in colliding().take(3_000).step_by(3) {
        assert_eq!(map.remove(&key), model.remove(&key));
    }
    map.verify().unwrap();
    assert!(map.iter().eq(model.iter().map(|(key, value)| (*key, *value))));
}

/// Returns the image of a map of a thousand numbers, and the offset of its third leaf.
fn leaf_of_numbers() -> (Vec<u8>, usize) {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, u64, _> = open("map", memory.clone()).unwrap();
    map.extend((0..1_000).map(|n| (n, n)));
    let bytes = image(&memory);
    let is_leaf = |page: &usize| bytes[page * 4096..page * 4096 + 2] == [2, 0];
    let leaf = (0..bytes.len() / 4096).filter(is_leaf).nth(2).unwrap() * 4096;
    assert_eq!(bytes[leaf + 28..leaf + 32], [16, 0, 0, 0], "cells of 16 bytes");
    (bytes, leaf)
}

/// The order of a leaf of numbers begins after its fifteen groups.
const ORDER: usize = 32 + 15 * 16;

#[test]
fn an_order_that_names_no_cell_ends_walks() {
    let (sound, leaf) = leaf_of_numbers();
    for number in [224, 255] {
        let mut bytes = sound.clone();
        bytes[leaf + ORDER + 5] = number;
        let map = ends_with_one_error::<u64>(&bytes, number.into());
        assert!(map.verify().is_err());
    }
}

#[test]
fn verify_sees_every_damage_to_the_table_and_the_order() {
    let (sound, leaf) = leaf_of_numbers();
    let count = usize::from(u16::from_le_bytes([sound[leaf + 2], sound[leaf + 3]]));
    let header = (0..24).chain(28..32).chain(32..ORDER);
    for at in header.chain(ORDER..ORDER + count) {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[leaf + at] ^= 1 << bit;
            let Ok(map) = open::<BTreeMap<u64, u64, _>>("map", memory_of(&bytes)) else { continue };
            assert!(map.verify().is_err(), "bit {bit} of byte {at} of a leaf");
        }
    }
}

/// Damage that a change of an entry meets is an error, and no other entry is lost by it.
#[test]
fn changes_to_a_damaged_leaf_are_refused_or_whole() {
    let (sound, leaf) = leaf_of_numbers();
    let first = 1_000 / 5 * 2;
    for at in (0..32).chain((32..ORDER + 224).step_by(7)) {
        for byte in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = sound.clone();
            bytes[leaf + at] = byte;
            let Ok(mut map) = open::<BTreeMap<u64, u64, _>>("map", memory_of(&bytes)) else { continue };
            for key in first..first + 100 {
                let _ = map.try_get(&key);
                let _ = map.try_insert(key, 7);
                let _ = map.try_remove(&(key + 3));
                let _ = map.try_insert(key << 40, 7);
            }
            assert!((0..100).all(|key| map.get(&key) == Some(key)), "{at} {byte}");
        }
    }
}
