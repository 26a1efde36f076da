//! Changing, retaining and extracting entries: all at once, or as many as a budget allows.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::{StableLayout, encode};
use graven_core::store::{Budget, Collection, OnPage, RootSpec};
use graven_core::{Memory, Result};

use crate::cursor::{Cursor, Direction};
use crate::engine::hash::table::count_down;
use crate::engine::progress::Step;
use crate::map::hash::{HashMap, iter, page};
use crate::walk::{Decision, Extracted, Walked};

/// The number of keys that a walk holds. With fewer it would read the pages of a bucket more often.
pub(super) const KEYS: usize = 256;

/// Functions get copies of entries. What they change is written after they have returned.
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Keeps the entries for which `keep` returns `true`, all in this message. Use
    /// [`HashMap::retain_within`] for large maps. Values that `keep` changes are written. Reads
    /// every page. Each removed entry costs a removal, each changed one an insert. If `keep`
    /// panics, only buckets that it has completed are changed.
    ///
    /// # Panics
    /// When out of memory, for a value of 4 GiB, or on damaged memory.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.decide_all(&mut keep).or_fail();
    }

    /// Keeps the entries for which `keep` returns `true`, from a cursor or the beginning on, until
    /// the budget is spent. The next call continues, in this message or after an upgrade. The
    /// budget limits the entries that are changed or removed, and 64 times as many may be visited.
    /// At least one is always visited. `keep` is called exactly once for each entry that stays in
    /// the map throughout, whatever else is inserted and removed in between.
    ///
    /// # Errors
    /// As [`HashMap::try_update`], or [`Error::BadCursor`](graven_core::Error::BadCursor). Nothing
    /// has changed then. If some entries were visited before the error, the call returns without an
    /// error and the next call returns it.
    ///
    /// # Example: what has expired, some of it in each message
    /// ```
    /// use graven_collections::{HashMap, open};
    /// use graven_core::{DefaultMemoryImpl, store::Budget};
    /// let mut sessions: HashMap<u64, u64> = open("sessions", DefaultMemoryImpl::default()).unwrap();
    /// sessions.extend((0..100).map(|id| (id, id % 10)));
    /// let mut from = None;
    /// loop {
    ///     let budget = &mut Budget::entries(20);
    ///     from = sessions.retain_within(from.as_ref(), budget, |_, until| *until >= 5).unwrap().next;
    ///     if from.is_none() {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(sessions.len(), 50);
    /// ```
    pub fn retain_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut keep: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Step<Cursor>> {
        let (walked, next) = self.walk_as(&Self::SPEC, from, budget, |key, mut value| {
            if keep(&key, &mut value) { Decision::Keep(value) } else { Decision::Remove }
        })?;
        Ok(walked.step(next))
    }

    /// Changes values until the budget is spent. Continues like [`HashMap::retain_within`].
    ///
    /// # Errors
    /// As [`HashMap::retain_within`].
    pub fn update_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut change: impl FnMut(&K, &mut V),
    ) -> Result<Step<Cursor>> {
        self.retain_within(from, budget, |key, value| {
            change(key, value);
            true
        })
    }

    /// Changes all values, all in this message. Use [`HashMap::update_within`] for large maps.
    ///
    /// # Panics
    /// As [`HashMap::retain`].
    #[track_caller]
    pub fn update_all(&mut self, mut change: impl FnMut(&K, &mut V)) {
        self.retain(|key, value| {
            change(key, value);
            true
        });
    }

    /// Removes and returns the entries for which `takes` returns `true`, until the budget is spent.
    /// Continues like [`HashMap::retain_within`]. The heap has to hold the removed entries. An
    /// entry counts as one whatever its size.
    ///
    /// # Errors
    /// As [`HashMap::retain_within`]. Nothing was removed then.
    pub fn extract_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        takes: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Extracted<(K, V)>> {
        self.extract_as(&Self::SPEC, from, budget, takes)
    }

    /// Extracts entries of a collection that is declared as `spec`.
    pub(crate) fn extract_as(
        &mut self,
        spec: &RootSpec,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Extracted<(K, V)>> {
        let mut entries = Vec::new();
        let (walked, next) = self.walk_as(spec, from, budget, |key, mut value| {
            if !takes(&key, &mut value) {
                return Decision::Keep(value);
            }
            entries.push((key, value));
            Decision::Remove
        })?;
        // An entry that could not be removed is still in the map.
        entries.truncate(walked.removed as usize);
        Ok((entries, walked.step(next)))
    }

    /// Applies `decide` to entries of a collection that is declared as `spec`, until the budget is
    /// spent. Returns the counts and the cursor of the next call.
    pub(crate) fn walk_as(
        &mut self,
        spec: &RootSpec,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut decide: impl FnMut(K, V) -> Decision<V>,
    ) -> Result<(Walked, Option<Cursor>)> {
        let mut start = page::start(from, self.root(), spec, K::KEY_SIZE)?;
        let mut walked = Walked::default();
        let next = match self.walk_from(&mut start, budget, &mut walked, &mut decide) {
            Ok(true) => None,
            Err(error) if walked.seen == 0 => return Err(error),
            Ok(false) | Err(_) => Some(Cursor::ordered(self.root(), spec, Direction::Forward, &start)),
        };
        Ok((walked, next))
    }

    /// Walks from `start` on and advances it to the remaining entries. Returns `true` when
    /// finished.
    fn walk_from(
        &mut self,
        start: &mut Bound<KeyBuf>,
        budget: &mut Budget<'_>,
        walked: &mut Walked,
        decide: &mut impl FnMut(K, V) -> Decision<V>,
    ) -> Result<bool> {
        loop {
            let keys = self.table.ranked(Self::SIZES, start, KEYS)?;
            let is_end = keys.len() < KEYS;
            for key in keys {
                if budget.is_spent_between_entries() {
                    return Ok(false);
                }
                budget.charge_read();
                let (changed, removed) = self.decide_one(key.as_slice(), &mut *decide)?;
                if changed || removed {
                    budget.charge_write();
                }
                walked.seen += 1;
                walked.changed += u64::from(changed);
                walked.removed += u64::from(removed);
                *start = Bound::Excluded(key);
            }
            if is_end {
                return Ok(true);
            }
        }
    }

    /// Applies `decide` to one entry. Returns `(changed, removed)`.
    pub(super) fn decide_one(
        &self,
        bytes: &[u8],
        decide: impl FnOnce(K, V) -> Decision<V>,
    ) -> Result<(bool, bool)> {
        let (key, value) = self.table.there(Self::SIZES, bytes, |found| iter::entry(self, bytes, found))?;
        // A value in an older layout counts as unchanged if it is the same in the current one.
        let before = encode(&value);
        match decide(key, value) {
            Decision::Keep(value) => Ok((self.put_changed(bytes, &before, &value)?, false)),
            Decision::Remove => self.table.remove(Self::SIZES, bytes).map(|gone| (false, gone)),
        }
    }

    /// Applies `keep` to all entries, bucket after bucket. Visits all entries of a bucket before it
    /// changes the first one.
    fn decide_all(&mut self, keep: &mut impl FnMut(&K, &mut V) -> bool) -> Result<()> {
        // Changes in a bucket split no other bucket.
        let (mut next, mut left) = ((!self.table.is_bare()).then_some(0), self.table.buckets());
        while let Some(place) = next {
            let bucket = self.table.bucket(place)?;
            left = count_down(left).on_page(self.root(), bucket.entry.page)?;
            next = bucket.end();
            let mut changes: Vec<(KeyBuf, Option<Vec<u8>>)> = Vec::new();
            self.table.walk_bucket(&bucket).all(Self::SIZES, |bytes, found| {
                let (key, mut value) = iter::entry(self, bytes, found)?;
                let before = encode(&value);
                let after = keep(&key, &mut value).then(|| encode(&value));
                if after.as_ref() != Some(&before) {
                    changes.push((KeyBuf::from(bytes), after));
                }
                Ok(())
            })?;
            for (key, after) in changes {
                match after {
                    Some(after) => {
                        self.table.insert(Self::SIZES, key.as_slice(), &after)?;
                    }
                    // Does not merge buckets, because the walk continues over them.
                    None => _ = self.table.take(Self::SIZES, key.as_slice())?,
                }
            }
        }
        self.table.shrink_all()
    }
}
