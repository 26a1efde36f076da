//! A list and its model, and the random operations that are done to both.

use std::collections::VecDeque;

use graven::{Budget, Error, Result, open};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

use super::List;

/// An operation.
#[derive(Debug, Clone)]
#[allow(missing_docs)]
pub enum Op {
    PushBack,
    PushFront,
    Insert(u64),
    Get(u64),
    Set(u64),
    Remove(u64),
    PopBack,
    PopFront,
    Truncate(u64),
    DropFront(u64),
    Range(u64, u64),
    Clear,
    Reopen,
    Sweep(u64),
}

/// A list and its model.
pub struct Model<L, T> {
    /// The memory of the list.
    pub memory: Limited<Bytes>,
    /// The list.
    pub list: L,
    /// The expected content.
    pub model: VecDeque<T>,
    /// Operations done.
    pub ops: u64,
    /// `true` if growing fails now and then.
    pub starved: bool,
}

impl<L: List<T, Memory = Limited<Bytes>>, T: SampleValue> Model<L, T> {
    /// Returns an empty list.
    #[must_use]
    pub fn new() -> Self {
        let memory = Limited::new(Bytes::default(), u64::MAX);
        let list = open("list", memory.clone()).unwrap();
        Model { memory, list, model: VecDeque::new(), ops: 0, starved: false }
    }

    /// Opens the same memory with a newer type of values.
    #[must_use]
    pub fn upgrade<U: SampleValue + From<T>>(self) -> Model<L::Of<U>, U> {
        let Model { memory, list, model, ops, starved } = self;
        drop(list);
        memory.set_limit(u64::MAX);
        let list = open("list", memory.clone()).unwrap();
        Model { memory, list, model: model.into_iter().map(U::from).collect(), ops, starved }
    }

    /// Returns a random operation; `size` is about how long the list becomes.
    pub fn random(&self, rng: &mut Rng, size: u64) -> Op {
        let at = |rng: &mut Rng, end: u64| rng.below(end.max(1));
        let (len, grows) = (self.model.len() as u64, (self.model.len() as u64) < size);
        match rng.below(100) {
            0..20 => Op::PushBack,
            20..32 => Op::PushFront,
            32..45 => Op::Insert(at(rng, len + 1)),
            45..57 if !grows => Op::Remove(at(rng, len)),
            57..70 if !grows => Op::PopFront,
            70..78 if !grows => Op::PopBack,
            45..60 => Op::PushBack,
            60..70 => Op::Remove(at(rng, len)),
            70..78 => Op::PopFront,
            78..95 => Op::Set(at(rng, len + 1)),
            95 => Op::Range(at(rng, len + 1), at(rng, len + 1)),
            96 if rng.once_in(20) => Op::Truncate(len - at(rng, len.min(300) + 1)),
            97 if rng.once_in(20) => Op::DropFront(at(rng, len.min(600) + 1)),
            98 if rng.once_in(30) => Op::Reopen,
            99 if rng.once_in(10) => Op::Sweep(rng.below(4)),
            _ if rng.once_in(size * 4) => Op::Clear,
            _ => Op::Set(at(rng, len + 1)),
        }
    }

    /// Does random operations, and checks everything at the end.
    pub fn run(&mut self, count: u64, size: u64, rng: &mut Rng) {
        for _ in 0..count {
            let op = self.random(rng, size);
            if self.starved && rng.once_in(8) {
                self.memory.allow(0);
            }
            self.step(&op, rng);
            self.memory.set_limit(u64::MAX);
        }
        self.check();
    }

    /// Does one operation to both. Where memory was made scarce, it may fail for that.
    pub fn step(&mut self, op: &Op, rng: &mut Rng) {
        self.ops += 1;
        match self.try_step(op, rng) {
            Ok(()) => {}
            Err(Error::OutOfMemory { .. }) if self.starved => self.check_some(rng),
            Err(error) => panic!("{op:?}: {error}"),
        }
    }

    /// Does one operation to both, or none where it fails.
    ///
    /// # Errors
    /// Those of the list.
    pub fn try_step(&mut self, op: &Op, rng: &mut Rng) -> Result<()> {
        let len = self.model.len() as u64;
        assert_eq!(self.list.len(), len);
        let at = |index: u64| (index.min(len)) as usize;
        match *op {
            Op::PushBack => {
                let value = T::sample(rng);
                self.list.push_back(value.clone()).map(|()| self.model.push_back(value))
            }
            Op::PushFront => {
                let value = T::sample(rng);
                self.list.push_front(value.clone()).map(|done| {
                    if done {
                        self.model.push_front(value);
                    }
                })
            }
            Op::Insert(index) => {
                let (value, index) = (T::sample(rng), at(index));
                let done = self.list.insert(index as u64, value.clone());
                done.map(|done| {
                    if done {
                        self.model.insert(index, value);
                    }
                })
            }
            Op::Get(index) => {
                assert_eq!(self.list.get(index)?.as_ref(), self.model.get(at(index)));
                Ok(())
            }
            Op::Set(index) => {
                let (value, index) = (T::sample(rng), at(index));
                let done = self.list.set(index as u64, value.clone());
                done.map(|done| {
                    if done {
                        self.model[index] = value;
                    }
                })
            }
            Op::Remove(index) => self.remove(at(index)),
            Op::PopBack => self.remove(at(len.saturating_sub(1))),
            Op::PopFront => self.remove(0),
            Op::Truncate(left) => {
                if self.list.truncate(left, 1 + left % 3) {
                    self.model.truncate(left as usize);
                }
                Ok(())
            }
            Op::DropFront(count) => self.list.drop_front(count).map(|done| {
                if done {
                    self.model.drain(..at(count));
                }
            }),
            Op::Range(a, b) => {
                let (a, b) = (at(a.min(b)), at(a.max(b)));
                assert!(self.list.values(a as u64..b as u64).eq(self.model.range(a..b).cloned()));
                let back = self.list.values(a as u64..b as u64).rev();
                assert!(back.eq(self.model.range(a..b).rev().cloned()));
                Ok(())
            }
            Op::Clear => {
                if self.list.clear() {
                    self.model.clear();
                }
                Ok(())
            }
            Op::Reopen => {
                self.list = open("list", self.memory.clone()).unwrap();
                Ok(())
            }
            Op::Sweep(pages) => self.list.sweep(&mut Budget::pages(pages)).map(drop),
        }
    }

    fn remove(&mut self, index: usize) -> Result<()> {
        let removed = self.list.remove(index as u64)?;
        if removed.is_some() {
            assert_eq!(removed, self.model.remove(index));
        }
        Ok(())
    }

    fn check_some(&self, rng: &mut Rng) {
        assert_eq!(self.list.len(), self.model.len() as u64);
        let index = rng.below(self.model.len().max(1) as u64);
        assert_eq!(self.list.get(index).unwrap().as_ref(), self.model.get(index as usize));
    }

    /// Compares everything.
    pub fn check(&self) {
        self.list.verify().unwrap();
        assert_eq!(self.list.len(), self.model.len() as u64);
        assert!(self.list.values(0..self.list.len()).eq(self.model.iter().cloned()));
        assert!(self.list.values(0..self.list.len()).rev().eq(self.model.iter().rev().cloned()));
        let len = self.model.len();
        for index in (0..len).step_by(1 + len / 50).chain([len]) {
            assert_eq!(self.list.get(index as u64).unwrap().as_ref(), self.model.get(index));
        }
    }

    /// Sweeps until nothing is old, and checks.
    pub fn sweep(&mut self) {
        let mut calls = 0;
        while !self.list.sweep(&mut Budget::pages(3)).unwrap() {
            calls += 1;
            assert!(calls < 100_000, "a sweep does not end");
        }
        assert_eq!(self.list.root().old_pages(), 0);
        self.check();
    }
}

impl<L: List<T, Memory = Limited<Bytes>>, T: SampleValue> Default for Model<L, T> {
    fn default() -> Self {
        Model::new()
    }
}
