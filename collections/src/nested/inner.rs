//! One nested collection in use: its row and the trees that all collections share.

use std::marker::PhantomData;
use std::ops::{Bound, Deref};

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef};
use graven_core::store::Root;
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::keys::check_len;
use crate::engine::bounds::{KeyRange, Left};
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::Sizes;
use crate::engine::cell::StoredValue;
use crate::engine::cell::ValueLocation;
use crate::nested::kinds;
use crate::nested::kinds::Nestable;
use crate::nested::row::Row;
use crate::nested::stored::{Alone, Stored};
use crate::nested::trees::{Trees, entries_of};

/// A collection of type `C` inside a [`Nested`](super::Nested), or [`Beside`](super::Beside) a
/// record, for reading. Returned by [`Nested::get`](super::Nested::get) and
/// [`Records::items`](crate::Records::items).
pub struct Inner<'a, C, M: Memory, S = Alone> {
    pub(super) trees: &'a Trees<M>,
    pub(super) row: Row,
    kind: PhantomData<(C, S)>,
}

/// A nested collection for reading and changing. Returned by
/// [`Nested::get_mut`](super::Nested::get_mut), [`Nested::or_create`](super::Nested::or_create) and
/// [`Records::items_mut`](crate::Records::items_mut).
pub struct InnerMut<'a, C, M: Memory, S = Alone> {
    inner: Inner<'a, C, M, S>,
    key: KeyBuf,
    location: ValueLocation,
}

impl<C: Nestable, M: Memory, S: Stored> Inner<'_, C, M, S> {
    pub(super) const SIZES: Sizes = kinds::sizes::<C, S>();

    /// Returns the number of entries. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.row.len
    }

    /// Returns `true` if there are no entries. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.row.len == 0
    }

    /// Returns the key of an entry in the tree of all entries.
    pub(super) fn key<Q: KeyRef<C::Key> + ?Sized>(&self, key: &Q) -> KeyBuf {
        let mut bytes = KeyBuf::from(&self.row.number.to_be_bytes()[..]);
        key.write_ref(&mut bytes, true);
        bytes
    }

    pub(super) fn find<R>(
        &self,
        key: &KeyBuf,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.trees.entries.lookup(Self::SIZES, key.as_slice(), read)
    }

    pub(super) fn decode(&self, found: StoredValue<'_>) -> Result<C::Value> {
        S::decode(self.trees.entries.root(), found)
    }

    /// Converts a range of the collection's own keys to a range of the tree.
    pub(super) fn within(&self, range: KeyRange) -> KeyRange {
        let (first, last) = entries_of(self.row.number);
        let own = |bound: Bound<KeyBuf>, otherwise: Bound<KeyBuf>| match bound {
            Bound::Unbounded => otherwise,
            bound => bound.map(|key| {
                let mut bytes = KeyBuf::from(&self.row.number.to_be_bytes()[..]);
                bytes.extend(key.as_slice());
                bytes
            }),
        };
        (own(range.0, first), own(range.1, last))
    }
}

impl<'a, C: Nestable, M: Memory, S: Stored> Inner<'a, C, M, S> {
    pub(crate) fn new(trees: &'a Trees<M>, row: Row) -> Self {
        Inner { trees, row, kind: PhantomData }
    }

    /// Returns the row of the collection.
    pub(crate) fn row(&self) -> Row {
        self.row
    }

    /// Returns the number of entries for an iterator over all of them.
    pub(super) fn left(&self) -> Left {
        Left::counted(self.trees.entries.root(), self.row.len)
    }

    pub(super) fn cursor(&self, range: KeyRange) -> (RangeIter<'a, M>, &'a Root<M>) {
        let (start, end) = self.within(range);
        (self.trees.entries.cursor(start, end), self.trees.entries.root())
    }
}

impl<'a, C, M: Memory, S> Deref for InnerMut<'a, C, M, S> {
    type Target = Inner<'a, C, M, S>;

    fn deref(&self) -> &Inner<'a, C, M, S> {
        &self.inner
    }
}

impl<'a, C, M: Memory, S> core::fmt::Debug for InnerMut<'a, C, M, S>
where
    Inner<'a, C, M, S>: core::fmt::Debug,
{
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.inner.fmt(f)
    }
}

impl<'a, C: Nestable, M: Memory, S: Stored> InnerMut<'a, C, M, S> {
    pub(crate) fn new(trees: &'a Trees<M>, key: KeyBuf, (row, location): (Row, ValueLocation)) -> Self {
        InnerMut { inner: Inner::new(trees, row), key, location }
    }

    /// Removes all entries. The cost does not depend on their number: their space is freed a few
    /// leaves at a time.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], because removed entries are recorded, or [`Error::Damaged`]. Nothing
    /// has changed then.
    pub fn try_clear(&mut self) -> Result<()> {
        if self.is_empty() {
            return Ok(());
        }
        let emptied = self.inner.trees.empty(&self.key, self.inner.row, C::FIRST);
        self.find_again()?;
        emptied
    }

    /// Finds the row again, after other rows of the index were added or removed.
    fn find_again(&mut self) -> Result<()> {
        let (trees, key) = (self.inner.trees, &self.key);
        let found = trees.row(key)?;
        (self.inner.row, self.location) = found.ok_or_else(|| trees.broken(Damage::MissingEntry))?;
        Ok(())
    }

    /// Like [`InnerMut::try_clear`], but panics on errors.
    ///
    /// # Panics
    /// When out of memory or on damaged memory.
    #[track_caller]
    pub fn clear(&mut self) {
        self.try_clear().or_fail();
    }

    /// Sets the value of an entry. Calls `old` with the old value, if there is one. If the entry is
    /// new, `first` becomes the position of the first value.
    pub(super) fn put<R>(
        &mut self,
        key: &KeyBuf,
        value: &[u8],
        first: u64,
        old: impl Fn(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        check_len(key.len())?;
        let trees = self.inner.trees;
        let reclaimed = trees.index.root().pager().reclaimed();
        let insert = || trees.entries.insert(Inner::<C, M, S>::SIZES, key.as_slice(), value, &old);
        let old = match insert() {
            Err(error @ Error::OutOfMemory { .. }) => {
                let has_room = trees.make_room();
                self.find_again()?;
                if has_room { insert()? } else { return Err(error) }
            }
            done => done?,
        };
        if old.is_none() {
            if trees.index.root().pager().reclaimed() != reclaimed {
                self.find_again()?;
            }
            self.set_row(Row { len: self.row.len.saturating_add(1), first, ..self.row })?;
        }
        Ok(old)
    }

    /// Removes an entry. Calls `removed` with its value, if there is one. Then `first` becomes the
    /// position of the first value.
    pub(super) fn take<R>(
        &mut self,
        key: &KeyBuf,
        first: u64,
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let entries = &self.inner.trees.entries;
        let removed = entries.remove(Inner::<C, M, S>::SIZES, key.as_slice(), removed)?;
        if removed.is_some() {
            self.set_row(Row { len: self.row.len.saturating_sub(1), first, ..self.row })?;
        }
        Ok(removed)
    }

    fn set_row(&mut self, row: Row) -> Result<()> {
        self.inner.row = row;
        let (at, counts) = row.counts();
        self.location.write(self.inner.trees.index.root().pager(), at, &counts)
    }
}
