//! The promises of iterators in addition to their items, as those of std: lengths, both ends,
//! clones and `Debug`.

use std::collections::{BTreeMap as Std, BTreeSet as StdSet};
use std::fmt::Debug;
use std::iter::FusedIterator;

use graven::{
    BTreeMap, BTreeSet, Collection, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableVec, open,
};
use graven_tests::memory::{Bytes, image, memory_of};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

macro_rules! new {
    ($collection:ty) => {
        open::<$collection>("collection", Bytes::default()).unwrap()
    };
}

/// Steps forward, and compares with what is left.
fn forward<I, T>(mut iter: I, mut expected: std::vec::IntoIter<T>, rng: &mut Rng)
where
    I: Iterator<Item = T> + ExactSizeIterator + FusedIterator + Clone + Debug,
    T: PartialEq + Clone + Debug,
{
    loop {
        assert_eq!((iter.len(), iter.size_hint()), (expected.len(), expected.size_hint()));
        if rng.once_in(9) || expected.len() < 3 {
            assert_eq!(format!("{iter:?}"), format!("{:?}", expected.as_slice()));
            assert!(iter.clone().eq(expected.clone()));
        }
        let next = iter.next();
        assert_eq!(next, expected.next());
        if next.is_none() {
            assert_eq!((iter.next(), iter.len()), (None, 0));
            return;
        }
    }
}

/// Steps at both ends in any order, and compares with what is left.
fn both<I, T>(iter: &I, expected: &std::vec::IntoIter<T>, rng: &mut Rng)
where
    I: DoubleEndedIterator<Item = T> + ExactSizeIterator + FusedIterator + Clone + Debug,
    T: PartialEq + Clone + Debug,
{
    forward(iter.clone(), expected.clone(), rng);
    for _ in 0..5 {
        let (mut iter, mut expected, back) = (iter.clone(), expected.clone(), 1 + rng.below(5));
        while expected.len() > 0 {
            assert_eq!((iter.len(), iter.size_hint()), (expected.len(), expected.size_hint()));
            if rng.once_in(40) {
                assert!(iter.clone().eq(expected.clone()));
                assert!(iter.clone().rev().eq(expected.clone().rev()));
            }
            if rng.once_in(back) {
                assert_eq!(iter.next_back(), expected.next_back());
            } else {
                assert_eq!(iter.next(), expected.next());
            }
        }
        assert_eq!((iter.len(), iter.next(), iter.next_back(), iter.len()), (0, None, None, 0));
    }
}

fn ordered<K: SampleKey>(count: u64, rng: &mut Rng) {
    let mut map = new!(BTreeMap<K, u64, Bytes>);
    let mut ranked = new!(RankedMap<K, u64, Bytes>);
    let mut set = new!(BTreeSet<K, Bytes>);
    let mut hashed = new!(HashMap<K, u64, Bytes>);
    let mut hashes = new!(HashSet<K, Bytes>);
    let mut model = Std::new();
    for number in 0..count {
        let key = K::sample(rng.below(4 * count));
        map.insert(key.clone(), number);
        ranked.insert(key.clone(), number);
        set.insert(key.clone());
        hashed.insert(key.clone(), number);
        hashes.insert(key.clone());
        model.insert(key, number);
    }
    let entries: Vec<(K, u64)> = model.clone().into_iter().collect();
    both(&map.iter(), &entries.clone().into_iter(), rng);
    both(&ranked.iter(), &entries.clone().into_iter(), rng);
    both(&map.values(), &model.values().copied().collect::<Vec<_>>().into_iter(), rng);
    let keys: Vec<K> = model.keys().cloned().collect();
    both(&map.keys(), &keys.clone().into_iter(), rng);
    both(&set.iter(), &keys.clone().into_iter(), rng);
    forward(ranked.ranks(..), entries.clone().into_iter(), rng);
    let (start, end) = (entries.len() / 3, entries.len() / 2);
    let expected: Vec<_> = entries[start..end].to_vec();
    forward(ranked.ranks(start as u64..end as u64), expected.into_iter(), rng);
    // Hash maps iterate in the order of the hashes.
    let found: Vec<(K, u64)> = hashed.iter().collect();
    assert_eq!(found.iter().cloned().collect::<Std<_, _>>(), model);
    forward(hashed.keys(), found.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>().into_iter(), rng);
    forward(hashed.values(), found.iter().map(|(_, value)| *value).collect::<Vec<_>>().into_iter(), rng);
    forward(hashed.iter(), found.into_iter(), rng);
    forward(hashes.iter(), hashes.iter().collect::<Vec<_>>().into_iter(), rng);
    // Ranges do not know their lengths, so the length of the map is the upper bound.
    let range = map.range(..);
    assert_eq!(range.size_hint(), (0, Some(model.len())));
    assert_eq!(format!("{:?}", range.clone()), format!("{entries:?}"));
    assert!(set.range(..).clone().eq(keys));
}

#[test]
fn iterators_over_maps_and_sets_keep_the_promises_of_std() {
    let rng = &mut Rng::new(21);
    for count in [0, 1, 2, 9, 2_000] {
        ordered::<u64>(count, rng);
        ordered::<(String, u32)>(count, rng);
    }
    ordered::<Vec<u8>>(300, rng);
}

#[test]
fn iterators_over_lists_and_queues_keep_the_promises_of_std() {
    let rng = &mut Rng::new(22);
    for count in [0, 1, 3, 2_500] {
        let (mut vec, mut deque) = (new!(StableVec<u64, Bytes>), new!(Deque<String, Bytes>));
        let (mut log, mut queue) = (new!(Log<u64, Bytes>), new!(PriorityQueue<u64, Bytes>));
        let mut slab = new!(Slab<u64, Bytes>);
        vec.extend(0..count);
        deque.extend((0..count).map(|n| n.to_string()));
        log.extend(0..count);
        log.drop_before(count / 3);
        queue.extend(0..count);
        slab.extend(0..count);
        both(&vec.iter(), &(0..count).collect::<Vec<_>>().into_iter(), rng);
        both(&deque.iter(), &(0..count).map(|n| n.to_string()).collect::<Vec<_>>().into_iter(), rng);
        both(&log.iter(), &(count / 3..count).collect::<Vec<_>>().into_iter(), rng);
        both(&slab.iter(), &(0..count).zip(0..count).collect::<Vec<_>>().into_iter(), rng);
        forward(queue.iter(), queue.iter().collect::<Vec<_>>().into_iter(), rng);
        let drained = queue.drain();
        assert_eq!(drained.size_hint(), (count as usize, Some(count as usize)));
        drop(drained);
        assert_eq!((queue.len(), format!("{:?}", vec.drain(..))), (0, format!("{:?}", deque_of(count))));
    }
}

fn deque_of(count: u64) -> std::collections::VecDeque<u64> {
    (0..count).collect()
}

#[test]
fn iterators_over_nested_collections_know_how_many_are_left() {
    let mut nested = new!(Nested<u64, BTreeMap<u64, u64>, Bytes>);
    let mut records = new!(Records<u64, u64, StableVec<u64>, Bytes>);
    for key in 0..600 {
        nested.or_create(&key).extend((0..key % 5).map(|n| (n, n)));
        records.insert(key, key);
    }
    nested.remove(&7);
    let (mut lists, mut rows) = (nested.iter(), records.iter());
    for left in (0..599).rev() {
        assert_eq!(lists.size_hint(), (left + 1, Some(left + 1)));
        let (_, list) = if left % 2 == 0 { lists.next() } else { lists.next_back() }.unwrap();
        assert_eq!(list.iter().size_hint(), (list.len() as usize, Some(list.len() as usize)));
        assert_eq!(list.iter().clone().count() as u64, list.len());
        assert_eq!(rows.size_hint(), (left + 2, Some(left + 2)));
        assert!(rows.next().is_some());
    }
    assert_eq!((lists.size_hint(), lists.clone().count()), ((0, Some(0)), 0));
    assert_eq!((nested.range(5..9).size_hint(), nested.range(5..9).count()), ((0, Some(599)), 3));
    let mut items = records.items_mut(&3).unwrap();
    items.extend(0..100);
    assert_eq!(items.range(20..50).size_hint(), (30, Some(30)));
    assert_eq!(format!("{items:?}"), format!("{:?}", (0..100).collect::<Vec<u64>>()));
}

#[test]
fn iterators_over_two_sets_are_cloned_at_their_position() {
    let (mut one, mut two) = (new!(BTreeSet<u64, Bytes>), new!(BTreeSet<u64, Bytes>));
    one.extend((0..900).map(|n| 2 * n));
    two.extend((0..600).map(|n| 3 * n));
    let mut union = one.union(&two);
    assert_eq!(union.by_ref().nth(400), Some(600));
    assert!(union.clone().eq(union.clone().collect::<StdSet<_>>()));
    let multiples: Vec<u64> = (0..300).map(|n| 6 * n).collect();
    assert_eq!(format!("{:?}", one.intersection(&two)), format!("{multiples:?}"));
}

/// An iterator takes its length from the root. A forged length is limited to what the memory could
/// hold, and does not cause a panic.
#[test]
fn a_forged_length_reserves_nothing_and_loses_nothing() {
    let memories = [Bytes::default(), Bytes::default()];
    let [one, other] = memories.clone();
    let mut map: BTreeMap<u64, u64, Bytes> = open("map", one).unwrap();
    let mut hashed: HashMap<u64, u64, Bytes> = open("map", other).unwrap();
    map.extend((0..300).map(|n| (n, n)));
    hashed.extend((0..300).map(|n| (n, n)));
    let roots = [map.root().page(), hashed.root().page()];
    for len in [1u64, 1 << 40, u64::MAX] {
        let [one, other] = [0, 1].map(|i| {
            let mut bytes = image(&memories[i]);
            bytes[roots[i].address() as usize + 16..][..8].copy_from_slice(&len.to_le_bytes());
            memory_of(&bytes)
        });
        let map: BTreeMap<u64, u64, Bytes> = open("map", one).unwrap();
        assert!(map.len() == len && map.iter().len() < 1 << 20);
        assert!(map.iter().collect::<Vec<_>>().into_iter().eq((0..300).map(|n| (n, n))));
        let hashed: HashMap<u64, u64, Bytes> = open("map", other).unwrap();
        assert!(hashed.len() == len && hashed.iter().len() < 1 << 20);
        assert_eq!(hashed.iter().collect::<Vec<_>>().len(), 300);
    }
}
