//! Checks that all collections share.

use std::collections::HashSet;

use graven_core::page::{PageNumber, Pager};
use graven_core::store::Root;
use graven_core::{Damage, Memory, Result};

/// The extents seen in one collection. Each may belong to one value only.
#[derive(Default)]
pub(crate) struct OverflowChecks {
    extents: HashSet<PageNumber>,
}

impl OverflowChecks {
    /// Checks the overflow pages of a value of `len` bytes and returns their number.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged) if they are broken, too few, too many or
    /// owned twice.
    pub(crate) fn check<M: Memory>(&mut self, pager: &Pager<M>, head: PageNumber, len: usize) -> Result<u32> {
        let pages = pager.check_overflow_of(head, len)?;
        pager.visit_extents(head, &mut |extent| match self.extents.insert(extent) {
            true => Ok(()),
            false => Err(pager.damaged(extent, Damage::OverflowShared)),
        })?;
        Ok(pages)
    }
}

/// Checks that the top page of a root's tree, if there is one, belongs to that root. Before two
/// trees are detached together, both are checked.
///
/// # Errors
/// [`Error::Damaged`](graven_core::Error::Damaged) if it does not.
pub(crate) fn check_top<M: Memory>(root: &Root<M>) -> Result<()> {
    let state = root.state();
    match state.top.get().some() {
        None => Ok(()),
        Some(top) => root.pager().check_tree(top, root.page(), state.height.get()),
    }
}
