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

use graven_core::error::OrFail;
use graven_core::key::{KeyPrefix, KeyRef, StableKey, decode_key};
use graven_core::page::PageNumber;
use graven_core::store::{
    Budget, Collection, CollectionKind, OnPage, Root, RootSpec, RootStats, VerifyPosition,
};
use graven_core::{DefaultMemoryImpl, Memory, Result};

pub use iter::{Iter, Range};
pub use merge::{Difference, Intersection, SymmetricDifference, Union};
pub use retain::ExtractIf;

use crate::codec::keys::{bounded, written};
use crate::codec::range::{KeyBounds, encode_range, prefix_range};
use crate::engine::bounds::KeyRange;
use crate::engine::verify::check_within;
use crate::map::btree::{self, BTreeMap};

/// An ordered set of `T` with the method names of std's.
///
/// Costs are those of a [`BTreeMap`] without values. A look-up reads a header, sixteen bytes and
/// one element of a leaf if elements have a constant size, else some slots and about eight
/// elements; it writes nothing. An insert also writes one cell, its place in the order and two
/// headers, which dirties two pages. It writes nothing if the element is there already. A leaf of
/// one page has up to 366 numbers.
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

    /// Returns `true` if a value is in the set.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_contains`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> bool {
        self.try_contains(value).or_fail()
    }

    /// Like [`BTreeSet::contains`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_contains<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<bool> {
        self.map.try_contains_key(value)
    }

    /// Returns the element that is equal to a value. Reads what [`BTreeSet::contains`] reads.
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
    #[track_caller]
    pub fn get<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Option<T> {
        self.try_get(value).or_fail()
    }

    /// Like [`BTreeSet::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_get<Q: KeyRef<T> + ?Sized>(&self, value: &Q) -> Result<Option<T>> {
        let bytes = written(value);
        let sizes = BTreeMap::<T, (), M>::SIZES;
        self.map.tree.lookup(sizes, bytes.as_slice(), |found| read(self.root(), found.page, bytes.as_slice()))
    }

    /// Adds a value. Returns `false` and writes nothing if it was there already.
    ///
    /// # Panics
    /// When out of memory, for a value whose encoding has more than 992 bytes, or on damaged
    /// memory; [`BTreeSet::try_insert`] does not.
    #[track_caller]
    pub fn insert(&mut self, value: T) -> bool {
        self.try_insert(value).or_fail()
    }

    /// Like [`BTreeSet::insert`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The set is unchanged then.
    pub fn try_insert(&mut self, value: T) -> Result<bool> {
        let key = bounded(&value)?;
        self.map.tree.add(BTreeMap::<T, (), M>::SIZES, key.as_slice(), &[])
    }

    /// Adds a value and returns the equal element that was there. Equal elements have equal bytes,
    /// so nothing is written if there was one.
    ///
    /// # Panics
    /// As [`BTreeSet::insert`].
    #[track_caller]
    pub fn replace(&mut self, value: T) -> Option<T> {
        self.try_replace(value).or_fail()
    }

    /// Like [`BTreeSet::replace`], but returns failures as an error.
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

    /// Removes a value. Returns `true` if it was there. Writes a header and a part of the order. A
    /// leaf that is less than a quarter full is merged with its neighbour.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_remove`] does not.
    #[track_caller]
    pub fn remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> bool {
        self.try_remove(value).or_fail()
    }

    /// Like [`BTreeSet::remove`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_remove<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<bool> {
        self.map.try_remove(value).map(|found| found.is_some())
    }

    /// Removes a value and returns the element that was equal to it.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_take`] does not.
    #[track_caller]
    pub fn take<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Option<T> {
        self.try_take(value).or_fail()
    }

    /// Like [`BTreeSet::take`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_take<Q: KeyRef<T> + ?Sized>(&mut self, value: &Q) -> Result<Option<T>> {
        let bytes = written(value);
        let sizes = BTreeMap::<T, (), M>::SIZES;
        self.map.tree.remove(sizes, bytes.as_slice(), |found| read(self.root(), found.page, bytes.as_slice()))
    }

    /// Removes all elements. Takes constant time at any size: it writes two pages, and the other
    /// pages are freed when their space is needed.
    ///
    /// # Panics
    /// On damaged memory; [`BTreeSet::try_clear`] does not.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Like [`BTreeSet::clear`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_clear(&mut self) -> Result<()> {
        self.map.try_clear()
    }

    /// Returns an iterator over the elements in order, from both ends. Reads one page for each
    /// leaf.
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T, M> {
        Iter(self.map.keys())
    }

    /// Returns an iterator over the elements of a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, R: KeyBounds<T, Q>>(&self, range: R) -> Range<'_, T, M> {
        self.within(encode_range(&range, "BTreeSet"))
    }

    /// Returns an iterator over the elements that begin with `prefix`: text for `String`, bytes for
    /// byte strings, a shorter tuple for tuples.
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
        self.within(prefix_range(prefix))
    }

    fn within(&self, (start, end): KeyRange) -> Range<'_, T, M> {
        Range(btree::Range::new(&self.map, start, end))
    }

    /// Returns the size of the set. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        self.map.stats()
    }

    /// Checks the whole tree: order, counts and links. Reads every page, so a large set may not fit
    /// in one message.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) with the first fault that is found.
    pub fn verify(&self) -> Result<()> {
        self.map.verify()
    }
}

/// Defines the methods for the first and last element.
macro_rules! ends {
    ($end:literal, $next:ident, $get:ident, $try_get:ident, $pop:ident, $try_pop:ident) => {
        impl<T: StableKey, M: Memory> BTreeSet<T, M> {
            #[doc = concat!("Returns the ", $end, " element. Reads one leaf.")]
            ///
            /// # Panics
            /// On damaged memory; the `try_` form does not.
            #[must_use]
            #[track_caller]
            pub fn $get(&self) -> Option<T> {
                self.$try_get().or_fail()
            }

            #[doc = concat!("Returns the ", $end, " element. Reads one leaf.")]
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn $try_get(&self) -> Result<Option<T>> {
                self.iter().$next()
            }

            #[doc = concat!("Removes and returns the ", $end, " element. Reads one leaf, and writes what")]
            /// [`BTreeSet::remove`] writes.
            ///
            /// # Panics
            /// On damaged memory; the `try_` form does not.
            #[track_caller]
            pub fn $pop(&mut self) -> Option<T> {
                self.$try_pop().or_fail()
            }

            #[doc = concat!("Removes and returns the ", $end, " element. Reads one leaf, and writes what")]
            /// [`BTreeSet::remove`] writes.
            ///
            /// # Errors
            /// [`Error::Damaged`](graven_core::Error::Damaged).
            pub fn $try_pop(&mut self) -> Result<Option<T>> {
                self.$try_get()?.map_or(Ok(None), |value| self.try_take(&value))
            }
        }
    };
}

ends!("least", try_next, first, try_first, pop_first, try_pop_first);
ends!("greatest", try_next_back, last, try_last, pop_last, try_pop_last);

/// Decodes the element whose encoding is `bytes` on a page.
#[inline]
fn read<T: StableKey, M: Memory>(root: &Root<M>, page: PageNumber, bytes: &[u8]) -> Result<T> {
    decode_key(bytes).on_page(root, page)
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

    /// Does nothing: the value `()` has no older layouts.
    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.map.tree.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        self.map.sweep(budget)
    }
}

impl<T: StableKey + core::fmt::Debug, M: Memory> core::fmt::Debug for BTreeSet<T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

iterable!([T: StableKey, M: Memory] BTreeSet<T, M> => Iter<'a, T, M>);
extendable!([T: StableKey, M: Memory] BTreeSet<T, M>, T, insert);
equal_in_order!([T: StableKey, M: Memory, N: Memory] BTreeSet<T, M>, BTreeSet<T, N>, T);
equal_to_std! {
    [T: StableKey + PartialEq, M: Memory] BTreeSet<T, M>, std::collections::BTreeSet<T>, |a, b| a == *b;
}
