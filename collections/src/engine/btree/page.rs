//! Reads of a limited number of entries of a range.

use crate::engine::bounds::{Direction, KeyRange};
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::{Memory, Result};

use crate::engine::btree::tree::Tree;
use crate::engine::cell::{Sizes, StoredValue};

impl<M: Memory> Tree<M> {
    /// Reads at most `limit` entries of a range from one end. Returns them and, if more follow, the
    /// bound from which to continue.
    pub(crate) fn page<T>(
        &self,
        sizes: Sizes,
        direction: Direction,
        (start, end): KeyRange,
        limit: usize,
        mut read: impl FnMut(&[u8], StoredValue<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, Option<Bound<KeyBuf>>)> {
        let forward = direction == Direction::Forward;
        let mut next = if forward { start.clone() } else { end.clone() };
        let mut walk = self.cursor(start, end);
        let mut items = Vec::new();
        while items.len() < limit {
            let step = |key: &[u8], found: StoredValue<'_>| Ok((KeyBuf::from(key), read(key, found)?));
            let step = if forward { walk.next(sizes, step)? } else { walk.next_back(sizes, step)? };
            let Some((key, item)) = step else { return Ok((items, None)) };
            next = Bound::Excluded(key);
            items.push(item);
        }
        let there = |_: &[u8], _: StoredValue<'_>| Ok(());
        let more = if forward { walk.next(sizes, there)? } else { walk.next_back(sizes, there)? };
        Ok((items, more.map(|()| next)))
    }
}
