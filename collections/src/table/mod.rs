//! Tables: rows by key, with indexes that every change keeps true.
//!
//! ```text
//! Table      rows by key (this file); inserts, changes and removes them (edit)
//! Body       what a table consists of, and how its parts change together (body)
//! Record     what the derive says about a row: its key, its indexes (record) and its references to
//!            rows of other tables (reference), the time at which it expires (expiry)
//! Linked     a table as those see it that refer to it, or that it refers to (links, refer, cascade)
//! Entry      an entry of a row, as it follows from the row (entries)
//! Included   fields of rows in the entries of an index (included)
//! IndexTree  the entries of one index, as bytes (index); made from rows that were there before (build),
//!            or while the store is opened (make)
//! Query      rows by an index: equal, by prefix, by range, page by page (query, iter); counts, extremes
//!            and groups of its values (aggregate); what it would read (explain)
//! Combined   rows by several indexes (combine, condition), found by streams or walks (stream, matches),
//!            or without an index (scan)
//! Request    questions of tools, without the types of the program (ask)
//! Expired    rows whose time has come (expire)
//! Joined     rows with those that they refer to, or that refer to them (join)
//! ```
//! The rows are in the tree of a [`BTreeMap`]. An index is a root of its own, so that opening a
//! store compares, creates and drops it like any other. `verify` compares all entries with all
//! rows.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

mod aggregate;
mod ask;
mod batch;
mod body;
mod build;
mod cascade;
mod combine;
mod condition;
mod edit;
mod entries;
mod expire;
mod expiry;
mod explain;
mod included;
mod index;
mod iter;
mod join;
mod links;
mod make;
mod matches;
mod query;
mod record;
mod refer;
mod reference;
mod scan;
mod stream;
mod verify;

use std::cell::Cell;
use std::ops::Bound;
use std::rc::{Rc, Weak};

use graven_core::ask::{Answer, AskError, Request};
use graven_core::error::OrFail;
use graven_core::evolution::Problem;
use graven_core::key::KeyRef;
use graven_core::layout::StableLayout;
use graven_core::layout::field::Field;
use graven_core::store::links::{Links, Target};
use graven_core::store::{Budget, Collection, CollectionKind, Root, RootSpec, RootStats, VerifyPosition};
use graven_core::{DefaultMemoryImpl, Error, Memory, Result};

use crate::codec::range::KeyBounds;
use crate::cursor::{Cursor, Direction, Page};
use crate::engine::verify::check_within;
use crate::map::btree::{self, BTreeMap};

pub use aggregate::Groups;
pub use build::IndexState;
pub use combine::{Combined, Condition};
pub use entries::Values;
pub use expire::Expired;
pub use expiry::{ExpirySpec, ExpiryTime, write_time};
pub use explain::Explain;
pub use included::Included;
pub use iter::{Entries, Fields, Keys, Rows};
pub use join::{Joined, WithReferring};
pub use matches::{Matches, MatchingKeys};
pub use query::Query;
pub use record::{AnyIndex, Index, IndexSpec, Record, UniqueIndex, after_value, is_same_field};
pub use reference::{Reference, ReferenceSpec, RefersTo, write_target, write_value};
pub use scan::IndexOrScan;

use body::Body;
use index::IndexTree;
use links::{BodyLinks, Linked};
use make::makes_indexes;

/// Rows of type `R` by key, with indexes. `#[derive(Table)]` on `R` says which field is the key and
/// which ones have an index.
///
/// Every change of a row changes its entries in all indexes, or nothing if it fails. An index that
/// a new version of the code adds is made by the sweep, a few rows at a time; one that it no longer
/// declares is dropped, and its pages are freed as they are needed.
///
/// Costs are those of one [`BTreeMap`] for the rows and one for each index. A row by its key costs
/// a look-up, by a unique index two. An update costs an overwrite, and for each index in which the
/// row's entry changes an insertion and a removal.
///
/// While a unique index is not complete, it does not know the values of all rows, so two rows may
/// get the same one. [`Table::index_state`] tells then which rows they are.
///
/// # Example: users by name
/// ```
/// use graven_collections::{Table, open};
/// use graven_core::DefaultMemoryImpl;
/// use graven_derive::{StableLayout, Table};
///
/// #[derive(StableLayout, Table)]
/// #[layout(version = 1, crate = graven_core)]
/// #[table(crate = graven_collections)]
/// struct User {
///     #[table(key)]
///     id: u64,
///     #[table(unique)]
///     email: String,
///     #[table(index)]
///     name: String,
/// }
///
/// let mut users: Table<User> = open("users", DefaultMemoryImpl::default()).unwrap();
/// let user = |id, name: &str| User { id, email: format!("{name}@example.org"), name: name.into() };
/// users.insert(user(1, "fob")).unwrap();
/// users.insert(user(2, "foo")).unwrap();
/// let names: Vec<String> = users.by(User::BY_NAME).prefix("fo").rows().map(|user| user.name).collect();
/// assert_eq!(names, ["fob", "foo"]);
/// let taken = users.insert(user(3, "foo")).unwrap_err();
/// assert_eq!(taken.key(), Some(2u64), "the row with this email");
/// assert_eq!(users.by(User::BY_EMAIL).get("fob@example.org").unwrap().id, 1);
/// ```
pub struct Table<R: Record, M: Memory = DefaultMemoryImpl> {
    /// Other tables of the store may hold it, too.
    body: Rc<Body<R, M>>,
}

/// The offset of the next row's number in the extra bytes of the root.
const NEXT_AT: usize = 0;

impl<R: Record, M: Memory> Table<R, M> {
    /// Returns the number of rows. Reads nothing.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.body.rows.len()
    }

    /// Returns `true` if there are no rows. Reads nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.body.rows.is_empty()
    }

    /// Returns the row of a key. Costs a look-up.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_get`] does not.
    #[must_use]
    #[track_caller]
    pub fn get<Q: KeyRef<R::Key> + ?Sized>(&self, key: &Q) -> Option<R> {
        self.try_get(key).or_fail()
    }

    /// Like [`Table::get`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_get<Q: KeyRef<R::Key> + ?Sized>(&self, key: &Q) -> Result<Option<R>> {
        self.body.rows.try_get(key)
    }

    /// Returns `true` if a key has a row.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_contains_key`] does not.
    #[must_use]
    #[track_caller]
    pub fn contains_key<Q: KeyRef<R::Key> + ?Sized>(&self, key: &Q) -> bool {
        self.try_contains_key(key).or_fail()
    }

    /// Like [`Table::contains_key`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    pub fn try_contains_key<Q: KeyRef<R::Key> + ?Sized>(&self, key: &Q) -> Result<bool> {
        self.body.rows.try_contains_key(key)
    }

    /// Returns a field of the row of a key, without the rest of the row. Costs what
    /// [`BTreeMap::get_field`] costs.
    ///
    /// # Panics
    /// On damaged memory; [`Table::try_get_field`] does not.
    #[must_use]
    #[track_caller]
    pub fn get_field<Q: KeyRef<R::Key> + ?Sized, T: StableLayout>(
        &self,
        key: &Q,
        field: Field<R, T>,
    ) -> Option<T> {
        self.try_get_field(key, field).or_fail()
    }

    /// Like [`Table::get_field`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`], if the bytes that are read show it.
    pub fn try_get_field<Q: KeyRef<R::Key> + ?Sized, T: StableLayout>(
        &self,
        key: &Q,
        field: Field<R, T>,
    ) -> Result<Option<T>> {
        self.body.rows.try_get_field(key, field)
    }

    /// Returns an iterator over the rows with their keys, in the order of the keys, from both ends.
    /// Reads one page for each leaf.
    #[must_use]
    pub fn iter(&self) -> btree::Iter<'_, R::Key, R, M> {
        self.body.rows.iter()
    }

    /// Returns an iterator over the rows with keys in a range, in order, from both ends.
    ///
    /// # Panics
    /// As std's: if the range begins after its end, or if both bounds are equal and excluded.
    #[track_caller]
    pub fn range<Q: ?Sized, B: KeyBounds<R::Key, Q>>(&self, range: B) -> btree::Range<'_, R::Key, R, M> {
        self.body.rows.range(range)
    }

    /// Returns at most `limit` rows with their keys, beginning at a cursor or at the first row.
    /// Reads each leaf that has some of them once; writes nothing.
    ///
    /// # Errors
    /// [`Error::BadCursor`] for a cursor of another collection or a
    /// cursor that was tampered with; [`Error::Damaged`].
    pub fn page(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(R::Key, R)>> {
        let all = (Bound::Unbounded, Bound::Unbounded);
        self.body.rows.page_as(&Self::SPEC, all, from, limit)
    }

    /// Returns the cursor from which [`Table::page`] goes backward, from the last row to the first.
    /// Reads nothing.
    #[must_use]
    pub fn cursor_at_end(&self) -> Cursor {
        Cursor::ordered(self.body.root(), &Self::SPEC, Direction::Backward, &Bound::Unbounded)
    }

    /// Returns the size of the table and the layouts of its rows. The pages are those of the rows
    /// and of all indexes. Reads nothing.
    #[must_use]
    pub fn stats(&self) -> RootStats {
        let mut stats = self.body.rows.stats();
        for index in &self.body.indexes {
            stats.pages = stats.pages.saturating_add(index.tree.root().state().pages.get());
        }
        stats.incomplete_indexes = self.incomplete_indexes();
        stats
    }

    /// Returns the table of a root and of those of its indexes.
    fn of(root: Root<M>, next_index: &mut dyn FnMut() -> Option<Root<M>>) -> Self {
        let mut next = [0; 8];
        // A checked root has these bytes, so this does not fail.
        let _ = root.read_extra(NEXT_AT, &mut next);
        let rows = BTreeMap::attach(root);
        let mut indexes = Vec::with_capacity(R::INDEXES.len());
        for spec in R::INDEXES {
            let Some(root) = next_index() else { break };
            indexes.push(IndexTree::attach(root, spec, rows.is_empty()));
        }
        let next = Cell::new(u64::from_le_bytes(next));
        Table { body: Rc::new(Body { rows, indexes, next, links: BodyLinks::default() }) }
    }

    /// Returns the table as others of its store see it.
    fn linked(&self) -> Weak<dyn Linked>
    where
        M: 'static,
    {
        let body: Rc<dyn Linked> = Rc::<Body<R, M>>::clone(&self.body);
        Rc::downgrade(&body)
    }
}

impl<R: Record, M: Memory> graven_core::store::sealed::Sealed for Table<R, M> {}

impl<R: Record, M: Memory> Collection for Table<R, M> {
    type Memory = M;

    const SPEC: RootSpec = RootSpec::new::<R>("", CollectionKind::Table, Some(R::KEY_LAYOUT));

    const PARTS: &'static [RootSpec] = R::ROOTS;

    const ROW: Option<&'static str> = Some(R::TYPE);

    const TARGETS: &'static [Target] = R::TARGETS;

    fn attach(root: Root<M>) -> Self {
        Self::of(root, &mut || None)
    }

    fn attach_with(root: Root<M>, next_part: &mut dyn FnMut() -> Root<M>) -> Self {
        Self::of(root, &mut || Some(next_part()))
    }

    fn announce(&self, links: &mut Links)
    where
        M: 'static,
    {
        links.add(R::TYPE, self.linked());
    }

    fn link(&self, links: &Links)
    where
        M: 'static,
    {
        self.body.links.connect(R::TARGETS, self.linked(), links);
    }

    fn root(&self) -> &Root<M> {
        self.body.rows.root()
    }

    fn incomplete_indexes(&self) -> u32 {
        self.body.indexes.iter().map(|index| u32::from(!index.is_complete())).sum()
    }

    const MAKES_INDEXES: bool = makes_indexes(R::INDEXES);

    fn make_indexes(&self, problems: &mut Vec<Problem>) -> Result<()> {
        self.body.make_indexes(problems)
    }

    fn root_stats(&self) -> RootStats {
        self.stats()
    }

    fn ask(&self, request: &Request, budget: &mut Budget<'_>) -> Result<Answer, AskError> {
        self.body.ask(request, budget)
    }

    fn expire(&mut self, now: u64, budget: &mut Budget<'_>) -> Result<bool> {
        match self.try_expire(now, budget) {
            Ok(expired) => Ok(expired.is_done),
            // The sweep makes the index. Other tables do not wait for it.
            Err(Error::IndexIncomplete(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Result<bool> {
        check_within(position, budget, |audit| self.body.check(audit))
    }

    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<bool> {
        let is_swept = self.body.rows.tree.sweep(budget)?;
        let is_built = self.body.build(budget)?;
        Ok(is_swept && is_built)
    }
}

impl<R: Record + core::fmt::Debug, M: Memory> core::fmt::Debug for Table<R, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.body.rows.values()).finish()
    }
}

iterable!([R: Record, M: Memory] Table<R, M> => btree::Iter<'a, R::Key, R, M>);
