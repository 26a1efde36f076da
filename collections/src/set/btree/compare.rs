//! Comparisons of sets: subset, superset, disjoint.

use graven_core::error::fail;
use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use crate::set::btree::BTreeSet;

/// Sets compared. Each stops at the first element that decides.
impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Returns whether every element is in the other set, too. Reads as [`BTreeSet::difference`];
    /// nothing if this set has more elements.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_subset`] does not.
    #[must_use]
    pub fn is_subset<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        self.try_is_subset(other).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::is_subset`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_subset<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        Ok(self.len() <= other.len() && self.difference(other).try_next()?.is_none())
    }

    /// Returns whether every element of the other set is in this one.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_superset`] does not.
    #[must_use]
    pub fn is_superset<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        other.is_subset(self)
    }

    /// Like [`BTreeSet::is_superset`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_superset<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        other.try_is_subset(self)
    }

    /// Returns whether no element is in both sets. Reads as [`BTreeSet::intersection`].
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_is_disjoint`] does not.
    #[must_use]
    pub fn is_disjoint<N: Memory>(&self, other: &BTreeSet<T, N>) -> bool {
        self.try_is_disjoint(other).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::is_disjoint`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_is_disjoint<N: Memory>(&self, other: &BTreeSet<T, N>) -> Result<bool> {
        Ok(self.intersection(other).try_next()?.is_none())
    }
}
