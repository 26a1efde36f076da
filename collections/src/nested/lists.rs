//! Vectors and deques inside a `Nested`. The key of a value is its position, which counts from the
//! row's `first`. Values cannot be inserted in the middle, because all later values would move.

use std::ops::{Bound, RangeBounds};

use graven_core::error::OrFail;
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Damage, Memory, Result};

use crate::engine::bounds::Left;
use crate::engine::cell::{ValueLocation, ValueOffset};
use crate::engine::progress::Step;
use crate::list::index::indices;
use crate::nested::inner::{Inner, InnerMut};
use crate::nested::iter::Iter;
use crate::nested::kinds::Nestable;
use crate::nested::stored::Stored;
use crate::{Deque, StableVec};

/// The operations that both kinds of lists share, by index.
impl<'a, T: StableLayout, C: Nestable<Key = u64, Value = T>, M: Memory, S: Stored> Inner<'a, C, M, S> {
    fn value_at(&self, index: u64) -> Result<Option<T>> {
        if index >= self.len() {
            return Ok(None);
        }
        let key = self.key(&self.position(index)?);
        let found = self.find(&key, |found| self.decode(found))?;
        found.ok_or_else(|| self.trees.broken(Damage::MissingEntry)).map(Some)
    }

    fn position(&self, index: u64) -> Result<u64> {
        let position = self.row.first.checked_add(index);
        position.ok_or_else(|| self.trees.broken(Damage::NumbersUsedUp))
    }

    fn values(&self, range: impl RangeBounds<u64>) -> Iter<'a, T, M> {
        let range = indices(range, self.len());
        let bound = |index: u64| graven_core::key::encode_key(&self.row.first.saturating_add(index));
        let left = Left::counted(self.trees.entries.root(), range.end.saturating_sub(range.start));
        let range = (Bound::Included(bound(range.start)), Bound::Excluded(bound(range.end)));
        Iter::new(self.cursor(range), left, Self::SIZES, |root, _, found| S::decode(root, found))
    }
}

impl<T: StableLayout, C: Nestable<Key = u64, Value = T>, M: Memory, S: Stored> InnerMut<'_, C, M, S> {
    fn replace_at(&mut self, index: u64, value: &T) -> Result<Option<T>> {
        let value = S::encode(value)?;
        if index >= self.len() {
            return Ok(None);
        }
        let (key, first, root) =
            (self.key(&self.position(index)?), self.row.first, &self.trees.entries.root());
        self.put(&key, value.as_slice(), first, |found| S::decode(root, found))
    }

    fn add_back(&mut self, value: &T) -> Result<()> {
        let value = S::encode(value)?;
        let (key, first) = (self.key(&self.position(self.len())?), self.row.first);
        self.put(&key, value.as_slice(), first, |_| Ok(())).map(|_| ())
    }

    fn add_front(&mut self, value: &T) -> Result<()> {
        let value = S::encode(value)?;
        let first = self.row.first.checked_sub(1);
        let first = first.ok_or_else(|| self.trees.broken(Damage::NumbersUsedUp))?;
        let key = self.key(&first);
        self.put(&key, value.as_slice(), first, |_| Ok(())).map(|_| ())
    }

    fn take_back(&mut self) -> Result<Option<T>> {
        let Some(last) = self.len().checked_sub(1) else { return Ok(None) };
        self.take_at(self.position(last)?, self.row.first)
    }

    fn take_front(&mut self) -> Result<Option<T>> {
        if self.is_empty() {
            return Ok(None);
        }
        self.take_at(self.row.first, self.row.first.saturating_add(1))
    }

    fn take_at(&mut self, position: u64, first: u64) -> Result<Option<T>> {
        let (key, root) = (self.key(&position), &self.trees.entries.root());
        let taken = self.take(&key, first, |found| S::decode(root, found))?;
        taken.ok_or_else(|| self.trees.broken(Damage::MissingEntry)).map(Some)
    }

    fn cut(&mut self, len: u64, budget: &mut Budget<'_>) -> Result<Step> {
        let before = self.len();
        while self.len() > len && !budget.is_spent() {
            budget.charge_read();
            budget.charge_write();
            let (key, first) = (self.key(&self.position(self.len().saturating_sub(1))?), self.row.first);
            let taken = self.take(&key, first, |_| Ok(()))?;
            taken.ok_or_else(|| self.trees.broken(Damage::MissingEntry))?;
        }
        Ok(Step::until(before.saturating_sub(self.len()), self.len() <= len))
    }

    /// Checks that a value can be freed if it is in overflow pages.
    fn check_removable(&self, index: u64) -> Result<()> {
        let (entries, key) = (&self.trees.entries, self.key(&self.position(index)?));
        match entries.location(entries.context.sizes, key.as_slice())? {
            Some(ValueLocation { at: ValueOffset::Overflow(head), len, .. }) => {
                entries.root().pager().check_overflow_of(head, len).map(|_| ())
            }
            Some(_) => Ok(()),
            None => Err(self.trees.broken(Damage::MissingEntry)),
        }
    }

    fn exchange(&mut self, index: u64) -> Result<Option<T>> {
        let Some(last) = self.len().checked_sub(1).filter(|last| *last >= index) else { return Ok(None) };
        if index == last {
            return self.take_back();
        }
        // Check that the last value can be removed, copy it, and only then remove it: no failure
        // loses or duplicates a value.
        let Some(moved) = self.value_at(last)? else { return Ok(None) };
        self.check_removable(last)?;
        let removed = self.replace_at(index, &moved)?;
        self.take_back()?;
        Ok(removed)
    }
}

macro_rules! list {
    ($list:ident) => {
        impl<'a, T: StableLayout, N: Memory, M: Memory, S: Stored> Inner<'a, $list<T, N>, M, S> {
            /// Returns the value at an index, or `None` after the last one. Costs a look-up in a
            /// map.
            ///
            /// # Panics
            /// On damaged memory; `try_get` does not.
            #[must_use]
            #[track_caller]
            pub fn get(&self, index: u64) -> Option<T> {
                self.try_get(index).or_fail()
            }

            /// Like `get`, but returns damage as an error.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn try_get(&self, index: u64) -> Result<Option<T>> {
                self.value_at(index)
            }

            /// Returns an iterator over the values in order, from both ends.
            #[must_use]
            pub fn iter(&self) -> Iter<'a, T, M> {
                self.range(..)
            }

            /// Returns an iterator over the values with indices in a range, from both ends.
            ///
            /// # Panics
            /// As std's slices: if the range begins after its end, or ends after the last value.
            #[track_caller]
            pub fn range(&self, range: impl RangeBounds<u64>) -> Iter<'a, T, M> {
                self.values(range)
            }
        }

        impl<T: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, $list<T, N>, M, S> {
            /// Sets the value at an index and returns the old one. Returns `None` and changes
            /// nothing if the index is after the last value.
            ///
            /// # Panics
            /// When out of memory or on damaged memory; `try_replace` does not.
            #[track_caller]
            pub fn replace(&mut self, index: u64, value: T) -> Option<T> {
                self.try_replace(index, value).or_fail()
            }

            /// Like `replace`, but returns failures as an error.
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
            /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). The list is unchanged then.
            pub fn try_replace(&mut self, index: u64, value: T) -> Result<Option<T>> {
                self.replace_at(index, &value)
            }

            /// Removes values at the end, one by one, until `len` are left or the budget is spent.
            /// The next call continues. [`InnerMut::clear`] removes all values at once.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn truncate_within(&mut self, len: u64, budget: &mut Budget<'_>) -> Result<Step> {
                self.cut(len, budget)
            }
        }

        impl<T: StableLayout + core::fmt::Debug, N: Memory, M: Memory, S: Stored> core::fmt::Debug
            for Inner<'_, $list<T, N>, M, S>
        {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }
    };
}

list!(StableVec);
list!(Deque);

macro_rules! adds {
    ($list:ident, $(#[$doc:meta])* $add:ident, $try_add:ident, $by:ident) => {
        impl<T: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, $list<T, N>, M, S> {
            $(#[$doc])*
            ///
            /// # Panics
            /// When out of memory or on damaged memory; the `try_` form does not.
            #[track_caller]
            pub fn $add(&mut self, value: T) {
                self.$try_add(value).or_fail();
            }

            $(#[$doc])*
            ///
            /// # Errors
            /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
            /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
            /// [`Error::Damaged`](graven_core::Error::Damaged). The list is unchanged then.
            pub fn $try_add(&mut self, value: T) -> Result<()> {
                self.$by(&value)
            }
        }
    };
}

adds!(StableVec, /// Adds a value behind the last one.
    push, try_push, add_back);
adds!(Deque, /// Adds a value behind the last one.
    push_back, try_push_back, add_back);
adds!(Deque, /// Adds a value in front of the first one.
    push_front, try_push_front, add_front);

macro_rules! takes {
    ($list:ident, $(#[$doc:meta])* $take:ident, $try_take:ident, $by:ident) => {
        impl<T: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, $list<T, N>, M, S> {
            $(#[$doc])*
            ///
            /// # Panics
            /// On damaged memory; the `try_` form does not.
            #[track_caller]
            pub fn $take(&mut self) -> Option<T> {
                self.$try_take().or_fail()
            }

            $(#[$doc])*
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn $try_take(&mut self) -> Result<Option<T>> {
                self.$by()
            }
        }
    };
}

takes!(StableVec, /// Removes the last value.
    pop, try_pop, take_back);
takes!(Deque, /// Removes the last value.
    pop_back, try_pop_back, take_back);
takes!(Deque, /// Removes the first value.
    pop_front, try_pop_front, take_front);

impl<T: StableLayout, N: Memory, M: Memory, S: Stored> InnerMut<'_, StableVec<T, N>, M, S> {
    /// Removes and returns the value at an index, and moves the last value there. Returns `None` if
    /// the index is after the last value.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; `try_swap_remove` does not.
    #[track_caller]
    pub fn swap_remove(&mut self, index: u64) -> Option<T> {
        self.try_swap_remove(index).or_fail()
    }

    /// Like `swap_remove`, but returns failures as an error.
    ///
    /// # Errors
    /// As `try_replace`.
    pub fn try_swap_remove(&mut self, index: u64) -> Result<Option<T>> {
        self.exchange(index)
    }
}

extendable!([T: StableLayout, N: Memory, M: Memory, S: Stored] InnerMut<'_, StableVec<T, N>, M, S>, T, push);
extendable!([T: StableLayout, N: Memory, M: Memory, S: Stored] InnerMut<'_, Deque<T, N>, M, S>, T, push_back);
