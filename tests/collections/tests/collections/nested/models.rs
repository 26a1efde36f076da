//! Models of nested collections, built on std's.

use std::collections::{BTreeMap as Std, BTreeSet as StdSet, VecDeque};
use std::fmt::Debug;

use graven::nested::{Inner, InnerMut, Nestable, Stored};
use graven::{BTreeMap, BTreeSet, Budget, Deque, Memory, Result, StableVec};
use graven_tests::rng::Rng;
use graven_tests::samples::{SampleKey, SampleValue};

/// Std's collection for one of Graven's.
pub trait Model<C: Nestable>: Default {
    /// Number of entries.
    fn len(&self) -> u64;
    /// Does something to both.
    fn step<M: Memory, S: Stored>(&mut self, inner: &mut InnerMut<'_, C, M, S>, rng: &mut Rng) -> Result<()>;
    /// Looks at something in both.
    fn look<M: Memory, S: Stored>(&self, inner: &Inner<'_, C, M, S>, rng: &mut Rng);
    /// Checks that both hold the same.
    fn equals<M: Memory, S: Stored>(&self, inner: &Inner<'_, C, M, S>);
}

/// Map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapModel<V>(Std<String, V>);

/// Set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SetModel(StdSet<String>);

/// Vector or deque.
#[derive(Debug, Clone, PartialEq)]
pub struct ListModel<V>(VecDeque<V>);

impl<V> Default for MapModel<V> {
    fn default() -> Self {
        MapModel(Std::new())
    }
}

impl<V> Default for ListModel<V> {
    fn default() -> Self {
        ListModel(VecDeque::new())
    }
}

impl<V> MapModel<V> {
    /// Returns the model with the next version of the values.
    pub fn upgraded<W: From<V>>(self) -> MapModel<W> {
        MapModel(self.0.into_iter().map(|(key, value)| (key, value.into())).collect())
    }
}

impl<V> ListModel<V> {
    /// Returns the model with the next version of the values.
    pub fn upgraded<W: From<V>>(self) -> ListModel<W> {
        ListModel(self.0.into_iter().map(Into::into).collect())
    }
}

macro_rules! upgrades {
    ($($old:ident $new:ident),*) => {$(
        impl From<MapModel<graven_tests::chains::mixed::$old>> for MapModel<graven_tests::chains::mixed::$new> {
            fn from(old: MapModel<graven_tests::chains::mixed::$old>) -> Self {
                old.upgraded()
            }
        }

        impl From<ListModel<graven_tests::chains::mixed::$old>> for ListModel<graven_tests::chains::mixed::$new> {
            fn from(old: ListModel<graven_tests::chains::mixed::$old>) -> Self {
                old.upgraded()
            }
        }
    )*};
}

upgrades!(V1 V2, V2 V3, V3 V4);

fn some_key(rng: &mut Rng) -> String {
    <String as SampleKey>::sample(rng.below(1_500))
}

impl<V: SampleValue, N: Memory> Model<BTreeMap<String, V, N>> for MapModel<V> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn step<M: Memory, S: Stored>(
        &mut self,
        inner: &mut InnerMut<'_, BTreeMap<String, V, N>, M, S>,
        rng: &mut Rng,
    ) -> Result<()> {
        let key = some_key(rng);
        if rng.below(10) < 7 {
            let value = V::sample(rng);
            let old = inner.try_insert(key.clone(), value.clone())?;
            assert_eq!(old, self.0.insert(key, value));
        } else {
            assert_eq!(inner.try_remove(&key)?, self.0.remove(&key));
        }
        assert_eq!(inner.len(), self.0.len() as u64);
        Ok(())
    }

    fn look<M: Memory, S: Stored>(&self, inner: &Inner<'_, BTreeMap<String, V, N>, M, S>, rng: &mut Rng) {
        let (low, high) = (some_key(rng), some_key(rng));
        assert_eq!(inner.get(&low).as_ref(), self.0.get(&low));
        assert_eq!(inner.contains_key(&high), self.0.contains_key(&high));
        assert_eq!(inner.is_empty(), self.0.is_empty());
        assert_eq!(inner.first_key_value(), self.0.first_key_value().map(owned));
        assert_eq!(inner.last_key_value(), self.0.last_key_value().map(owned));
        if low <= high {
            let range = low..=high;
            assert!(inner.range(range.clone()).eq(self.0.range(range.clone()).map(owned)));
            assert!(inner.range(range.clone()).rev().eq(self.0.range(range).rev().map(owned)));
        }
    }

    fn equals<M: Memory, S: Stored>(&self, inner: &Inner<'_, BTreeMap<String, V, N>, M, S>) {
        assert!(inner.iter().eq(self.0.iter().map(owned)));
        assert_eq!(format!("{inner:?}"), format!("{:?}", self.0));
    }
}

fn owned<K: Clone, V: Clone>((key, value): (&K, &V)) -> (K, V) {
    (key.clone(), value.clone())
}

impl<N: Memory> Model<BTreeSet<String, N>> for SetModel {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn step<M: Memory, S: Stored>(
        &mut self,
        inner: &mut InnerMut<'_, BTreeSet<String, N>, M, S>,
        rng: &mut Rng,
    ) -> Result<()> {
        let key = some_key(rng);
        if rng.below(10) < 7 {
            assert_eq!(inner.try_insert(key.clone())?, self.0.insert(key));
        } else {
            assert_eq!(inner.try_remove(&key)?, self.0.remove(&key));
        }
        Ok(())
    }

    fn look<M: Memory, S: Stored>(&self, inner: &Inner<'_, BTreeSet<String, N>, M, S>, rng: &mut Rng) {
        let low = some_key(rng);
        assert_eq!(inner.contains(&low), self.0.contains(&low));
        assert_eq!(inner.first().as_ref(), self.0.first());
        assert_eq!(inner.last().as_ref(), self.0.last());
        assert!(inner.range(low.clone()..).eq(self.0.range(low..).cloned()));
    }

    fn equals<M: Memory, S: Stored>(&self, inner: &Inner<'_, BTreeSet<String, N>, M, S>) {
        assert!(inner.iter().eq(self.0.iter().cloned()));
        assert_eq!(format!("{inner:?}"), format!("{:?}", self.0));
    }
}

/// Implements what both kinds of lists share, over the names that they have for it.
macro_rules! list {
    ($list:ident, $push:ident, |$inner:ident, $model:ident, $value:ident| $special:expr) => {
        impl<V: SampleValue, N: Memory> Model<$list<V, N>> for ListModel<V> {
            fn len(&self) -> u64 {
                self.0.len() as u64
            }

            fn step<M: Memory, S: Stored>(
                &mut self,
                $inner: &mut InnerMut<'_, $list<V, N>, M, S>,
                rng: &mut Rng,
            ) -> Result<()> {
                let ($model, $value) = (&mut self.0, V::sample(rng));
                let index = rng.below($model.len() as u64 + 2);
                match rng.below(20) {
                    0..9 => {
                        $inner.$push($value.clone())?;
                        $model.push_back($value);
                    }
                    9..13 => {
                        let old = $inner.try_replace(index, $value.clone())?;
                        let slot = $model.get_mut(index as usize);
                        assert_eq!(old, slot.map(|slot| std::mem::replace(slot, $value)));
                    }
                    13 if rng.once_in(40) => {
                        let (goal, before) = (index.min($model.len() as u64), $model.len());
                        let step = $inner.truncate_within(goal, &mut Budget::pages(3))?;
                        $model.truncate($inner.len() as usize);
                        assert_eq!(step.count, (before - $model.len()) as u64);
                        assert!($model.len() as u64 >= goal && before >= $model.len());
                        assert_eq!(step.is_done(), $model.len() as u64 == goal);
                    }
                    14..18 => $special(rng, index)?,
                    _ => {}
                }
                assert_eq!($inner.len(), $model.len() as u64);
                Ok(())
            }

            fn look<M: Memory, S: Stored>(&self, inner: &Inner<'_, $list<V, N>, M, S>, rng: &mut Rng) {
                let start = rng.below(self.0.len() as u64 + 1);
                let end = start + rng.below(self.0.len() as u64 + 1 - start);
                assert_eq!(inner.get(start).as_ref(), self.0.get(start as usize));
                let expected = self.0.range(start as usize..end as usize).cloned();
                assert!(inner.range(start..end).eq(expected.clone()));
                assert!(inner.range(start..end).rev().eq(expected.rev()));
            }

            fn equals<M: Memory, S: Stored>(&self, inner: &Inner<'_, $list<V, N>, M, S>) {
                assert!(inner.iter().eq(self.0.iter().cloned()));
                assert_eq!(format!("{inner:?}"), format!("{:?}", self.0));
            }
        }
    };
}

list!(StableVec, try_push, |inner, model, value| |rng: &mut Rng, index: u64| -> Result<()> {
    drop(value);
    if rng.once_in(2) {
        assert_eq!(inner.try_pop()?, model.pop_back());
    } else {
        assert_eq!(inner.try_swap_remove(index)?, model.swap_remove_back(index as usize));
    }
    Ok(())
});

list!(Deque, try_push_back, |inner, model, value| |rng: &mut Rng, _: u64| -> Result<()> {
    match rng.below(3) {
        0 => {
            inner.try_push_front(value.clone())?;
            model.push_front(value);
        }
        1 => assert_eq!(inner.try_pop_front()?, model.pop_front()),
        _ => assert_eq!(inner.try_pop_back()?, model.pop_back()),
    }
    Ok(())
});
