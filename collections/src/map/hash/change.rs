//! Changing, keeping and taking out entries: all at once, or as many as a budget allows.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::{StableLayout, encode};
use graven_core::store::{Budget, Collection, RootSpec};
use graven_core::{Memory, Result};

use crate::cursor::{Cursor, Direction};
use crate::engine::hash::table::count_down;
use crate::map::hash::{HashMap, iter, page};
use crate::walk::{Decision, Extracted, Walked};

/// Keys that a walk holds: for fewer it would read the pages of a group more often.
pub(super) const KEYS: usize = 256;

/// Functions are given copies; what they change is written once they have come back.
impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Keeps the entries of which `keep` says so, all in this message: for large maps
    /// [`HashMap::retain_within`] does it in several. Values that `keep` changes are written. Reads
    /// every page; what goes costs a removal each, what changes an insert. If `keep` panics,
    /// buckets that it has been through are done, and no others.
    ///
    /// # Panics
    /// When out of memory, for a value of 4 GiB, or on damaged memory.
    #[track_caller]
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.decide_all(&mut keep).or_fail();
    }

    /// Keeps entries from a cursor on, or from the beginning, until the budget is spent; the rest
    /// waits for the next call, in this message or after an upgrade. The budget counts entries: at
    /// most so many are changed or removed, and 64 times as many looked at; one always is. `keep`
    /// is called exactly once for each entry that stays in the map all the while, whatever else is
    /// inserted and removed in between.
    ///
    /// # Errors
    /// As [`HashMap::try_update`], or [`Error::BadCursor`](graven_core::Error::BadCursor): nothing
    /// has changed then. If some entries were looked at before, the call ends without an error and
    /// the next one meets it.
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
    ) -> Result<Walked> {
        self.walk_within(&Self::SPEC, from, budget, |key, mut value| {
            if keep(&key, &mut value) { Decision::Keep(value) } else { Decision::Remove }
        })
    }

    /// Changes values while the budget lasts, which continues as [`HashMap::retain_within`].
    ///
    /// # Errors
    /// As [`HashMap::retain_within`].
    pub fn update_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut change: impl FnMut(&K, &mut V),
    ) -> Result<Walked> {
        self.walk_within(&Self::SPEC, from, budget, |key, mut value| {
            change(&key, &mut value);
            Decision::Keep(value)
        })
    }

    /// Changes all values, all in this message: for large maps [`HashMap::update_within`] does it
    /// in several.
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

    /// Takes out the entries of which `takes` says so while the budget lasts, which continues as
    /// [`HashMap::retain_within`]. The heap has to hold what is taken out: an entry counts as one
    /// whatever its size.
    ///
    /// # Errors
    /// As [`HashMap::retain_within`]: nothing was taken out then.
    pub fn extract_within(
        &mut self,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut takes: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Extracted<K, V>> {
        let mut entries = Vec::new();
        let Walked { removed, next, .. } =
            self.walk_within(&Self::SPEC, from, budget, |key, mut value| {
                if !takes(&key, &mut value) {
                    return Decision::Keep(value);
                }
                entries.push((key, value));
                Decision::Remove
            })?;
        // One that could not be removed is still there.
        entries.truncate(removed as usize);
        Ok(Extracted { entries, next })
    }

    /// Decides about entries while the budget lasts.
    pub(crate) fn walk_within(
        &mut self,
        spec: &RootSpec,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut decide: impl FnMut(K, V) -> Decision<V>,
    ) -> Result<Walked> {
        let mut start = page::start(from, self.root(), spec, K::KEY_SIZE)?;
        let mut walked = Walked::default();
        let done = self.walk_from(&mut start, budget, &mut walked, &mut decide);
        match done {
            Ok(true) => {}
            Err(error) if walked.seen == 0 => return Err(error),
            Ok(false) | Err(_) => {
                walked.next = Some(Cursor::ordered(self.root(), spec, Direction::Forward, &start));
            }
        }
        Ok(walked)
    }

    /// Walks from a position on, and advances it to what is left. Returns `true` when finished.
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
                let (changed, removed) = self.decide_one(key.key.as_slice(), &mut *decide)?;
                if changed || removed {
                    budget.charge_write();
                }
                walked.seen += 1;
                walked.changed += u64::from(changed);
                walked.removed += u64::from(removed);
                *start = Bound::Excluded(key.key);
            }
            if is_end {
                return Ok(true);
            }
        }
    }

    /// Decides about one entry; gives whether its value has changed, and whether it has gone.
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

    /// Decides about all entries, bucket after bucket; all of a bucket are looked at before the
    /// first one goes.
    fn decide_all(&mut self, keep: &mut impl FnMut(&K, &mut V) -> bool) -> Result<()> {
        // What is decided about a bucket divides no other one.
        let (mut next, mut left) = ((!self.table.is_bare()).then_some(0), self.table.buckets());
        while let Some(place) = next {
            let bucket = self.table.bucket(place)?;
            left = count_down(left, bucket.entry.page)?;
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
                    // With as many buckets as before, for they are walked over.
                    None => _ = self.table.take(Self::SIZES, key.as_slice())?,
                }
            }
        }
        self.table.shrink_all()
    }
}
