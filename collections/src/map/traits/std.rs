//! Implementations for std's maps, on the heap.

use core::hash::{BuildHasher, Hash};
use core::ops::RangeBounds;
use std::collections::{BTreeMap, HashMap};

use crate::map::traits::{Map, OrderedMap};

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

macro_rules! maps {
    ($($map:ty, [$($parameters:tt)*];)*) => {$(
        impl<$($parameters)*> Map<K, V> for $map {
            fn len(&self) -> u64 {
                <$map>::len(self) as u64
            }

            fn get(&self, key: &K) -> Option<V> {
                <$map>::get(self, key).cloned()
            }

            fn contains_key(&self, key: &K) -> bool {
                <$map>::contains_key(self, key)
            }

            fn insert(&mut self, key: K, value: V) -> Option<V> {
                <$map>::insert(self, key, value)
            }

            fn remove(&mut self, key: &K) -> Option<V> {
                <$map>::remove(self, key)
            }

            fn clear(&mut self) {
                <$map>::clear(self);
            }

            fn entries(&self) -> impl Iterator<Item = (K, V)> {
                self.iter().map(owned)
            }
        }
    )*};
}

maps! {
    BTreeMap<K, V>, [K: Ord + Clone, V: Clone];
    HashMap<K, V, S>, [K: Eq + Hash + Clone, V: Clone, S: BuildHasher];
}

impl<K: Ord + Clone, V: Clone> OrderedMap<K, V> for BTreeMap<K, V> {
    fn first_key_value(&self) -> Option<(K, V)> {
        BTreeMap::first_key_value(self).map(owned)
    }

    fn last_key_value(&self) -> Option<(K, V)> {
        BTreeMap::last_key_value(self).map(owned)
    }

    fn pop_first(&mut self) -> Option<(K, V)> {
        BTreeMap::pop_first(self)
    }

    fn pop_last(&mut self) -> Option<(K, V)> {
        BTreeMap::pop_last(self)
    }

    fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (K, V)> {
        BTreeMap::range(self, range).map(owned)
    }
}
