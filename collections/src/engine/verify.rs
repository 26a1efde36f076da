//! Checks that all collections share: values outside of their pages.

use std::collections::HashSet;

use graven_core::page::Pager;
use graven_core::{Error, Memory, Result};

/// The chains of extents that one collection owns, each of which belongs to one value.
#[derive(Default)]
pub(crate) struct OverflowChecks {
    heads: HashSet<u32>,
}

impl OverflowChecks {
    /// Checks the chain of a value of `len` bytes. Returns its pages.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is broken, too short or owned twice.
    pub(crate) fn check<M: Memory>(&mut self, pager: &Pager<M>, head: u32, len: usize) -> Result<u32> {
        let pages = pager.check_chain(head)?;
        pager.chain_extents(head, len)?;
        if !self.heads.insert(head) {
            return Err(Error::Damaged { page: head, why: "more than one value owns it" });
        }
        Ok(pages)
    }
}
