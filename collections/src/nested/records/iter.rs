//! Iterates over records with their collections.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::engine::bounds::KeyRange;
use crate::nested::kinds::Nestable;
use crate::nested::records::{Items, read_record};
use crate::nested::trees::Trees;
use crate::nested::{Beside, Collections};

/// An iterator over the keys with their records and collections in the order of the keys, from both
/// ends. Reads one page for each leaf of the index, and each record with a look-up.
pub struct Iter<'a, K, R, C, M: Memory> {
    collections: Collections<'a, K, C, M, Beside<R>>,
    trees: &'a Trees<M>,
    records: PhantomData<R>,
}

impl<'a, K: StableKey, R: StableLayout, C: Nestable, M: Memory> Iter<'a, K, R, C, M> {
    pub(super) fn new(trees: &'a Trees<M>, range: KeyRange) -> Self {
        Iter { collections: Collections::new(trees, range), trees, records: PhantomData }
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<<Self as Iterator>::Item>> {
        let found = self.collections.try_next()?;
        found.map(|(key, items)| self.with_record(key, items)).transpose()
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<<Self as Iterator>::Item>> {
        let found = self.collections.try_next_back()?;
        found.map(|(key, items)| self.with_record(key, items)).transpose()
    }

    fn with_record(&self, key: K, items: Items<'a, R, C, M>) -> Result<<Self as Iterator>::Item> {
        Ok((key, read_record::<R, C, M>(self.trees, items.row())?, items))
    }
}

impl<'a, K: StableKey, R: StableLayout, C: Nestable, M: Memory> Iterator for Iter<'a, K, R, C, M> {
    type Item = (K, R, Items<'a, R, C, M>);

    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().or_fail()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.collections.size_hint()
    }
}

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> DoubleEndedIterator for Iter<'_, K, R, C, M> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.try_next_back().or_fail()
    }
}

impl<K: StableKey, R: StableLayout, C: Nestable, M: Memory> FusedIterator for Iter<'_, K, R, C, M> {}

cloneable!(
    [K: StableKey, R: StableLayout, C: Nestable, M: Memory] Iter<'_, K, R, C, M>,
    |this| Iter { collections: this.collections.clone(), ..*this }
);
