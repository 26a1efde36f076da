//! The check of blobs, which needs no type of keys.

use std::ops::Bound;

use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use super::chunk::Chunk;
use crate::engine::btree::Tree;
use crate::engine::verify::Audit;

/// Checks the tree and, if it is whole, that the chunks of every blob are contiguous.
pub(crate) fn check<M: Memory>(tree: &Tree<M>, audit: &mut Audit) -> Result<()> {
    let before = audit.count();
    let checked = tree.check(audit);
    audit.note(checked)?;
    if audit.count() > before {
        return Ok(());
    }
    let mut cursor = tree.cursor(Bound::Unbounded, Bound::Unbounded);
    let mut before: Option<(Vec<u8>, u64)> = None;
    while let Some((name, chunk)) = cursor.next(tree.context.sizes, |key, found| {
        let (name, _) = key.split_at(key.len().saturating_sub(8));
        let chunk = Chunk::read(key, &found).on_page(tree.root(), found.page)?;
        Ok((name.to_vec(), chunk))
    })? {
        let expected = match &before {
            Some((other, end)) if *other == name => *end,
            _ => 0,
        };
        if chunk.start != expected || (chunk.len == 0 && chunk.start > 0) {
            audit.note::<()>(Err(tree.root().damaged(tree.root().page(), Damage::NotConsecutive)))?;
        }
        before = Some((name, chunk.end()));
    }
    Ok(())
}
