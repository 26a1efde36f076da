//! Removes rows whose time has come, and the oldest ones of too many.

use std::ops::Bound;

use graven_core::error::{OrFail, Violation};
use graven_core::key::KeyBuf;
use graven_core::store::Budget;
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::range::after;
use crate::engine::bounds::KeyRange;
use crate::table::body::Body;
use crate::table::edit::expected;
use crate::table::expiry::ExpirySpec;
use crate::table::{Record, Table};

/// The result of [`Table::expire`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// The number of rows that were removed, without those that went with them.
    pub removed: u64,
    /// The number of rows whose time has come and that stay, since other rows refer to them.
    pub kept: u64,
    /// `true` if there are no others left.
    pub is_done: bool,
}

/// The number of rows that are found at once.
const BATCH: usize = 32;

/// Rows that go with time.
impl<R: Record, M: Memory> Table<R, M> {
    /// Removes rows with a time in the field of `#[table(expires = field)]` that is not after
    /// `now`, oldest first, while the budget lasts. A row counts as a page of the budget. A row
    /// that others refer to and that stays for them is passed over.
    ///
    /// # Panics
    /// On damaged memory, or if the index of the field is not complete; [`Table::try_expire`] does
    /// not.
    ///
    /// # Example: sessions
    /// ```
    /// # use graven_collections::{Table, open};
    /// # use graven_core::{DefaultMemoryImpl, store::Budget};
    /// # use graven_derive::{StableLayout, Table};
    /// #[derive(StableLayout, Table)]
    /// # #[layout(version = 1, crate = graven_core)]
    /// #[table(expires = until)]
    /// # #[table(crate = graven_collections)]
    /// struct Session {
    ///     #[table(key, auto)]
    ///     id: u64,
    ///     /// Nanoseconds since 1970.
    ///     until: u64,
    /// }
    ///
    /// let mut sessions: Table<Session> = open("sessions", DefaultMemoryImpl::default()).unwrap();
    /// for until in [30, 10, 20] {
    ///     sessions.insert(Session { id: 0, until }).unwrap();
    /// }
    /// let expired = sessions.expire(20, &mut Budget::entries(100));
    /// assert_eq!((expired.removed, expired.is_done, sessions.len()), (2, true, 1));
    /// ```
    #[track_caller]
    pub fn expire(&mut self, now: u64, budget: &mut Budget<'_>) -> Expired {
        self.try_expire(now, budget).or_fail()
    }

    /// Like [`Table::expire`], but returns failures as an error.
    ///
    /// # Errors
    /// [`Error::IndexIncomplete`] or [`Error::Damaged`]. Rows that were removed before stay
    /// removed.
    pub fn try_expire(&mut self, now: u64, budget: &mut Budget<'_>) -> Result<Expired> {
        let mut expired = Expired::default();
        let Some(spec) = R::EXPIRES else { return Ok(Expired { is_done: true, ..expired }) };
        let mut end = KeyBuf::new();
        (spec.value)(now, &mut end);
        // Rows without a time are the first ones of the index.
        let first = Bound::Included(KeyBuf::from([u8::from(spec.is_optional)].as_slice()));
        let (mut start, end) = (if spec.is_optional { first } else { Bound::Unbounded }, after(&end));
        loop {
            let batch = self.body.expiring(spec, (start.clone(), end.clone()))?;
            let Some((last, _)) = batch.last() else { return Ok(Expired { is_done: true, ..expired }) };
            // Entries of a damaged tree that do not ascend would be found for ever.
            if matches!(&start, Bound::Excluded(before) if last.as_slice() <= before.as_slice()) {
                return Err(self.body.root().damaged(self.body.root().page(), Damage::KeysOutOfOrder));
            }
            start = Bound::Excluded(last.clone());
            for (_, key) in &batch {
                if budget.is_spent() {
                    return Ok(expired);
                }
                budget.charge_read();
                budget.charge_write();
                match self.remove_at(key) {
                    Ok(removed) => {
                        expired.removed = expired.removed.saturating_add(u64::from(removed.is_some()));
                    }
                    Err(Error::Violation(_)) => expired.kept = expired.kept.saturating_add(1),
                    Err(error) => return Err(error),
                }
            }
        }
    }

    /// Removes the rows with the least keys until at most `most` are left, while the budget lasts.
    /// A row counts as a page of the budget. Returns `true` if no more are left.
    ///
    /// # Errors
    /// [`Violation`] if one of them stays since other rows refer to it. Those before it are
    /// removed.
    ///
    /// # Panics
    /// As [`Table::remove`]; [`Table::try_keep_last`] does not.
    #[track_caller]
    pub fn keep_last(&mut self, most: u64, budget: &mut Budget<'_>) -> Result<bool, Violation> {
        expected(self.try_keep_last(most, budget))
    }

    /// Like [`Table::keep_last`], but returns all failures as an error.
    ///
    /// # Errors
    /// As [`Table::try_remove`].
    pub fn try_keep_last(&mut self, most: u64, budget: &mut Budget<'_>) -> Result<bool> {
        while self.len() > most {
            if budget.is_spent() {
                return Ok(false);
            }
            budget.charge_read();
            budget.charge_write();
            let mut walk = self.body.rows.tree.cursor(Bound::Unbounded, Bound::Unbounded);
            let Some(key) = walk.next(Body::<R, M>::SIZES, |key, _| Ok(KeyBuf::from(key)))? else { break };
            if self.remove_at(&key)?.is_none() {
                // A row of a damaged tree that a look-up does not find would stay the first one.
                return Err(self.body.root().damaged(self.body.root().page(), Damage::MissingEntry));
            }
        }
        Ok(true)
    }
}

impl<R: Record, M: Memory> Body<R, M> {
    /// Returns the first entries of a range of times, each with the key of its row.
    fn expiring(&self, spec: &ExpirySpec, range: KeyRange) -> Result<Vec<(KeyBuf, KeyBuf)>> {
        let index = self.index_at(spec.index)?;
        let (mut walk, mut batch) = (index.walk(range), Vec::new());
        while batch.len() < BATCH {
            let next = walk.next(index.sizes(), |entry, found| {
                Ok((KeyBuf::from(entry), KeyBuf::from(index.row_key(entry, found)?)))
            })?;
            let Some(next) = next else { break };
            batch.push(next);
        }
        Ok(batch)
    }
}
