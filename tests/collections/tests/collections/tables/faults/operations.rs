//! The operations that faults are injected into.

use graven::{Budget, Error};
use graven_tests::rng::Rng;

use super::fuse::{Id, tick};
use super::state::{Rows, author, comment, note, post, some, tags, title};
use super::store::{App, Author, Badge, Comment, Post};

/// An operation. What it does follows from its fields alone.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    InsertAuthor(Author),
    InsertPost(Post),
    InsertComment(Comment),
    InsertBadge(Badge),
    UpsertAuthor(Author),
    UpsertPost(Post),
    UpsertComment(Comment),
    UpdateAuthor(Id, Author),
    UpdatePost(u64, Post),
    UpdateNote(u64, Vec<u8>),
    UpdateComment(u64, Comment),
    RemoveAuthor(Id),
    RemovePost(u64),
    RemoveComment(u64),
    RemoveBadge(u8),
    RemoveWithin(Id, u64),
    ClearAuthors,
    ClearPosts,
    ClearComments,
    ClearBadges,
    Expire(u64, u64),
    KeepLastPosts(u64, u64),
    KeepLastComments(u64, u64),
    Sweep(u64),
}

use Operation::*;

/// Calls a function with a budget that asks the user's code.
fn within<T>(mut steps: u64, run: impl FnOnce(&mut Budget<'_>) -> T) -> T {
    let mut more = || {
        tick();
        steps = steps.saturating_sub(1);
        steps > 0
    };
    run(&mut Budget::while_true(&mut more))
}

impl Operation {
    /// Returns operations on rows that are there, and on some that are not.
    pub(crate) fn some(rows: &Rows, rng: &mut Rng) -> Vec<Operation> {
        let fresh = 1_000 + rng.below(1_000);
        let old_author = some(&rows.authors, rng).map_or(Id(3), |author| author.id);
        let old_post = some(&rows.posts, rng).map_or(3, |post| post.id);
        let old_comment = some(&rows.comments, rng).map_or(3, |comment| comment.id);
        let twin = some(&rows.posts, rng).map_or_else(String::new, |post| post.title.clone());
        let holder = some(&rows.authors, rng).map(|author| author.id);
        let same = some(&rows.posts, rng).cloned();
        let changed = |rng: &mut Rng| Post { id: old_post, ..post(fresh, rows, rng) };
        let mut all = vec![
            InsertAuthor(author(fresh as u32, rng)),
            InsertPost(post(0, rows, rng)),
            InsertPost(post(0, rows, rng)),
            InsertPost(Post { title: title(5, rng).repeat(4), ..post(0, rows, rng) }),
            InsertPost(Post { title: twin.clone(), ..post(0, rows, rng) }),
            InsertComment(comment(fresh, rows, rng)),
            InsertComment(comment(old_comment, rows, rng)),
            InsertBadge(Badge { id: 50, holder }),
            UpsertAuthor(author(fresh as u32, rng)),
            UpsertAuthor(Author { id: old_author, ..author(fresh as u32, rng) }),
            UpsertPost(post(fresh, rows, rng)),
            UpsertPost(changed(rng)),
            UpsertPost(Post { note: vec![3; 7_000], ..changed(rng) }),
            UpsertPost(Post { title: twin, ..changed(rng) }),
            UpsertComment(comment(fresh, rows, rng)),
            UpsertComment(comment(old_comment, rows, rng)),
            UpdateAuthor(old_author, author(fresh as u32, rng)),
            UpdatePost(old_post, changed(rng)),
            UpdatePost(old_post, changed(rng)),
            UpdateNote(old_post, note(rng)),
            UpdateNote(old_post, vec![5; 5_000]),
            UpdateComment(old_comment, comment(old_comment, rows, rng)),
            RemoveAuthor(old_author),
            RemoveAuthor(Id(100)),
            RemovePost(old_post),
            RemovePost(rng.below(9)),
            RemoveComment(old_comment),
            RemoveBadge(rng.below(5) as u8),
            RemoveWithin(old_author, 1 + rng.below(3)),
            ClearAuthors,
            ClearPosts,
            ClearComments,
            ClearBadges,
            Expire(30 + rng.below(50), 1 + rng.below(30)),
            Expire(30 + rng.below(50), u64::MAX),
            KeepLastPosts(rng.below(20), u64::MAX),
            KeepLastComments(rng.below(20), 1 + rng.below(50)),
            Sweep(1),
            Sweep(1 + rng.below(6)),
            Sweep(u64::MAX),
        ];
        all.extend(same.map(|post| UpsertPost(Post { note: note(rng), tags: tags(rng), ..post })));
        all
    }

    /// Returns `true` if what was done before a fault stays.
    pub(crate) fn is_stepwise(&self) -> bool {
        matches!(self, RemoveWithin(..) | Expire(..) | KeepLastPosts(..) | KeepLastComments(..) | Sweep(_))
    }

    /// Returns `true` if it needs no memory.
    pub(crate) fn only_removes(&self) -> bool {
        matches!(
            self,
            RemoveAuthor(_)
                | RemovePost(_)
                | RemoveComment(_)
                | RemoveBadge(_)
                | RemoveWithin(..)
                | ClearAuthors
                | ClearPosts
                | ClearComments
                | ClearBadges
                | Expire(..)
                | KeepLastPosts(..)
                | KeepLastComments(..)
        )
    }

    /// Returns the same without a limit.
    pub(crate) fn whole(&self) -> Operation {
        match *self {
            RemoveWithin(id, _) => RemoveWithin(id, u64::MAX),
            Expire(now, _) => Expire(now, u64::MAX),
            KeepLastPosts(most, _) => KeepLastPosts(most, u64::MAX),
            KeepLastComments(most, _) => KeepLastComments(most, u64::MAX),
            Sweep(_) => Sweep(u64::MAX),
            ref other => other.clone(),
        }
    }

    /// Does it, and returns in words what came of it. Violations and indexes that are not complete
    /// are no faults.
    pub(crate) fn run(&self, app: &mut App) -> Result<String, Error> {
        fn said<T: std::fmt::Debug>(result: Result<T, Error>) -> Result<String, Error> {
            match result {
                Ok(done) => Ok(format!("{done:?}")),
                Err(error @ (Error::Violation(_) | Error::IndexIncomplete(_) | Error::KeyTooLong { .. })) => {
                    Ok(error.to_string())
                }
                Err(error) => Err(error),
            }
        }
        /// Overwrites a row, with calls of the user's code before and after.
        fn over<T>(row: &mut T, new: &T)
        where
            T: Clone,
        {
            tick();
            *row = new.clone();
            tick();
        }
        match self.clone() {
            InsertAuthor(row) => said(app.authors.try_insert(row)),
            InsertPost(row) => said(app.posts.try_insert(row)),
            InsertComment(row) => said(app.comments.try_insert(row)),
            InsertBadge(row) => said(app.badges.try_insert(row)),
            UpsertAuthor(row) => said(app.authors.try_upsert(row)),
            UpsertPost(row) => said(app.posts.try_upsert(row)),
            UpsertComment(row) => said(app.comments.try_upsert(row)),
            UpdateAuthor(id, new) => {
                said(app.authors.try_update(&id, |row| over(row, &Author { id, ..new })))
            }
            UpdatePost(id, new) => said(app.posts.try_update(&id, |row| over(row, &new))),
            UpdateNote(id, note) => said(app.posts.try_update(&id, |row| over(&mut row.note, &note))),
            UpdateComment(id, new) => said(app.comments.try_update(&id, |row| over(row, &new))),
            RemoveAuthor(id) => said(app.authors.try_remove(&id)),
            RemovePost(id) => said(app.posts.try_remove(&id)),
            RemoveComment(id) => said(app.comments.try_remove(&id)),
            RemoveBadge(id) => said(app.badges.try_remove(&id)),
            RemoveWithin(id, pages) => {
                said(within(pages, |budget| app.authors.try_remove_within(&id, budget)))
            }
            ClearAuthors => said(app.authors.try_clear()),
            ClearPosts => said(app.posts.try_clear()),
            ClearComments => said(app.comments.try_clear()),
            ClearBadges => said(app.badges.try_clear()),
            Expire(now, steps) => said(within(steps, |budget| app.posts.try_expire(now, budget))),
            KeepLastPosts(most, steps) => said(within(steps, |budget| app.posts.try_keep_last(most, budget))),
            KeepLastComments(most, steps) => {
                said(within(steps, |budget| app.comments.try_keep_last(most, budget)))
            }
            Sweep(steps) => said(within(steps, |budget| app.sweep(budget)).map(|done| done.is_done())),
        }
    }
}
