//! Operations at the ends of a deque beyond pushing and popping, and exchanges of two values.

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::list::deque::Deque;

impl<T: StableLayout, M: Memory> Deque<T, M> {
    /// Removes and returns the first value if `takes` returns `true` for it. Changes that `takes`
    /// makes to its copy are not written.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn pop_front_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut first = self.front()?;
        if takes(&mut first) { self.pop_front() } else { None }
    }

    /// Removes and returns the last value if `takes` returns `true` for it. Changes that `takes`
    /// makes to its copy are not written.
    ///
    /// # Panics
    /// On damaged memory.
    #[track_caller]
    pub fn pop_back_if(&mut self, takes: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let mut last = self.back()?;
        if takes(&mut last) { self.pop_back() } else { None }
    }

    /// Swaps two values. Costs two reads and two writes.
    ///
    /// # Panics
    /// As std's if there is no such index; when out of memory or on damaged memory.
    #[track_caller]
    pub fn swap(&mut self, a: u64, b: u64) {
        assert!(a < self.len() && b < self.len(), "assertion failed: i < self.len() && j < self.len()");
        self.sequence.swap(a, b).or_fail();
    }

    /// Removes and returns the value at an index, and moves the first one there. Returns `None` if
    /// there is no such index.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    #[track_caller]
    pub fn swap_remove_front(&mut self, index: u64) -> Option<T> {
        self.try_swap_remove_front(index).or_fail()
    }

    /// Like [`Deque::swap_remove_front`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`Deque::try_set`].
    pub fn try_swap_remove_front(&mut self, index: u64) -> Result<Option<T>> {
        if index == 0 { self.try_pop_front() } else { self.sequence.replace_from(index, 0) }
    }

    /// Removes and returns the value at an index, and moves the last one there. Returns `None` if
    /// there is no such index.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    #[track_caller]
    pub fn swap_remove_back(&mut self, index: u64) -> Option<T> {
        self.try_swap_remove_back(index).or_fail()
    }

    /// Like [`Deque::swap_remove_back`], but returns an error instead of panicking.
    ///
    /// # Errors
    /// As [`Deque::try_set`].
    pub fn try_swap_remove_back(&mut self, index: u64) -> Result<Option<T>> {
        match self.len().checked_sub(1) {
            Some(last) if index == last => self.try_pop_back(),
            Some(last) => self.sequence.replace_from(index, last),
            None => Ok(None),
        }
    }
}
