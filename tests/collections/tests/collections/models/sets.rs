//! BTreeSet and HashSet beside std's set. They have no values, so there is nothing to upgrade.

use std::collections::BTreeSet as Std;

use graven::{BTreeSet, Budget, Collection, HashSet, Result};
use graven_core::page::Pager;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::life::{Life, Memory, opened};
use super::steps::Act;

/// The operations that both sets have.
pub trait Set<T>: Collection<Memory = Memory> + 'static {
    fn len(&self) -> u64;
    fn contains(&self, element: &T) -> Result<bool>;
    fn insert(&mut self, element: T) -> Result<bool>;
    fn remove(&mut self, element: &T) -> Result<bool>;
    fn clear(&mut self);
    fn verify(&self) -> Result<()>;
    /// Returns all elements in order.
    fn elements(&self) -> Vec<T>;
    /// Runs one of the set's other operations and compares it with the model's.
    fn other(&mut self, element: T, act: &Act, model: &mut Std<T>) -> Result<()>;
}

macro_rules! set {
    () => {
        fn len(&self) -> u64 {
            self.len()
        }

        fn contains(&self, element: &T) -> Result<bool> {
            self.try_contains(element)
        }

        fn insert(&mut self, element: T) -> Result<bool> {
            self.try_insert(element)
        }

        fn remove(&mut self, element: &T) -> Result<bool> {
            self.try_remove(element)
        }

        fn clear(&mut self) {
            self.clear();
        }

        fn verify(&self) -> Result<()> {
            self.verify()
        }
    };
}

impl<T: SampleKey> Set<T> for BTreeSet<T, Memory> {
    set!();

    fn elements(&self) -> Vec<T> {
        self.iter().collect()
    }

    fn other(&mut self, element: T, act: &Act, model: &mut Std<T>) -> Result<()> {
        match act.at % 6 {
            0 => assert_eq!(self.try_first()?.as_ref(), model.first()),
            1 => assert_eq!(self.try_last()?.as_ref(), model.last()),
            2 => {
                let expected = model.range(element.clone()..).take(6).cloned();
                assert!(self.range(element..).take(6).eq(expected));
            }
            3 => {
                let expected = model.range(..element.clone()).rev().take(6).cloned();
                assert!(self.range(..element).rev().take(6).eq(expected));
            }
            4 => assert_eq!(self.try_pop_first()?, model.pop_first()),
            _ => assert_eq!(self.try_pop_last()?, model.pop_last()),
        }
        Ok(())
    }
}

impl<T: SampleKey> Set<T> for HashSet<T, Memory> {
    set!();

    fn elements(&self) -> Vec<T> {
        let mut elements: Vec<T> = self.iter().collect();
        elements.sort();
        elements
    }

    fn other(&mut self, element: T, act: &Act, model: &mut Std<T>) -> Result<()> {
        match act.at % 3 {
            0 => assert_eq!(self.get(&element).as_ref(), model.get(&element)),
            1 => assert_eq!(self.take(&element), model.take(&element)),
            _ => assert!(self.iter().take(5).all(|element| model.contains(&element))),
        }
        Ok(())
    }
}

/// A set and its model.
pub struct Model<C, T> {
    memory: Memory,
    set: C,
    model: Std<T>,
}

/// Elements are of numbers below this.
const ELEMENTS: u64 = 30_000;

impl<C: Set<T>, T: SampleKey> Life for Model<C, T> {
    fn new(memory: Memory) -> Self {
        let set = opened(&memory);
        Model { memory, set, model: Std::new() }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        let element = T::sample(act.at % ELEMENTS);
        match act.what {
            0..40 => assert_eq!(self.set.insert(element.clone())?, self.model.insert(element)),
            40..60 => {
                let element = self.model.range(element.clone()..).next().cloned().unwrap_or(element);
                assert_eq!(self.set.remove(&element)?, self.model.remove(&element));
            }
            60..85 => assert_eq!(self.set.contains(&element)?, self.model.contains(&element)),
            85 if rng.once_in(100) => {
                self.set.clear();
                self.model.clear();
            }
            _ => self.set.other(element, act, &mut self.model)?,
        }
        assert_eq!(self.set.len(), self.model.len() as u64);
        Ok(())
    }

    fn reopen(&mut self) {
        self.set = opened(&self.memory);
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        self
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.set.sweep(budget)
    }

    fn check(&self) {
        self.set.verify().unwrap();
        assert_eq!(self.set.len(), self.model.len() as u64);
        assert!(self.set.elements().iter().eq(self.model.iter()));
    }

    fn pager(&self) -> &Pager<Memory> {
        self.set.root().pager()
    }
}
