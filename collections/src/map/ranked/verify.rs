//! The check of both trees, which needs no types.

use std::ops::Bound;

use graven_core::{Damage, Memory, Result};

use crate::engine::array::{Sequence, Values};
use crate::engine::btree::Tree;
use crate::engine::verify::Audit;

/// Checks both trees and, if they are whole, that they have the same keys.
pub(crate) fn check<M: Memory>(entries: &Tree<M>, keys: &Sequence<M>, audit: &mut Audit) -> Result<()> {
    let before = audit.count();
    let checked = entries.check(audit);
    audit.note(checked)?;
    let checked = keys.check(audit);
    audit.note(checked)?;
    if audit.count() > before {
        return Ok(());
    }
    let (root, pager) = (entries.root(), keys.root().pager());
    let broken = || root.damaged(root.page(), Damage::RankMismatch);
    let mut cursor = entries.cursor(Bound::Unbounded, Bound::Unbounded);
    let mut ranks = Values::new(keys, 0..keys.len());
    while let Some(same) = cursor.next(entries.context.sizes, |entry, _| {
        let same = ranks.next_with(|found| Ok(*found.read(pager)? == *entry)).transpose()?;
        Ok(same == Some(true))
    })? {
        if !same {
            return Err(broken());
        }
    }
    if keys.len() == root.state().len.get() { Ok(()) } else { Err(broken()) }
}
