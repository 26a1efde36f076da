//! An ordered set: the tree of a [`BTreeMap`] whose values are `()`.
//!
//! ```text
//! BTreeSet   elements by value, in order, by range                     (this file, iter)
//! Merge      two sets walked side by side: union, subset and so on     (side, merge, compare)
//! ```

mod compare;
mod iter;
mod load;
mod merge;
mod page;
mod retain;
mod side;

use std::ops::RangeBounds;

use graven_core::error::fail;
use graven_core::key::{KeyPrefix, KeyRef, StableKey, decode_key};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

pub use iter::{Iter, Range};
pub use merge::{Difference, Intersection, SymmetricDifference, Union};
pub use retain::{ExtractIf, Extracted};

use crate::codec::keys::{bounded, written};
use crate::codec::range::{encode_range, prefix_range};
use crate::map::btree::BTreeMap;

/// An ordered set of `T` with the names of std's.
///
/// Costs are those of a [`BTreeMap`] without values: a look-up reads the slots of one leaf and
/// about eight elements of it, and writes nothing. Inserting also writes one cell, some slots and
/// two headers: two dirty pages; a leaf of the page's size holds some 400 numbers. Inserting what
/// is there already writes nothing.
///
/// # Example: words
/// ```
/// use graven_collections::{BTreeSet, open};
/// use graven_core::DefaultMemoryImpl;
/// let mut words: BTreeSet<String> = open("words", DefaultMemoryImpl::default()).unwrap();
/// assert!(words.insert("pear".into()));
/// assert!(words.insert("apple".into()));
/// assert!(!words.insert("pear".into()));
/// assert!(words.contains("apple"));
/// assert_eq!(words.iter().collect::<Vec<_>>(), ["apple", "pear"]);
/// assert_eq!(words.range("b".to_string()..).next().as_deref(), Some("pear"));
/// ```
pub struct BTreeSet<T, M: Memory = DefaultMemoryImpl> {
    map: BTreeMap<T, (), M>,
}

impl<T: StableKey, M: Memory> BTreeSet<T, M> {
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

    /// Returns whether a value is in the set.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_contains`] does not.
    #[must_use]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> bool {
        self.try_contains(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::contains`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<bool> {
        self.map.try_contains_key(value)
    }

    /// The element that is equal to a value. Reads as [`BTreeSet::contains`].
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_get`] does not.
    ///
    /// # Example: an owned element by its borrowed form
    /// ```
    /// # use graven_collections::{BTreeSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut names: BTreeSet<String> = open("names", DefaultMemoryImpl::default()).unwrap();
    /// names.insert("Ada".into());
    /// assert_eq!(names.get("Ada"), Some("Ada".to_string()));
    /// ```
    #[must_use]
    pub fn get<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Option<T> {
        self.try_get(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::get`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<Option<T>> {
        let bytes = written(value);
        let sizes = BTreeMap::<T, (), M>::SIZES;
        self.map.tree.lookup(sizes, bytes.as_slice(), |found| read(found.page, bytes.as_slice()))
    }

    /// Adds a value; false if it was there already, in which case nothing is written.
    ///
    /// # Panics
    /// When out of memory, for a value whose encoding has more than 992 bytes, or on damaged
    /// memory; [`BTreeSet::try_insert`] does not.
    pub fn insert(&mut self, value: T) -> bool {
        self.try_insert(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::insert`].
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::KeyTooLong`] or [`Error::Damaged`]; the set is as it was.
    pub fn try_insert(&mut self, value: T) -> Result<bool> {
        let key = bounded(&value)?;
        self.map.tree.add(BTreeMap::<T, (), M>::SIZES, key.as_slice(), &[])
    }

    /// Adds a value and gives the element that was in its place. Equal elements have equal bytes,
    /// so nothing is written if there was one.
    ///
    /// # Panics
    /// As [`BTreeSet::insert`].
    pub fn replace(&mut self, value: T) -> Option<T> {
        self.try_replace(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::replace`].
    ///
    /// # Errors
    /// As [`BTreeSet::try_insert`].
    pub fn try_replace(&mut self, value: T) -> Result<Option<T>> {
        let old = self.try_get(&value)?;
        if old.is_none() {
            self.try_insert(value)?;
        }
        Ok(old)
    }

    /// Removes a value; whether it was there. Writes a header and some slots; a leaf that is less
    /// than a quarter full is merged with its neighbour.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_remove`] does not.
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> bool {
        self.try_remove(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::remove`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<bool> {
        self.map.try_remove(value).map(|found| found.is_some())
    }

    /// Removes a value and gives the element that it was.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_take`] does not.
    pub fn take<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Option<T> {
        self.try_take(value).unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::take`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_take<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<Option<T>> {
        let bytes = written(value);
        let sizes = BTreeMap::<T, (), M>::SIZES;
        self.map.tree.remove(sizes, bytes.as_slice(), |found| read(found.page, bytes.as_slice()))
    }

    /// Removes everything. Constant time at any size: two pages are written, the others are taken
    /// apart as their room is needed.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn clear(&mut self) {
        self.map.clear();
    }

    /// The least element. Reads one leaf.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_first`] does not.
    #[must_use]
    pub fn first(&self) -> Option<T> {
        self.try_first().unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::first`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_first(&self) -> Result<Option<T>> {
        self.iter().try_next()
    }

    /// The greatest element. Reads one leaf.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_last`] does not.
    #[must_use]
    pub fn last(&self) -> Option<T> {
        self.try_last().unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::last`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_last(&self) -> Result<Option<T>> {
        self.iter().try_next_back()
    }

    /// Removes the least element. Reads one leaf, and writes as [`BTreeSet::remove`].
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_pop_first`] does not.
    pub fn pop_first(&mut self) -> Option<T> {
        self.try_pop_first().unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::pop_first`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_pop_first(&mut self) -> Result<Option<T>> {
        let first = self.try_first()?;
        first.map_or(Ok(None), |value| self.try_take(&value))
    }

    /// Removes the greatest element. Reads one leaf, and writes as [`BTreeSet::remove`].
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_pop_last`] does not.
    pub fn pop_last(&mut self) -> Option<T> {
        self.try_pop_last().unwrap_or_else(|error| fail(&error))
    }

    /// Like [`BTreeSet::pop_last`].
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_pop_last(&mut self) -> Result<Option<T>> {
        let last = self.try_last()?;
        last.map_or(Ok(None), |value| self.try_take(&value))
    }

    /// All elements in order, both ways. Reads one page for each leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        Iter::new(self.map.keys())
    }

    /// The elements of a range, in order, both ways.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or is empty with both bounds excluded.
    pub fn range(&self, range: impl RangeBounds<T>) -> Range<'_, T, M> {
        Range::new(self, encode_range(&range, "BTreeSet"))
    }

    /// The elements that begin with `prefix`: text for `String`, bytes for byte strings, a shorter
    /// tuple for tuples.
    ///
    /// # Example: followers of one user
    /// ```
    /// # use graven_collections::{BTreeSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut follows: BTreeSet<(u64, u64)> = open("follows", DefaultMemoryImpl::default()).unwrap();
    /// follows.extend([(1, 7), (1, 9), (2, 7)]);
    /// assert_eq!(follows.prefix(&(1,)).map(|(_, whom)| whom).collect::<Vec<_>>(), [7, 9]);
    /// ```
    pub fn prefix<P: KeyPrefix<T> + ?Sized>(&self, prefix: &P) -> Range<'_, T, M> {
        Range::new(self, prefix_range(prefix))
    }

    /// Size of the set. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.map.stats()
    }

    /// Checks the whole tree: order, counts, links. Reads every page, so not for large sets in one
    /// message.
    ///
    /// # Errors
    /// [`Error::Damaged`] with the first thing that is wrong.
    pub fn verify(&self) -> Result<()> {
        self.map.verify()
    }
}

/// The element that `bytes` on a page are.
#[inline]
fn read<T: StableKey>(page: u32, bytes: &[u8]) -> Result<T> {
    decode_key(bytes).map_err(|why| Error::invalid(page, why))
}

impl<T: StableKey, M: Memory> Collection for BTreeSet<T, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<()>("", CollectionKind::BTreeSet, Some(T::KEY));

    fn attach(root: Root<M>) -> Self {
        BTreeSet { map: BTreeMap::attach(root) }
    }

    fn root(&self) -> &Root<M> {
        self.map.root()
    }

    /// Values are `()`, which has no older layouts: there is never anything to do.
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.sweep(budget)
    }
}

impl<T: StableKey, M: Memory> Extend<T> for BTreeSet<T, M> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, values: I) {
        values.into_iter().for_each(|value| _ = self.insert(value));
    }
}

impl<'a, T: StableKey + Copy, M: Memory> Extend<&'a T> for BTreeSet<T, M> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, values: I) {
        self.extend(values.into_iter().copied());
    }
}

impl<'a, T: StableKey, M: Memory> IntoIterator for &'a BTreeSet<T, M> {
    type Item = T;
    type IntoIter = Iter<'a, T, M>;

    fn into_iter(self) -> Iter<'a, T, M> {
        self.iter()
    }
}

impl<T: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for BTreeSet<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
