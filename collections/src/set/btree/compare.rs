//! Comparisons of sets: subset, superset, disjoint.

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::set::btree::BTreeSet;

/// Comparisons of two sets. Each stops at the first element that decides.
impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Returns `true` if every element is also in the other set. Reads what
    /// [`BTreeSet::difference`] reads, or nothing if this set has more elements.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_subset`] does not.
    #[must_use]
    #[track_caller]
    pub fn is_subset<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        self.try_is_subset(other).or_fail()
    }

    /// Like [`BTreeSet::is_subset`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_subset<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        Ok(self.len() <= other.len() && self.difference(other).try_next()?.is_none())
    }

    /// Returns `true` if every element of the other set is in this one.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_superset`] does not.
    #[must_use]
    #[track_caller]
    pub fn is_superset<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        other.is_subset(self)
    }

    /// Like [`BTreeSet::is_superset`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_superset<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        other.try_is_subset(self)
    }

    /// Returns `true` if no element is in both sets. Reads what [`BTreeSet::intersection`] reads.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_disjoint`] does not.
    #[must_use]
    #[track_caller]
    pub fn is_disjoint<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        self.try_is_disjoint(other).or_fail()
    }

    /// Like [`BTreeSet::is_disjoint`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_disjoint<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        Ok(self.intersection(other).try_next()?.is_none())
    }
}
