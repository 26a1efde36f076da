//! Cursors of collections without an order: each entry that stays is seen once, whatever comes and
//! goes in between, buckets included; and nothing else passes for a cursor.

use std::collections::{BTreeMap as Std, BTreeSet as Seen};

use graven::{
    Budget, Collection, Cursor, CursorFault, Error, HashMap, HashSet, Options, Result, Slab, Store, open,
};
use graven_tests::memory::Bytes;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// Returns the cursor as it comes back from a client.
fn echoed(cursor: &Cursor) -> Cursor {
    let back = Cursor::from_bytes(&cursor.to_bytes()).unwrap();
    assert_eq!(&back, cursor);
    back
}

#[track_caller]
fn bad<T>(result: Result<T>) -> CursorFault {
    match result {
        Err(Error::BadCursor { reason }) => reason,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was taken"),
    }
}

/// A map that changes between two steps of a walk, with the keys of which nothing is promised.
struct Changing<K> {
    memory: Bytes,
    map: HashMap<K, u64>,
    space: u64,
    touched: Seen<K>,
    rng: Rng,
    grows: bool,
}

impl<K: SampleKey> Changing<K> {
    fn new(seed: u64, space: u64) -> Self {
        let (memory, mut rng) = (Bytes::default(), Rng::new(seed));
        let mut map: HashMap<K, u64> = open("map", memory.clone()).unwrap();
        (0..space).for_each(|_| _ = map.insert(K::sample(rng.below(space)), 0));
        let grows = rng.once_in(2);
        Changing { memory, map, space, touched: Seen::new(), rng, grows }
    }

    /// Inserts or removes so many that the number of buckets changes, with luck; mostly in one
    /// direction.
    fn change(&mut self) {
        for _ in 0..self.rng.below(self.space / 6 + 3) {
            let key = K::sample(self.rng.below(self.space * 3));
            self.touched.insert(key.clone());
            if self.grows == self.rng.once_in(4) {
                self.map.remove(&key);
            } else {
                self.map.insert(key, 0);
            }
        }
        if self.rng.once_in(5) {
            self.map = open("map", self.memory.clone()).unwrap();
        }
        if self.rng.once_in(7) {
            self.grows = !self.grows;
        }
    }
}

fn pages<K: SampleKey>(seed: u64, space: u64) {
    let mut changing = Changing::<K>::new(seed, space);
    let before: Std<K, u64> = changing.map.iter().collect();
    let (mut from, mut seen) = (None, Seen::new());
    loop {
        let limit = changing.rng.below(40) as usize;
        let page = changing.map.page(from.as_ref(), limit).unwrap();
        assert!(page.items.len() == limit || page.next.is_none() && page.items.len() < limit);
        for (key, _) in page.items {
            assert!(before.contains_key(&key) || changing.touched.contains(&key));
            assert!(seen.insert(key), "a key came twice");
        }
        let Some(next) = page.next else { break };
        from = Some(echoed(&next));
        changing.change();
    }
    assert!(before.keys().all(|key| changing.touched.contains(key) || seen.contains(key)));
}

/// Runs a walk that changes the entries it sees and removes some of them.
fn updates<K: SampleKey>(seed: u64, space: u64) {
    let mut changing = Changing::<K>::new(seed, space);
    let before: Seen<K> = changing.map.keys().collect();
    let goes: Seen<K> = before.iter().filter(|_| changing.rng.once_in(6)).cloned().collect();
    let mut from = None;
    loop {
        let count = 1 + changing.rng.below(60);
        let walked = changing.map.retain_within(from.as_ref(), &mut Budget::entries(count), |key, value| {
            *value += 1;
            !goes.contains(key)
        });
        let walked = walked.unwrap();
        assert!(walked.count <= count && walked.count <= walked.seen);
        let Some(next) = walked.next else { break };
        from = Some(echoed(&next));
        changing.change();
    }
    changing.map.verify().unwrap();
    for key in before.difference(&changing.touched) {
        assert_eq!(changing.map.get(key), (!goes.contains(key)).then_some(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_entry_that_stays_is_seen_once(seed in any::<u64>(), space in 1..3_000u64) {
        pages::<u64>(seed, space);
        pages::<String>(seed, space / 2 + 1);
        pages::<Vec<u8>>(seed, space / 8 + 1);
        updates::<u64>(seed, space);
        updates::<String>(seed, space / 2 + 1);
    }
}

/// From some thousand entries down to a few and up again, between any two pages.
#[test]
fn all_buckets_come_and_go_in_between() {
    let mut map: HashMap<u64, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..50).map(|n| (n, n)));
    let (mut from, mut seen, mut round) = (None, Seen::new(), 0);
    loop {
        let page = map.page(from.as_ref(), 3).unwrap();
        page.items.into_iter().filter(|(key, _)| *key < 50).for_each(|(key, _)| assert!(seen.insert(key)));
        from = page.next;
        if from.is_none() {
            break;
        }
        round += 1;
        if round % 2 == 1 {
            map.extend((1_000..1_000 + 1_700 * (round % 7)).map(|n| (n, n)));
        } else {
            map.retain(|key, _| *key < 50);
        }
    }
    assert!(seen.into_iter().eq(0..50));
}

#[test]
fn sets_and_slabs_have_pages() {
    let mut set: HashSet<u64> = open("set", Bytes::default()).unwrap();
    set.extend(0..5_000);
    let mut slab: Slab<u64> = open("slab", Bytes::default()).unwrap();
    slab.extend(0..500);
    let (mut from, mut seen) = (None, Seen::new());
    loop {
        let page = set.page(from.as_ref(), 700).unwrap();
        page.items.into_iter().for_each(|element| assert!(seen.insert(element)));
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert!(seen.into_iter().eq(0..5_000));
    let (mut from, mut ids) = (None, Vec::new());
    loop {
        let page = slab.page(from.as_ref(), 70).unwrap();
        ids.extend(page.items.into_iter().map(|(id, value)| {
            assert_eq!(id, value);
            id
        }));
        from = page.next;
        if from.is_none() {
            break;
        }
        // One behind the walk, one ahead of it; ids that are added come last.
        slab.remove(ids[ids.len() / 2]);
        slab.remove(ids[ids.len() - 1] + 1);
    }
    assert!(ids.len() < 500 && ids.is_sorted() && ids.windows(2).all(|two| two[1] - two[0] < 3));
}

#[test]
fn no_page_is_larger_than_the_map_whatever_its_limit() {
    let mut set: HashSet<u64> = open("set", Bytes::default()).unwrap();
    assert!(set.page(None, 9).unwrap().items.is_empty());
    set.extend(0..10);
    let all = set.page(None, usize::MAX).unwrap();
    assert_eq!((all.items.len(), all.next), (10, None));
    let none = set.page(None, 0).unwrap();
    assert!(none.items.is_empty());
    assert_eq!(set.page(none.next.as_ref(), 1).unwrap().items, all.items[..1]);
    set.clear();
    assert_eq!(set.page(None, 0).unwrap().next, None);
    assert!(set.page(none.next.as_ref(), 5).unwrap().items.is_empty());
}

#[test]
fn a_cursor_of_another_collection_is_refused() {
    type Map = HashMap<u64, u64>;
    let specs = [Map::SPEC.named("a"), Map::SPEC.named("b")];
    let mut store = Store::open(Bytes::default(), &specs, Options::default()).unwrap();
    let (mut a, mut b) = (Map::attach(store.take(0)), Map::attach(store.take(1)));
    a.extend((0..10).map(|n| (n, n)));
    let cursor = a.page(None, 5).unwrap().next.unwrap();
    assert_eq!(bad(b.page(Some(&cursor), 1)), CursorFault::OtherCollection);
    bad(b.retain_within(Some(&cursor), &mut Budget::entries(1), |_, _| true));
    let mut set: HashSet<u64> = open("a", Bytes::default()).unwrap();
    bad(set.page(Some(&cursor), 1));
    bad(set.extract_within(Some(&cursor), &mut Budget::entries(1), |_| true));
    bad(open::<HashMap<i64, u64>>("a", Bytes::default()).unwrap().page(Some(&cursor), 1));
    bad(open::<Slab<u64>>("a", Bytes::default()).unwrap().page(Some(&cursor), 1));
    bad(open::<graven::BTreeMap<u64, u64>>("a", Bytes::default()).unwrap().page(Some(&cursor), 1));
}

/// Returns the bytes of a cursor by docs/format.md, section 18.
fn forged(map: &HashMap<String, u64>, direction: u8, place: &[u8]) -> Vec<u8> {
    let mut head = vec![1, direction];
    head.extend(map.root().page().to_le_bytes());
    let (_, fingerprint) = HashMap::<String, u64>::SPEC.key.unwrap();
    let all = [b"cursor", &head[..], &[4], &fingerprint.0, &[3], b"map", place].concat();
    [&head[..], &Sha256::digest(all)[..8], place].concat()
}

#[test]
fn no_other_bytes_are_a_cursor() {
    let mut map: HashMap<String, u64> = open("map", Bytes::default()).unwrap();
    map.extend((0..50).map(|n| (format!("key {n}"), n)));
    let first = map.page(None, 20).unwrap();
    let cursor = first.next.unwrap().to_bytes();
    let used = |bytes: &[u8]| Cursor::from_bytes(bytes).and_then(|cursor| map.page(Some(&cursor), 50));
    let rest = used(&cursor).unwrap().items;
    assert_eq!(rest.len(), 30);
    for at in 0..cursor.len() {
        for bit in 0..8 {
            let mut bytes = cursor.clone();
            bytes[at] ^= 1 << bit;
            bad(used(&bytes));
        }
    }
    (0..cursor.len()).for_each(|len| _ = bad(used(&cursor[..len])));
    bad(used(&[&cursor[..], b"x"].concat()));
    // A forged cursor that is well-formed continues from its position, but not backward.
    let last = [&[2], first.items[19].0.as_bytes()].concat();
    assert_eq!(forged(&map, 0, &last), cursor);
    assert_eq!(bad(used(&forged(&map, 1, &last))), CursorFault::Unordered);
    let at = [&[1], first.items[19].0.as_bytes()].concat();
    assert_eq!(used(&forged(&map, 0, &at)).unwrap().items.len(), 31);
    assert_eq!(used(&forged(&map, 0, &[0])).unwrap().items.len(), 50);
    assert!(used(&forged(&map, 0, b"\x02no key of the map")).unwrap().items.len() <= 50);
    bad(used(&forged(&map, 0, &[3, 1])));
    bad(used(&forged(&map, 0, &[])));
}
