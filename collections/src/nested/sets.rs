//! Sets inside a `Nested`.

use std::ops::{Bound, RangeBounds};

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::{Error, Memory, Result};

use crate::BTreeSet;
use crate::codec::range::encode_range;
use crate::engine::bounds::KeyRange;
use crate::nested::inner::{Inner, InnerMut};
use crate::nested::iter::Iter;
use crate::nested::stored::Stored;

impl<'a, T: StableKey, N: Memory, M: Memory, S: Stored> Inner<'a, BTreeSet<T, N>, M, S> {
    /// Returns whether an element is there. Reads as [`BTreeSet::contains`].
    ///
    /// # Panics
    /// On damaged memory; `try_contains` does not.
    #[must_use]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> bool {
        self.try_contains(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like `contains`.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<bool> {
        self.find(&self.key(value), |_| Ok(())).map(|found| found.is_some())
    }

    /// All elements in order, both ways.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T, M> {
        self.elements((Bound::Unbounded, Bound::Unbounded))
    }

    /// The elements in a range, in order, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    pub fn range(&self, range: impl RangeBounds<T>) -> Iter<'a, T, M> {
        self.elements(encode_range(&range, "BTreeSet"))
    }

    /// The least element.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }

    /// The greatest element.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn last(&self) -> Option<T> {
        self.iter().next_back()
    }

    fn elements(&self, range: KeyRange) -> Iter<'a, T, M> {
        Iter::new(self.cursor(range), Self::SIZES, |_, key, found| {
            decode_key(key).map_err(|why| Error::invalid(found.page, why))
        })
    }
}

impl<T: StableKey, N: Memory, M: Memory, S: Stored> InnerMut<'_, BTreeSet<T, N>, M, S> {
    /// Adds an element; false if it was there.
    ///
    /// # Panics
    /// When out of memory, for an element of more than 984 bytes, or on damaged memory;
    /// `try_insert` does not.
    pub fn insert(&mut self, value: T) -> bool {
        self.try_insert(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like `insert`.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`] or [`Error::Damaged`]; the set is as it was.
    pub fn try_insert(&mut self, value: T) -> Result<bool> {
        let key = self.key(&value);
        self.put(&key, S::encode(&())?.as_slice(), 0, |_| Ok(())).map(|old| old.is_none())
    }

    /// Removes an element; whether it was there.
    ///
    /// # Panics
    /// On damaged memory; `try_remove` does not.
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> bool {
        self.try_remove(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like `remove`.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<bool> {
        let key = self.key(value);
        self.take(&key, 0, |_| Ok(())).map(|removed| removed.is_some())
    }
}

impl<T: StableKey, N: Memory, M: Memory, S: Stored> Extend<T> for InnerMut<'_, BTreeSet<T, N>, M, S> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| {
            self.insert(value);
        });
    }
}

impl<T: StableKey + core::fmt::Debug, N: Memory, M: Memory, S: Stored> core::fmt::Debug
    for Inner<'_, BTreeSet<T, N>, M, S>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
