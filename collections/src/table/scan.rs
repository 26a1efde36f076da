//! Questions that read all rows. They say so by their names.

use graven_core::error::OrFail;
use graven_core::key::{KeyPrefix, KeyRef};
use graven_core::{Memory, Result};

use crate::codec::range::KeyBounds;
use crate::table::combine::{Combined, Condition};
use crate::table::condition::Node;
use crate::table::query::Query;
use crate::table::record::AnyIndex;
use crate::table::{Record, Table};

/// A condition on the values of an index that may not be complete. While it is not, all rows are
/// read and checked.
pub struct IndexOrScan<'a, R: Record, I, M: Memory>(Query<'a, R, I, M>);

/// Questions without an index.
impl<R: Record, M: Memory> Table<R, M> {
    /// Returns all rows by ascending keys, to which conditions can be added. Reads nothing yet. A
    /// question reads every row, unless an `and` names an index that leads to fewer.
    ///
    /// # Example: a question without an index
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
    ///     name: String,
    /// }
    ///
    /// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// users.insert(User { id: 1, name: "Ada".into() }).unwrap();
    /// users.insert(User { id: 2, name: "Bob".into() }).unwrap();
    /// let found = users.scan().filter(|user| user.name.ends_with('b'));
    /// assert_eq!(found.keys().collect::<Vec<_>>(), [2]);
    /// let plan = "all 2 rows of `users`\n  a filter, checked on each row";
    /// assert_eq!(found.explain().unwrap().to_string(), plan);
    /// ```
    #[must_use]
    pub fn scan(&self) -> Combined<'_, R, M> {
        Combined::of(&self.body, Node::Every)
    }

    /// Returns the rows with some values of an index, also while it is new and not complete: then
    /// all rows are read and checked, and come by ascending keys instead of the index's order.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_by_or_scan`] does not.
    #[track_caller]
    pub fn by_or_scan<I: AnyIndex<R>>(&self, index: I) -> IndexOrScan<'_, R, I, M> {
        self.try_by_or_scan(index).or_fail()
    }

    /// Like [`Table::by_or_scan`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if the table has no such index.
    pub fn try_by_or_scan<I: AnyIndex<R>>(&self, index: I) -> Result<IndexOrScan<'_, R, I, M>> {
        let at = index.position();
        let tree = self.body.any_index_at(at)?;
        Query::of(&self.body, at, tree, tree.is_complete()).map(IndexOrScan)
    }
}

/// The range of values.
impl<'a, R: Record, I: AnyIndex<R>, M: Memory> IndexOrScan<'a, R, I, M> {
    /// Returns the rows with this value.
    #[must_use]
    pub fn equal<Q: KeyRef<I::Key> + ?Sized>(self, value: &Q) -> Combined<'a, R, M> {
        self.0.equal(value).combined()
    }

    /// Returns the rows whose values begin with this text, or with these parts of several.
    #[must_use]
    pub fn prefix<P: KeyPrefix<I::Key> + ?Sized>(self, prefix: &P) -> Combined<'a, R, M> {
        self.0.prefix(prefix).combined()
    }

    /// Returns the rows with values in a range.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[must_use]
    #[track_caller]
    pub fn range<Q: ?Sized, B: KeyBounds<I::Key, Q>>(self, range: B) -> Combined<'a, R, M> {
        self.0.range(range).combined()
    }
}

impl<R: Record, I, M: Memory> core::fmt::Debug for IndexOrScan<'_, R, I, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("IndexOrScan").field(&self.0).finish()
    }
}
