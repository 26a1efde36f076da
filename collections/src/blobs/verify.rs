//! The check of blobs, which needs no type of keys.

use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use super::chunk::Chunk;
use crate::engine::btree::Tree;
use crate::engine::verify::Audit;

/// Checks the tree and, if it is whole, that the chunks of every blob are contiguous.
pub(crate) fn check<M: Memory>(tree: &Tree<M>, audit: &mut Audit<'_>) -> Result<()> {
    let before = audit.count();
    audit.part(|audit| tree.check(audit))?;
    if audit.count() > before {
        return Ok(());
    }
    audit.part(|audit| check_chunks(tree, audit))
}

fn check_chunks<M: Memory>(tree: &Tree<M>, audit: &mut Audit<'_>) -> Result<()> {
    let from = audit.resume().map(|from| KeyBuf::from(from.as_slice()));
    // The blob of the last chunk, and the offset after it if that is known.
    let mut before = from.as_ref().map(|from| {
        let end = (!audit.has_changed()).then_some(audit.counts.bytes);
        (name_of(from.as_slice()).to_vec(), end)
    });
    let mut cursor = tree.cursor(from.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
    while let Some((key, chunk)) = cursor.next(tree.context.sizes, |key, found| {
        let chunk = Chunk::read(key, &found).on_page(tree.root(), found.page)?;
        Ok((KeyBuf::from(key), chunk))
    })? {
        let name = name_of(key.as_slice());
        let expected = match &before {
            Some((other, end)) if *other == name => *end,
            _ => Some(0),
        };
        let fits = expected.is_none_or(|expected| chunk.start == expected);
        if !fits || (chunk.len == 0 && chunk.start > 0) {
            audit.note::<()>(Err(tree.root().damaged(tree.root().page(), Damage::NotConsecutive)))?;
        }
        before = Some((name.to_vec(), Some(chunk.end())));
        audit.counts.bytes = chunk.end();
        if audit.stops_before(key.as_slice()) {
            break;
        }
    }
    Ok(())
}

/// Returns the encoded key of the blob to which the chunk with a key belongs.
fn name_of(key: &[u8]) -> &[u8] {
    key.split_at(key.len().saturating_sub(8)).0
}
