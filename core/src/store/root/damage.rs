//! Errors about damage that name their root.

use ic_stable_structures::Memory;

use super::Root;
use crate::error::{Damage, Error, Result};
use crate::page::PageNumber;

/// A result whose error is the reason why bytes on a page were refused.
pub trait OnPage<T> {
    /// Adds the page and the name of the root that was read to the reason.
    ///
    /// # Errors
    /// [`Error::Damaged`].
    fn on_page<M: Memory>(self, root: &Root<M>, page: PageNumber) -> Result<T>;
}

impl<T, E: Into<Damage>> OnPage<T> for Result<T, E> {
    #[inline(always)]
    fn on_page<M: Memory>(self, root: &Root<M>, page: PageNumber) -> Result<T> {
        self.map_err(|reason| root.damaged(page, reason.into()))
    }
}

impl<M: Memory> Root<M> {
    /// Returns the error for a damaged page of this root.
    #[cold]
    #[inline(never)]
    pub fn damaged(&self, page: PageNumber, reason: Damage) -> Error {
        reason.on(page).of_root(&self.more.name)
    }
}
