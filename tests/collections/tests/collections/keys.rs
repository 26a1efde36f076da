//! Keys and values of unusual types in collections: what a user may ask for, and what is refused.

use std::collections::BTreeSet as Std;
use std::marker::PhantomData;

use graven::{
    BTreeMap, BTreeSet, Blob, Blobs, DefaultMemoryImpl, Deque, Error, HashMap, Log, Memory, Nested,
    PriorityQueue, RankedMap, Reverse, Slab, StableKey, StableLayout, StableVec, Text, TotalF64, open,
};

fn memory() -> DefaultMemoryImpl {
    DefaultMemoryImpl::default()
}

fn long(len: usize) -> String {
    "a".repeat(len)
}

#[test]
fn a_key_that_cannot_be_there_is_absent_and_never_stored() {
    let mut map: BTreeMap<(String, u64), u8> = open("map", memory()).unwrap();
    let mut hash: HashMap<(String, u64), u8> = open("map", memory()).unwrap();
    // Two bytes end the text, and eight are the number.
    for len in [980, 981, 982] {
        assert_eq!(map.try_insert((long(len), 0), 1).unwrap(), None);
        assert_eq!(hash.try_insert((long(len), 0), 1).unwrap(), None);
    }
    for (key, len) in [(long(983), 993), ("\0".repeat(600), 1_210)] {
        let key = (key, 0);
        for error in
            [map.try_insert(key.clone(), 1).unwrap_err(), hash.try_insert(key.clone(), 1).unwrap_err()]
        {
            assert!(matches!(error, Error::KeyTooLong { len: found, max: 992 } if found == len), "{error}");
            assert!(error.to_string().contains("zero byte"), "{error}");
        }
    }
    for key in [(long(983), 0), (long(5_000), 0), ("\0".repeat(600), 0)] {
        assert_eq!((map.get(&key), map.remove(&key), map.contains_key(&key)), (None, None, false));
        assert_eq!((hash.get(&key), hash.remove(&key), hash.contains_key(&key)), (None, None, false));
        assert_eq!(map.prefix(&(key.0.as_str(),)).count(), 0);
        let greater = key.0.starts_with('a');
        assert_eq!(map.range(key..).count(), if greater { 0 } else { 3 });
    }
    assert_eq!(map.range((String::new(), 0)..(long(5_000), 0)).count(), 3);
    map.verify().unwrap();
    hash.verify().unwrap();
}

#[test]
fn a_query_with_a_long_name_does_not_trap_in_any_collection() {
    let ranked: RankedMap<String, u8> = open("a", memory()).unwrap();
    let nested: Nested<String, BTreeSet<u8>> = open("a", memory()).unwrap();
    let blobs: Blobs<String> = open("a", memory()).unwrap();
    let mut queue: PriorityQueue<String> = open("a", memory()).unwrap();
    let name = long(5_000);
    assert_eq!(ranked.get(&name), None);
    assert_eq!(ranked.position(&name), None);
    assert!(!nested.contains_key(&name));
    assert_eq!((blobs.get(name.as_str()), blobs.len(&name), blobs.contains_key(&name)), (None, None, false));
    assert!(matches!(queue.try_push(&name), Err(Error::KeyTooLong { len: 5_000, .. })));
    queue.verify().unwrap();
}

fn texts() -> impl Iterator<Item = String> + Clone {
    ["", "\0", "\0\0", "a", "a\0", "a\0\u{ff}", "aa", "b", "\u{10ffff}"].into_iter().map(String::from)
}

#[test]
fn compound_keys_of_texts_are_in_the_order_of_std_and_prefixes_go_by_parts() {
    let mut set: BTreeSet<(String, String, u8)> = open("set", memory()).unwrap();
    let mut model = Std::new();
    for (a, b) in texts().flat_map(|a| texts().map(move |b| (a.clone(), b))) {
        for n in [0, 255] {
            set.insert((a.clone(), b.clone(), n));
            model.insert((a.clone(), b.clone(), n));
        }
    }
    assert!(set.iter().eq(model.iter().cloned()));
    for a in texts() {
        let expected = model.iter().filter(|key| key.0 == a).cloned();
        assert!(set.prefix(&(a.as_str(),)).eq(expected), "{a:?}");
        for b in texts() {
            let expected = model.iter().filter(|key| key.0 == a && key.1 == b).cloned();
            assert!(set.prefix(&(a.as_str(), b.as_str())).eq(expected), "{a:?} {b:?}");
            assert!(set.contains(&(a.as_str(), b.as_str(), 255)));
        }
    }
    let range = (String::from("a"), String::new(), 0)..(String::from("a"), String::from("\u{10ffff}"), 0);
    assert!(set.range(range.clone()).eq(model.range(range).cloned()));
}

#[derive(StableKey, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Nothing,
    Text(String, ()),
    Texts { first: String, second: String },
}

fn in_order_of_std<K: StableKey + Ord + Clone + std::fmt::Debug>(keys: impl Iterator<Item = K>) {
    let keys: Vec<K> = keys.collect();
    let mut set: BTreeSet<K> = open("set", memory()).unwrap();
    keys.iter().for_each(|key| assert!(set.insert(key.clone())));
    let model: Std<K> = keys.into_iter().collect();
    assert!(set.iter().eq(model.iter().cloned()), "{model:?}");
}

#[test]
fn nested_compounds_of_texts_are_in_the_order_of_std() {
    let pairs = || texts().flat_map(|a| texts().map(move |b| (a.clone(), b)));
    in_order_of_std(pairs().map(|(a, b)| ((a.clone(), b), a)));
    in_order_of_std(pairs().map(|(a, b)| [a, b]));
    in_order_of_std(pairs().map(Reverse));
    in_order_of_std(pairs().map(|(a, b)| (Reverse(a), b)));
    let blobs =
        || [vec![], vec![0], vec![0, 0], vec![1]].into_iter().map(|bytes| Blob::<4>::new(bytes).unwrap());
    in_order_of_std(texts().flat_map(|a| blobs().map(move |b| Some((a.clone(), b)))).chain([None]));
    let named = pairs().map(|(first, second)| Named::Texts { first, second });
    in_order_of_std(named.chain(texts().map(|text| Named::Text(text, ()))).chain([Named::Nothing]));
}

#[test]
fn items_of_a_key_are_not_those_of_a_key_that_it_begins() {
    let mut nested: Nested<String, BTreeMap<String, u8>> = open("nested", memory()).unwrap();
    for key in ["a", "a\0"] {
        for item in ["", "\0", "b"] {
            nested.or_create(key).insert(item.to_string(), key.len() as u8);
        }
    }
    assert_eq!(nested.get("a").unwrap().iter().map(|(_, len)| len).collect::<Vec<_>>(), [1, 1, 1]);
    assert_eq!(nested.get("a\0").unwrap().iter().map(|(_, len)| len).collect::<Vec<_>>(), [2, 2, 2]);
}

#[derive(StableKey, StableLayout, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[layout(version = 1)]
struct Nothing;

#[derive(StableKey, StableLayout, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[layout(version = 1)]
struct Id<T: 'static> {
    raw: u64,
    of: PhantomData<T>,
}

#[test]
fn maps_of_keys_and_values_without_bytes_hold_them() {
    fn one<
        K: StableKey + Clone + PartialEq + std::fmt::Debug,
        V: StableLayout + Clone + PartialEq + std::fmt::Debug,
    >(
        key: K,
        value: V,
    ) {
        let memory = memory();
        let mut map: BTreeMap<K, V, _> = open("map", memory.clone()).unwrap();
        assert_eq!(map.get(&key), None);
        assert_eq!(map.insert(key.clone(), value.clone()), None);
        assert_eq!(map.insert(key.clone(), value.clone()), Some(value.clone()));
        drop(map);
        let mut map: BTreeMap<K, V, _> = open("map", memory).unwrap();
        assert_eq!((map.len(), map.iter().collect::<Vec<_>>()), (1, vec![(key.clone(), value.clone())]));
        map.verify().unwrap();
        assert_eq!(map.remove(&key), Some(value.clone()));
        map.verify().unwrap();
        let mut hash: HashMap<K, V> = open("map", self::memory()).unwrap();
        assert_eq!(hash.insert(key.clone(), value.clone()), None);
        assert_eq!((hash.get(&key), hash.len()), (Some(value.clone()), 1));
        hash.verify().unwrap();
        assert_eq!(hash.remove(&key), Some(value));
        hash.verify().unwrap();
    }
    one(7u64, ());
    one((), 7u64);
    one((), ());
    one([0u8; 0], ());
    one(Nothing, Nothing);
    one(String::new(), ());
    one(Vec::<u8>::new(), PhantomData::<str>);
    one(Some(()), [(); 3]);
    one(Ok::<(), ()>(()), None::<()>);
}

#[test]
fn lists_and_queues_of_values_without_bytes_count_them() {
    fn filled<M: Memory + 'static>(memory: M) -> (StableVec<(), M>, u64) {
        let mut list: StableVec<(), M> = open("list", memory).unwrap();
        (0..100_000).for_each(|_| list.push(()));
        let len = list.len();
        (list, len)
    }
    let memory = memory();
    let (list, len) = filled(memory.clone());
    assert_eq!((len, list.get(99_999), list.get(100_000)), (100_000, Some(()), None));
    list.verify().unwrap();
    drop(list);
    let mut list: StableVec<(), _> = open("list", memory).unwrap();
    assert_eq!((list.len(), list.pop()), (100_000, Some(())));
    let mut deque: Deque<()> = open("list", self::memory()).unwrap();
    let mut log: Log<()> = open("list", self::memory()).unwrap();
    let mut slab: Slab<()> = open("list", self::memory()).unwrap();
    let mut queue: PriorityQueue<()> = open("list", self::memory()).unwrap();
    for _ in 0..5_000 {
        deque.push_front(());
        log.append(());
        slab.insert(());
        queue.push(());
    }
    assert_eq!((deque.len(), log.len(), slab.len(), queue.len()), (5_000, 5_000, 5_000, 5_000));
    assert_eq!((deque.pop_back(), queue.pop()), (Some(()), Some(())));
    deque.verify().unwrap();
    log.verify().unwrap();
    slab.verify().unwrap();
    queue.verify().unwrap();
}

#[test]
fn ids_with_the_type_of_what_they_name_are_keys_and_values() {
    let mut map: BTreeMap<Id<String>, Id<Nothing>> = open("map", memory()).unwrap();
    let id = |raw| Id { raw, of: PhantomData };
    map.insert(id(1), Id { raw: 2, of: PhantomData });
    assert_eq!(map.get(&id(1)).unwrap().raw, 2);
}

#[test]
fn floats_keep_every_bit() {
    let mut map: BTreeMap<u8, f64> = open("map", memory()).unwrap();
    let floats = [
        0.0,
        -0.0,
        f64::from_bits(0x7ff8_0000_0000_0abc),
        f64::from_bits(0xfff0_0000_0000_0001),
        f64::MIN_POSITIVE / 2.0,
    ];
    for float in floats {
        map.insert(1, float);
        assert_eq!(map.get(&1).unwrap().to_bits(), float.to_bits());
    }
}

#[test]
fn floats_in_their_total_order_are_keys() {
    let floats = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, f64::MIN_POSITIVE / 2.0, 1e9, f64::INFINITY, f64::NAN];
    let mut prices: BTreeMap<(TotalF64, Text<4>), u64> = open("prices", memory()).unwrap();
    for (n, float) in floats.iter().enumerate().rev() {
        prices.insert((TotalF64(*float), Text::new("CHF").unwrap()), n as u64);
    }
    assert_eq!(prices.values().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(prices.get(&(TotalF64(-0.0), "CHF")), Some(2));
    let mut hashed: HashMap<TotalF64, u8> = open("prices", memory()).unwrap();
    hashed.insert(f64::NAN.into(), 1);
    assert_eq!(hashed.get(&TotalF64(f64::NAN)), Some(1));
    assert_eq!(hashed.get(&TotalF64(-f64::NAN)), None);
}

#[test]
fn borrowed_forms_of_keys_find_what_the_keys_do() {
    let mut map: BTreeMap<(String, u64), u8> = open("map", memory()).unwrap();
    map.insert((String::from("a\0b"), 1), 7);
    assert_eq!(
        (map.get(&("a\0b", 1)), map.get(&("a", 1)), map.remove(&("a\0b", 1))),
        (Some(7), None, Some(7))
    );
    let mut codes: HashMap<Text<8>, u8> = open("map", memory()).unwrap();
    codes.insert(Text::new("CH").unwrap(), 1);
    assert_eq!((codes.get("CH"), codes.get("a text that is longer than all keys")), (Some(1), None));
    let mut files: Blobs<String> = open("files", memory()).unwrap();
    files.put("index.html", b"<p>");
    assert_eq!(files.get("index.html").unwrap(), b"<p>");
    assert!(files.remove("index.html") && !files.contains_key("index.html"));
    let mut lists: BTreeMap<Vec<u16>, u8> = open("map", memory()).unwrap();
    lists.insert(vec![1, 2], 3);
    lists.insert(vec![1], 2);
    assert_eq!(lists.get(&[1, 2]), Some(3));
    assert_eq!(lists.prefix(&[1]).map(|(_, n)| n).collect::<Vec<_>>(), [2, 3]);
}
