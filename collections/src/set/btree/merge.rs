//! Union, intersection and differences of two sets, as iterators that keep one leaf of each.

use std::cmp::Ordering;
use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::engine::cell::compare;
use crate::set::btree::side::{Element, Side};
use crate::set::btree::{BTreeSet, read};

/// Two sets that are read together in order.
struct Merge<'a, T, M: Memory, N: Memory> {
    left: Side<'a, T, M>,
    right: Side<'a, T, N>,
    /// `true` after an error: the iterator has ended.
    failed: bool,
}

impl<T, M: Memory, N: Memory> Clone for Merge<'_, T, M, N> {
    fn clone(&self) -> Self {
        Merge { left: self.left.clone(), right: self.right.clone(), failed: self.failed }
    }
}

impl<'a, T: StableKey, M: Memory, N: Memory> Merge<'a, T, M, N> {
    fn new(left: &'a BTreeSet<T, M>, right: &'a BTreeSet<T, N>) -> Self {
        Merge { left: Side::new(left), right: Side::new(right), failed: false }
    }

    /// Returns the order of the next elements. If one set has ended, the element of the other is
    /// less. Returns `None` if both have ended.
    fn order(&mut self) -> Result<Option<Ordering>> {
        Ok(match (self.left.peek()?, self.right.peek()?) {
            (Some(left), Some(right)) => Some(compare(left, right)),
            (Some(_), None) => Some(Ordering::Less),
            (None, Some(_)) => Some(Ordering::Greater),
            (None, None) => None,
        })
    }

    fn union(&mut self) -> Result<Option<Element>> {
        match self.order()? {
            None => Ok(None),
            Some(Ordering::Less) => self.left.take(),
            Some(Ordering::Greater) => self.right.take(),
            Some(Ordering::Equal) => {
                self.right.take()?;
                self.left.take()
            }
        }
    }

    fn symmetric_difference(&mut self) -> Result<Option<Element>> {
        while self.order()? == Some(Ordering::Equal) {
            self.left.take()?;
            self.right.take()?;
        }
        self.union()
    }

    fn intersection(&mut self) -> Result<Option<Element>> {
        loop {
            let Some(left) = self.left.peek()? else { return Ok(None) };
            if self.right.pass(left)? {
                self.right.take()?;
                return self.left.take();
            }
            let Some(right) = self.right.peek()? else { return Ok(None) };
            self.left.pass(right)?;
        }
    }

    fn difference(&mut self) -> Result<Option<Element>> {
        while let Some(left) = self.left.peek()? {
            if !self.right.pass(left)? {
                break;
            }
            self.left.take()?;
        }
        self.left.take()
    }

    /// Runs one step and decodes the element that it returns.
    fn step(&mut self, step: impl FnOnce(&mut Self) -> Result<Option<Element>>) -> Result<Option<T>> {
        if self.failed {
            return Ok(None);
        }
        let next = match step(self) {
            Ok(None) => return Ok(None),
            Ok(Some((page, key))) => read(self.left.root(), page, key.as_slice()).map(Some),
            Err(error) => Err(error),
        };
        self.failed = next.is_err();
        next
    }
}

macro_rules! merges {
    ($($(#[$doc:meta])* $name:ident, $(#[$method_doc:meta])* $method:ident;)*) => {
        $(
            $(#[$doc])*
            pub struct $name<'a, T, M: Memory, N: Memory>(Merge<'a, T, M, N>);

            impl<T: StableKey, M: Memory, N: Memory> $name<'_, T, M, N> {
                /// Like `next`, but returns damage as an error.
                ///
                /// # Errors
                /// [`Error::Damaged`](graven_core::Error::Damaged).
                pub fn try_next(&mut self) -> Result<Option<T>> {
                    self.0.step(Merge::$method)
                }
            }

            impl<T: StableKey, M: Memory, N: Memory> Iterator for $name<'_, T, M, N> {
                type Item = T;

                fn next(&mut self) -> Option<T> {
                    self.try_next().or_fail()
                }
            }

            impl<T: StableKey, M: Memory, N: Memory> FusedIterator for $name<'_, T, M, N> {}

            cloneable!([T: StableKey, M: Memory, N: Memory] $name<'_, T, M, N>, |this| $name(this.0.clone()));
        )*

        /// Operations on two sets. All are lazy and keep one leaf of each set. The other set may be
        /// in another store.
        impl<T: StableKey, M: Memory> BTreeSet<T, M> {
            $(
                $(#[$method_doc])*
                pub fn $method<'a, N: Memory>(&'a self, other: &'a BTreeSet<T, N>) -> $name<'a, T, M, N> {
                    $name(Merge::new(self, other))
                }
            )*
        }
    };
}

merges! {
    /// An iterator over the elements of one set, the other, or both.
    Union,
    /// Returns an iterator over the elements of this set, the other one, or both, in order. Reads
    /// each leaf of both.
    ///
    /// # Example: all names
    /// ```
    /// use graven_collections::{BTreeSet, Collection};
    /// use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::{Options, Store};
    /// type Set = BTreeSet<u64>;
    /// let roots = [Set::SPEC.named("odd"), Set::SPEC.named("small")];
    /// let mut store = Store::open(DefaultMemoryImpl::default(), &roots, Options::default()).unwrap();
    /// let (mut odd, mut small) = (Set::attach(store.take(0)), Set::attach(store.take(1)));
    /// odd.extend([1, 3, 5]);
    /// small.extend([1, 2, 3]);
    /// assert_eq!(odd.union(&small).collect::<Vec<_>>(), [1, 2, 3, 5]);
    /// assert_eq!(odd.intersection(&small).collect::<Vec<_>>(), [1, 3]);
    /// assert_eq!(odd.difference(&small).collect::<Vec<_>>(), [5]);
    /// assert_eq!(odd.symmetric_difference(&small).collect::<Vec<_>>(), [2, 5]);
    /// ```
    union;
    /// An iterator over the elements that are in both sets.
    Intersection,
    /// Returns an iterator over the elements that are in both sets, in order. If one set has many
    /// elements between two of the other, they are skipped by a look-up. If one set has few
    /// elements, each of them costs a look-up in the other.
    intersection;
    /// An iterator over the elements of one set that are not in the other.
    Difference,
    /// Returns an iterator over the elements of this set that are not in the other one, in order.
    /// Reads each leaf of this set; skips elements of the other as [`BTreeSet::intersection`] does.
    difference;
    /// An iterator over the elements of exactly one of two sets.
    SymmetricDifference,
    /// Returns an iterator over the elements of exactly one of the two sets, in order. Reads each
    /// leaf of both.
    symmetric_difference;
}
