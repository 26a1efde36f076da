//! Maps and sets.

use std::collections::BTreeMap as Std;

use graven::{
    BTreeMap, BTreeSet, Budget, Collection, HashMap, HashSet, Nested, RankedMap, Records, StableKey,
    StableVec, open,
};
use graven_tests::memory::Bytes;

use super::values::{Numbered, fixed, record};
use super::{Order, ROOM, lengths};

/// The entries of each collection.
const ENTRIES: u64 = 32;

/// A collection of a value for each number.
trait Keyed: Collection<Memory = Bytes> {
    type Value: Numbered;

    fn put(&mut self, key: u64, value: Self::Value);

    fn take(&mut self, key: u64) -> Option<Self::Value>;

    /// Returns all entries in the order of their keys.
    fn all(&self) -> Vec<(u64, Self::Value)>;

    fn check(&self);
}

macro_rules! map {
    ($map:ident) => {
        impl<V: Numbered> Keyed for $map<u64, V> {
            type Value = V;

            fn put(&mut self, key: u64, value: V) {
                self.insert(key, value);
            }

            fn take(&mut self, key: u64) -> Option<V> {
                self.remove(&key)
            }

            fn all(&self) -> Vec<(u64, V)> {
                let mut all: Vec<(u64, V)> = self.iter().collect();
                all.sort_by_key(|(key, _)| *key);
                all
            }

            fn check(&self) {
                self.verify().unwrap();
            }
        }
    };
}

map!(BTreeMap);
map!(HashMap);
map!(RankedMap);

/// Each value is stored twice: as a record, and as an item in the tree of items.
impl<V: Numbered> Keyed for Records<u64, V, StableVec<V>> {
    type Value = V;

    fn put(&mut self, key: u64, value: V) {
        let is_new = self.insert(key, value.clone()).is_none();
        let mut items = self.items_mut(&key).unwrap();
        if is_new {
            items.push(value);
        } else {
            items.replace(0, value);
        }
    }

    fn take(&mut self, key: u64) -> Option<V> {
        let items: Vec<V> = self.items(&key)?.iter().collect();
        let value = self.remove(&key);
        assert!(items.into_iter().eq(value.clone()));
        value
    }

    fn all(&self) -> Vec<(u64, V)> {
        let all = self.iter().map(|(key, value, items)| {
            assert!(items.iter().eq([value.clone()]));
            (key, value)
        });
        all.collect()
    }

    fn check(&self) {
        self.verify().unwrap();
    }
}

/// The entries are spread over three inner maps.
impl<V: Numbered> Keyed for Nested<u64, BTreeMap<u64, V>> {
    type Value = V;

    fn put(&mut self, key: u64, value: V) {
        self.or_create(&(key % 3)).insert(key, value);
    }

    fn take(&mut self, key: u64) -> Option<V> {
        self.get_mut(&(key % 3))?.remove(&key)
    }

    fn all(&self) -> Vec<(u64, V)> {
        let maps = (0..3).filter_map(|of| self.get(&of));
        let mut all: Vec<(u64, V)> = maps.flat_map(|map| map.iter().collect::<Vec<_>>()).collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }

    fn check(&self) {
        self.verify().unwrap();
    }
}

/// Each element is a number and bytes.
macro_rules! set {
    ($set:ident) => {
        impl<V: Numbered + Ord> Keyed for $set<(u64, V)>
        where
            (u64, V): StableKey,
        {
            type Value = V;

            fn put(&mut self, key: u64, value: V) {
                Keyed::take(self, key);
                assert!(self.insert((key, value)));
            }

            fn take(&mut self, key: u64) -> Option<V> {
                let (_, old) = self.iter().find(|(number, _)| *number == key)?;
                assert!(self.remove(&(key, old.clone())));
                Some(old)
            }

            fn all(&self) -> Vec<(u64, V)> {
                let mut all: Vec<(u64, V)> = self.iter().collect();
                all.sort();
                all
            }

            fn check(&self) {
                self.verify().unwrap();
            }
        }
    };
}

set!(BTreeSet);
set!(HashSet);

/// A collection, its model, and its memory.
struct Life<C: Keyed> {
    memory: Bytes,
    collection: C,
    model: Std<u64, C::Value>,
}

impl<C: Keyed> Life<C> {
    fn new() -> Self {
        let memory = Bytes::default();
        Life { collection: open("it", memory.clone()).unwrap(), memory, model: Std::new() }
    }

    /// Opens the same memory again, as the same type or with the next version of its values.
    fn reopen<N: Keyed>(self) -> Life<N>
    where
        N::Value: From<C::Value>,
    {
        let Life { memory, collection, model } = self;
        drop(collection);
        let model = model.into_iter().map(|(key, value)| (key, value.into())).collect();
        Life { collection: open("it", memory.clone()).unwrap(), memory, model }
    }

    /// Puts values of a length under these keys. Every eighth one is too large for a page if
    /// `overflows` is set.
    fn put(&mut self, keys: &[u64], salt: u64, len: usize, overflows: bool) {
        for (at, key) in keys.iter().enumerate() {
            let len = if overflows && key % 8 == 3 { 5_000 } else { len };
            let value = C::Value::of(key + salt, len);
            self.collection.put(*key, value.clone());
            self.model.insert(*key, value);
            self.check(at);
        }
        self.compare();
    }

    fn take(&mut self, keys: impl IntoIterator<Item = u64>) {
        for (at, key) in keys.into_iter().enumerate() {
            assert_eq!(self.collection.take(key), self.model.remove(&key), "{key}");
            self.check(at);
        }
        self.compare();
    }

    /// Checks the structure after some operations.
    fn check(&self, at: usize) {
        if at.is_multiple_of(5) {
            self.collection.check();
        }
    }

    fn compare(&self) {
        self.collection.check();
        assert!(self.collection.all().into_iter().eq(self.model.iter().map(|(key, v)| (*key, v.clone()))));
    }

    fn sweep(&mut self) {
        while !self.collection.sweep(&mut Budget::pages(1)).unwrap() {
            self.compare();
        }
        self.compare();
    }
}

/// Fills, overwrites, shrinks, refills and empties a collection of values of a length.
fn live<C: Keyed>(len: usize, overflows: bool) {
    for order in Order::ALL {
        let (mut life, numbers) = (Life::<C>::new(), order.numbers(ENTRIES));
        life.put(&numbers, 0, len, overflows);
        life = life.reopen();
        // Shorter and longer values move the cells beside them.
        life.put(&numbers, 100, len.saturating_sub(1), false);
        life.put(&numbers, 200, len + 1, overflows);
        life = life.reopen();
        life.take(numbers.iter().copied().filter(|number| number % 3 > 0));
        life.put(&numbers, 300, len, overflows);
        life = life.reopen();
        life.take(numbers.iter().copied().step_by(2));
        life.take(numbers.iter().copied().skip(1).step_by(2));
        assert!(life.model.is_empty());
        life.put(&numbers, 400, len, overflows);
    }
}

/// Changes and sweeps a collection with values of two versions side by side.
fn upgrade<Old: Keyed, New: Keyed>(len: usize, overflows: bool)
where
    Old::Value: From<Old::Value>,
    New::Value: From<Old::Value>,
{
    for order in Order::ALL {
        let (mut life, numbers) = (Life::<Old>::new(), order.numbers(ENTRIES));
        life.put(&numbers, 0, len, overflows);
        let mut life: Life<New> = life.reopen();
        let some: Vec<u64> = numbers.iter().copied().filter(|number| number % 4 == 1).collect();
        life.put(&some, 100, len, false);
        life.put(&(ENTRIES..ENTRIES + 8).collect::<Vec<_>>(), 200, len, overflows);
        life.take(numbers.iter().copied().filter(|number| number % 4 == 2));
        life = life.reopen();
        life.sweep();
        life.put(&numbers, 300, len.saturating_sub(2), overflows);
        life.take(numbers);
    }
}

/// Bytes of a cell and its slot in addition to the value, if keys have 8 bytes and all cells one
/// size.
const BESIDE: usize = 10;

/// The most bytes of an element in addition to its number.
const LONGEST: usize = 980;

/// Returns the length of values of which `cells` fit into a page.
const fn fixed_for(cells: usize) -> usize {
    ROOM / cells - BESIDE
}

/// Calls `live` for maps with values of the given lengths.
macro_rules! live_fixed {
    ($($map:ident: $($len:expr),*;)*) => {$($(
        live::<$map<u64, [u8; $len]>>(0, false);
    )*)*};
}

#[test]
fn ordered_maps_hold_values_of_any_length() {
    for len in lengths(BESIDE + 4) {
        live::<BTreeMap<u64, Vec<u8>>>(len, len % 2 == 0);
        upgrade::<BTreeMap<u64, record::V1>, BTreeMap<u64, record::V2>>(len, len % 2 == 1);
    }
}

#[test]
fn ordered_maps_hold_fixed_values_of_any_length() {
    live_fixed! {
        BTreeMap: fixed_for(2) + 1, fixed_for(2), fixed_for(3) + 1, fixed_for(3), fixed_for(4),
            fixed_for(5), fixed_for(8);
    }
    const LEN: usize = fixed_for(3);
    upgrade::<BTreeMap<u64, fixed::V1<LEN>>, BTreeMap<u64, fixed::V2<LEN>>>(0, false);
}

#[test]
fn hash_maps_hold_values_of_any_length() {
    // A page also has control bytes, in groups of 16.
    for other in (BESIDE..BESIDE + 32).step_by(4) {
        for len in lengths(other) {
            live::<HashMap<u64, Vec<u8>>>(len, len % 2 == 0);
        }
    }
    for len in lengths(BESIDE + 8) {
        upgrade::<HashMap<u64, record::V1>, HashMap<u64, record::V2>>(len, len % 2 == 1);
    }
}

#[test]
fn hash_maps_hold_fixed_values_of_any_length() {
    live_fixed! {
        HashMap: fixed_for(2) + 1, fixed_for(2), fixed_for(2) - 16, fixed_for(3), fixed_for(3) - 16,
            fixed_for(4) - 16, fixed_for(8) - 16;
    }
    const LEN: usize = fixed_for(3) - 16;
    upgrade::<HashMap<u64, fixed::V1<LEN>>, HashMap<u64, fixed::V2<LEN>>>(0, false);
}

#[test]
fn ranked_maps_hold_values_of_any_length() {
    for len in lengths(BESIDE + 4) {
        live::<RankedMap<u64, Vec<u8>>>(len, len % 2 == 0);
    }
    live_fixed!(RankedMap: fixed_for(2), fixed_for(3););
}

#[test]
fn sets_hold_elements_of_any_length() {
    for len in lengths(BESIDE).into_iter().filter(|len| *len < LONGEST) {
        live::<BTreeSet<(u64, Vec<u8>)>>(len, false);
        live::<HashSet<(u64, Vec<u8>)>>(len, false);
    }
    live::<BTreeSet<(u64, [u8; LONGEST])>>(0, false);
    live::<BTreeSet<(u64, [u8; fixed_for(8)])>>(0, false);
    live::<HashSet<(u64, [u8; LONGEST])>>(0, false);
    live::<HashSet<(u64, [u8; fixed_for(8)])>>(0, false);
}

#[test]
fn records_hold_values_of_any_length() {
    for len in lengths(BESIDE + 4) {
        live::<Records<u64, Vec<u8>, StableVec<Vec<u8>>>>(len, len % 2 == 0);
        upgrade::<
            Records<u64, record::V1, StableVec<record::V1>>,
            Records<u64, record::V2, StableVec<record::V2>>,
        >(len, len % 2 == 1);
    }
    live::<Records<u64, [u8; fixed_for(2)], StableVec<[u8; fixed_for(2)]>>>(0, false);
    live::<Records<u64, [u8; fixed_for(3)], StableVec<[u8; fixed_for(3)]>>>(0, false);
}

#[test]
fn nested_maps_hold_values_of_any_length() {
    for len in lengths(BESIDE + 12) {
        live::<Nested<u64, BTreeMap<u64, Vec<u8>>>>(len, len % 2 == 0);
    }
    live::<Nested<u64, BTreeMap<u64, [u8; fixed_for(2) - 8]>>>(0, false);
    live::<Nested<u64, BTreeMap<u64, [u8; fixed_for(3) - 8]>>>(0, false);
}
