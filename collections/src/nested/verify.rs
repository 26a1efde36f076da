//! Checks both trees, and that every entry belongs to one collection or is the record of one.

use std::ops::Bound;

use graven_core::key::KeyBuf;
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::StoredValue;
use crate::engine::verify::Audit;
use crate::nested::row;
use crate::nested::row::Row;
use crate::nested::trees::Trees;

/// A contiguous run of entries whose keys begin with one number.
#[derive(Clone, Copy)]
struct Run {
    number: u64,
    len: u64,
    keys: Keys,
}

/// The part of a key after the number of its collection.
#[derive(Clone, Copy)]
enum Keys {
    /// No bytes: the entry is a record.
    Record,
    /// Ascending positions that begin with this one.
    From(u64),
    /// The entry's own key, which can be any bytes.
    Own,
}

impl<M: Memory> Trees<M> {
    /// Checks both trees and, if they are whole, that the entries are exactly those that the rows
    /// count. `is_list` is `true` if keys are positions. Calls `check` with each value and `true`
    /// if it has to be a record. Needs 40 bytes of heap for each collection and each record.
    pub(crate) fn check(
        &self,
        audit: &mut Audit<'_>,
        is_list: bool,
        check: impl Fn(StoredValue<'_>, bool) -> Result<()>,
    ) -> Result<()> {
        let before = audit.count();
        audit.part(|audit| self.entries.check(audit))?;
        audit.part(|audit| self.index.check(audit))?;
        if audit.count() > before {
            return Ok(());
        }
        audit.part(|audit| self.check_runs(audit, is_list, check))
    }

    /// Compares the entries with the rows.
    fn check_runs(
        &self,
        audit: &mut Audit<'_>,
        is_list: bool,
        check: impl Fn(StoredValue<'_>, bool) -> Result<()>,
    ) -> Result<()> {
        let from = audit.resume().map(|from| KeyBuf::from(from.as_slice()));
        let number_of = |key: &[u8]| key.first_chunk().copied().map(u64::from_be_bytes);
        let first = from.as_ref().and_then(|from| number_of(from.as_slice()));
        let mut runs = self.runs(is_list)?.into_iter().peekable();
        while runs.next_if(|run| first.is_some_and(|first| run.number < first)).is_some() {}
        // The run in which the last step has stopped, with the number of its entries so far if that
        // is known.
        let mut current: Option<(Run, Option<u64>)> = runs
            .next_if(|run| first == Some(run.number))
            .map(|run| (run, (!audit.has_changed()).then_some(audit.counts.entries)));
        let mut cursor =
            self.entries.cursor(from.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let sizes = self.entries.context.sizes;
        while let Some(key) = cursor.next(sizes, |key, found| {
            let number = number_of(key).ok_or_else(|| self.broken(Damage::EntryKeyLength))?;
            let own = key.get(8..).unwrap_or_default();
            if current.is_none_or(|(run, _)| run.number != number) {
                let ended = self.check_end(current.take());
                audit.note(ended)?;
                let run = runs.find(|run| run.number >= number || run.len > 0);
                let run = run.filter(|run| run.number == number);
                current = Some((run.ok_or_else(|| self.broken(Damage::OrphanEntry))?, Some(0)));
            }
            let Some((run, seen)) = &mut current else { return Ok(KeyBuf::from(key)) };
            let fits = seen.map_or(Ok(()), |seen| self.check_key(*run, seen, own));
            *seen = seen.map(|seen| seen.saturating_add(1));
            audit.counts.entries = seen.unwrap_or(0);
            let fits = fits.and_then(|()| check(found, matches!(run.keys, Keys::Record)));
            audit.note(fits)?;
            Ok(KeyBuf::from(key))
        })? {
            if audit.stops_before(key.as_slice()) {
                return Ok(());
            }
        }
        self.check_end(current)?;
        match runs.find(|run| run.len > 0) {
            Some(_) => Err(self.broken(Damage::MissingEntry)),
            None => Ok(()),
        }
    }

    fn check_key(&self, run: Run, seen: u64, own: &[u8]) -> Result<()> {
        match run.keys {
            Keys::Record if !own.is_empty() => Err(self.broken(Damage::EntryKeyLength)),
            Keys::From(first) if own != first.wrapping_add(seen).to_be_bytes() => {
                Err(self.broken(Damage::NotConsecutive))
            }
            _ => Ok(()),
        }
    }

    fn check_end(&self, current: Option<(Run, Option<u64>)>) -> Result<()> {
        match current {
            Some((run, Some(seen))) if run.len != seen => Err(self.broken(Damage::EntryCount)),
            _ => Ok(()),
        }
    }

    /// Returns the runs of entries that the rows count, in the order of their numbers. Checks that
    /// all numbers differ.
    fn runs(&self, is_list: bool) -> Result<Vec<Run>> {
        let (mut runs, mut in_use) = (Vec::new(), 0_u64);
        let mut cursor = self.index.cursor(Bound::Unbounded, Bound::Unbounded);
        while let Some((row, is_used, is_removed)) = cursor.next(self.index.context.sizes, |key, found| {
            let row = Row::read(found).on_page(self.index.root(), found.page)?;
            Ok((row, row::key_of(key).is_some(), key == row::removed(row.number).as_slice()))
        })? {
            if !(is_used || is_removed && row.len > 0 && row.record == 0) {
                return Err(self.broken(Damage::InvalidRow));
            }
            in_use = in_use.saturating_add(u64::from(is_used));
            let keys = if is_list { Keys::From(row.first) } else { Keys::Own };
            runs.push(Run { number: row.number, len: row.len, keys });
            if is_used && self.has_records() {
                runs.push(Run { number: row.record, len: 1, keys: Keys::Record });
            }
        }
        runs.sort_unstable_by_key(|run| run.number);
        if runs.iter().zip(runs.iter().skip(1)).any(|(a, b)| a.number == b.number) {
            return Err(self.broken(Damage::DuplicateNumber));
        }
        if runs.last().is_some_and(|last| last.number >= self.next()) {
            return Err(self.broken(Damage::NextNumber));
        }
        if in_use == self.in_use() { Ok(runs) } else { Err(self.broken(Damage::EntryCount)) }
    }
}
