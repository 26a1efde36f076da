//! Questions about rows by an index. They are lazy: an iterator reads what it is asked for.

use std::marker::PhantomData;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyPrefix, KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::store::RootSpec;
use graven_core::{Damage, Memory, Result};

use crate::codec::keys::{written, written_as};
use crate::codec::range::{KeyBounds, after, beginning_with, checked_range};
use crate::cursor::{Cursor, Direction, Page};
use crate::engine::bounds::KeyRange;
use crate::table::body::Body;
use crate::table::index::IndexTree;
use crate::table::iter::{Entries, Fields, Keys, Rows};
use crate::table::record::{AnyIndex, UniqueIndex};
use crate::table::{Record, Table};

/// The rows of a table in the order of an index, all of them or those with some of its values.
pub struct Query<'a, R: Record, I, M: Memory> {
    pub(super) body: &'a Body<R, M>,
    pub(super) index: &'a IndexTree<M>,
    spec: &'static RootSpec,
    pub(super) range: KeyRange,
    /// The position of the index.
    pub(super) at: usize,
    /// `true` if the range is a single value.
    pub(super) is_equal: bool,
    /// `true` if the index has all rows. Only conditions within a search may have another one.
    pub(super) is_complete: bool,
    types: PhantomData<I>,
}

impl<R: Record, M: Memory> Table<R, M> {
    /// Returns the rows in the order of an index. Reads nothing yet.
    ///
    /// # Panics
    /// If the index is new and not complete; [`Table::try_by`] does not.
    ///
    /// # Example: the best of a country
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_core::layout::Text;
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// #[table(index(country, karma))]
    /// # #[table(crate = graven_collections)]
    /// struct User {
    ///     #[table(key, auto)]
    ///     id: u64,
    ///     country: Text<2>,
    ///     karma: i64,
    /// }
    ///
    /// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// for (country, karma) in [("CH", 7), ("AT", 90), ("CH", 30)] {
    ///     users.insert(User { id: 0, country: country.parse().unwrap(), karma }).unwrap();
    /// }
    /// let swiss = users.by(User::BY_COUNTRY_KARMA).prefix(&("CH",));
    /// let best: Vec<i64> = swiss.rows().rev().map(|user| user.karma).collect();
    /// assert_eq!(best, [30, 7]);
    /// ```
    #[inline]
    #[track_caller]
    pub fn by<I: AnyIndex<R>>(&self, index: I) -> Query<'_, R, I, M> {
        self.try_by(index).or_fail()
    }

    /// Like [`Table::by`], but returns an error while the index is not complete.
    ///
    /// # Errors
    /// [`Error::IndexIncomplete`](graven_core::Error::IndexIncomplete);
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the table has no such index.
    #[inline]
    pub fn try_by<I: AnyIndex<R>>(&self, index: I) -> Result<Query<'_, R, I, M>> {
        let at = index.position();
        Query::of(&self.body, at, self.body.index_at(at)?, true)
    }
}

impl<'a, R: Record, I, M: Memory> Query<'a, R, I, M> {
    pub(super) fn of(
        body: &'a Body<R, M>,
        at: usize,
        index: &'a IndexTree<M>,
        is_complete: bool,
    ) -> Result<Self> {
        let Some(spec) = R::ROOTS.get(at) else { return Err(index.broken(Damage::MissingEntry)) };
        let range = (Bound::Unbounded, Bound::Unbounded);
        Ok(Query { body, index, spec, range, at, is_equal: false, is_complete, types: PhantomData })
    }
}

impl<R: Record, I, M: Memory> Clone for Query<'_, R, I, M> {
    fn clone(&self) -> Self {
        Query { range: self.range.clone(), ..*self }
    }
}

impl<R: Record, I, M: Memory> core::fmt::Debug for Query<'_, R, I, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Query").field("index", &self.spec.name).finish_non_exhaustive()
    }
}

/// The range of values.
impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Query<'a, R, I, M> {
    /// Returns the rows with this value. It replaces an earlier range.
    #[must_use]
    pub fn equal<Q: KeyRef<I::Key> + ?Sized>(self, value: &Q) -> Self {
        let value = written_as(value, I::IS_UNIQUE);
        let range = if I::IS_UNIQUE {
            (Bound::Included(value.clone()), Bound::Included(value))
        } else {
            beginning_with(value)
        };
        Query { range, is_equal: true, ..self }
    }

    /// Returns the rows whose values begin with this text, or with these parts of several. It
    /// replaces an earlier range.
    #[must_use]
    pub fn prefix<P: KeyPrefix<I::Key> + ?Sized>(self, prefix: &P) -> Self {
        let mut start = KeyBuf::new();
        prefix.write_prefix(&mut start, I::IS_UNIQUE);
        Query { range: beginning_with(start), is_equal: false, ..self }
    }

    /// Returns the rows with values in a range. It replaces an earlier one.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[must_use]
    #[track_caller]
    pub fn range<Q: ?Sized, B: KeyBounds<I::Key, Q>>(self, range: B) -> Self {
        let (start, end) = checked_range(range.encoded(I::IS_UNIQUE), "an index");
        let this = Query { is_equal: false, ..self };
        if I::IS_UNIQUE {
            return Query { range: (start, end), ..this };
        }
        // The keys of rows follow the values, so a value stands for all entries that begin with it.
        let start = match start {
            Bound::Excluded(value) => match after(&value) {
                Bound::Excluded(next) => Bound::Included(next),
                // Nothing comes after the greatest value.
                _ => {
                    return Query { range: (Bound::Included(value.clone()), Bound::Excluded(value)), ..this };
                }
            },
            other => other,
        };
        let end = match end {
            Bound::Included(value) => after(&value),
            other => other,
        };
        Query { range: (start, end), ..this }
    }

    /// Returns an iterator over the rows in the order of the index, from both ends. Reads a page
    /// for each leaf of the index, and each row with a look-up.
    ///
    /// # Panics
    /// The iterator panics on damaged memory; its `try_next` does not.
    #[must_use]
    pub fn rows(&self) -> Rows<'a, R, I, M> {
        self.entries().rows()
    }

    /// Returns an iterator over one field of the rows in the order of the index, from both ends.
    /// Does not read the rest of the rows, and nothing of them if the index includes the field.
    ///
    /// # Panics
    /// As [`Query::rows`].
    #[must_use]
    pub fn fields<T: StableLayout>(&self, field: Field<R, T>) -> Fields<'a, R, I, T, M> {
        self.entries().fields(field, self.at)
    }

    /// Returns an iterator over the keys of the rows in the order of the index, from both ends.
    /// Reads no row.
    ///
    /// # Panics
    /// As [`Query::rows`].
    #[must_use]
    pub fn keys(&self) -> Keys<'a, R, I, M> {
        self.entries().keys()
    }

    /// Returns an iterator over the values with the keys of their rows, from both ends. Reads no
    /// row.
    ///
    /// # Panics
    /// As [`Query::rows`].
    #[must_use]
    pub fn entries(&self) -> Entries<'a, R, I, M> {
        Entries::new(self.body, self.index, self.range.clone())
    }

    /// Returns at most `limit` rows, beginning at a cursor or at the first one. Each call needs the
    /// same range as the first one. Backward pages begin with [`Query::cursor_at_end`].
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another index or a
    /// cursor that was tampered with;
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<R>> {
        let (root, spec) = (self.index.tree.root(), self.spec);
        let (direction, range) = Cursor::ahead(from, self.range.clone(), root, spec, self.index.sizes().key)?;
        let (items, next) =
            self.index.tree.page(self.index.sizes(), direction, range, limit, |key, found| {
                self.body.row(self.index.row_key(key, found)?)
            })?;
        let next = next.map(|bound| Cursor::ordered(root, spec, direction, &bound));
        Ok(Page { items, next })
    }

    /// Returns the cursor from which pages go backward, from the last row to the first. Reads
    /// nothing.
    #[must_use]
    pub fn cursor_at_end(&self) -> Cursor {
        let (root, spec) = (self.index.tree.root(), self.spec);
        Cursor::ordered(root, spec, Direction::Backward, &Bound::Unbounded)
    }
}

/// The row of a value.
impl<R: Record, K: StableKey, M: Memory> Query<'_, R, UniqueIndex<R, K>, M> {
    /// Returns the row with this value in a unique index. Costs two look-ups.
    ///
    /// # Panics
    /// On damaged memory; [`Query::try_get`] does not.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn get<Q: KeyRef<K> + ?Sized>(&self, value: &Q) -> Option<R> {
        self.try_get(value).or_fail()
    }

    /// Like [`Query::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    #[inline]
    pub fn try_get<Q: KeyRef<K> + ?Sized>(&self, value: &Q) -> Result<Option<R>> {
        // The key is copied: a look-up within a look-up would take another buffer of a page. It is
        // copied to its place, because moving a buffer takes as much as copying the key.
        let mut row = KeyBuf::new();
        let found = self.index.find(written(value).as_slice(), |key| {
            row.extend(key);
            Ok(())
        })?;
        found.map(|()| self.body.row(row.as_slice())).transpose()
    }
}
