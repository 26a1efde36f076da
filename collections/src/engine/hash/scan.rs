//! Walking over all entries in an order that does not depend on the number of buckets, so that a
//! walk can continue in a later message: by rank, then by key.
//!
//! Hash positions grow with ranks, so the entries of a bucket are contiguous in this order, and a
//! walk visits bucket after bucket. The halves of a split bucket follow each other where it was.
//! Within a bucket entries are sorted. A walk continues from its last key: what lies ahead depends
//! on this key alone, whatever is inserted, removed, split or merged.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::cell::StoredValue;

use crate::engine::hash::position::{hash_of, position, rank};
use crate::engine::hash::table::{Table, count_down};

/// A key with its rank, ordered by rank and then by key.
pub(crate) struct Ranked {
    rank: u64,
    pub(crate) key: KeyBuf,
}

impl Ranked {
    fn order(&self, rank: u64, key: &[u8]) -> Ordering {
        self.rank.cmp(&rank).then_with(|| self.key.as_slice().cmp(key))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order(other.rank, other.key.as_slice())
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// The first `limit` keys from `start` on.
struct Chosen {
    start: Bound<Ranked>,
    limit: usize,
    keys: BinaryHeap<Ranked>,
}

impl Chosen {
    fn offer(&mut self, rank: u64, key: &[u8]) {
        let is_ahead = match &self.start {
            Bound::Unbounded => true,
            Bound::Included(start) => start.order(rank, key).is_le(),
            Bound::Excluded(start) => start.order(rank, key).is_lt(),
        };
        let is_full = self.keys.len() >= self.limit;
        if !is_ahead || is_full && self.keys.peek().is_none_or(|last| last.order(rank, key).is_le()) {
            return;
        }
        if is_full {
            self.keys.pop();
        }
        self.keys.push(Ranked { rank, key: KeyBuf::from(key) });
    }
}

impl<M: Memory> Table<M> {
    /// Returns at most `limit` keys from `start` on, in order. Reads the pages of whole buckets.
    pub(crate) fn ranked(&self, sizes: Sizes, start: &Bound<KeyBuf>, limit: usize) -> Result<Vec<Ranked>> {
        let of = |key: &KeyBuf| Ranked { rank: rank(self.hash(sizes, key.as_slice())), key: key.clone() };
        let mut chosen = Chosen { start: start.as_ref().map(of), limit, keys: BinaryHeap::new() };
        if self.is_bare() || limit == 0 {
            return Ok(Vec::new());
        }
        let first = match &chosen.start {
            Bound::Unbounded => 0,
            Bound::Included(start) | Bound::Excluded(start) => position(hash_of(start.rank)),
        };
        let (mut next, mut left) = (Some(first), self.buckets());
        while let Some(place) = next {
            let bucket = self.bucket(place)?;
            left = count_down(left).on_page(&self.root, bucket.entry.page)?;
            self.walk_bucket(&bucket).all(sizes, |key, _| {
                chosen.offer(rank(self.hash(sizes, key)), key);
                Ok(())
            })?;
            next = bucket.end().filter(|_| chosen.keys.len() < limit);
        }
        Ok(chosen.keys.into_sorted_vec())
    }

    /// Reads at most `limit` entries from `start` on. Returns them with the start of the next page,
    /// if more follow.
    pub(crate) fn page<T>(
        &self,
        sizes: Sizes,
        start: Bound<KeyBuf>,
        limit: usize,
        mut read: impl FnMut(&[u8], StoredValue<'_>) -> Result<T>,
    ) -> Result<(Vec<T>, Option<Bound<KeyBuf>>)> {
        let mut keys = self.ranked(sizes, &start, limit.saturating_add(1))?;
        let has_more = keys.len() > limit;
        keys.truncate(limit);
        let mut items = Vec::with_capacity(keys.len());
        for Ranked { key, .. } in &keys {
            items.push(self.there(sizes, key.as_slice(), |found| read(key.as_slice(), found))?);
        }
        let next = keys.pop().map_or(start, |last| Bound::Excluded(last.key));
        Ok((items, has_more.then_some(next)))
    }

    /// Reads the value of a key that a walk has met.
    pub(crate) fn there<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<R> {
        let found = self.lookup(sizes, key, read)?;
        found.ok_or_else(|| self.root.damaged(self.root.page(), Damage::WrongBucket))
    }
}
