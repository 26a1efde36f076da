//! Directories of hash maps: levels that come and go, and damage.

use graven::{Blob, Collection, Error, HashMap, StableKey, StableLayout, open};
use graven_collection_tests::colliding::key_with_hash;
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::panics::caught;
use graven_tests::rng::Rng;

/// Levels of the directory, and those of buckets.
fn height<K: StableKey, V: StableLayout>(map: &HashMap<K, V, Bytes>) -> u32 {
    map.root().state().height.get()
}

#[test]
fn a_directory_grows_by_levels_and_loses_them() {
    const ENTRIES: u64 = 12_000;
    let mut map: HashMap<u64, Blob<1000>, Bytes> = open("map", Bytes::default()).unwrap();
    let (rng, mut keys) = (&mut Rng::new(9), Vec::new());
    let (mut heights, value) = (Vec::new(), |key: u64| Blob::new(key.to_le_bytes()).unwrap());
    for n in 0..ENTRIES {
        let key = rng.any();
        keys.push(key);
        assert_eq!(map.insert(key, value(key)), None);
        if n % 997 == 0 {
            map.verify().unwrap();
        }
        heights.push(height(&map));
    }
    // Alike in all bits that say which bucket: one is divided as often as any may be.
    for n in 0..20 {
        let key = key_with_hash(map.seed(), n << 40 | 0x1bcd_ef01);
        keys.push(key);
        map.insert(key, value(key));
        heights.push(height(&map));
    }
    map.verify().unwrap();
    heights.dedup();
    assert_eq!(heights, [2, 3, 4]);
    assert!(keys.iter().all(|key| map.get(key) == Some(value(*key))));
    keys.sort_by_cached_key(|_| rng.any());
    for (n, key) in keys.iter().enumerate() {
        assert_eq!(map.remove(key), Some(value(*key)));
        if n % 997 == 0 || n + 30 > keys.len() {
            map.verify().unwrap();
        }
        heights.push(height(&map));
    }
    heights.dedup();
    // What kept two levels is one deep bucket, of which all halves are put together at once.
    assert_eq!(heights, [2, 3, 4, 2, 0]);
}

/// A damaged directory that names a few branches again and again: whoever went over all buckets
/// looked at as many as it has entries, and with more levels there would be no end.
#[test]
fn branches_that_are_named_again_and_again_were_walked_again_and_again() {
    let memory = Bytes::default();
    let mut map: HashMap<u64, Blob<1000>, Bytes> = open("map", memory.clone()).unwrap();
    (0..4_000u64).for_each(|key| _ = map.insert(key, Blob::new([1]).unwrap()));
    assert_eq!(height(&map), 3);
    let top = map.root().state().top.get().get() as usize * PAGE_SIZE + 32;
    let mut bytes = image(&memory);
    let entry = |bytes: &[u8], index: usize| bytes[top + 6 * index..][..4].to_vec();
    let children = [entry(&bytes, 0), entry(&bytes, 511)];
    assert_ne!(children[0], children[1]);
    for index in 0..512 {
        bytes[top + 6 * index..][..4].copy_from_slice(&children[index % 2]);
        bytes[top + 6 * index + 4..][..2].copy_from_slice(&9u16.to_le_bytes());
    }
    let mut map: HashMap<u64, Blob<1000>, Bytes> = open("map", memory_of(&bytes)).unwrap();
    assert!(matches!(map.verify(), Err(Error::Damaged { .. })));
    let mut looks = 0;
    assert!(
        caught(|| map.retain(|_, _| {
            looks += 1;
            true
        }))
        .is_err()
    );
    assert!(looks < 3 * 4_000, "{looks}");
    assert!(map.iter().count() < 3 * 4_000);
}
