//! Extracts the entries that a function selects: one at a time, or within a budget.

use std::cell::Cell;
use std::iter::FusedIterator;

use graven_core::error::OrFail;
use graven_core::key::StableKey;
use graven_core::layout::StableLayout;
use graven_core::store::{Budget, Collection};
use graven_core::{Memory, Result};

use crate::codec::range::{KeyBounds, encode_range};
use crate::cursor::Cursor;
use crate::engine::bounds::KeyRange;
use crate::map::btree::BTreeMap;
use crate::walk::{Decision, Extracted};

/// An iterator that removes the selected entries of a map: see [`BTreeMap::extract_if`].
pub struct ExtractIf<'a, K: StableKey, V: StableLayout, M: Memory, F> {
    map: &'a mut BTreeMap<K, V, M>,
    range: KeyRange,
    takes: F,
    is_done: bool,
}

impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Returns an iterator that removes and returns the entries of a range for which `takes`
    /// returns `true`. It is lazy: each step reads leaves up to the next such entry and writes its
    /// leaf without it. Entries that the iterator did not reach stay. Values that `takes` changes
    /// are written, as with std's. [`BTreeMap::extract_within`] writes less for many entries.
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    ///
    /// # Example: the first two that are due
    /// ```
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut jobs: BTreeMap<u64, bool> = open("jobs", DefaultMemoryImpl::default()).unwrap();
    /// jobs.extend((0..10).map(|n| (n, n % 3 == 0)));
    /// let due: Vec<u64> = jobs.extract_if(.., |_, due| *due).take(2).map(|(job, _)| job).collect();
    /// assert_eq!((due, jobs.len()), (vec![0, 3], 8));
    /// ```
    #[track_caller]
    pub fn extract_if<Q: ?Sized, R: KeyBounds<K, Q>, F: FnMut(&K, &mut V) -> bool>(
        &mut self,
        range: R,
        takes: F,
    ) -> ExtractIf<'_, K, V, M, F> {
        ExtractIf::new(self, encode_range(&range, "BTreeMap"), takes)
    }

    /// Removes and returns the entries for which `takes` returns `true`, until the budget is spent.
    /// Continues as [`BTreeMap::update_within`] does. Writes each leaf once. The removed entries
    /// have to fit on the heap: the budget counts each as one, whatever its size.
    ///
    /// # Errors
    /// As [`BTreeMap::update_within`]: nothing was removed then.
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    #[track_caller]
    pub fn extract_within<Q: ?Sized, R: KeyBounds<K, Q>>(
        &mut self,
        range: R,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        takes: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Extracted<(K, V)>> {
        self.extract_as(&Self::SPEC, encode_range(&range, "BTreeMap"), from, budget, takes)
    }
}

impl<'a, K, V, M, F> ExtractIf<'a, K, V, M, F>
where
    K: StableKey,
    V: StableLayout,
    M: Memory,
    F: FnMut(&K, &mut V) -> bool,
{
    pub(crate) fn new(map: &'a mut BTreeMap<K, V, M>, range: KeyRange, takes: F) -> Self {
        ExtractIf { map, range, takes, is_done: false }
    }

    /// Like [`Iterator::next`], but returns damage and other failures as an error.
    ///
    /// # Errors
    /// As [`BTreeMap::update_within`]: nothing was removed then.
    pub fn try_next(&mut self) -> Result<Option<(K, V)>> {
        while !self.is_done {
            let (is_found, mut entry, takes) = (Cell::new(false), None, &mut self.takes);
            let mut more = || !is_found.get();
            let budget = &mut Budget::while_true(&mut more);
            let (walked, is_done) = self.map.walk_range(&mut self.range, budget, |key, mut value| {
                if !takes(&key, &mut value) {
                    return Ok(Decision::Keep(value));
                }
                is_found.set(true);
                entry = Some((key, value));
                Ok(Decision::Remove)
            })?;
            self.is_done = is_done;
            // If its leaf could not be written, the next step returns the error.
            if walked.removed > 0 {
                return Ok(entry);
            }
        }
        Ok(None)
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
