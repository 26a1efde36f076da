//! Walks that are begun at one end or at both and then folded: against std's, over leaves of all
//! kinds.

use std::collections::BTreeMap as Std;
use std::fmt::Debug;

use graven::{BTreeMap, Collection, Options, StableKey, StableLayout, Store, open};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::panics::caught;

/// All ways to fold what is left between the ends, after so many steps at each.
fn check<K, V>(entries: impl IntoIterator<Item = (K, V)>)
where
    K: StableKey + Ord + Clone + Debug,
    V: StableLayout + Clone + PartialEq + Debug,
{
    let specs = [BTreeMap::<K, V, Bytes>::SPEC.named("map")];
    let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
    let mut map = BTreeMap::<K, V, Bytes>::attach(store.take(0));
    let mut model = Std::new();
    for (key, value) in entries {
        assert_eq!(map.insert(key.clone(), value.clone()), model.insert(key, value));
    }
    for (front, back) in
        [(0, 0), (1, 0), (0, 1), (3, 3), (200, 0), (0, 200), (200, 200), (299, 299), (700, 9)]
    {
        for way in 0..4 {
            let (mut walk, mut expected) = (map.iter(), model.iter());
            for _ in 0..front {
                assert_eq!(walk.next(), expected.next().map(|(key, value)| (key.clone(), value.clone())));
            }
            for _ in 0..back {
                assert_eq!(
                    walk.next_back(),
                    expected.next_back().map(|(key, value)| (key.clone(), value.clone()))
                );
            }
            let left: Vec<(K, V)> = expected.map(|(key, value)| (key.clone(), value.clone())).collect();
            let mut seen = Vec::new();
            match way {
                0 => walk.for_each(|entry| seen.push(entry)),
                1 => walk.rev().for_each(|entry| seen.insert(0, entry)),
                2 => seen.extend(walk.by_ref()),
                _ => {
                    // From both ends in turn.
                    let mut from_back = Vec::new();
                    while let Some(entry) = walk.next() {
                        seen.push(entry);
                        from_back.extend(walk.next_back());
                    }
                    seen.extend(from_back.into_iter().rev());
                }
            }
            assert_eq!(seen, left, "{front} {back} {way}");
        }
    }
    assert!(map.keys().rev().eq(model.keys().rev().cloned()));
    assert!(map.values().rev().eq(model.values().rev().cloned()));
    map.verify().unwrap();
}

fn scattered(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

#[test]
fn what_is_left_between_two_ends_is_folded() {
    check(scattered(600).map(|n| (n, !n)));
    check(scattered(600).map(|n| (n as i64, n as u8)));
    check(scattered(600).map(|n| (n.to_string(), n)));
    check(scattered(600).map(|n| (n, "x".repeat((n % 40) as usize))));
    check((0..600u16).map(|n| (n, ())));
    check(scattered(600).map(|n| ([n as u8, (n >> 8) as u8, (n >> 16) as u8], [7u8; 128])));
    check([(1u64, 1u64)]);
    check(Vec::<(u64, u64)>::new());
}

/// Short cells, and leaves with freeblocks, after which others are
/// loaded.
#[test]
fn loads_follow_leaves_with_holes_and_short_cells() {
    fn loads<K: StableKey + Ord + Clone + Debug, V: StableLayout + Clone + PartialEq + Debug>(
        entry: impl Fn(u16) -> (K, V),
    ) {
        let specs = [BTreeMap::<K, V, Bytes>::SPEC.named("map")];
        let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
        let mut map = BTreeMap::<K, V, Bytes>::attach(store.take(0));
        let mut model = Std::new();
        for round in 0..5 {
            let new = (round * 50..round * 50 + 50).map(&entry);
            assert_eq!(map.load_sorted(new.clone()).unwrap(), 50);
            model.extend(new);
            for n in (round * 50..round * 50 + 49).step_by(3) {
                let (key, value) = entry(n);
                assert_eq!((map.remove(&key), model.remove(&key)), (Some(value.clone()), Some(value)));
            }
            assert!(map.iter().eq(model.clone()));
            map.verify().unwrap();
        }
    }
    loads(|n| (n as u8, n as u8));
    loads(|n| (n, ()));
    loads(|n| (u32::from(n), ()));
    loads(|n| (u64::from(n), u64::from(n)));
    loads(|n| ([0, n as u8], [n as u8; 900]));
    loads(|n| (n, [1u8; 3_000]));
}

/// Walks over a damaged map of numbers in both directions. Each tells of the damage once, and is at
/// its end then.
#[track_caller]
pub(super) fn ends_with_one_error<V: StableLayout>(bytes: &[u8], damage: u16) -> BTreeMap<u64, V, Bytes> {
    let map: BTreeMap<u64, V, _> = open("map", memory_of(bytes)).unwrap();
    let (mut forward, mut backward) = (map.iter(), map.iter());
    let errors = (0..1_500).filter(|_| forward.try_next().is_err()).count();
    assert_eq!((errors, forward.try_next().unwrap().is_none()), (1, true), "{damage}");
    let errors = (0..1_500).filter(|_| backward.try_next_back().is_err()).count();
    assert_eq!((errors, backward.try_next_back().unwrap().is_none()), (1, true), "{damage}");
    assert!(caught(|| map.iter().count()).is_err() && caught(|| map.values().rev().count()).is_err());
    drop((forward, backward));
    map
}

/// A slot that points before all cells is damage, not an entry; after it there is nothing
/// more.
#[test]
fn a_walk_went_on_behind_damage() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, String, _> = open("map", memory.clone()).unwrap();
    map.extend((0..1_000).map(|n| (n, format!("{n:6}"))));
    let mut bytes = image(&memory);
    let is_leaf = |page: &usize| bytes[page * 4096..page * 4096 + 2] == [2, 0];
    let leaf = (0..bytes.len() / 4096).filter(is_leaf).nth(2).unwrap() * 4096;
    // Its slots begin at 32; nothing was ever written to the gap behind them.
    let count = usize::from(u16::from_le_bytes([bytes[leaf + 2], bytes[leaf + 3]]));
    for place in [16, 32 + 2 * count as u16] {
        bytes[leaf + 32 + 10..leaf + 32 + 12].copy_from_slice(&place.to_le_bytes());
        ends_with_one_error::<String>(&bytes, place);
    }
}
