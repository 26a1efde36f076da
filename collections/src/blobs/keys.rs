//! Iterates over the keys of blobs, and skips all chunks between two keys.

use std::iter::FusedIterator;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::blobs::{Blobs, Name};

/// An iterator over the keys of all blobs in order. It panics on damaged memory; [`Keys::try_next`]
/// does not.
pub struct Keys<'a, K, M: Memory> {
    blobs: &'a Blobs<K, M>,
    /// The bound after the chunks of the last key. `None` after the last key and after an error.
    next: Option<Bound<KeyBuf>>,
}

impl<'a, K: StableKey, M: Memory> Keys<'a, K, M> {
    pub(super) fn new(blobs: &'a Blobs<K, M>) -> Self {
        Keys { blobs, next: Some(Bound::Unbounded) }
    }

    /// Like `next`, but returns damage as an error. The iterator has ended then.
    ///
    /// # Errors
    /// [`Error::Damaged`](graven_core::Error::Damaged).
    pub fn try_next(&mut self) -> Result<Option<K>> {
        let Some(from) = self.next.take() else { return Ok(None) };
        let Some(key) = self.blobs.first_key(from)? else { return Ok(None) };
        self.next = Some(Bound::Excluded(Name::new::<K, _>(&key)?.at(u64::MAX)));
        Ok(Some(key))
    }
}

impl<K: StableKey, M: Memory> Iterator for Keys<'_, K, M> {
    type Item = K;

    fn next(&mut self) -> Option<K> {
        self.try_next().or_fail()
    }
}

impl<K: StableKey, M: Memory> FusedIterator for Keys<'_, K, M> {}

cloneable!([K: StableKey, M: Memory] Keys<'_, K, M>, |this| Keys { next: this.next.clone(), ..*this });

impl<K: StableKey, M: Memory> Blobs<K, M> {
    /// Returns the key of the first chunk after a bound.
    fn first_key(&self, from: Bound<KeyBuf>) -> Result<Option<K>> {
        self.tree.cursor(from, Bound::Unbounded).next(Self::SIZES, |key, found| {
            let (root, mut rest) = (self.tree.root(), key);
            let key = K::read_key(&mut rest, false).on_page(root, found.page)?;
            u64::read_key(&mut rest, true).on_page(root, found.page)?;
            Ok(key)
        })
    }
}
