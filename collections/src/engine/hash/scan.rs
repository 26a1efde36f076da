//! Walking over all entries in an order that does not depend on the number of buckets, so that a
//! walk can continue in a later message: by rank, then by key.
//!
//! Hash positions grow with ranks, so the entries of a bucket are contiguous in this order, and a
//! walk visits bucket after bucket. The halves of a split bucket follow each other where it was.
//! Within a bucket entries are sorted. A walk continues from its last key: what lies ahead depends
//! on this key alone, whatever is inserted, removed, split or merged.

use std::collections::BinaryHeap;
use std::ops::{Bound, RangeBounds};

use graven_core::key::KeyBuf;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{Sizes, StoredValue};
use crate::engine::hash::position::{hash_of, position, rank};
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Returns at most `limit` keys from `start` on, in order. Reads the pages of whole buckets.
    pub(crate) fn ranked(&self, sizes: Sizes, start: &Bound<KeyBuf>, limit: usize) -> Result<Vec<KeyBuf>> {
        if self.is_bare() || limit == 0 {
            return Ok(Vec::new());
        }
        let start = start.as_ref().map(|key| (rank(self.hash(sizes, key.as_slice())), key.as_slice()));
        let first = match start {
            Bound::Unbounded => 0,
            Bound::Included((rank, _)) | Bound::Excluded((rank, _)) => position(hash_of(rank)),
        };
        let mut keys: BinaryHeap<(u64, Vec<u8>)> = BinaryHeap::new();
        let (mut next, mut left) = (Some(first), self.buckets());
        while let Some(place) = next {
            let bucket = self.bucket(place)?;
            left = count_down(left).on_page(&self.root, bucket.entry.page)?;
            self.walk_bucket(&bucket).all(sizes, |key, _| {
                let entry = (rank(self.hash(sizes, key)), key);
                if !(start, Bound::Unbounded).contains(&entry) {
                    return Ok(());
                }
                if keys.len() == limit {
                    if keys.peek().is_some_and(|(rank, key)| (*rank, key.as_slice()) <= entry) {
                        return Ok(());
                    }
                    keys.pop();
                }
                keys.push((entry.0, key.to_vec()));
                Ok(())
            })?;
            next = bucket.end().filter(|_| keys.len() < limit);
        }
        Ok(keys.into_sorted_vec().into_iter().map(|(_, key)| KeyBuf::from(key.as_slice())).collect())
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
        for key in &keys {
            items.push(self.there(sizes, key.as_slice(), |found| read(key.as_slice(), found))?);
        }
        let next = keys.pop().map_or(start, Bound::Excluded);
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
