//! Iterators over the entries of a nested collection.

use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::store::{OnPage, Root};
use graven_core::{Damage, Memory, Result};

use crate::engine::bounds::Left;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::Sizes;
use crate::engine::cell::StoredValue;

/// A function that decodes an item from an entry.
pub(super) type Read<T, M> = fn(&Root<M>, &[u8], StoredValue<'_>) -> Result<T>;

/// An iterator over the items of one nested collection, from both ends. Reads one page for each
/// leaf. In damaged memory its length may be wrong.
pub struct Iter<'a, T, M: Memory> {
    cursor: RangeIter<'a, M>,
    root: &'a Root<M>,
    sizes: Sizes,
    read: Read<T, M>,
    left: Left,
}

impl<'a, T, M: Memory> Iter<'a, T, M> {
    pub(super) fn new(
        (cursor, root): (RangeIter<'a, M>, &'a Root<M>),
        left: Left,
        sizes: Sizes,
        read: Read<T, M>,
    ) -> Self {
        Iter { cursor, root, sizes, read, left }
    }

    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<T>> {
        let (root, read) = (self.root, self.read);
        let item = self
            .cursor
            .next(self.sizes, |key, found| read(root, own(key).on_page(root, found.page)?, found))?;
        self.left.count(item.is_some());
        Ok(item)
    }

    /// Like `next_back`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next_back(&mut self) -> Result<Option<T>> {
        let (root, read) = (self.root, self.read);
        let item = self
            .cursor
            .next_back(self.sizes, |key, found| read(root, own(key).on_page(root, found.page)?, found))?;
        self.left.count(item.is_some());
        Ok(item)
    }
}

/// Returns an entry's own key, without the number of its collection.
fn own(key: &[u8]) -> Result<&[u8], Damage> {
    key.split_first_chunk::<8>().map(|(_, own)| own).ok_or(Damage::EntryKeyLength)
}

impl<T, M: Memory> Iterator for Iter<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.try_next().or_fail()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.hint()
    }
}

impl<T, M: Memory> DoubleEndedIterator for Iter<'_, T, M> {
    fn next_back(&mut self) -> Option<T> {
        self.try_next_back().or_fail()
    }
}

impl<T, M: Memory> FusedIterator for Iter<'_, T, M> {}

cloneable!([T, M: Memory] Iter<'_, T, M>, |this| Iter { cursor: this.cursor.clone(), ..*this });
