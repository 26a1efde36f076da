//! Conditions on several indexes at once: all of them, or one of them.

use std::rc::Rc;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef};
use graven_core::store::{Budget, Collection};
use graven_core::{CursorFault, Error, Memory, Result};

use crate::codec::keys::written;
use crate::cursor::{Cursor, Direction, Page};
use crate::table::body::Body;
use crate::table::condition::{Narrowed, Node, Parts};
use crate::table::matches::{Matches, MatchingKeys, Step};
use crate::table::query::Query;
use crate::table::record::AnyIndex;
use crate::table::{Record, Table};

mod sealed {
    pub trait Sealed {}
}

/// A condition on the rows of a table: a [`Query`], or several of them that were combined.
pub trait Condition<'a, R: Record, M: Memory>: sealed::Sealed + Sized {
    /// Returns the condition as combinable with others.
    #[doc(hidden)]
    fn combined(self) -> Combined<'a, R, M>;
}

impl<R: Record, I, M: Memory> sealed::Sealed for Query<'_, R, I, M> {}

impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Condition<'a, R, M> for Query<'a, R, I, M> {
    fn combined(self) -> Combined<'a, R, M> {
        let Query { body, at, index, range, is_equal, is_complete, .. } = self;
        Combined::of(body, Node::Index(Narrowed { at, index, range, is_equal, is_complete }))
    }
}

/// The rows that meet several conditions, or one of several.
///
/// Rows are found in ascending order of their keys where a condition names a single value
/// ([`Query::equal`]) of each index that has to be read. Such entries are read together, and those
/// of an index that lead to no common row are skipped. Other ranges of an `and` are checked on the
/// rows that the rest finds. Without a single value, the first index of the question is read in its
/// order, and the others are checked on its rows. If no index leads to the rows, all of them are
/// read: only [`Table::scan`] and [`Table::by_or_scan`] allow that. Nothing is sorted or kept.
pub struct Combined<'a, R: Record, M: Memory> {
    pub(super) body: &'a Body<R, M>,
    pub(super) node: Rc<Node<'a, R, M>>,
    pub(super) after: Option<KeyBuf>,
    pub(super) direction: Direction,
}

impl<R: Record, M: Memory> sealed::Sealed for Combined<'_, R, M> {}

impl<'a, R: Record, M: Memory> Condition<'a, R, M> for Combined<'a, R, M> {
    fn combined(self) -> Combined<'a, R, M> {
        self
    }
}

impl<R: Record, M: Memory> Clone for Combined<'_, R, M> {
    fn clone(&self) -> Self {
        Combined { node: Rc::clone(&self.node), after: self.after.clone(), ..*self }
    }
}

impl<R: Record, M: Memory> core::fmt::Debug for Combined<'_, R, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Combined").finish_non_exhaustive()
    }
}

/// Conditions of several indexes.
impl<'a, R: Record, I: AnyIndex<R>, M: Memory> Query<'a, R, I, M> {
    /// Returns the rows that meet another condition as well.
    ///
    /// # Example: two indexes at once
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct Post {
    ///     #[table(key)]
    ///     id: u64,
    ///     #[table(index)]
    ///     author: String,
    ///     #[table(index(each))]
    ///     tags: Vec<String>,
    /// }
    ///
    /// let mut posts: Table<Post> = open("posts", DefaultMemoryImpl::default()).unwrap();
    /// for (id, author, tags) in [(1, "ann", ["rust", "ic"]), (2, "bob", ["rust", "wasm"])] {
    ///     let tags = tags.map(String::from).to_vec();
    ///     posts.insert(Post { id, author: author.into(), tags }).unwrap();
    /// }
    /// let by_ann = posts.by(Post::BY_AUTHOR).equal("ann");
    /// let on_rust = posts.by(Post::BY_TAGS).equal("rust");
    /// assert_eq!(on_rust.clone().and(by_ann.clone()).keys().collect::<Vec<_>>(), [1]);
    /// assert_eq!(on_rust.or(by_ann).count(), 2);
    /// ```
    ///
    /// # Panics
    /// If the other condition is one of another table.
    #[must_use]
    #[track_caller]
    pub fn and(self, other: impl Condition<'a, R, M>) -> Combined<'a, R, M> {
        self.combined().and(other)
    }

    /// Returns the rows for which a function returns `true`. It is asked about each row of the
    /// range.
    #[must_use]
    pub fn filter(self, accepts: impl Fn(&R) -> bool + 'a) -> Combined<'a, R, M> {
        self.combined().filter(accepts)
    }

    /// Returns the rows that meet this condition or another one, each of them once.
    ///
    /// # Panics
    /// As [`Query::and`].
    #[must_use]
    #[track_caller]
    pub fn or(self, other: impl Condition<'a, R, M>) -> Combined<'a, R, M> {
        self.combined().or(other)
    }
}

/// Conditions of several indexes.
impl<'a, R: Record, M: Memory> Combined<'a, R, M> {
    pub(super) fn of(body: &'a Body<R, M>, node: Node<'a, R, M>) -> Self {
        Combined { body, node: Rc::new(node), after: None, direction: Direction::Forward }
    }

    /// Returns the rows that meet another condition as well.
    ///
    /// # Panics
    /// If the other condition is one of another table.
    #[must_use]
    #[track_caller]
    pub fn and(self, other: impl Condition<'a, R, M>) -> Self {
        Combined { node: Node::all_of(self.parts_with(other.combined())), ..self }
    }

    /// Returns the rows that meet this condition or another one, each of them once.
    ///
    /// # Panics
    /// As [`Combined::and`].
    #[must_use]
    #[track_caller]
    pub fn or(self, other: impl Condition<'a, R, M>) -> Self {
        Combined { node: Node::any_of(self.parts_with(other.combined())), ..self }
    }

    /// Returns both conditions.
    #[track_caller]
    fn parts_with(&self, other: Self) -> Parts<'a, R, M> {
        assert!(core::ptr::eq(self.body, other.body), "two conditions are of different tables");
        vec![Rc::clone(&self.node), other.node]
    }

    /// Returns the rows for which a function returns `true` as well. It is asked about each row
    /// that the rest finds.
    #[must_use]
    pub fn filter(self, accepts: impl Fn(&R) -> bool + 'a) -> Self {
        let check = Combined::of(self.body, Node::Check(Rc::new(accepts)));
        Combined { node: Node::all_of(self.parts_with(check)), ..self }
    }

    /// Returns the rows in the opposite order.
    #[must_use]
    pub fn descending(self) -> Self {
        let direction = match self.direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        };
        Combined { direction, ..self }
    }

    /// Returns the rows with keys after this one in the order of the question. Where rows are found
    /// in the order of their keys, no entry before it is read.
    #[must_use]
    pub fn after<Q: KeyRef<R::Key> + ?Sized>(self, key: &Q) -> Self {
        Combined { after: Some(written(key)), ..self }
    }

    /// Returns an iterator over the rows. Reads each row with a look-up.
    ///
    /// # Panics
    /// The iterator panics on damaged memory; its `try_next` does not.
    #[must_use]
    pub fn rows(&self) -> Matches<'a, R, M> {
        Matches::new(self.body, &self.node, self.direction, self.after.as_ref())
    }

    /// Returns an iterator over the keys of the rows. Reads a row only to check a condition.
    ///
    /// # Panics
    /// As [`Combined::rows`].
    #[must_use]
    pub fn keys(&self) -> MatchingKeys<'a, R, M> {
        MatchingKeys(Matches::new(self.body, &self.node, self.direction, self.after.as_ref()))
    }

    /// Returns at most `limit` rows, beginning at a cursor or at the first one. Each call needs the
    /// same question as the first one. Reads each row that is checked.
    ///
    /// # Errors
    /// [`Error::BadCursor`](graven_core::Error::BadCursor) for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<R>> {
        self.page_within(from, limit, &mut Budget::pages(u64::MAX))
    }

    /// Like [`Combined::page`], but ends when the budget is spent, so that a question that few rows
    /// meet takes several messages. A row that is read counts as a page of the budget. So a page
    /// may have fewer rows, or none, and be followed by others: the last one has no cursor.
    ///
    /// # Errors
    /// As [`Combined::page`].
    ///
    /// # Example: a question that few rows meet
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_core::store::Budget;
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct User {
    ///     #[table(key)]
    ///     id: u64,
    ///     karma: i64,
    /// }
    ///
    /// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
    /// (0..500).for_each(|id| _ = users.insert(User { id, karma: 0 }).unwrap());
    /// users.update(&400, |user| user.karma = 7).unwrap();
    ///
    /// let best = users.scan().filter(|user| user.karma > 0);
    /// let (mut found, mut cursor, mut calls) = (Vec::new(), None, 0);
    /// while calls == 0 || cursor.is_some() {
    ///     let page = best.page_within(cursor.as_ref(), 10, &mut Budget::entries(100)).unwrap();
    ///     found.extend(page.items.iter().map(|user| user.id));
    ///     (cursor, calls) = (page.next, calls + 1);
    /// }
    /// assert_eq!((found, calls), (vec![400], 6));
    /// ```
    pub fn page_within(
        &self,
        from: Option<&Cursor>,
        limit: usize,
        budget: &mut Budget<'_>,
    ) -> Result<Page<R>> {
        let (root, spec) = (self.body.root(), &<Table<R, M> as Collection>::SPEC);
        let direction = from.map_or(self.direction, Cursor::direction);
        let mut matches = Matches::new(self.body, &self.node, direction, self.after.as_ref());
        if let Some(from) = from
            && !matches.resume(from.search_position(root, spec)?)
        {
            return Err(Error::BadCursor { reason: CursorFault::NoPosition });
        }
        let (mut items, mut has_begun) = (Vec::new(), false);
        while items.len() < limit && !(has_begun && budget.is_spent_between_entries()) {
            has_begun = true;
            match matches.step(true)? {
                Step::End => break,
                Step::Passed { has_read: false } => budget.charge_read(),
                Step::Passed { has_read: true } => charge_row(budget),
                Step::Match(_, row) => {
                    charge_row(budget);
                    items.extend(row);
                }
            }
        }
        let next = matches.position().map(|at| Cursor::of_search(root, spec, direction, &at));
        Ok(Page { items, next })
    }

    /// Returns the number of rows. Reads what [`Combined::keys`] reads.
    ///
    /// # Panics
    /// On damaged memory; [`Combined::try_count`] does not.
    #[must_use]
    #[track_caller]
    pub fn count(&self) -> u64 {
        self.try_count().or_fail()
    }

    /// Like [`Combined::count`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_count(&self) -> Result<u64> {
        let (mut keys, mut count) = (self.keys(), 0_u64);
        while keys.try_next()?.is_some() {
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

/// Counts a row that was read as a page of the budget.
fn charge_row(budget: &mut Budget<'_>) {
    budget.charge_read();
    budget.charge_write();
}
