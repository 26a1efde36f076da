//! Iterates over the collections of a `Nested`, or of records.

use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey, decode_key};
use graven_core::store::Root;
use graven_core::{Damage, Memory, Result};

use crate::engine::bounds::{KeyRange, Left};
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::nested::inner::Inner;
use crate::nested::kinds::Nestable;
use crate::nested::row::{Row, border, key_of};
use crate::nested::stored::{Alone, Stored};
use crate::nested::trees::Trees;

/// An iterator over the keys and their collections in the order of the keys, from both ends. Reads
/// one page for each leaf of the index. In damaged memory its length may be wrong.
pub struct Collections<'a, K, C, M: Memory, S = Alone> {
    cursor: RangeIter<'a, M>,
    trees: &'a Trees<M>,
    left: Left,
    types: PhantomData<(K, C, S)>,
}

impl<'a, K: StableKey, C: Nestable, M: Memory, S: Stored> Collections<'a, K, C, M, S> {
    /// Creates an iterator over the collections whose keys are in a range.
    pub(crate) fn new(trees: &'a Trees<M>, range: KeyRange) -> Self {
        let tagged = |bound: Bound<KeyBuf>| {
            bound.map(|key| {
                let mut row = border();
                row.extend(key.as_slice());
                row
            })
        };
        let left = Left::counted(trees.index.root(), trees.in_use());
        let left = match &range {
            (Bound::Unbounded, Bound::Unbounded) => left,
            _ => left.or_fewer(),
        };
        let start = match range.0 {
            Bound::Unbounded => Bound::Included(border()),
            start => tagged(start),
        };
        let end = tagged(range.1);
        Collections { cursor: trees.index.cursor(start, end), trees, left, types: PhantomData }
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<<Self as Iterator>::Item>> {
        let (root, sizes) = (self.trees.index.root(), self.trees.index.context.sizes);
        let found = self.cursor.next(sizes, |key, found| read(root, key, found))?;
        self.left.count(found.is_some());
        Ok(found.map(|(key, row)| (key, Inner::new(self.trees, row))))
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<<Self as Iterator>::Item>> {
        let (root, sizes) = (self.trees.index.root(), self.trees.index.context.sizes);
        let found = self.cursor.next_back(sizes, |key, found| read(root, key, found))?;
        self.left.count(found.is_some());
        Ok(found.map(|(key, row)| (key, Inner::new(self.trees, row))))
    }
}

/// Decodes the key and the row of a collection in use.
fn read<K: StableKey, M: Memory>(root: &Root<M>, key: &[u8], found: StoredValue<'_>) -> Result<(K, Row)> {
    let damaged = |reason| root.damaged(found.page, reason);
    let key = key_of(key).ok_or_else(|| damaged(Damage::InvalidRow))?;
    let key = decode_key(key).map_err(|invalid| damaged(invalid.into()))?;
    Ok((key, Row::read(found).map_err(damaged)?))
}

impl<'a, K: StableKey, C: Nestable, M: Memory, S: Stored> Iterator for Collections<'a, K, C, M, S> {
    type Item = (K, Inner<'a, C, M, S>);

    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().or_fail()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.hint()
    }
}

impl<K: StableKey, C: Nestable, M: Memory, S: Stored> DoubleEndedIterator for Collections<'_, K, C, M, S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.try_next_back().or_fail()
    }
}

impl<K: StableKey, C: Nestable, M: Memory, S: Stored> FusedIterator for Collections<'_, K, C, M, S> {}

cloneable!(
    [K: StableKey, C: Nestable, M: Memory, S: Stored] Collections<'_, K, C, M, S>,
    |this| Collections { cursor: this.cursor.clone(), ..*this }
);
