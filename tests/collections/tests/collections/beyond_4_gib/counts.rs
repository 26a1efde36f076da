//! Collections of more entries than a `u32` counts, made from small images: the numbers that the
//! document has for counts are raised to the boundary, and operations go over it and back. What is
//! not there is only counted, so whatever walks over entries sees few; positions and addresses
//! after the boundary are in `far`.

use std::collections::BTreeMap as Std;

use graven::{BTreeMap, BTreeSet, Collection, HashMap, HashSet, Log, Memory, Slab, open};
use graven_core::page::PAGE_SIZE;
use graven_tests::memory::{Bytes, image};
use graven_tests::rng::Rng;

const EDGE: u64 = 1 << 32;

/// Counts to begin with: below, at and above 2³², and far above it.
const COUNTS: [u64; 5] = [EDGE - 3, EDGE - 1, EDGE, EDGE * 5 - 2, 1 << 52];

/// Offsets in a root (docs/format.md, section 6): its number of entries, the bytes of them, and
/// what is the collection's own.
const ENTRIES: usize = 16;
const BYTES: usize = 24;
const EXTRA: usize = 3584;

/// Returns the place of a number in the only root of a memory.
fn place(memory: &Bytes, offset: usize) -> u64 {
    let root = image(memory).chunks(PAGE_SIZE).position(|page| page[0] == 3).expect("a root");
    (root * PAGE_SIZE + offset) as u64
}

fn number(memory: &Bytes, offset: usize) -> u64 {
    let mut bytes = [0; 8];
    memory.read(place(memory, offset), &mut bytes);
    u64::from_le_bytes(bytes)
}

fn set_number(memory: &Bytes, offset: usize, number: u64) {
    memory.write(place(memory, offset), &number.to_le_bytes());
}

/// Counts more entries, each of the given number of bytes; fewer with a number that wraps.
fn count_more(memory: &Bytes, entries: u64, width: u64) {
    set_number(memory, ENTRIES, number(memory, ENTRIES).wrapping_add(entries));
    set_number(memory, BYTES, number(memory, BYTES).wrapping_add(entries.wrapping_mul(width)));
}

/// The count of a collection, in the object and in memory.
macro_rules! counts {
    ($collection:expr, $memory:expr, $expected:expr) => {
        assert_eq!(
            ($collection.len(), $collection.stats().entries, number(&$memory, ENTRIES)),
            ($expected, $expected, $expected)
        )
    };
}

macro_rules! maps {
    ($($name:ident: $map:ident, $there:expr;)*) => {$(
        #[test]
        fn $name() {
            for count in COUNTS {
                let (memory, rng) = (Bytes::default(), &mut Rng::new(count));
                let mut map: $map<u64, u64> = open("it", memory.clone()).unwrap();
                map.extend((0..$there).map(|n| (n, n)));
                let mut model: Std<u64, u64> = (0..$there).map(|n| (n, n)).collect();
                drop(map);
                let more = count - $there;
                count_more(&memory, more, 16);
                let mut map: $map<u64, u64> = open("it", memory.clone()).unwrap();
                counts!(map, memory, count);
                assert!(map.verify().is_err(), "fewer entries are there");
                for n in 0..400 {
                    // Over the boundary and back, again and again.
                    let key = if n % 20 < 10 { $there + rng.below(10) } else { rng.below($there + 10) };
                    if n % 20 < 10 {
                        assert_eq!(map.insert(key, n), model.insert(key, n));
                    } else {
                        assert_eq!(map.remove(&key), model.remove(&key));
                    }
                    counts!(map, memory, more + model.len() as u64);
                    assert_eq!(map.get(&key), model.get(&key).copied());
                }
                let map: $map<u64, u64> = open("it", memory.clone()).unwrap();
                let len = more + model.len() as u64;
                counts!(map, memory, len);
                // No more than its pages can hold, whatever is counted: an entry takes two bytes.
                let most = u64::from(map.root().pager().usage().pages) * PAGE_SIZE as u64 / 2;
                let hint = len.min(most) as usize;
                assert_eq!(map.iter().size_hint(), (hint, Some(hint)));
                let mut all: Vec<(u64, u64)> = map.iter().collect();
                all.sort_unstable();
                assert!(all.into_iter().eq(model.iter().map(|(key, value)| (*key, *value))));
                drop(map);
                count_more(&memory, more.wrapping_neg(), 16);
                let mut map: $map<u64, u64> = open("it", memory.clone()).unwrap();
                counts!(map, memory, model.len() as u64);
                map.verify().unwrap();
                map.clear();
                counts!(map, memory, 0);
            }
        }
    )*};
}

maps! {
    a_tree_counts_over_the_boundary: BTreeMap, 2_000;
    a_hash_map_counts_over_the_boundary: HashMap, 2_000;
}

/// Ends, entries and conditions of an ordered map.
#[test]
fn whatever_changes_a_count_changes_all_of_it() {
    let memory = Bytes::default();
    let mut map: BTreeMap<u64, u64> = open("it", memory.clone()).unwrap();
    map.extend((0..1_000).map(|n| (n, n)));
    drop(map);
    let more = EDGE - 995;
    count_more(&memory, more, 16);
    let mut map: BTreeMap<u64, u64> = open("it", memory.clone()).unwrap();
    counts!(map, memory, EDGE + 5);
    for n in 0..4 {
        assert_eq!((map.pop_first(), map.pop_last()), (Some((n, n)), Some((999 - n, 999 - n))));
    }
    counts!(map, memory, EDGE - 3);
    (2_000..2_006).for_each(|n| assert_eq!(*map.entry(n).or_insert(n), n));
    counts!(map, memory, EDGE + 3);
    map.retain(|key, _| key % 2 == 0);
    // 4 to 995 and 2,000 to 2,005, half of them.
    counts!(map, memory, EDGE + 3 - 496 - 3);
    map.extend((3_000..4_000).map(|n| (n, n)));
    counts!(map, memory, EDGE + 3 - 499 + 1_000);
    drop(map);
    count_more(&memory, more.wrapping_neg(), 16);
    let map: BTreeMap<u64, u64> = open("it", memory.clone()).unwrap();
    map.verify().unwrap();
    counts!(map, memory, 1_499);
}

#[test]
fn sets_count_over_the_boundary() {
    for count in COUNTS {
        let (trees, hashes) = (Bytes::default(), Bytes::default());
        open::<BTreeSet<u64>>("it", trees.clone()).unwrap().extend(0..500);
        open::<HashSet<u64>>("it", hashes.clone()).unwrap().extend(0..500);
        let more = count - 500;
        count_more(&trees, more, 8);
        count_more(&hashes, more, 8);
        let mut tree: BTreeSet<u64> = open("it", trees.clone()).unwrap();
        let mut hash: HashSet<u64> = open("it", hashes.clone()).unwrap();
        for n in 0..6 {
            assert!(tree.insert(1_000 + n) && hash.insert(1_000 + n));
            counts!(tree, trees, count + n + 1);
            counts!(hash, hashes, count + n + 1);
        }
        for n in 0..12 {
            assert!(tree.remove(&n) && hash.remove(&n));
            counts!(tree, trees, count + 5 - n);
            counts!(hash, hashes, count + 5 - n);
        }
        assert!(tree.contains(&1_000) && hash.contains(&1_000) && !tree.contains(&0) && !hash.contains(&0));
        drop((tree, hash));
        count_more(&trees, more.wrapping_neg(), 8);
        count_more(&hashes, more.wrapping_neg(), 8);
        open::<BTreeSet<u64>>("it", trees).unwrap().verify().unwrap();
        open::<HashSet<u64>>("it", hashes).unwrap().verify().unwrap();
    }
}

#[test]
fn a_slab_counts_over_the_boundary() {
    for count in COUNTS {
        let memory = Bytes::default();
        open::<Slab<u64>>("it", memory.clone()).unwrap().extend(0..500);
        // As if as many had been put in and none been removed.
        let more = count - 500;
        count_more(&memory, more, 16);
        set_number(&memory, EXTRA, count);
        let mut slab: Slab<u64> = open("it", memory.clone()).unwrap();
        for n in 0..6 {
            assert_eq!(slab.insert(n), count + n);
            counts!(slab, memory, count + n + 1);
        }
        for n in 0..12 {
            assert_eq!(slab.remove(n), Some(n));
            counts!(slab, memory, count + 5 - n);
        }
        drop(slab);
        count_more(&memory, more.wrapping_neg(), 16);
        let slab: Slab<u64> = open("it", memory).unwrap();
        slab.verify().unwrap();
        assert!(slab.iter().skip(488).eq((0..6).map(|n| (count + n, n))));
    }
}

/// The numbers of a log of which more was dropped than a `u32` counts, up to the last number that
/// there is.
#[test]
fn the_numbers_of_a_log_go_on_behind_u32() {
    let last = u64::MAX - 1_010;
    for first in COUNTS.into_iter().chain([last]) {
        let memory = Bytes::default();
        open::<Log<u64>>("it", memory.clone()).unwrap().extend(0..1_000);
        assert_eq!(number(&memory, EXTRA + 8), 0, "the number of values dropped");
        set_number(&memory, EXTRA + 8, first);
        let mut log: Log<u64> = open("it", memory.clone()).unwrap();
        assert_eq!(log.numbers(), first..first + 1_000);
        for n in 0..8 {
            assert_eq!(log.append(1_000 + n), first + 1_000 + n);
            assert_eq!(log.get(first + n), Some(n));
            log.drop_before(first + n + 1);
            assert_eq!((log.get(first + n), log.first()), (None, Some(n + 1)));
        }
        assert!(log.range(first + 990..first + 1_010).eq(990..1_008));
        assert_eq!((log.range(..first).next(), log.range(first + 1_008..).next()), (None, None));
        let log: Log<u64> = open("it", memory).unwrap();
        assert_eq!((log.numbers(), log.len()), (first + 8..first + 1_008, 1_000));
        assert!(log.iter().eq(8..1_008));
        log.verify().unwrap();
    }
}
