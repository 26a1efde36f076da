//! Vectors, deques and logs beside std's `VecDeque`: every operation is done to both, and both have
//! to answer alike.

use std::collections::VecDeque;
use std::fmt::Debug;

use graven::{Budget, Collection, Deque, Error, Log, Memory, Result, StableLayout, StableVec, open};
use graven_tests::memory::{Bytes, Limited};
use graven_tests::rng::Rng;
use graven_tests::samples::SampleValue;

/// A collection of values by index. What it cannot do is false.
#[allow(clippy::len_without_is_empty)]
pub trait List<T>: Collection + 'static {
    /// `true` if values are only added at the end and removed at the start.
    const IS_LOG: bool = false;

    /// The collection over another type of values.
    type Of<U: StableLayout + PartialEq + Debug>: List<U, Memory = Self::Memory>;

    #[allow(missing_docs)]
    fn len(&self) -> u64;
    #[allow(missing_docs)]
    fn get(&self, index: u64) -> Result<Option<T>>;
    #[allow(missing_docs)]
    fn push_back(&mut self, value: &T) -> Result<()>;
    #[allow(missing_docs)]
    fn push_front(&mut self, value: &T) -> Result<bool>;
    #[allow(missing_docs)]
    fn insert(&mut self, index: u64, value: &T) -> Result<bool>;
    #[allow(missing_docs)]
    fn set(&mut self, index: u64, value: &T) -> Result<bool>;
    #[allow(missing_docs)]
    fn remove(&mut self, index: u64) -> Result<Option<T>>;
    #[allow(missing_docs)]
    fn truncate(&mut self, len: u64, budget: u64) -> bool;
    /// Removes values in front.
    fn drop_front(&mut self, count: u64) -> Result<bool>;
    #[allow(missing_docs)]
    fn clear(&mut self) -> bool;
    #[allow(missing_docs)]
    fn values(&self, range: std::ops::Range<u64>) -> impl DoubleEndedIterator<Item = T>;
    #[allow(missing_docs)]
    fn verify(&self) -> Result<()>;
}

macro_rules! indexed {
    () => {
        fn len(&self) -> u64 {
            self.len()
        }

        fn get(&self, index: u64) -> Result<Option<T>> {
            self.try_get(index)
        }

        fn set(&mut self, index: u64, value: &T) -> Result<bool> {
            self.try_set(index, value)
        }

        fn remove(&mut self, index: u64) -> Result<Option<T>> {
            self.try_remove(index)
        }

        fn truncate(&mut self, len: u64, budget: u64) -> bool {
            while !self.truncate_within(len, &mut Budget::pages(budget)) {}
            true
        }

        fn drop_front(&mut self, count: u64) -> Result<bool> {
            for _ in 0..count.min(self.len()) {
                self.try_remove(0)?;
            }
            Ok(true)
        }

        fn clear(&mut self) -> bool {
            self.clear();
            true
        }

        fn values(&self, range: std::ops::Range<u64>) -> impl DoubleEndedIterator<Item = T> {
            self.range(range)
        }

        fn verify(&self) -> Result<()> {
            self.verify()
        }
    };
}

impl<T: StableLayout + PartialEq + Debug, M: Memory + 'static> List<T> for StableVec<T, M> {
    type Of<U: StableLayout + PartialEq + Debug> = StableVec<U, M>;

    indexed!();

    fn push_back(&mut self, value: &T) -> Result<()> {
        self.try_push(value)
    }

    fn push_front(&mut self, value: &T) -> Result<bool> {
        self.try_insert(0, value)
    }

    fn insert(&mut self, index: u64, value: &T) -> Result<bool> {
        self.try_insert(index, value)
    }
}

impl<T: StableLayout + PartialEq + Debug, M: Memory + 'static> List<T> for Deque<T, M> {
    type Of<U: StableLayout + PartialEq + Debug> = Deque<U, M>;

    indexed!();

    fn push_back(&mut self, value: &T) -> Result<()> {
        self.try_push_back(value)
    }

    fn push_front(&mut self, value: &T) -> Result<bool> {
        self.try_push_front(value).map(|()| true)
    }

    fn insert(&mut self, index: u64, value: &T) -> Result<bool> {
        self.try_insert(index, value)
    }
}

impl<T: StableLayout + PartialEq + Debug, M: Memory + 'static> List<T> for Log<T, M> {
    type Of<U: StableLayout + PartialEq + Debug> = Log<U, M>;

    const IS_LOG: bool = true;

    fn len(&self) -> u64 {
        self.len()
    }

    fn get(&self, index: u64) -> Result<Option<T>> {
        self.try_get(self.numbers().start.saturating_add(index))
    }

    fn push_back(&mut self, value: &T) -> Result<()> {
        let expected = self.numbers().end;
        let number = self.try_append(value)?;
        assert_eq!(number, expected);
        Ok(())
    }

    fn push_front(&mut self, _: &T) -> Result<bool> {
        Ok(false)
    }

    fn insert(&mut self, _: u64, _: &T) -> Result<bool> {
        Ok(false)
    }

    fn set(&mut self, _: u64, _: &T) -> Result<bool> {
        Ok(false)
    }

    fn remove(&mut self, index: u64) -> Result<Option<T>> {
        let _ = index;
        Ok(None)
    }

    fn truncate(&mut self, _: u64, _: u64) -> bool {
        false
    }

    fn drop_front(&mut self, count: u64) -> Result<bool> {
        let before = self.numbers();
        let number = before.start.saturating_add(count);
        self.try_drop_before(number)?;
        assert_eq!(self.numbers(), number.min(before.end)..before.end);
        Ok(true)
    }

    fn clear(&mut self) -> bool {
        false
    }

    fn values(&self, range: std::ops::Range<u64>) -> impl DoubleEndedIterator<Item = T> {
        let start = self.numbers().start;
        self.range(start.saturating_add(range.start)..start.saturating_add(range.end))
    }

    fn verify(&self) -> Result<()> {
        self.verify()
    }
}

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
                self.list.push_back(&value).map(|()| self.model.push_back(value))
            }
            Op::PushFront => {
                let value = T::sample(rng);
                self.list.push_front(&value).map(|done| {
                    if done {
                        self.model.push_front(value)
                    }
                })
            }
            Op::Insert(index) => {
                let (value, index) = (T::sample(rng), at(index));
                let done = self.list.insert(index as u64, &value);
                done.map(|done| {
                    if done {
                        self.model.insert(index, value)
                    }
                })
            }
            Op::Get(index) => {
                assert_eq!(self.list.get(index)?.as_ref(), self.model.get(at(index)));
                Ok(())
            }
            Op::Set(index) => {
                let (value, index) = (T::sample(rng), at(index));
                let done = self.list.set(index as u64, &value);
                done.map(|done| {
                    if done {
                        self.model[index] = value
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
