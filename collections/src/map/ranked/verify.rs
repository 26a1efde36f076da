//! The check of both trees, which needs no types.

use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::{Sequence, Values};
use crate::engine::btree::Tree;
use crate::engine::verify::{Audit, position_of};

/// Checks both trees and, if they are whole, that they have the same keys.
pub(crate) fn check<M: Memory>(entries: &Tree<M>, keys: &Sequence<M>, audit: &mut Audit<'_>) -> Result<()> {
    let before = audit.count();
    audit.part(|audit| entries.check(audit))?;
    audit.part(|audit| keys.check(audit))?;
    if audit.count() > before {
        return Ok(());
    }
    audit.part(|audit| check_ranks(entries, keys, audit))
}

fn check_ranks<M: Memory>(entries: &Tree<M>, keys: &Sequence<M>, audit: &mut Audit<'_>) -> Result<()> {
    let (root, pager) = (entries.root(), keys.root().pager());
    let broken = || root.damaged(root.page(), Damage::RankMismatch);
    if keys.len() != root.state().len.get() {
        return Err(broken());
    }
    let first = position_of(audit.resume());
    let start = match first {
        0 => Bound::Unbounded,
        _ => match keys.get(first, |found| Ok(KeyBuf::from(&*found.read(pager)?)))? {
            Some(key) => Bound::Included(key),
            None => return Ok(()),
        },
    };
    let mut cursor = entries.cursor(start, Bound::Unbounded);
    let mut ranks = Values::new(keys, first..keys.len());
    let mut rank = first;
    while let Some(same) = cursor.next(entries.context.sizes, |entry, _| {
        let same = ranks.next_with(|found| Ok(*found.read(pager)? == *entry)).transpose()?;
        Ok(same == Some(true))
    })? {
        if !same {
            return Err(broken());
        }
        rank = rank.saturating_add(1);
        if audit.stops_before(&rank.to_be_bytes()) {
            break;
        }
    }
    Ok(())
}
