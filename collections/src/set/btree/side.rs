//! One of two sets that are walked side by side, by the bytes of its elements.

use std::cmp::Ordering;
use std::ops::Bound;

use graven_core::key::{KeyBuf, StableKey};
use graven_core::{Error, Memory, Result};

use crate::engine::btree::range::RangeIter;
use crate::engine::cell::compare;
use crate::map::btree::BTreeMap;
use crate::set::btree::BTreeSet;

/// Elements that are passed one by one before a far one is looked up: about as many as cost the
/// same.
const NEAR: u32 = 64;

/// An element, not decoded yet, and the page that it is on.
pub(super) type Element = (u32, KeyBuf);

/// A set and how far it was walked.
pub(super) struct Side<'a, T, M: Memory> {
    set: &'a BTreeSet<T, M>,
    cursor: RangeIter<'a, M>,
    /// The next element, if it was looked at.
    next: Option<Element>,
}

impl<'a, T: StableKey, M: Memory> Side<'a, T, M> {
    pub(super) fn new(set: &'a BTreeSet<T, M>) -> Self {
        Side { set, cursor: set.map.tree.cursor(Bound::Unbounded, Bound::Unbounded), next: None }
    }

    /// The next element, which stays the next one.
    pub(super) fn peek(&mut self) -> Result<Option<&[u8]>> {
        if self.next.is_none() {
            let sizes = BTreeMap::<T, (), M>::SIZES;
            self.next = self.cursor.next(sizes, |key, found| Ok((found.page, KeyBuf::from(key))))?;
        }
        Ok(self.next.as_ref().map(|(_, key)| key.as_slice()))
    }

    /// The next element.
    pub(super) fn take(&mut self) -> Result<Option<Element>> {
        self.peek()?;
        Ok(self.next.take())
    }

    /// Passes all elements below `key`; whether `key` is the next one.
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
            // Two damaged sets must not send each other back and forth.
            (Some(Ordering::Less), Some((page, _))) => {
                Err(Error::Damaged { page: *page, why: "its keys are not in order" })
            }
            (order, _) => Ok(order == Some(Ordering::Equal)),
        }
    }
}
