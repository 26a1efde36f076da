//! Checks that all collections share: values outside of their pages.

use std::collections::HashSet;

use graven_core::page::Pager;
use graven_core::store::Root;
use graven_core::{Error, Memory, Result};

/// The extents that one collection owns, each of which belongs to one value.
#[derive(Default)]
pub(crate) struct OverflowChecks {
    extents: HashSet<u32>,
}

impl OverflowChecks {
    /// Checks the chain of a value of `len` bytes. Returns its pages.
    ///
    /// # Errors
    /// [`Error::Damaged`] where it is broken, too short, too long or owned twice.
    pub(crate) fn check<M: Memory>(&mut self, pager: &Pager<M>, head: u32, len: usize) -> Result<u32> {
        let pages = pager.check_overflow_of(head, len)?;
        pager.visit_extents(head, &mut |extent| match self.extents.insert(extent) {
            true => Ok(()),
            false => Err(Error::Damaged { page: extent, why: "more than one value owns it" }),
        })?;
        Ok(pages)
    }
}

/// Checks that the tree of a root, if there is one, begins with a page of its own. Where two trees
/// go together, both are checked before the first one is detached.
///
/// # Errors
/// [`Error::Damaged`] where it does not.
pub(crate) fn check_top<M: Memory>(root: &Root<M>) -> Result<()> {
    let state = root.state();
    match state.top.get() {
        0 => Ok(()),
        top => root.pager().check_tree(top, root.page(), state.height.get()),
    }
}
