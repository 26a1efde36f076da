//! A declared store: a struct of collections, opened as one.

use ic_stable_structures::Memory;

use super::{Budget, Collection, Options, Progress, RootSpec, RootStats, Store};
use crate::error::Result;
use crate::evolution::VersionName;
use crate::page::Usage;

/// A struct whose fields are the collections of a store. Implemented by `#[graven::store]`.
pub trait Schema: Sized {
    /// The memory that the store is in.
    type Memory: Memory + 'static;

    /// The roots, in the order of the fields.
    const ROOTS: &'static [RootSpec];

    /// Names of roots that the code lets go, if they are stored.
    const DROPPED: &'static [&'static str] = &[];

    /// Hands every field its root.
    fn attach(store: &mut Store<Self::Memory>) -> Self;

    /// Size and layouts of every root.
    fn stats(&self) -> Vec<RootStats>;

    /// How the pages of the store are used.
    fn usage(&self) -> Usage;

    /// The older versions of the code's types that no page holds any more: their histories may be
    /// deleted from the code. Reads the layout registry.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged).
    fn obsolete(&self) -> Result<Vec<VersionName>>;

    /// Brings old records to the newest layouts while the budget lasts.
    ///
    /// # Errors
    /// As [`Collection::sweep`].
    fn sweep(&mut self, budget: &mut Budget<'_>) -> Result<Progress>;

    /// Opens a memory, or begins a store in an empty one.
    ///
    /// # Errors
    /// As [`Store::open`].
    fn open_with(memory: Self::Memory, options: Options) -> Result<Self> {
        let store = Store::open_dropping(memory, Self::ROOTS, Self::DROPPED, options);
        store.map(|mut store| Self::attach(&mut store))
    }
}

/// Sweeps one collection; `progress` adds up what that did. After an error the next one may make a
/// step even if the budget is spent: it may be what gives memory back.
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
    progress.add(collection.root());
    swept.map(drop)
}
