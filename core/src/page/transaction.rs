//! Transactions over all pages of a store.

use ic_stable_structures::Memory;

use super::Pager;
use super::journal::Savepoint;
use super::superblock::{self, Access};
use crate::error::{Error, Result};

impl<M: Memory> Pager<M> {
    /// Begins a transaction, which may be within another one.
    pub(crate) fn begin(&self) -> Savepoint {
        self.memory.begin(self.pages.get())
    }

    /// Ends a transaction and keeps what it wrote.
    pub(crate) fn commit(&self, savepoint: Savepoint) {
        self.memory.commit(savepoint);
    }

    /// Ends a transaction and undoes what it wrote. All roots must be read again.
    ///
    /// # Errors
    /// [`Error::Superseded`] if another store has opened the memory during the transaction. Then
    /// nothing is undone, since that store may have written.
    pub(crate) fn undo(&self, savepoint: Savepoint) -> Result<()> {
        if self.memory.is_superseded() {
            self.memory.commit(savepoint);
            return Err(Error::Superseded);
        }
        self.memory.undo(savepoint);
        let heads = superblock::read(self.memory(), Access::Write)?;
        self.heads.set(heads);
        self.pages.set(heads.pages.get());
        if let Some(observer) = self.observer.get() {
            observer.forget_all();
        }
        Ok(())
    }
}
