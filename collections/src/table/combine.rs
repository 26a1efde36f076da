//! Conditions on several indexes at once: all of them, or one of them.

use std::rc::Rc;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef};
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::table::Record;
use crate::table::body::Body;
use crate::table::condition::{Narrowed, Node};
use crate::table::matches::{Matches, MatchingKeys};
use crate::table::query::Query;
use crate::table::record::AnyIndex;

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
        let Query { body, at, index, range, is_equal, .. } = self;
        Combined { body, node: Rc::new(Node::Index(Narrowed { at, index, range, is_equal })), after: None }
    }
}

/// The rows that meet several conditions, or one of several.
///
/// Rows are found in ascending order of their keys where a condition names a single value
/// ([`Query::equal`]) of each index that has to be read. Such entries are read together, and those
/// of an index that lead to no common row are skipped. Other ranges of an `and` are checked on the
/// rows that the rest finds. Without a single value, the index of the first condition is read in
/// its order, and the others are checked on its rows. Nothing is sorted or kept.
pub struct Combined<'a, R: Record, M: Memory> {
    pub(super) body: &'a Body<R, M>,
    pub(super) node: Rc<Node<'a, M>>,
    pub(super) after: Option<KeyBuf>,
}

impl<R: Record, M: Memory> sealed::Sealed for Combined<'_, R, M> {}

impl<'a, R: Record, M: Memory> Condition<'a, R, M> for Combined<'a, R, M> {
    fn combined(self) -> Combined<'a, R, M> {
        self
    }
}

impl<R: Record, M: Memory> Clone for Combined<'_, R, M> {
    fn clone(&self) -> Self {
        Combined { body: self.body, node: Rc::clone(&self.node), after: self.after.clone() }
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
    /// Returns the rows that meet another condition as well.
    ///
    /// # Panics
    /// If the other condition is one of another table.
    #[must_use]
    #[track_caller]
    pub fn and(self, other: impl Condition<'a, R, M>) -> Self {
        self.with(other.combined(), Node::All)
    }

    /// Returns the rows that meet this condition or another one, each of them once.
    ///
    /// # Panics
    /// As [`Combined::and`].
    #[must_use]
    #[track_caller]
    pub fn or(self, other: impl Condition<'a, R, M>) -> Self {
        self.with(other.combined(), Node::Any)
    }

    #[track_caller]
    fn with(self, other: Self, both: fn(Vec<Rc<Node<'a, M>>>) -> Node<'a, M>) -> Self {
        assert!(core::ptr::eq(self.body, other.body), "two conditions are of different tables");
        Combined { node: Rc::new(both(vec![self.node, other.node])), ..self }
    }

    /// Returns the rows with keys after this one, so that pages can follow each other. Where rows
    /// are found in ascending order of their keys, no entry before it is read.
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
        Matches::new(self.body, &self.node, self.after.as_ref())
    }

    /// Returns an iterator over the keys of the rows. Reads a row only to check a condition.
    ///
    /// # Panics
    /// As [`Combined::rows`].
    #[must_use]
    pub fn keys(&self) -> MatchingKeys<'a, R, M> {
        MatchingKeys(Matches::new(self.body, &self.node, self.after.as_ref()))
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
