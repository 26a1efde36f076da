//! BTreeMap, HashMap and RankedMap beside std's map.

use std::collections::BTreeMap as Std;
use std::ops::Bound;

use graven::{BTreeMap, Budget, Collection, HashMap, RankedMap, Result, StableLayout};
use graven_core::page::Pager;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::life::{Life, Memory, Version, opened};
use super::steps::Act;

/// The operations that all maps have.
pub trait Table<K, V>: Collection<Memory = Memory> + 'static {
    /// The map over another type of values.
    type Of<W: Version>: Table<K, W>;

    fn len(&self) -> u64;
    fn get(&self, key: &K) -> Result<Option<V>>;
    fn contains(&self, key: &K) -> Result<bool>;
    fn insert(&mut self, key: K, value: V) -> Result<Option<V>>;
    fn remove(&mut self, key: &K) -> Result<Option<V>>;
    fn clear(&mut self);
    fn verify(&self) -> Result<()>;
    /// Returns all entries in order.
    fn entries(&self) -> Vec<(K, V)>;
    /// Runs one of the map's other operations and compares it with the model's.
    fn other(&mut self, key: K, act: &Act, model: &mut Std<K, V>) -> Result<()>;
}

macro_rules! table {
    () => {
        fn len(&self) -> u64 {
            self.len()
        }

        fn get(&self, key: &K) -> Result<Option<V>> {
            self.try_get(key)
        }

        fn contains(&self, key: &K) -> Result<bool> {
            self.try_contains_key(key)
        }

        fn insert(&mut self, key: K, value: V) -> Result<Option<V>> {
            self.try_insert(key, value)
        }

        fn remove(&mut self, key: &K) -> Result<Option<V>> {
            self.try_remove(key)
        }

        fn clear(&mut self) {
            self.clear();
        }

        fn verify(&self) -> Result<()> {
            self.verify()
        }
    };
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

impl<K: SampleKey, V: Version> Table<K, V> for BTreeMap<K, V, Memory> {
    type Of<W: Version> = BTreeMap<K, W, Memory>;

    table!();

    fn entries(&self) -> Vec<(K, V)> {
        self.iter().collect()
    }

    fn other(&mut self, key: K, act: &Act, model: &mut Std<K, V>) -> Result<()> {
        match act.at % 6 {
            0 => assert_eq!(self.first_key_value(), model.first_key_value().map(owned)),
            1 => assert_eq!(self.last_key_value(), model.last_key_value().map(owned)),
            2 => {
                let range = (Bound::Excluded(key), Bound::Unbounded);
                let expected = model.range(range.clone()).map(owned).take(5);
                assert!(self.range(range).take(5).eq(expected));
            }
            3 => {
                let expected = model.range(..=key.clone()).rev().map(owned).take(5);
                assert!(self.range(..=key).rev().take(5).eq(expected));
            }
            4 => assert_eq!(self.pop_first(), model.pop_first()),
            _ => assert_eq!(self.pop_last(), model.pop_last()),
        }
        Ok(())
    }
}

impl<K: SampleKey, V: Version> Table<K, V> for HashMap<K, V, Memory> {
    type Of<W: Version> = HashMap<K, W, Memory>;

    table!();

    fn entries(&self) -> Vec<(K, V)> {
        let mut entries: Vec<(K, V)> = self.iter().collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }

    fn other(&mut self, _: K, act: &Act, model: &mut Std<K, V>) -> Result<()> {
        let some = self.iter().take(act.at as usize % 5);
        some.for_each(|(key, value)| assert_eq!(Some(&value), model.get(&key)));
        Ok(())
    }
}

impl<K: SampleKey, V: Version> Table<K, V> for RankedMap<K, V, Memory> {
    type Of<W: Version> = RankedMap<K, W, Memory>;

    table!();

    fn entries(&self) -> Vec<(K, V)> {
        self.iter().collect()
    }

    fn other(&mut self, key: K, act: &Act, model: &mut Std<K, V>) -> Result<()> {
        let rank = model.range(..key.clone()).count() as u64;
        let nth = act.at % (model.len() as u64 + 1);
        match act.at % 4 {
            0 => assert_eq!(self.try_rank(&key)?, rank),
            1 => assert_eq!(self.try_position(&key)?, model.contains_key(&key).then_some(rank)),
            2 => assert_eq!(self.try_nth(nth)?, model.iter().nth(nth as usize).map(owned)),
            _ => {
                let expected = model.iter().skip(nth as usize).take(5).map(owned);
                assert!(self.ranks(nth..nth + 5).eq(expected));
            }
        }
        Ok(())
    }
}

/// A map and its model.
pub struct Model<C, K, V> {
    memory: Memory,
    map: C,
    model: Std<K, V>,
}

/// Keys are of numbers below this.
const KEYS: u64 = 6_000;

impl<C: Table<K, V>, K: SampleKey, V: Version + StableLayout> Life for Model<C, K, V> {
    fn new(memory: Memory) -> Self {
        let map = opened(&memory);
        Model { memory, map, model: Std::new() }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let key = K::sample(act.at % KEYS);
        match act.what {
            0..40 => {
                let value = V::sample(rng);
                let old = self.map.insert(key.clone(), value.clone())?;
                assert_eq!(old, self.model.insert(key, value));
            }
            40..60 => {
                // Most keys of the space are not there when there are few entries.
                let key = self.model.range(key.clone()..).next().map_or(key, |(next, _)| next.clone());
                assert_eq!(self.map.remove(&key)?, self.model.remove(&key));
            }
            60..80 => assert_eq!(self.map.get(&key)?.as_ref(), self.model.get(&key)),
            80..90 => assert_eq!(self.map.contains(&key)?, self.model.contains_key(&key)),
            90 if rng.once_in(100) => {
                self.map.clear();
                self.model.clear();
            }
            _ => self.map.other(key, act, &mut self.model)?,
        }
        assert_eq!(self.map.len(), self.model.len() as u64);
        Ok(())
    }

    fn reopen(&mut self) {
        self.map = opened(&self.memory);
    }

    fn is_last(&self) -> bool {
        V::LAST
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        let Model { memory, model, .. } = *self;
        let map: C::Of<V::Next> = opened(&memory);
        let model = model.into_iter().map(|(key, value)| (key, value.into())).collect();
        Box::new(Model { memory, map, model })
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.sweep(budget)
    }

    fn check(&self) {
        self.map.verify().unwrap();
        assert_eq!(self.map.len(), self.model.len() as u64);
        assert!(self.map.entries().into_iter().eq(self.model.iter().map(owned)));
    }

    fn pager(&self) -> &Pager<Memory> {
        self.map.root().pager()
    }
}
