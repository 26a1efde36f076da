//! Operations at the ends of a deque beyond pushing and popping, and exchanges of two values.

use graven_core::Memory;
use graven_core::error::fail;
use graven_core::layout::StableLayout;

use crate::list::deque::Deque;

impl<T: StableLayout, M: Memory> Deque<T, M> {
    /// Removes the first value if `takes` says so; what that changes in its copy is not written.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn pop_front_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut first = self.front()?;
        if takes(&mut first) { self.pop_front() } else { None }
    }

    /// Removes the last value if `takes` says so; what that changes in its copy is not written.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn pop_back_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut last = self.back()?;
        if takes(&mut last) { self.pop_back() } else { None }
    }

    /// Lets two values change places. Two reads, two writes.
    ///
    /// # Panics
    /// As std's if there is no such index; when out of memory or on damaged memory.
    pub fn swap(&mut self, a: u64, b: u64) {
        assert!(a < self.len() && b < self.len(), "assertion failed: i < self.len() && j < self.len()");
        self.sequence.swap(a, b).unwrap_or_else(|error| fail(&error));
    }

    /// Removes the value at an index and puts the first one in its place; `None` where there is no
    /// such index.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    pub fn swap_remove_front(&mut self, index: u64) -> Option<T> {
        if index == 0 {
            return self.pop_front();
        }
        self.sequence.replace_from(index, 0).unwrap_or_else(|error| fail(&error))
    }

    /// Removes the value at an index and puts the last one in its place; `None` where there is no
    /// such index.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    pub fn swap_remove_back(&mut self, index: u64) -> Option<T> {
        let last = self.len().checked_sub(1)?;
        if index == last {
            return self.pop_back();
        }
        self.sequence.replace_from(index, last).unwrap_or_else(|error| fail(&error))
    }

    /// Changes the value at an index and writes it back; `None` where there is no such index.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    pub fn update<R>(&mut self, index: u64, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = self.get(index)?;
        let result = change(&mut value);
        self.set(index, value);
        Some(result)
    }
}
