//! Declared stores: structs of collections that are opened together.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use ic_stable_structures::Memory;

use super::{Budget, Collection, Options, Progress, RootSpec, RootStats, Store, VerifyPosition};
use crate::ask::{Answer, AskError, Request};
use crate::error::{Error, Result, fail};
use crate::evolution::{Problem, VersionName};
use crate::page::{Pager, Usage};

/// A struct whose fields are the collections of a store. `#[graven::store]` implements it.
pub trait Schema: Sized {
    /// The memory of the store.
    type Memory: Memory + 'static;

    /// The roots, in the order of the fields.
    const ROOTS: &'static [RootSpec];

    /// Names of roots that the code drops, if they are stored.
    const DROPPED: &'static [&'static str] = &[];

    /// `true` if opening makes indexes of tables, and fails if a row breaks the rule of one.
    #[doc(hidden)]
    const MAKES_INDEXES: bool = false;

    /// Makes the indexes that opening makes. Returns the rules that rows break.
    ///
    /// # Errors
    /// As [`Schema::sweep`].
    #[doc(hidden)]
    fn make_indexes(&self) -> Result<Vec<Problem>> {
        Ok(Vec::new())
    }

    /// Returns the struct after giving every field its root.
    fn attach(store: &mut Store<Self::Memory>) -> Self;

    /// Returns the size and layouts of every root.
    fn stats(&self) -> Vec<RootStats>;

    /// Returns how the pages of the store are used.
    fn usage(&self) -> Usage {
        self.pager().usage()
    }

    /// Returns the previous versions of the code's types that no page holds any more. Their
    /// histories may be deleted from the code. Reads the layout registry.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged).
    fn obsolete(&self) -> Result<Vec<VersionName>>;

    /// Migrates records in previous layouts to the current ones while the budget lasts.
    ///
    /// # Errors
    /// As [`Collection::sweep`].
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<Progress>;

    /// Answers a request of a tool for rows of a table, for as long as the budget lasts: a row that
    /// is read counts as a page.
    ///
    /// # Errors
    /// [`AskError`].
    fn ask(&self, request: &Request, budget: &mut Budget<'_>) -> core::result::Result<Answer, AskError> {
        let _ = budget;
        Err(AskError::UnknownTable(request.table.clone()))
    }

    /// Removes the rows of all tables whose time has come, while the budget lasts. Returns `true`
    /// when none is left. `now` is in the unit of the rows' times.
    ///
    /// # Errors
    /// As [`Schema::sweep`].
    fn expire(&mut self, now: u64, budget: &mut Budget<'_>) -> Result<bool> {
        let _ = (now, budget);
        Ok(true)
    }

    /// Checks the collection of a position, as far as the budget allows. Returns `true` if the
    /// check of this collection has reached its end, and `None` if there is no such collection.
    #[doc(hidden)]
    fn verify_within(&self, position: &mut VerifyPosition, budget: &mut Budget<'_>) -> Option<Result<bool>> {
        let _ = (position, budget);
        None
    }

    /// Returns the pages of the store.
    fn pager(&self) -> &Pager<Self::Memory>;

    /// Runs a function that changes collections of the store, as a whole or not at all. If it
    /// returns an error or panics, everything that it wrote is undone: memory and collections are
    /// as if it had not run, and pages that it took are free again. The memory stays as large as it
    /// became.
    ///
    /// A transaction may be within another one. If it fails, it is undone alone. If the outer one
    /// fails later, both are undone.
    ///
    /// In a transaction every write reads first what it overwrites, and keeps it on the heap until
    /// the transaction ends. New pages have no such image. Undoing writes the images, and reads all
    /// roots again.
    ///
    /// # Errors
    /// The error that the function returns.
    ///
    /// # Panics
    /// Panics if the function does, after undoing. In a canister a panic is a trap, and the replica
    /// undoes the whole message. Panics with [`Error::Superseded`](crate::Error::Superseded) if
    /// another store has opened the memory during a transaction that fails.
    fn transact<T, E>(
        &mut self,
        run: impl FnOnce(&mut Self) -> core::result::Result<T, E>,
    ) -> core::result::Result<T, E> {
        let pager = self.pager().of_store();
        let savepoint = pager.begin();
        // The store is opened again after a panic, so nothing that a panic left is seen.
        let result = catch_unwind(AssertUnwindSafe(|| run(self)));
        if matches!(result, Ok(Ok(_))) {
            pager.commit(savepoint);
        } else {
            let undone = pager.undo(savepoint);
            let store = undone.and_then(|()| Store::of_pages(pager, Self::ROOTS, Self::DROPPED));
            *self = store.map_or_else(|error| fail(&error), |mut store| Self::attach(&mut store));
        }
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Opens a memory, or begins a store in an empty one.
    ///
    /// # Errors
    /// As [`Store::open`].
    fn open_with(memory: Self::Memory, options: Options) -> Result<Self> {
        if Self::MAKES_INDEXES {
            return Store::open_whole(memory, Self::ROOTS, Self::DROPPED, options, |store| {
                let store = Self::attach(store);
                Error::of_problems(store.make_indexes()?)?;
                Ok(store)
            });
        }
        let mut store = Store::open_dropping(memory, Self::ROOTS, Self::DROPPED, options)?;
        Ok(Self::attach(&mut store))
    }
}

/// Sweeps one collection and adds the result to `progress`. After an error, the next collection may
/// make a step even if the budget is spent, since that step may free memory.
///
/// # Errors
/// As [`Collection::sweep`].
pub fn sweep_one<C: Collection>(
    collection: &mut C,
    budget: &mut Budget<'_>,
    progress: &mut Progress,
) -> Result<()> {
    let before = budget.migrated;
    let swept = collection.sweep(budget);
    if swept.is_err() {
        budget.allow_step();
    }
    progress.migrated += budget.migrated - before;
    progress.add(collection.root(), budget, matches!(swept, Ok(true)));
    progress.incomplete_indexes += collection.incomplete_indexes();
    swept.map(drop)
}
