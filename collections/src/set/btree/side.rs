//! One of two sets that are read together, as encoded elements.

use std::cmp::Ordering;
use std::ops::Bound;

use graven_core::key::{KeyBuf, StableKey};
use graven_core::store::Root;
use graven_core::{Damage, Memory, Result};

use crate::engine::btree::range::RangeIter;
use crate::engine::cell::compare;
use crate::map::btree::BTreeMap;
use crate::set::btree::BTreeSet;

/// Elements that are skipped one by one before the next one is looked up. The look-up costs about
/// as much as skipping this many.
const NEAR: u32 = 64;

/// An encoded element and its page.
pub(super) type Element = (u32, KeyBuf);

/// A set and the position of its next element.
pub(super) struct Side<'a, T, M: Memory> {
    set: &'a BTreeSet<T, M>,
    cursor: RangeIter<'a, M>,
    /// The next element, if it was read.
    next: Option<Element>,
}

impl<T, M: Memory> Clone for Side<'_, T, M> {
    fn clone(&self) -> Self {
        Side { set: self.set, cursor: self.cursor.clone(), next: self.next.clone() }
    }
}

impl<'a, T: StableKey, M: Memory> Side<'a, T, M> {
    pub(super) fn new(set: &'a BTreeSet<T, M>) -> Self {
        Side { set, cursor: set.map.tree.cursor(Bound::Unbounded, Bound::Unbounded), next: None }
    }

    /// Returns the root of the set.
    pub(super) fn root(&self) -> &'a Root<M> {
        self.set.map.tree.root()
    }

    /// Returns the next element without consuming it.
    pub(super) fn peek(&mut self) -> Result<Option<&[u8]>> {
        if self.next.is_none() {
            let sizes = BTreeMap::<T, (), M>::SIZES;
            self.next = self.cursor.next(sizes, |key, found| Ok((found.page, KeyBuf::from(key))))?;
        }
        Ok(self.next.as_ref().map(|(_, key)| key.as_slice()))
    }

    /// Returns the next element and consumes it.
    pub(super) fn take(&mut self) -> Result<Option<Element>> {
        self.peek()?;
        Ok(self.next.take())
    }

    /// Skips all elements below `key`. Returns `true` if `key` is the next element.
    pub(super) fn pass(&mut self, key: &[u8]) -> Result<bool> {
        for _ in 0..NEAR {
            match self.peek()?.map(|next| compare(next, key)) {
                None => return Ok(false),
                Some(order) if order.is_ge() => return Ok(order.is_eq()),
                Some(_) => self.next = None,
            }
        }
        self.cursor = self.set.map.tree.cursor(Bound::Included(KeyBuf::from(key)), Bound::Unbounded);
        self.next = None;
        let order = self.peek()?.map(|next| compare(next, key));
        match (order, &self.next) {
            // Without this check, two damaged sets could skip back and forth without end.
            (Some(Ordering::Less), Some((page, _))) => {
                Err(self.root().damaged(*page, Damage::KeysOutOfOrder))
            }
            (order, _) => Ok(order == Some(Ordering::Equal)),
        }
    }
}
