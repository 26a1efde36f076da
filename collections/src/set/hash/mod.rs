//! A set without an order: a hash map without values.

mod change;
mod page;

use std::iter::FusedIterator;

use graven_core::error::fail;
use graven_core::key::{KeyRef, StableKey, decode_key};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

pub use change::ExtractIf;

use crate::codec::keys::written;
use crate::map::hash::{HashMap, Keys};
pub use crate::set::btree::Extracted;
pub use crate::walk::Walked;

/// A set of `T` without an order, with the names of std's.
///
/// It costs what a [`HashMap`] costs without its values: a look-up reads sixteen bytes of a table
/// and one element; an insert writes the element, a byte and the root's counters.
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
    /// Number of elements. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.map.len()
    }

    /// Returns whether there are no elements. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }

    /// Returns whether an element is in the set.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_contains`] does not.
    #[must_use]
    #[inline]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> bool {
        self.map.contains_key(element)
    }

    /// Like [`HashSet::contains`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    #[inline]
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> Result<bool> {
        self.map.try_contains_key(element)
    }

    /// The element of the set that is encoded like this one.
    ///
    /// # Panics
    /// On damaged memory.
    #[must_use]
    pub fn get<Q: KeyRef<T> + ?Sized>(&self, element: &Q) -> Option<T> {
        if !self.contains(element) {
            return None;
        }
        let bytes = written(element);
        // What is stored has the same bytes.
        let found = decode_key(bytes.as_slice()).map_err(|why| Error::invalid(self.root().page(), why));
        Some(found.unwrap_or_else(|error| fail(&error)))
    }

    /// Adds an element; false if it was there.
    ///
    /// # Panics
    /// When out of memory, for an element of more than 992 bytes, or on damaged memory;
    /// [`HashSet::try_insert`] does not.
    #[inline]
    pub fn insert(&mut self, element: T) -> bool {
        self.try_insert(element).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`HashSet::insert`].
    ///
    /// # Errors
    /// As [`HashMap::try_insert`]; the set is as it was.
    #[inline]
    pub fn try_insert(&mut self, element: T) -> Result<bool> {
        self.map.try_insert(element, ()).map(|old| old.is_none())
    }

    /// Adds an element and gives the one that was there, which is encoded alike.
    ///
    /// # Panics
    /// As [`HashSet::insert`].
    pub fn replace(&mut self, element: T) -> Option<T> {
        let old = self.get(&element);
        self.insert(element);
        old
    }

    /// Removes an element; false if it was not there.
    ///
    /// # Panics
    /// On damaged memory; [`HashSet::try_remove`] does not.
    #[inline]
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> bool {
        self.map.remove(element).is_some()
    }

    /// Like [`HashSet::remove`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> Result<bool> {
        self.map.try_remove(element).map(|old| old.is_some())
    }

    /// Removes an element and gives it.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn take<Q: KeyRef<T> + ?Sized>(&mut self, element: &Q) -> Option<T> {
        let old = self.get(element);
        self.remove(element);
        old
    }

    /// Removes everything, in constant time: see [`HashMap::clear`].
    ///
    /// # Panics
    /// On damaged memory.
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// All elements, in no order that means anything. Reads every page once.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        Iter { keys: self.map.keys() }
    }

    /// The elements of either set, first all of this one.
    pub fn union<'a, N: Memory>(&'a self, other: &'a HashSet<T, N>) -> impl Iterator<Item = T> + 'a {
        self.iter().chain(other.difference(self))
    }

    /// The elements of both sets. Walks over the smaller one and looks into the other.
    pub fn intersection<'a, N: Memory>(&'a self, other: &'a HashSet<T, N>) -> impl Iterator<Item = T> + 'a {
        let (ours, theirs) =
            if self.len() <= other.len() { (Some(self.iter()), None) } else { (None, Some(other.iter())) };
        let ours = ours.into_iter().flatten().filter(|element| other.contains(element));
        ours.chain(theirs.into_iter().flatten().filter(|element| self.contains(element)))
    }

    /// The elements of this set that are not in the other.
    pub fn difference<'a, N: Memory>(&'a self, other: &'a HashSet<T, N>) -> impl Iterator<Item = T> + 'a {
        self.iter().filter(|element| !other.contains(element))
    }

    /// The elements of one of the sets that are not in the other.
    pub fn symmetric_difference<'a, N: Memory>(
        &'a self,
        other: &'a HashSet<T, N>,
    ) -> impl Iterator<Item = T> + 'a {
        self.difference(other).chain(other.difference(self))
    }

    /// Returns whether the other set has all elements of this one.
    #[must_use]
    pub fn is_subset<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        self.len() <= other.len() && self.iter().all(|element| other.contains(&element))
    }

    /// Returns whether this set has all elements of the other one.
    #[must_use]
    pub fn is_superset<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        other.is_subset(self)
    }

    /// Returns whether no element is in both sets.
    #[must_use]
    pub fn is_disjoint<N: Memory>(&self, other: &HashSet<T, N>) -> bool {
        self.intersection(other).next().is_none()
    }

    /// Takes a seed for the hash of elements, while there are none: see [`HashMap::reseed`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn reseed(&mut self, seed: u64) -> Result<bool> {
        self.map.reseed(seed)
    }

    /// The seed of the hash.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.map.seed()
    }

    /// Size of the set. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> graven_core::store::RootStats {
        self.map.stats()
    }

    /// Checks the whole set: see [`HashMap::verify`].
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.map.verify()
    }
}

/// All elements of a set, in no order that means anything.
pub struct Iter<'a, T, M: Memory> {
    keys: Keys<'a, T, (), M>,
}

impl<T: StableKey, M: Memory> Iter<'_, T, M> {
    /// Like `next`, with damaged memory as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
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

impl<T: StableKey, M: Memory> Collection for HashSet<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<()>("", CollectionKind::HashSet, Some(T::KEY));

    fn attach(root: Root<M>) -> Self {
        HashSet { map: HashMap::attach(root) }
    }

    fn root(&self) -> &Root<M> {
        self.map.root()
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.sweep(budget)
    }
}

impl<T: StableKey, M: Memory> Extend<T> for HashSet<T, M> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        elements.into_iter().for_each(|element| {
            self.insert(element);
        });
    }
}

impl<'a, T: StableKey, M: Memory> IntoIterator for &'a HashSet<T, M> {
    type Item = T;
    type IntoIter = Iter<'a, T, M>;

    fn into_iter(self) -> Iter<'a, T, M> {
        self.iter()
    }
}

impl<T: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for HashSet<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
