//! Reads a set page by page, each in a message of its own.

use std::ops::Bound;

use graven_core::key::{KeyRef, StableKey};
use graven_core::store::Collection;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::range::{KeyBounds, encode_range};
use crate::cursor::{Cursor, Direction, Page};
use crate::engine::bounds::KeyRange;
use crate::map::btree::BTreeMap;
use crate::set::btree::{BTreeSet, read};

/// Paging with a [`Cursor`].
impl<T: StableKey, M: Memory> BTreeSet<T, M> {
    /// Returns the cursor at a bound: see [`BTreeMap::cursor_at`].
    ///
    /// # Errors
    /// [`Error::KeyTooLong`](graven_core::Error::KeyTooLong).
    pub fn cursor_at<Q: KeyRef<T> + ?Sized>(&self, bound: Bound<&Q>, direction: Direction) -> Result<Cursor> {
        Cursor::at(self.root(), &Self::SPEC, direction, &bound.map(written))
    }

    /// Returns at most `limit` elements, beginning at a cursor or at the first element. Reads each
    /// leaf that has some of them once; writes nothing.
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`](graven_core::Error::Damaged).
    ///
    /// # Example: two at a time
    /// ```
    /// # use graven_collections::{BTreeSet, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut set: BTreeSet<u64> = open("set", DefaultMemoryImpl::default()).unwrap();
    /// set.extend([3, 1, 2]);
    /// let first = set.page(None, 2).unwrap();
    /// let second = set.page(first.next.as_ref(), 2).unwrap();
    /// assert_eq!((first.items, second.items, second.next), (vec![1, 2], vec![3], None));
    /// ```
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<T>> {
        self.page_of((Bound::Unbounded, Bound::Unbounded), from, limit)
    }

    /// Returns a page of a range. Each call needs the same range as the first one.
    ///
    /// # Errors
    /// As [`BTreeSet::page`].
    ///
    /// # Panics
    /// As [`BTreeSet::range`].
    #[track_caller]
    pub fn page_range<Q: ?Sized, R: KeyBounds<T, Q>>(
        &self,
        range: R,
        from: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<T>> {
        self.page_of(encode_range(&range, "BTreeSet"), from, limit)
    }

    fn page_of(&self, range: KeyRange, from: Option<&Cursor>, limit: usize) -> Result<Page<T>> {
        let (direction, range) = Cursor::ahead(from, range, self.root(), &Self::SPEC, T::KEY_SIZE)?;
        let sizes = BTreeMap::<T, (), M>::SIZES;
        let (items, next) = self
            .map
            .tree
            .page(sizes, direction, range, limit, |key, found| read(self.root(), found.page, key))?;
        let next = next.map(|bound| Cursor::ordered(self.root(), &Self::SPEC, direction, &bound));
        Ok(Page { items, next })
    }
}
