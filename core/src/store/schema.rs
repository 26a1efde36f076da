//! Declared stores: structs of collections that are opened together.

use ic_stable_structures::Memory;

use super::{Budget, Collection, Options, Progress, RootSpec, RootStats, Store};
use crate::error::Result;
use crate::evolution::VersionName;
use crate::page::Usage;

/// A struct whose fields are the collections of a store. `#[graven::store]` implements it.
pub trait Schema: Sized {
    /// The memory of the store.
    type Memory: Memory + 'static;

    /// The roots, in the order of the fields.
    const ROOTS: &'static [RootSpec];

    /// Names of roots that the code drops, if they are stored.
    const DROPPED: &'static [&'static str] = &[];

    /// Returns the struct after giving every field its root.
    fn attach(store: &mut Store<Self::Memory>) -> Self;

    /// Returns the size and layouts of every root.
    fn stats(&self) -> Vec<RootStats>;

    /// Returns how the pages of the store are used.
    fn usage(&self) -> Usage;

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

    /// Opens a memory, or begins a store in an empty one.
    ///
    /// # Errors
    /// As [`Store::open`].
    fn open_with(memory: Self::Memory, options: Options) -> Result<Self> {
        let store = Store::open_dropping(memory, Self::ROOTS, Self::DROPPED, options);
        store.map(|mut store| Self::attach(&mut store))
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
    swept.map(drop)
}
