//! Ranks: the rank of a key, and the key at a rank.

use core::cmp::Ordering;
use graven_core::page::PageNumber;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, KeyRef, StableKey, decode_key};
use graven_core::layout::StableLayout;
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::engine::cell::compare;
use crate::map::ranked::RankedMap;

impl<K: StableKey, V: StableLayout, M: Memory> RankedMap<K, V, M> {
    /// Returns the entry at a rank. The first entry has rank 0. Costs two look-ups.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_nth`] does not.
    #[must_use]
    #[track_caller]
    pub fn nth(&self, rank: u64) -> Option<(K, V)> {
        self.try_nth(rank).or_fail()
    }

    /// Like [`RankedMap::nth`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_nth(&self, rank: u64) -> Result<Option<(K, V)>> {
        let Some(bytes) = self.key_at(rank)? else { return Ok(None) };
        let key: K = decode_key(bytes.as_slice()).on_page(self.keys.root(), self.keys_page())?;
        let value = self.entries.try_get(&key)?.ok_or_else(|| self.broken())?;
        Ok(Some((key, value)))
    }

    /// Returns the number of keys that are less than this one, which need not be in the map. Reads
    /// log₂ *n* keys.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_rank`] does not.
    #[must_use]
    #[track_caller]
    pub fn rank<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> u64 {
        self.try_rank(key).or_fail()
    }

    /// Like [`RankedMap::rank`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_rank<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<u64> {
        self.find(written(key).as_slice()).map(|(rank, _)| rank)
    }

    /// Returns the rank of a key, or `None` if it is not in the map. Reads log₂ *n* keys.
    ///
    /// # Panics
    /// On damaged memory; [`RankedMap::try_position`] does not.
    #[must_use]
    #[track_caller]
    pub fn position<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Option<u64> {
        self.try_position(key).or_fail()
    }

    /// Like [`RankedMap::position`], but returns damage as an error.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_position<Q: KeyRef<K> + ?Sized>(&self, key: &Q) -> Result<Option<u64>> {
        self.rank_of(written(key).as_slice())
    }

    /// Returns the rank of an encoded key, or `None` if it is not there.
    pub(super) fn rank_of(&self, key: &[u8]) -> Result<Option<u64>> {
        self.find(key).map(|(rank, there)| there.then_some(rank))
    }

    /// Returns the number of keys that are less than `key`, and whether `key` is there.
    pub(super) fn find(&self, key: &[u8]) -> Result<(u64, bool)> {
        let (mut less, mut end) = (0, self.keys.len());
        while less < end {
            let middle = less.midpoint(end);
            match self.compare_at(middle, key)? {
                Ordering::Less => less = middle + 1,
                Ordering::Equal => return Ok((middle, true)),
                Ordering::Greater => end = middle,
            }
        }
        Ok((less, false))
    }

    fn compare_at(&self, rank: u64, key: &[u8]) -> Result<Ordering> {
        let pager = self.keys.root().pager();
        let order = self.keys.get(rank, |found| Ok(compare(&found.read(pager)?, key)))?;
        order.ok_or_else(|| self.broken())
    }

    /// Returns the encoded key at a rank.
    pub(super) fn key_at(&self, rank: u64) -> Result<Option<KeyBuf>> {
        let pager = self.keys.root().pager();
        self.keys.get(rank, |found| {
            let mut key = KeyBuf::new();
            key.extend(&found.read(pager)?);
            Ok(key)
        })
    }

    fn keys_page(&self) -> PageNumber {
        self.keys.root().page()
    }
}
