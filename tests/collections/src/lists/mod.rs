//! Vectors, deques and logs beside std's `VecDeque`: every operation is done to both, and both have
//! to answer alike.

mod model;

use std::fmt::Debug;

use graven::{Budget, Collection, Deque, Log, Memory, Result, StableLayout, StableVec};

pub use model::{Model, Op};

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
    fn push_back(&mut self, value: T) -> Result<()>;
    #[allow(missing_docs)]
    fn push_front(&mut self, value: T) -> Result<bool>;
    #[allow(missing_docs)]
    fn insert(&mut self, index: u64, value: T) -> Result<bool>;
    #[allow(missing_docs)]
    fn set(&mut self, index: u64, value: T) -> Result<bool>;
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

        fn set(&mut self, index: u64, value: T) -> Result<bool> {
            self.try_set(index, value)
        }

        fn remove(&mut self, index: u64) -> Result<Option<T>> {
            self.try_remove(index)
        }

        fn truncate(&mut self, len: u64, budget: u64) -> bool {
            while !self.truncate_within(len, &mut Budget::pages(budget)).unwrap().is_done() {}
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

    fn push_back(&mut self, value: T) -> Result<()> {
        self.try_push(value)
    }

    fn push_front(&mut self, value: T) -> Result<bool> {
        self.try_insert(0, value)
    }

    fn insert(&mut self, index: u64, value: T) -> Result<bool> {
        self.try_insert(index, value)
    }
}

impl<T: StableLayout + PartialEq + Debug, M: Memory + 'static> List<T> for Deque<T, M> {
    type Of<U: StableLayout + PartialEq + Debug> = Deque<U, M>;

    indexed!();

    fn push_back(&mut self, value: T) -> Result<()> {
        self.try_push_back(value)
    }

    fn push_front(&mut self, value: T) -> Result<bool> {
        self.try_push_front(value).map(|()| true)
    }

    fn insert(&mut self, index: u64, value: T) -> Result<bool> {
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

    fn push_back(&mut self, value: T) -> Result<()> {
        let expected = self.numbers().end;
        let number = self.try_append(value)?;
        assert_eq!(number, expected);
        Ok(())
    }

    fn push_front(&mut self, _: T) -> Result<bool> {
        Ok(false)
    }

    fn insert(&mut self, _: u64, _: T) -> Result<bool> {
        Ok(false)
    }

    fn set(&mut self, _: u64, _: T) -> Result<bool> {
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
