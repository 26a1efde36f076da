//! An unordered set: a hash map without values.

mod change;
mod page;

use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Memory, Result};

pub use change::ExtractIf;

use crate::map::hash::{HashMap, Keys};

/// An unordered set of `T`, with the method names of std's `HashSet`.
///
/// It costs what a [`HashMap`] costs without its values. A look-up reads sixteen bytes of a table
/// and one element. An insert writes the element, a byte and the root's counters.
///
/// # Example: who has voted
/// ```
/// use graven_collections::{HashSet, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut voted: HashSet<u64> = open("voted", DefaultMemoryImpl::default()).unwrap();
/// assert!(voted.insert(7));
/// assert!(!voted.insert(7));
/// assert!(voted.contains(&7) && !voted.contains(&8));
/// ```
pub struct HashSet<T, M: Memory = DefaultMemoryImpl> {
    map: HashMap<T, (), M>,
}

impl<T: StableKey, M: Memory> HashSet<T, M> {
    /// Returns the number of elements. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.map.len()
    }

    /// Returns `true` if there are no elements. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Returns `true` if an element is in the set.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_contains`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> bool {
        self.map.contains_key(element)
    }

    /// Like [`HashSet::contains`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> Result<bool> {
        self.map.try_contains_key(element)
    }

    /// Returns the element of the set that has the same encoding as this one.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> Option<T> {
        self.try_get(element).or_fail()
    }

    /// Like [`HashSet::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> Result<Option<T>> {
        Ok(self.map.try_get_key_value(element)?.map(|(element, ())| element))
    }

    /// Adds an element. Returns `false` if it was there.
    ///
    /// # Panics
    /// When out of memory, for an element of more than 992 bytes, or on damaged memory;
    /// [`HashSet::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, element: T) -> bool {
        self.try_insert(element).or_fail()
    }

    /// Like [`HashSet::insert`], but returns failures as errors.
    ///
    /// # Errors
    /// As [`HashMap::try_insert`]. The set is unchanged then.
    pub fn try_insert(&mut self, element: T) -> Result<bool> {
        self.map.try_insert(element, ()).map(|old| old.is_none())
    }

    /// Adds an element and returns the old one with the same encoding.
    ///
    /// # Panics
    /// As [`HashSet::insert`]; [`HashSet::try_replace`] does not.
    #[track_caller]
    pub fn replace(&mut self, element: T) -> Option<T> {
        self.try_replace(element).or_fail()
    }

    /// Like [`HashSet::replace`], but returns failures as an error.
    ///
    /// # Errors
    /// As [`HashSet::try_insert`].
    pub fn try_replace(&mut self, element: T) -> Result<Option<T>> {
        let old = self.try_get(&element)?;
        if old.is_none() {
            self.try_insert(element)?;
        }
        Ok(old)
    }

    /// Removes an element. Returns `false` if it was not there.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> bool {
        self.map.remove(element).is_some()
    }

    /// Like [`HashSet::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> Result<bool> {
        self.map.try_remove(element).map(|old| old.is_some())
    }

    /// Removes an element and returns it.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_take`] does not.
    #[track_caller]
    pub fn take<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> Option<T> {
        self.try_take(element).or_fail()
    }

    /// Like [`HashSet::take`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged). Nothing was removed then.
    pub fn try_take<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> Result<Option<T>> {
        Ok(self.map.try_remove_entry(element)?.map(|(element, ())| element))
    }

    /// Removes everything in constant time: see [`HashMap::clear`].
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`HashSet::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.map.try_clear()
    }

    /// Returns an iterator over all elements, in an unspecified order. Reads every page once.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        Iter { keys: self.map.keys() }
    }

    /// Returns an iterator over the elements of either set, first all of this one.
    pub fn union<'a, N: Memory>(
        &'a self,
        other: &'a HashSet<T, N>,
    ) -> impl FusedIterator<Item = T> + Clone + 'a {
        self.iter().chain(other.difference(self))
    }

    /// Returns an iterator over the elements that are in both sets. Walks over the smaller set and
    /// looks its elements up in the other.
    pub fn intersection<'a, N: Memory>(
        &'a self,
        other: &'a HashSet<T, N>,
    ) -> impl FusedIterator<Item = T> + Clone + 'a {
        let (ours, theirs) =
            if self.len() <= other.len() { (Some(self.iter()), None) } else { (None, Some(other.iter())) };
        let ours = ours.into_iter().flatten().filter(|element| other.contains(element));
        ours.chain(theirs.into_iter().flatten().filter(|element| self.contains(element)))
    }

    /// Returns an iterator over the elements of this set that are not in the other.
    pub fn difference<'a, N: Memory>(
        &'a self,
        other: &'a HashSet<T, N>,
    ) -> impl FusedIterator<Item = T> + Clone + 'a {
        self.iter().filter(|element| !other.contains(element))
    }

    /// Returns an iterator over the elements that are in exactly one of the sets.
    pub fn symmetric_difference<'a, N: Memory>(
        &'a self,
        other: &'a HashSet<T, N>,
    ) -> impl FusedIterator<Item = T> + Clone + 'a {
        self.difference(other).chain(other.difference(self))
    }

    /// Returns `true` if the other set has all elements of this one.
    #[must_use]
    pub fn is_subset<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        self.len() <= other.len() && self.iter().all(|element| other.contains(&element))
    }

    /// Returns `true` if this set has all elements of the other one.
    #[must_use]
    pub fn is_superset<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        other.is_subset(self)
    }

    /// Returns `true` if no element is in both sets.
    #[must_use]
    pub fn is_disjoint<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        self.intersection(other).next().is_none()
    }

    /// Sets the seed for the hash of elements, while there are none: see [`HashMap::reseed`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn reseed(&mut self, seed: u64) -> Result<bool> {
        self.map.reseed(seed)
    }

    /// Returns the seed of the hash.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.map.seed()
    }

    /// Returns the size of the set. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> graven_core::store::RootStats {
        self.map.stats()
    }

    /// Checks the whole set: see [`HashMap::verify`].
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) for the first damage that is found.
    pub fn verify(&self) -> Result<()> {
        self.map.verify()
    }
}

/// An iterator over all elements of a set, in an unspecified order.
pub struct Iter<'a, T, M: Memory> {
    keys: Keys<'a, T, (), M>,
}

impl<T: StableKey, M: Memory> Iter<'_, T, M> {
    /// Like [`Iterator::next`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<T>> {
        self.keys.try_next()
    }
}

impl<T: StableKey, M: Memory> Iterator for Iter<'_, T, M> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.keys.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.keys.size_hint()
    }
}

impl<T: StableKey, M: Memory> FusedIterator for Iter<'_, T, M> {}

impl<T: StableKey, M: Memory> ExactSizeIterator for Iter<'_, T, M> {}

cloneable!([T: StableKey, M: Memory] Iter<'_, T, M>, |this| Iter { keys: this.keys.clone() });

impl<T: StableKey, M: Memory> Collection for HashSet<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<()>("", CollectionKind::HashSet, Some(T::KEY));

    fn attach(root: Root<M>) -> Self {
        HashSet { map: HashMap::attach(root) }
    }

    fn root(&self) -> &Root<M> {
        self.map.root()
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.verify_within(position, budget)
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.sweep(budget)
    }
}

impl<T: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for HashSet<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

iterable!([T: StableKey, M: Memory] HashSet<T, M> => Iter<'a, T, M>);
extendable!([T: StableKey, M: Memory] HashSet<T, M>, T, insert);

impl<T: StableKey, M: Memory, N: Memory> PartialEq<HashSet<T, N>> for HashSet<T, M> {
    fn eq(&self, other: &HashSet<T, N>) -> bool {
        self.len() == other.len() && self.iter().all(|element| other.contains(&element))
    }
}

impl<T: StableKey, S, M: Memory> PartialEq<std::collections::HashSet<T, S>> for HashSet<T, M> {
    fn eq(&self, other: &std::collections::HashSet<T, S>) -> bool {
        self.len() == other.len() as u64 && other.iter().all(|element| self.contains(element))
    }
}
