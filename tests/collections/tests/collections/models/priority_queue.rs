//! PriorityQueue beside a set of values and their handles. Values are keys, which do not change:
//! nothing is upgraded.

use std::collections::{BTreeMap as Map, BTreeSet as Set};

use graven::entry::Handle;
use graven::{Budget, Collection, PriorityQueue, Result};
use graven_core::page::Pager;
use graven_tests::rng::Rng;
use graven_tests::samples::SampleKey;

use super::life::{Life, Memory, opened};
use super::steps::Act;

/// A queue, the values by handle, and both in the order of the values.
pub struct Model<T: SampleKey> {
    memory: Memory,
    queue: PriorityQueue<T, Memory>,
    values: Map<u64, T>,
    order: Set<(T, u64)>,
    /// A handle that was given back.
    stale: Option<Handle>,
}

impl<T: SampleKey> Model<T> {
    /// Returns a handle near a number, if there is any.
    fn near(&self, at: u64) -> Option<u64> {
        let highest = *self.values.keys().next_back()?;
        let from = at % (highest + 1);
        self.values.range(from..).next().map(|(handle, _)| *handle)
    }

    fn push(&mut self, value: T) -> Result<()> {
        let handle = self.queue.try_push(&value)?.to_u64();
        assert!(self.stale != Some(Handle::from_u64(handle)), "a handle is given twice");
        assert_eq!(self.values.insert(handle, value.clone()), None);
        self.order.insert((value, handle));
        Ok(())
    }

    fn pop(&mut self) -> Result<()> {
        let popped = self.queue.try_pop()?;
        assert_eq!(popped.as_ref(), self.order.last().map(|(value, _)| value));
        let Some(value) = popped else { return Ok(()) };
        // Which one of equal values was it?
        let equal = self.order.range((value.clone(), 0)..=(value, u64::MAX)).cloned();
        let gone: Vec<_> =
            equal.filter(|(_, handle)| !self.queue.contains(Handle::from_u64(*handle))).collect();
        assert_eq!(gone.len(), 1);
        self.forget(&gone[0]);
        Ok(())
    }

    fn forget(&mut self, gone: &(T, u64)) {
        self.values.remove(&gone.1);
        self.order.remove(gone);
        self.stale = Some(Handle::from_u64(gone.1));
    }

    fn update(&mut self, at: u64, value: T) -> Result<()> {
        let Some(handle) = self.near(at) else { return Ok(()) };
        let old = self.queue.try_update(Handle::from_u64(handle), &value)?.unwrap();
        assert_eq!(Some(&old), self.values.get(&handle));
        self.order.remove(&(old, handle));
        self.values.insert(handle, value.clone());
        self.order.insert((value, handle));
        Ok(())
    }

    fn remove(&mut self, at: u64) -> Result<()> {
        let Some(handle) = self.near(at) else { return Ok(()) };
        let old = self.queue.try_remove(Handle::from_u64(handle))?.unwrap();
        assert_eq!(Some(&old), self.values.get(&handle));
        self.forget(&(old, handle));
        Ok(())
    }

    fn look(&self, at: u64) -> Result<()> {
        assert_eq!(self.queue.try_peek()?.as_ref(), self.order.last().map(|(value, _)| value));
        if let Some(handle) = self.near(at) {
            assert_eq!(self.queue.get(Handle::from_u64(handle)).as_ref(), self.values.get(&handle));
        }
        Ok(())
    }
}

impl<T: SampleKey> Life for Model<T> {
    fn new(memory: Memory) -> Self {
        let queue = opened(&memory);
        Model { memory, queue, values: Map::new(), order: Set::new(), stale: None }
    }

    fn act(&mut self, act: &Act, rng: &mut Rng) -> Result<()> {
        match act.what {
            0..40 => self.push(T::sample(rng.below(5_000)))?,
            40..54 => self.pop()?,
            54..60 => self.remove(act.at)?,
            60..80 => self.update(act.at, T::sample(rng.below(5_000)))?,
            80 if rng.once_in(100) => {
                self.queue.clear();
                self.order.clear();
                let handles = std::mem::take(&mut self.values);
                self.stale = handles.into_keys().next_back().map(Handle::from_u64).or(self.stale);
            }
            81..84 => {
                let Some(stale) = self.stale else { return Ok(()) };
                assert_eq!(self.queue.try_update(stale, &T::sample(1))?, None);
                assert_eq!((self.queue.try_remove(stale)?, self.queue.get(stale)), (None, None));
            }
            _ => self.look(act.at)?,
        }
        assert_eq!(self.queue.len(), self.values.len() as u64);
        Ok(())
    }

    fn reopen(&mut self) {
        self.queue = opened(&self.memory);
    }

    fn upgrade(self: Box<Self>) -> Box<dyn Life> {
        self
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.queue.sweep(budget)
    }

    fn check(&self) {
        self.queue.verify().unwrap();
        let all: Map<u64, T> = self.queue.iter().map(|(handle, value)| (handle.to_u64(), value)).collect();
        assert!(all == self.values);
    }

    fn pager(&self) -> &Pager<Memory> {
        self.queue.root().pager()
    }
}
