//! Graven's maps, as the bench uses maps.

use bench_work::{Map, Value};
use graven::key::KeyRef;
use graven::{BTreeMap, HashMap, StableKey, StableLayout};

use crate::Of;

/// Keys that may have a beginning in common.
pub trait Beginning: Sized + StableKey {
    /// All entries whose keys begin as this one does.
    fn alike<V: StableLayout>(_: &BTreeMap<Self, V>, _key: &Self, _look: impl FnMut(&Self, &V)) {
        unimplemented!("only strings have prefixes")
    }
}

impl Beginning for u64 {}
impl Beginning for [u8; 32] {}
impl Beginning for ([u8; 29], u64) {}
impl Beginning for (u32, String) {}

impl Beginning for String {
    fn alike<V: StableLayout>(map: &BTreeMap<Self, V>, key: &Self, mut look: impl FnMut(&Self, &V)) {
        map.prefix(&key[..2]).for_each(|(key, value)| look(&key, &value));
    }
}

impl<K, V> Map<K, V> for Of<'_, BTreeMap<K, V>>
where
    K: Beginning + KeyRef<K> + Clone,
    V: StableLayout + Value,
{
    fn put(&mut self, key: K, value: V) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).as_ref().map(look).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(&key, &value));
    }

    fn each_back(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().rev().for_each(|(key, value)| look(&key, &value));
    }

    fn some(&self, from: &K, count: usize, mut look: impl FnMut(&K, &V)) {
        self.0.range(from.clone()..).take(count).for_each(|(key, value)| look(&key, &value));
    }

    fn alike(&self, to: &K, look: impl FnMut(&K, &V)) {
        K::alike(self.0, to, look);
    }

    fn load(&mut self, entries: impl Iterator<Item = (K, V)>) {
        self.0.load_sorted(entries).expect("the entries are sorted");
    }
}

impl<K: StableKey + KeyRef<K>, V: StableLayout + Value> Map<K, V> for Of<'_, HashMap<K, V>> {
    fn put(&mut self, key: K, value: V) -> bool {
        self.0.insert(key, value).is_none()
    }

    fn see(&self, key: &K, look: impl FnOnce(&V)) -> bool {
        self.0.get(key).as_ref().map(look).is_some()
    }

    fn take(&mut self, key: &K) -> bool {
        self.0.remove(key).is_some()
    }

    fn each(&self, mut look: impl FnMut(&K, &V)) {
        self.0.iter().for_each(|(key, value)| look(&key, &value));
    }
}
