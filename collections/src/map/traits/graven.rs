//! Implementations for Graven's maps, in stable memory.

use core::ops::RangeBounds;

use graven_core::Memory;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;

use crate::map::traits::{Map, OrderedMap};
use crate::{BTreeMap, HashMap};

macro_rules! map {
    ($map:ident) => {
        impl<K: StableKey, V: StableLayout, M: Memory> Map<K, V> for $map<K, V, M> {
            fn len(&self) -> u64 {
                self.len()
            }

            fn get(&self, key: &K) -> Option<V> {
                self.get(key)
            }

            fn contains_key(&self, key: &K) -> bool {
                self.contains_key(key)
            }

            fn insert(&mut self, key: K, value: V) -> Option<V> {
                self.insert(key, value)
            }

            fn remove(&mut self, key: &K) -> Option<V> {
                self.remove(key)
            }

            fn clear(&mut self) {
                self.clear();
            }

            fn entries(&self) -> impl Iterator<Item = (K, V)> {
                self.iter()
            }
        }
    };
}

map!(BTreeMap);
map!(HashMap);

impl<K: StableKey, V: StableLayout, M: Memory> OrderedMap<K, V> for BTreeMap<K, V, M> {
    fn first_key_value(&self) -> Option<(K, V)> {
        self.first_key_value()
    }

    fn last_key_value(&self) -> Option<(K, V)> {
        self.last_key_value()
    }

    fn pop_first(&mut self) -> Option<(K, V)> {
        self.pop_first()
    }

    fn pop_last(&mut self) -> Option<(K, V)> {
        self.pop_last()
    }

    fn range(&self, range: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (K, V)> {
        self.range((range.start_bound(), range.end_bound()))
    }
}
