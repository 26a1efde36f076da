//! Records with collections beside a `BTreeMap` of pairs, each of std's. Records and items are
//! upgraded at once, one of them, or neither.

use std::collections::BTreeMap as Std;

use graven::nested::Nestable;
use graven::{BTreeMap, BTreeSet, Budget, Collection, Deque, Records, Result, StableVec};
use graven_core::page::Pager;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::life::{Life, Memory, Version, opened};
use super::steps::Act;
use crate::nested::models::{ListModel, MapModel, Model as Inner, SetModel};

/// A collection beside records, whose items may have another layout in a later version of the code.
pub trait Items: Nestable + Sized + 'static {
    type Model: Inner<Self>;
    type Next: Items;
    const LAST: bool;

    fn upgraded(model: Self::Model) -> <Self::Next as Items>::Model;
}

impl<V: Version> Items for BTreeMap<String, V, Memory> {
    type Model = MapModel<V>;
    type Next = BTreeMap<String, V::Next, Memory>;
    const LAST: bool = V::LAST;

    fn upgraded(model: MapModel<V>) -> MapModel<V::Next> {
        model.upgraded()
    }
}

impl Items for BTreeSet<String, Memory> {
    type Model = SetModel;
    type Next = Self;
    const LAST: bool = true;

    fn upgraded(model: SetModel) -> SetModel {
        model
    }
}

macro_rules! lists {
    ($($list:ident)*) => {$(
        impl<V: Version> Items for $list<V, Memory> {
            type Model = ListModel<V>;
            type Next = $list<V::Next, Memory>;
            const LAST: bool = V::LAST;

            fn upgraded(model: ListModel<V>) -> ListModel<V::Next> {
                model.upgraded()
            }
        }
    )*};
}

lists!(StableVec Deque);

/// Records and their model.
pub struct Model<K, R, C: Items> {
    memory: Memory,
    records: Records<K, R, C, Memory>,
    model: Std<K, (R, C::Model)>,
}

impl<K: SampleKey, R: Version, C: Items> Model<K, R, C> {
    fn add(&mut self, key: K, rng: &mut Rng) -> Result<()> {
        let record = R::sample(rng);
        let old = self.records.try_insert(key.clone(), record.clone())?;
        match self.model.get_mut(&key) {
            Some(model) => assert_eq!(old, Some(std::mem::replace(&mut model.0, record))),
            None => {
                assert_eq!(old, None);
                self.model.insert(key, (record, C::Model::default()));
            }
        }
        Ok(())
    }

    fn change_items(&mut self, key: &K, rng: &mut Rng) -> Result<()> {
        match (self.records.try_items_mut(key)?, self.model.get_mut(key)) {
            (Some(mut items), Some((_, model))) => model.step(&mut items, rng),
            (items, model) => {
                assert_eq!((items.is_some(), model.is_some()), (false, false));
                Ok(())
            }
        }
    }

    fn rename(&mut self, from: &K, to: K) -> Result<()> {
        let is_renamed = self.records.try_rename(from, &to)?;
        assert_eq!(is_renamed, self.model.contains_key(from) && !self.model.contains_key(&to));
        if is_renamed {
            let moved = self.model.remove(from).unwrap();
            self.model.insert(to, moved);
        }
        Ok(())
    }

    fn clear_items(&mut self, key: &K) -> Result<()> {
        let Some(mut items) = self.records.try_items_mut(key)? else { return Ok(()) };
        items.try_clear()?;
        assert!(items.is_empty());
        self.model.get_mut(key).unwrap().1 = C::Model::default();
        Ok(())
    }

    fn update(&mut self, key: &K, rng: &mut Rng) -> Result<()> {
        let new = R::sample(rng);
        let old = self.records.try_update(key, |record| std::mem::replace(record, new.clone()))?;
        assert_eq!(old, self.model.get_mut(key).map(|(record, _)| std::mem::replace(record, new)));
        Ok(())
    }

    fn look(&self, key: &K, rng: &mut Rng) -> Result<()> {
        let model = self.model.get(key);
        assert_eq!(self.records.try_get(key)?, model.map(|(record, _)| record.clone()));
        assert_eq!(self.records.try_contains_key(key)?, model.is_some());
        let items = self.records.try_items(key)?;
        assert_eq!(items.is_some(), model.is_some());
        if let (Some(items), Some((record, model))) = (items, model) {
            assert_eq!(items.len(), model.len());
            model.look(&items, rng);
            let (found, items) = self.records.try_get_with_items(key)?.unwrap();
            assert_eq!((&found, items.len()), (record, model.len()));
        }
        let found = self.records.range(key.clone()..).next().map(|(key, record, _)| (key, record));
        let expected = self.model.range(key.clone()..).next();
        assert_eq!(found, expected.map(|(key, (record, _))| (key.clone(), record.clone())));
        Ok(())
    }
}

impl<K: SampleKey + 'static, R: Version, C: Items> Life for Model<K, R, C> {
    fn new(memory: Memory) -> Self {
        let records = opened(&memory);
        Model { memory, records, model: Std::new() }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let key = K::sample(act.at % 30);
        match act.what {
            0..8 => self.add(key, rng)?,
            8..40 => self.change_items(&key, rng)?,
            40..46 => {
                let removed = self.records.try_remove(&key)?;
                assert_eq!(removed, self.model.remove(&key).map(|(record, _)| record));
            }
            46..48 => self.clear_items(&key)?,
            48..54 => self.rename(&key, K::sample(act.at / 30 % 30))?,
            54..58 => _ = self.records.free_removed_within(&mut Budget::pages(1))?,
            58 if rng.once_in(300) => {
                self.records.clear();
                self.model.clear();
            }
            60..70 => self.update(&key, rng)?,
            _ => self.look(&key, rng)?,
        }
        assert_eq!(self.records.len(), self.model.len() as u64);
        Ok(())
    }

    fn reopen(&mut self) {
        self.records = opened(&self.memory);
    }

    fn is_last(&self) -> bool {
        R::LAST && C::LAST
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        let Model { memory, model, .. } = *self;
        let records: Records<K, R::Next, C::Next, Memory> = opened(&memory);
        let upgraded =
            |(key, (record, items)): (K, (R, C::Model))| (key, (record.into(), C::upgraded(items)));
        Box::new(Model { memory, records, model: model.into_iter().map(upgraded).collect() })
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.records.sweep(budget)
    }

    fn check(&self) {
        self.records.verify().unwrap();
        assert!(self.records.keys().eq(self.model.keys().cloned()));
        let mut records = self.records.iter();
        for (key, (record, model)) in &self.model {
            let (found, other, items) = records.next().unwrap();
            assert_eq!((&found, &other, items.len()), (key, record, model.len()));
            model.equals(&items);
        }
        assert!(records.next().is_none());
        let backwards = self.records.iter().rev().map(|(key, record, _)| (key, record));
        assert!(
            backwards.eq(self.model.iter().rev().map(|(key, (record, _))| (key.clone(), record.clone())))
        );
    }

    fn pager(&self) -> &Pager<Memory> {
        self.records.root().pager()
    }
}
