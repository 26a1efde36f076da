//! Removing entries by a condition, at once or a few buckets in each message.

use graven_core::error::fail;
use graven_core::key::{KeyBuf, StableKey};
use graven_core::layout::StableLayout;
use graven_core::store::Budget;
use graven_core::{Error, Memory, Result};

use super::{HashMap, iter};

/// How far [`HashMap::extract_if`] is. Kept by the caller between messages; one that is lost begins again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Position {
    bucket: u32,
    buckets: u32,
    is_done: bool,
}

impl Position {
    /// Whether every entry has been looked at.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.is_done
    }
}

/// Entries that go, with the bytes of their keys.
type Gone<K, V> = Vec<(KeyBuf, K, V)>;

impl<K: StableKey, V: StableLayout, M: Memory> HashMap<K, V, M> {
    /// Keeps the entries that `keep` wants, in one go: for large maps [`HashMap::extract_if`] does it in several
    /// messages. Reads every page; what goes costs a removal each. If `keep` panics, the entries of buckets that
    /// it has been through are gone, and no others.
    ///
    /// # Panics
    /// On damaged memory.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        for bucket in 0..self.table.buckets() {
            let run = self.take_bucket(bucket, |key, value| !keep(key, value));
            run.unwrap_or_else(|error| fail(&error));
        }
        self.table.shrink_all();
    }

    /// Takes out entries that `take` wants, bucket after bucket while the budget lasts (at least one bucket), and
    /// gives them. `position` says where to go on and when everything has been looked at.
    ///
    /// Entries that come in between may be left out, or not. Should the map have shrunk in between, all is looked
    /// at again.
    ///
    /// # Errors
    /// [`Error::Damaged`]; what was taken out of earlier buckets by this call is lost to it, but an error is found
    /// before anything of its own bucket is removed.
    ///
    /// # Example: what has expired, some of it in each message
    /// ```
    /// use graven_collections::{HashMap, hash_map::Position, open};
    /// use graven_core::{DefaultMemoryImpl, store::Budget};
    /// let mut sessions: HashMap<u64, u64> = open("sessions", DefaultMemoryImpl::default()).unwrap();
    /// sessions.extend((0..100).map(|id| (id, id % 10)));
    /// let (mut position, mut expired) = (Position::default(), Vec::new());
    /// while !position.is_done() {
    ///     let budget = &mut Budget::pages(1);
    ///     expired.extend(sessions.extract_if(&mut position, budget, |_, until| *until < 5).unwrap());
    /// }
    /// assert_eq!((expired.len(), sessions.len()), (50, 50));
    /// ```
    pub fn extract_if(
        &mut self,
        position: &mut Position,
        budget: &mut Budget<'_>,
        mut take: impl FnMut(&K, &V) -> bool,
    ) -> Result<Vec<(K, V)>> {
        let mut taken = Vec::new();
        // Growing moves entries to later buckets only; shrinking moves them to earlier ones.
        if self.table.buckets() < position.buckets {
            position.bucket = 0;
        }
        position.buckets = self.table.buckets();
        while position.bucket < position.buckets && !budget.is_spent() {
            budget.look();
            let gone = self.take_bucket(position.bucket, &mut take)?;
            position.bucket += 1;
            if !gone.is_empty() {
                budget.migrate();
            }
            taken.extend(gone.into_iter().map(|(_, key, value)| (key, value)));
        }
        if position.bucket >= position.buckets {
            self.table.shrink_all();
            *position = Position { is_done: true, ..Position::default() };
        }
        Ok(taken)
    }

    /// Takes entries out of one bucket; all of them are decoded and looked at before the first one goes.
    fn take_bucket(&mut self, bucket: u32, mut take: impl FnMut(&K, &V) -> bool) -> Result<Gone<K, V>> {
        let mut gone = Gone::new();
        let mut walk = self.table.walk_over(bucket, bucket + 1);
        while walk
            .next(Self::SIZES, |bytes, found| {
                let (key, value) = (iter::key::<K>(found.page, bytes)?, self.decode(found)?);
                if take(&key, &value) {
                    gone.push((KeyBuf::from(bytes), key, value));
                }
                Ok(())
            })?
            .is_some()
        {}
        for (bytes, ..) in &gone {
            if self.table.take(Self::SIZES, bytes.as_slice(), |_| Ok(()))?.is_none() {
                let page = self.table.root.page();
                return Err(Error::Damaged { page, why: "an entry is not in the bucket of its hash" });
            }
        }
        Ok(gone)
    }
}
