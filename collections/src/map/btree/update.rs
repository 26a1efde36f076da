//! Changes values in place: one, those of a range, or all. Also keeps only selected entries.

use std::ops::Bound;

use graven_core::error::OrFail;
use graven_core::key::{KeyRef, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Memory, Result};

use crate::codec::keys::written;
use crate::codec::range::{KeyBounds, encode_range};
use crate::codec::value::Encoded;
use crate::cursor::Cursor;
use crate::engine::progress::Step;
use crate::map::btree::BTreeMap;
use crate::walk::Decision;

/// In-place changes of entries. Functions get copies, and their changes to a leaf are written once
/// they have returned. So a function that panics changes nothing of its leaf.
impl<K: StableKey, V: StableLayout, M: Memory> BTreeMap<K, V, M> {
    /// Changes the value of a key, if there is one, and returns what `change` returns. Costs a
    /// look-up and, if the value has changed, an insert over it.
    ///
    /// # Panics
    /// When out of memory, for a value of 4 GiB, or on damaged memory; [`BTreeMap::try_update`]
    /// does not.
    ///
    /// # Example: one more
    /// ```
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut likes: BTreeMap<String, u64> = open("likes", DefaultMemoryImpl::default()).unwrap();
    /// likes.insert("cats".into(), 1);
    /// assert_eq!(likes.update("cats", |count| { *count += 1; *count }), Some(2));
    /// assert_eq!(likes.update("dogs", |count| *count += 1), None);
    /// ```
    #[track_caller]
    pub fn update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Option<R> {
        self.try_update(key, change).or_fail()
    }

    /// Like [`BTreeMap::update`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong) or
    /// [`Error::Damaged`](graven_core::Error::Damaged). The map is unchanged then.
    pub fn try_update<Q: KeyRef<K> + ?Sized, R>(
        &mut self,
        key: &Q,
        change: impl FnOnce(&mut V) -> R,
    ) -> Result<Option<R>> {
        let bytes = written(key);
        let found = self.tree.lookup(Self::SIZES, bytes.as_slice(), |found| self.decode(found))?;
        let Some(mut value) = found else { return Ok(None) };
        let before = Encoded::new(&value)?.as_slice().to_vec();
        let result = change(&mut value);
        let after = Encoded::new(&value)?;
        if after.as_slice() != before {
            self.tree.insert(Self::SIZES, bytes.as_slice(), after.as_slice(), |_| Ok(()))?;
        }
        Ok(Some(result))
    }

    /// Changes the values of a range of keys in this message. For ranges that are known to be
    /// small. Reads each leaf once, and writes each leaf with a changed value once.
    ///
    /// # Panics
    /// As [`BTreeMap::update`] and [`BTreeMap::range`]. The changes to earlier leaves stay then.
    ///
    /// # Example: interest
    /// ```
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// let mut accounts: BTreeMap<u64, u64> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.extend([(1, 100), (2, 200), (3, 300)]);
    /// accounts.update_range(2.., |_, balance| *balance += *balance / 10);
    /// assert_eq!(accounts.values().collect::<Vec<_>>(), [100, 220, 330]);
    /// ```
    #[track_caller]
    pub fn update_range<Q: ?Sized, R: KeyBounds<K, Q>>(
        &mut self,
        range: R,
        mut change: impl FnMut(&K, &mut V),
    ) {
        let decide = |key: K, mut value: V| {
            change(&key, &mut value);
            Ok(Decision::Keep(value))
        };
        self.walk_all(encode_range(&range, "BTreeMap"), decide).or_fail();
    }

    /// Updates values, beginning at a cursor or at the start of the range, until the budget is
    /// spent. The next call updates the rest, in this message or after an upgrade. The budget
    /// counts entries: it limits how many change, and 64 times as many may be read. Each call reads
    /// at least one. `change` is called once for each entry that stays in the map until the end.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`](graven_core::Error::OutOfMemory),
    /// [`Error::ValueTooLong`](graven_core::Error::ValueTooLong),
    /// [`Error::Damaged`](graven_core::Error::Damaged), or
    /// [`Error::BadCursor`](graven_core::Error::BadCursor). Nothing has changed then, and `change`
    /// will be called again for the entries that follow the cursor. If some leaves were written
    /// before, this call returns no error; the next one does.
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    ///
    /// # Example: interest for millions
    /// ```
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::Budget;
    /// let mut accounts: BTreeMap<u64, u64> = open("accounts", DefaultMemoryImpl::default()).unwrap();
    /// accounts.extend((0..1_000).map(|n| (n, 100)));
    /// let mut from = None;
    /// loop {
    ///     // In a canister: one message each, from a timer, with `Budget::instructions`.
    ///     let budget = &mut Budget::entries(300);
    ///     let step = accounts.update_within(.., from.as_ref(), budget, |_, balance| *balance += 10);
    ///     from = step.unwrap().next;
    ///     if from.is_none() {
    ///         break;
    ///     }
    /// }
    /// assert!(accounts.values().all(|balance| balance == 110));
    /// ```
    #[track_caller]
    pub fn update_within<Q: ?Sized, R: KeyBounds<K, Q>>(
        &mut self,
        range: R,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        mut change: impl FnMut(&K, &mut V),
    ) -> Result<Step<Cursor>> {
        self.walk(encode_range(&range, "BTreeMap"), from, budget, |key, mut value| {
            change(&key, &mut value);
            Ok(Decision::Keep(value))
        })
    }

    /// Keeps the entries for which `keep` returns `true`, with the values that it leaves, in this
    /// message. For maps that are known to be small. Reads each leaf once, and writes each changed
    /// leaf once.
    ///
    /// # Panics
    /// As [`BTreeMap::update_range`].
    #[track_caller]
    pub fn retain(&mut self, keep: impl FnMut(&K, &mut V) -> bool) {
        let all = (Bound::Unbounded, Bound::Unbounded);
        self.walk_all(all, retaining(keep)).or_fail();
    }

    /// Keeps the entries of a range for which `keep` returns `true`, until the budget is spent.
    /// Continues as [`BTreeMap::update_within`] does.
    ///
    /// # Errors
    /// As [`BTreeMap::update_within`]. No memory is needed if values stay unchanged, unless a leaf
    /// has values in four older layouts.
    ///
    /// # Panics
    /// As [`BTreeMap::range`].
    ///
    /// # Example: what is over
    /// ```
    /// # use graven_collections::{BTreeMap, open};
    /// # use graven_core::DefaultMemoryImpl;
    /// use graven_core::store::Budget;
    /// let mut sessions: BTreeMap<u64, u64> = open("sessions", DefaultMemoryImpl::default()).unwrap();
    /// sessions.extend((0..1_000).map(|n| (n, n % 7)));
    /// let budget = || Budget::entries(100);
    /// let mut step = sessions.retain_within(.., None, &mut budget(), |_, ends| *ends > 3).unwrap();
    /// assert_eq!(step.count, 100);
    /// while let Some(from) = step.next {
    ///     let next = sessions.retain_within(.., Some(&from), &mut budget(), |_, ends| *ends > 3);
    ///     step = next.unwrap();
    /// }
    /// assert!(sessions.values().all(|ends| ends > 3));
    /// ```
    #[track_caller]
    pub fn retain_within<Q: ?Sized, R: KeyBounds<K, Q>>(
        &mut self,
        range: R,
        from: Option<&Cursor>,
        budget: &mut Budget<'_>,
        keep: impl FnMut(&K, &mut V) -> bool,
    ) -> Result<Step<Cursor>> {
        self.walk(encode_range(&range, "BTreeMap"), from, budget, retaining(keep))
    }
}

fn retaining<K, V>(mut keep: impl FnMut(&K, &mut V) -> bool) -> impl FnMut(K, V) -> Result<Decision<V>> {
    move |key, mut value| Ok(if keep(&key, &mut value) { Decision::Keep(value) } else { Decision::Remove })
}
