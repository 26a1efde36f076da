//! Sets inside a `Nested`.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::BTreeSet;
use crate::codec::range::{KeyBounds, encode_range};
use crate::engine::bounds::{KeyRange, Left};
use crate::nested::inner::{Inner, InnerMut};
use crate::nested::iter::Iter;
use crate::nested::stored::Stored;

impl<'a, T: StableKey, N: Memory, M: Memory, S: Stored> Inner<'a, BTreeSet<T, N>, M, S> {
    /// Returns `true` if an element is in the set. Reads what [`BTreeSet::contains`] reads.
    ///
    /// # Panics
    /// On damaged memory; `try_contains` does not.
    #[must_use]
    #[track_caller]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> bool {
        self.try_contains(value).or_fail()
    }

    /// Like `contains`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<bool> {
        self.find(&self.key(value), |_| Ok(())).map(|found| found.is_some())
    }

    /// Returns an iterator over the elements in order, from both ends.
    #[must_use]
    pub fn iter(&self) -> Iter<'a, T, M> {
        self.elements((Bound::Unbounded, Bound::Unbounded), self.left())
    }

    /// Returns an iterator over the elements of a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<T, Q>>(&self, range: R) -> Iter<'a, T, M> {
        self.elements(encode_range(&range, "BTreeSet"), Left::at_most(self.len()))
    }

    /// Returns the least element.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn first(&self) -> Option<T> {
        self.iter().next()
    }

    /// Returns the greatest element.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    #[track_caller]
    pub fn last(&self) -> Option<T> {
        self.iter().next_back()
    }

    fn elements(&self, range: KeyRange, left: Left) -> Iter<'a, T, M> {
        Iter::new(self.cursor(range), left, Self::SIZES, |root, key, found| {
            decode_key(key).on_page(root, found.page)
        })
    }
}

impl<T: StableKey, N: Memory, M: Memory, S: Stored> InnerMut<'_, BTreeSet<T, N>, M, S> {
    /// Adds an element. Returns `false` if it was there already.
    ///
    /// # Panics
    /// When out of memory, for an element of more than 984 bytes, or on damaged memory;
    /// `try_insert` does not.
    #[track_caller]
    pub fn insert(&mut self, value: T) -> bool {
        self.try_insert(value).or_fail()
    }

    /// Like `insert`, but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The set is unchanged then.
    pub fn try_insert(&mut self, value: T) -> Result<bool> {
        let key = self.key(&value);
        self.put(&key, S::encode(&())?.as_slice(), 0, |_| Ok(())).map(|old| old.is_none())
    }

    /// Removes an element. Returns `true` if it was there.
    ///
    /// # Panics
    /// On damaged memory; `try_remove` does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> bool {
        self.try_remove(value).or_fail()
    }

    /// Like `remove`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<bool> {
        let key = self.key(value);
        self.take(&key, 0, |_| Ok(())).map(|removed| removed.is_some())
    }
}

impl<T: StableKey + core::fmt::Debug, N: Memory, M: Memory, S: Stored> core::fmt::Debug
    for Inner<'_, BTreeSet<T, N>, M, S>
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

extendable!([T: StableKey, N: Memory, M: Memory, S: Stored] InnerMut<'_, BTreeSet<T, N>, M, S>, T, insert);
