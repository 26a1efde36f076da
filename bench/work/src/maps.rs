//! Operations on maps.

use core::hint::black_box;

use crate::data::{Key, Value};

/// How a contender does one operation of a map. What it does not have it leaves as it is here; the
/// runner's table does not ask for it.
pub trait Map<K, V> {
    /// Sets a value; tells whether the key is new.
    fn put(&mut self, key: K, value: V) -> bool;
    /// Shows the value of a key; tells whether there is one.
    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool;
    /// Removes an entry; tells whether there was one.
    fn take(&mut self, key: &K) -> bool;
    /// Shows all entries, in the map's order.
    fn each(&self, look: impl FnMut(&K, &V));

    /// Shows all entries, last one first.
    fn each_back(&self, _look: impl FnMut(&K, &V)) {
        unimplemented!("no iteration backward")
    }

    /// Shows `count` entries from a key on.
    fn some(&self, _from: &K, _count: usize, _look: impl FnMut(&K, &V)) {
        unimplemented!("no ranges")
    }

    /// Shows all entries whose key begins like this one, as far as the contender's keys have
    /// beginnings: two digits.
    fn alike(&self, _to: &K, _look: impl FnMut(&K, &V)) {
        unimplemented!("no prefixes")
    }

    /// Takes over entries that come in ascending order, the fastest way there is.
    fn load(&mut self, entries: impl Iterator<Item = (K, V)>) {
        entries.for_each(|(key, value)| {
            self.put(key, value);
        });
    }
}

/// Does the operation for all numbers; tells how many operations (of scans: entries) that were.
///
/// # Panics
/// Where an entry is not what it must be, and for an operation that is not here.
pub fn run<K: Key, V: Value>(map: &mut impl Map<K, V>, operation: &str, numbers: &[u64]) -> u64 {
    let done = numbers.len() as u64;
    let mut sum = 0u64;
    let mut look = |value: &V| sum = sum.wrapping_add(value.part());
    match operation {
        "nothing" => nothing::<K, V>(numbers),
        "keys" => numbers.iter().for_each(|number| drop(black_box(K::of(*number)))),
        "insert" => numbers.iter().for_each(|n| assert!(map.put(K::of(*n), V::of(*n)))),
        "overwrite" => numbers.iter().for_each(|n| assert!(!map.put(K::of(*n), V::of(!n)))),
        "get" => numbers.iter().for_each(|n| assert!(map.see(&K::of(*n), &mut look))),
        "get-missing" => numbers.iter().for_each(|n| assert!(!map.see(&K::of(*n), &mut look))),
        "remove" => numbers.iter().for_each(|n| assert!(map.take(&K::of(*n)))),
        "mixed" => numbers.iter().enumerate().for_each(|(i, n)| match i % 2 {
            0 => assert!(map.see(&K::of(*n), &mut look)),
            _ => assert!(!map.put(K::of(*n), V::of(!n))),
        }),
        // Four of five operations remove what is there, one adds something.
        "delete-heavy" => numbers.iter().enumerate().for_each(|(i, n)| match i % 5 {
            4 => assert!(map.put(K::of(!n), V::of(*n))),
            _ => assert!(map.take(&K::of(*n))),
        }),
        "load" => map.load(numbers.iter().map(|n| (K::of(*n), V::of(*n)))),
        _ => return scan(map, operation, numbers),
    }
    black_box(sum);
    done
}

fn scan<K: Key, V: Value>(map: &impl Map<K, V>, operation: &str, numbers: &[u64]) -> u64 {
    let (mut sum, mut seen) = (0u64, 0);
    let mut look = |_: &K, value: &V| {
        sum = sum.wrapping_add(value.part());
        seen += 1;
    };
    match operation {
        "scan" => map.each(look),
        "scan-back" => map.each_back(look),
        "scan-10" => numbers.iter().for_each(|n| map.some(&K::of(*n), 10, &mut look)),
        "scan-1000" => numbers.iter().for_each(|n| map.some(&K::of(*n), 1_000, &mut look)),
        "prefix" => numbers.iter().for_each(|n| map.alike(&K::of(*n), &mut look)),
        other => panic!("no operation `{other}`"),
    }
    black_box(sum);
    seen
}

/// The loop, the keys and the values of `insert`, without the map.
fn nothing<K: Key, V: Value>(numbers: &[u64]) {
    for number in numbers {
        drop(black_box(K::of(*number)));
        drop(black_box(V::of(*number)));
    }
}
