//! Removing entries one at a time.

use std::iter::FusedIterator;
use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::StableLayout;
use graven_core::{Memory, Result};

use crate::map::hash::HashMap;
use crate::map::hash::change::KEYS;
use crate::walk::Decision;

/// An iterator that removes and returns entries of a map: see [`HashMap::extract_if`].
pub struct ExtractIf<'a, K: StableKey, V: StableLayout, M: Memory, F> {
    map: &'a mut HashMap<K, V, M>,
    takes: F,
    start: Bound<KeyBuf>,
    /// The keys that are visited next.
    keys: std::vec::IntoIter<KeyBuf>,
    is_end: bool,
}

impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Removes and returns the entries for which `takes` returns `true`, lazily. Each step visits
    /// entries up to the next match and removes it. Entries that the iterator does not reach stay.
    /// Values that `takes` changes are written, as with std's.
    ///
    /// # Example: the first two that are due
    /// ```
    /// # use graven_collections::{HashMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut jobs: HashMap<u64, bool> = open("jobs", DefaultMemoryImpl::default()).unwrap();
    /// jobs.extend((0..10).map(|n| (n, n % 3 == 0)));
    /// let due: Vec<u64> = jobs.extract_if(|_, due| *due).take(2).map(|(job, _)| job).collect();
    /// assert!(due.iter().all(|job| job % 3 == 0));
    /// assert_eq!((due.len(), jobs.len()), (2, 8));
    /// ```
    pub fn extract_if<F: FnMut(&K, &mut V) -> bool>(&mut self, takes: F) -> ExtractIf<'_, K, V, M, F> {
        let keys = Vec::new().into_iter();
        ExtractIf { map: self, takes, start: Bound::Unbounded, keys, is_end: false }
    }
}

impl<K, V, M, F> ExtractIf<'_, K, V, M, F>
where
    K: StableKey,
    V: StableLayout,
    M: Memory,
    F: FnMut(&K, &mut V) -> bool,
{
    /// Like [`Iterator::next`], but returns failures as errors.
    ///
    /// # Errors
    /// As [`HashMap::try_update`]. Nothing was removed then.
    pub fn try_next(&mut self) -> Result<Option<(K, V)>> {
        loop {
            let Some(key) = self.keys.next() else {
                if self.is_end {
                    return Ok(None);
                }
                let keys = self.map.table.ranked(HashMap::<K, V, M>::SIZES, &self.start, KEYS)?;
                self.is_end = keys.len() < KEYS;
                self.keys = keys.into_iter();
                continue;
            };
            let (mut entry, takes) = (None, &mut self.takes);
            let decided = self.map.decide_one(key.as_slice(), |key, mut value| {
                if !takes(&key, &mut value) {
                    return Decision::Keep(value);
                }
                entry = Some((key, value));
                Decision::Remove
            });
            self.start = Bound::Excluded(key);
            if decided?.1 {
                return Ok(entry);
            }
        }
    }
}

impl<K, V, M, F> Iterator for ExtractIf<'_, K, V, M, F>
where
    K: StableKey,
    V: StableLayout,
    M: Memory,
    F: FnMut(&K, &mut V) -> bool,
{
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.try_next().or_fail()
    }
}

impl<K, V, M, F> FusedIterator for ExtractIf<'_, K, V, M, F>
where
    K: StableKey,
    V: StableLayout,
    M: Memory,
    F: FnMut(&K, &mut V) -> bool,
{
}

opaque!([K: StableKey, V: StableLayout, M: Memory, F] ExtractIf<'_, K, V, M, F>, "ExtractIf");
