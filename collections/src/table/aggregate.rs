//! Counts, extremes and groups of the values of an index. No row is read.

use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, decode_key};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::btree::range::RangeIter;
use crate::table::Record;
use crate::table::index::IndexTree;
use crate::table::query::Query;
use crate::table::record::AnyIndex;

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Query<'a, R, I, M> {
    /// Returns the number of entries. Without a range it reads nothing, else each leaf of the
    /// index.
    ///
    /// # Panics
    /// On damaged memory; [`Query::try_count`] does not.
    #[must_use]
    #[track_caller]
    pub fn count(&self) -> u64 {
        self.try_count().or_fail()
    }

    /// Like [`Query::count`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_count(&self) -> Result<u64> {
        if matches!(self.range, (Bound::Unbounded, Bound::Unbounded)) {
            return Ok(self.index.tree.root().state().len.get());
        }
        self.index.walk(self.range.clone()).count()
    }

    /// Returns the least value. Reads a leaf of the index.
    ///
    /// # Panics
    /// On damaged memory; [`Query::try_min`] does not.
    #[must_use]
    #[track_caller]
    pub fn min(&self) -> Option<I::Key> {
        self.try_min().or_fail()
    }

    /// Like [`Query::min`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_min(&self) -> Result<Option<I::Key>> {
        Ok(self.entries().try_next()?.map(|(value, _)| value))
    }

    /// Returns the greatest value. Reads a leaf of the index.
    ///
    /// # Panics
    /// On damaged memory; [`Query::try_max`] does not.
    #[must_use]
    #[track_caller]
    pub fn max(&self) -> Option<I::Key> {
        self.try_max().or_fail()
    }

    /// Like [`Query::max`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_max(&self) -> Result<Option<I::Key>> {
        Ok(self.entries().try_next_back()?.map(|(value, _)| value))
    }

    /// Returns an iterator over the values in ascending order, each with the number of its entries.
    /// Reads each leaf of the range.
    ///
    /// # Panics
    /// The iterator panics on damaged memory; its `try_next` does not.
    ///
    /// # Example: users of each country
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct User {
    ///     #[table(key)]
    ///     id: u64,
    ///     #[table(index)]
    ///     country: String,
    /// }
    ///
    /// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// for (id, country) in ["CH", "AT", "CH"].into_iter().enumerate() {
    ///     users.insert(User { id: id as u64, country: country.into() }).unwrap();
    /// }
    /// let countries = users.by(User::BY_COUNTRY);
    /// assert_eq!(countries.groups().collect::<Vec<_>>(), [("AT".into(), 1), ("CH".into(), 2)]);
    /// assert_eq!(countries.max().as_deref(), Some("CH"));
    /// ```
    #[must_use]
    pub fn groups(&self) -> Groups<'a, R, I, M> {
        Groups {
            index: self.index,
            walk: self.index.walk(self.range.clone()),
            ahead: None,
            types: PhantomData,
        }
    }
}

/// An iterator over the values of an index, each with the number of its entries.
pub struct Groups<'a, R, I, M: Memory> {
    index: &'a IndexTree<M>,
    walk: RangeIter<'a, M>,
    /// The value of the entry after those of the last group.
    ahead: Option<KeyBuf>,
    types: PhantomData<fn(R) -> I>,
}

impl<R: Record, I: AnyIndex<R>, M: Memory> Groups<'_, R, I, M> {
    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(I::Key, u64)>> {
        let first = match self.ahead.take() {
            Some(value) => Some(value),
            None => self.next_value()?,
        };
        let Some(value) = first else { return Ok(None) };
        let mut count = 1_u64;
        while let Some(next) = self.next_value()? {
            if next != value {
                self.ahead = Some(next);
                break;
            }
            count = count.saturating_add(1);
        }
        let root = self.index.tree.root();
        // Within an index that is not unique, a value is written as one that another part follows.
        let mut bytes = value.as_slice();
        let decoded = if I::IS_UNIQUE {
            decode_key(bytes)
        } else {
            <I::Key as graven_core::key::StableKey>::read_key(&mut bytes, false)
        };
        Ok(Some((decoded.on_page(root, root.page())?, count)))
    }

    fn next_value(&mut self) -> Result<Option<KeyBuf>> {
        let index = self.index;
        self.walk.next(index.sizes(), |key, found| {
            if I::IS_UNIQUE {
                return Ok(KeyBuf::from(key));
            }
            let row = index.row_key(key, found)?;
            let len = key.len().saturating_sub(row.len());
            Ok(KeyBuf::from(key.get(..len).unwrap_or_default()))
        })
    }
}

impl<R: Record, I: AnyIndex<R>, M: Memory> Iterator for Groups<'_, R, I, M> {
    type Item = (I::Key, u64);

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().or_fail()
    }
}

impl<R: Record, I: AnyIndex<R>, M: Memory> FusedIterator for Groups<'_, R, I, M> {}

impl<R, I, M: Memory> core::fmt::Debug for Groups<'_, R, I, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Groups").finish_non_exhaustive()
    }
}
