//! Rows with the rows that they refer to, and rows with those that refer to them.

use std::iter::FusedIterator;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::KeyBuf;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::codec::value::decode_found;
use crate::engine::btree::range::RangeIter;
use crate::engine::cell::StoredValue;
use crate::table::body::Body;
use crate::table::index::IndexTree;
use crate::table::reference::{Reference, ReferenceSpec};
use crate::table::{Record, Table};

impl<T: Record, M: Memory> Table<T, M> {
    /// Returns an iterator over `rows`, each with the row of this table that it refers to, if it
    /// refers to one. Costs a look-up for each row.
    ///
    /// # Panics
    /// The iterator panics on damaged memory; its `try_next` does not.
    ///
    /// # Example: users with their teams
    /// ```
    /// # use graven_core::DefaultMemoryImpl;
    /// # use graven_derive::{StableLayout, Table};
    /// # use graven_collections::Table;
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct Team {
    ///     #[table(key)]
    ///     id: u64,
    ///     name: String,
    /// }
    ///
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// # #[table(crate = graven_collections)]
    /// struct User {
    ///     #[table(key)]
    ///     name: String,
    ///     #[table(references(Team))]
    ///     team: Option<u64>,
    /// }
    ///
    /// #[graven_derive::store]
    /// # #[store(crate = graven_core)]
    /// struct App {
    ///     users: Table<User>,
    ///     teams: Table<Team>,
    /// }
    ///
    /// let mut app = App::open(DefaultMemoryImpl::default()).unwrap();
    /// app.teams.insert(Team { id: 7, name: "blue".into() }).unwrap();
    /// app.users.insert(User { name: "ann".into(), team: Some(7) }).unwrap();
    /// app.users.insert(User { name: "bob".into(), team: None }).unwrap();
    /// let users = app.users.iter().map(|(_, user)| user);
    /// for (user, team) in app.teams.join(User::TO_TEAM, users) {
    ///     assert_eq!(team.map(|team| team.name), (user.name == "ann").then(|| "blue".into()));
    /// }
    /// for (team, users) in app.teams.with_referring(User::TO_TEAM, &app.users) {
    ///     assert_eq!((team.name.as_str(), users.len()), ("blue", 1));
    /// }
    /// ```
    pub fn join<R: Record, I: IntoIterator<Item = R>>(
        &self,
        reference: Reference<R, T>,
        rows: I,
    ) -> Joined<'_, R, T, I::IntoIter, M> {
        Joined { rows: rows.into_iter(), reference, to: &self.body }
    }

    /// Returns an iterator over the rows of this table in the order of their keys, each with all
    /// rows of another table that refer to it. Reads the index of the reference once along with
    /// this table, and each of the other rows with a look-up.
    ///
    /// # Panics
    /// If the index of the reference is not complete; [`Table::try_with_referring`] does not. The
    /// iterator panics on damaged memory; its `try_next` does not.
    #[must_use]
    #[track_caller]
    pub fn with_referring<'a, R: Record>(
        &'a self,
        reference: Reference<R, T>,
        from: &'a Table<R, M>,
    ) -> WithReferring<'a, R, T, M> {
        self.try_with_referring(reference, from).or_fail()
    }

    /// Like [`Table::with_referring`], but returns an error while the index is not complete.
    ///
    /// # Errors
    /// [`Error::IndexIncomplete`](graven_core::Error::IndexIncomplete).
    pub fn try_with_referring<'a, R: Record>(
        &'a self,
        reference: Reference<R, T>,
        from: &'a Table<R, M>,
    ) -> Result<WithReferring<'a, R, T, M>> {
        let index = from.body.reference_index(reference.position())?;
        let Some(spec) = R::REFERENCES.get(reference.position()) else {
            return Err(from.body.root().damaged(from.body.root().page(), Damage::MissingEntry));
        };
        let all = || (Bound::Unbounded, Bound::Unbounded);
        let rows = self.body.rows.tree.cursor(all().0, all().1);
        let entries = index.walk(all());
        Ok(WithReferring { rows, to: &self.body, entries, index, from: &from.body, spec, ahead: None })
    }
}

/// An iterator over rows, each with the row that it refers to.
pub struct Joined<'a, R, T: Record, I, M: Memory> {
    rows: I,
    reference: Reference<R, T>,
    to: &'a Body<T, M>,
}

impl<R: Record, T: Record, I: Iterator<Item = R>, M: Memory> Joined<'_, R, T, I, M> {
    /// Like `next`, but returns damage of the table that is joined as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(R, Option<T>)>> {
        let Some(row) = self.rows.next() else { return Ok(None) };
        let (mut key, tree) = (KeyBuf::new(), &self.to.rows.tree);
        let spec = R::REFERENCES.get(self.reference.position());
        if !spec.is_some_and(|spec| (spec.to)(&row, &mut key)) {
            return Ok(Some((row, None)));
        }
        let read = |found: StoredValue<'_>| decode_found(tree.root(), found);
        let other = tree.lookup(Body::<T, M>::SIZES, key.as_slice(), read)?;
        Ok(Some((row, other)))
    }
}

impl<R: Record, T: Record, I: Iterator<Item = R>, M: Memory> Iterator for Joined<'_, R, T, I, M> {
    type Item = (R, Option<T>);

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().or_fail()
    }
}

impl<R: Record, T: Record, I, M: Memory> core::fmt::Debug for Joined<'_, R, T, I, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Joined").finish_non_exhaustive()
    }
}

/// An iterator over rows, each with all rows of another table that refer to it.
pub struct WithReferring<'a, R: Record, T: Record, M: Memory> {
    rows: RangeIter<'a, M>,
    to: &'a Body<T, M>,
    entries: RangeIter<'a, M>,
    index: &'a IndexTree<M>,
    from: &'a Body<R, M>,
    spec: &'static ReferenceSpec<R>,
    /// The entry after those of the last row, and the key of its row.
    ahead: Option<(KeyBuf, KeyBuf)>,
}

impl<R: Record, T: Record, M: Memory> WithReferring<'_, R, T, M> {
    /// Like `next`, but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<(T, Vec<R>)>> {
        let root = self.to.rows.tree.root();
        let read = self.rows.next(Body::<T, M>::SIZES, |key, found| {
            let mut value = KeyBuf::new();
            (self.spec.value)(key, &mut value).on_page(root, found.page)?;
            Ok((value, decode_found::<T, _>(root, found)?))
        })?;
        let Some((value, row)) = read else { return Ok(None) };
        let mut referring = Vec::new();
        loop {
            if self.ahead.is_none() {
                self.ahead = self.next_entry()?;
            }
            let Some((entry, key)) = &self.ahead else { break };
            let is_unique = self.index.is_unique;
            let is_here =
                if is_unique { *entry == value } else { entry.as_slice().starts_with(value.as_slice()) };
            if is_here {
                referring.push(self.from.row(key.as_slice())?);
            } else if entry.as_slice() > value.as_slice() {
                break;
            }
            self.ahead = None;
        }
        Ok(Some((row, referring)))
    }

    fn next_entry(&mut self) -> Result<Option<(KeyBuf, KeyBuf)>> {
        let index = self.index;
        self.entries.next(index.sizes(), |entry, found| {
            Ok((KeyBuf::from(entry), KeyBuf::from(index.row_key(entry, found)?)))
        })
    }
}

impl<R: Record, T: Record, M: Memory> Iterator for WithReferring<'_, R, T, M> {
    type Item = (T, Vec<R>);

    #[track_caller]
    fn next(&mut self) -> Option<Self::Item> {
        self.try_next().or_fail()
    }
}

impl<R: Record, T: Record, M: Memory> FusedIterator for WithReferring<'_, R, T, M> {}

impl<R: Record, T: Record, M: Memory> core::fmt::Debug for WithReferring<'_, R, T, M> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WithReferring").finish_non_exhaustive()
    }
}
