//! Loads sorted input into a set, and moves elements between sets.

use graven_core::key::{KeyRef, StableKey};
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::engine::progress::Step;
use crate::map::btree::LoadError;
use crate::set::btree::BTreeSet;

/// Bulk operations: see the methods of [`BTreeMap`](crate::BTreeMap) with the same names.
impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Adds elements that are ascending and greater than all elements of the set, and returns their
    /// number. Leaves are packed full, and every page is written once.
    ///
    /// # Errors
    /// As [`BTreeMap::load_sorted`](crate::BTreeMap::load_sorted). The elements before the bad one
    /// are in the set.
    ///
    /// # Example: numbers in order
    /// ```
    /// # use graven_collections::{BTreeSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut set: BTreeSet<u64> = open("set", DefaultMemoryImpl::default()).unwrap();
    /// assert_eq!(set.load_sorted(0..5_000).unwrap(), 5_000);
    /// assert_eq!(set.load_sorted([5_000, 5_000]).unwrap_err().loaded, 1);
    /// ```
    pub fn load_sorted(&mut self, values: impl IntoIterator<Item = T>) -> Result<u64, LoadError> {
        self.map.load_sorted(values.into_iter().map(|value| (value, ())))
    }

    /// Moves all elements of another set into this one in this message. For sets that are known to
    /// be small.
    ///
    /// # Panics
    /// When out of memory or on damaged memory; elements that were moved before stay moved.
    #[track_caller]
    pub fn append<N: Memory>(&mut self, other: &mut BTreeSet<T, N>) {
        self.map.append(&mut other.map);
    }

    /// Moves elements into this set until the budget is spent, which counts elements.
    ///
    /// # Errors
    /// As [`BTreeMap::append_within`](crate::BTreeMap::append_within).
    pub fn append_within<N: Memory>(
        &mut self,
        other: &mut BTreeSet<T, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        self.map.append_within(&mut other.map, budget)
    }

    /// Moves the elements from `value` on into another set in this message. For sets that are known
    /// to be small.
    ///
    /// # Panics
    /// As [`BTreeSet::append`].
    #[track_caller]
    pub fn split_off<Q: KeyRef<T> + ?Sized, N: Memory>(&mut self, value: &Q, into: &mut BTreeSet<T, N>) {
        self.map.split_off(value, &mut into.map);
    }

    /// Moves elements into the other set until the budget is spent, which counts elements.
    ///
    /// # Errors
    /// As [`BTreeMap::split_off_within`](crate::BTreeMap::split_off_within).
    pub fn split_off_within<Q: KeyRef<T> + ?Sized, N: Memory>(
        &mut self,
        value: &Q,
        into: &mut BTreeSet<T, N>,
        budget: &mut Budget<'_>,
    ) -> Result<Step> {
        self.map.split_off_within(value, &mut into.map, budget)
    }
}
