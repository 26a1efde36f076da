//! Background migration of a hash map. It continues at the bucket where the last sweep stopped,
//! until the budget is spent. A step converts some values of a page before it writes anything, so
//! all code of the user runs before the first write. Then it writes overflow pages of large values,
//! the page, and further linked pages if values have grown.

use crate::engine::migrate::MigrationProgress;
use graven_core::page::PageNumber;
use graven_core::store::{Budget, OnPage};
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::cell::Form;
use crate::engine::cell::StoredValue;
use crate::engine::hash::bucket::{Loaded, OwnedEntry, listed, new_format};
use crate::engine::hash::directory::Entry;
use crate::engine::hash::table::Change;
use crate::engine::hash::table::{Table, count_down};
use crate::engine::migrate;
use crate::engine::migrate::{Converted, Limits, Sweep};

/// The state of a bucket after a step.
#[derive(PartialEq, Eq)]
enum Swept {
    /// No page listed an older layout.
    New,
    /// All values have been converted.
    Whole,
    /// Values of older layouts are left.
    BucketReader,
}

/// Overflow pages of converted values whose page is not written yet.
#[derive(Default)]
struct Migrated {
    /// The overflow pages of old values, freed once the page is written.
    freed: Vec<PageNumber>,
    /// The overflow pages of new values, freed if the page cannot be written.
    made: Vec<PageNumber>,
    change: Change,
}

impl<M: Memory> Table<M> {
    /// Migrates buckets from where the last sweep stopped, until the budget is spent. Returns
    /// `true` when no value is left in a previous layout except those that the budget skips.
    pub(crate) fn sweep(&self, budget: &mut Budget<'_>) -> Result<bool> {
        if self.root.old_pages() == 0 {
            return Ok(true);
        }
        if self.is_bare() {
            return Err(self.miscounted());
        }
        let cursor = self.root.cursor()?;
        let mut next = cursor.as_slice().first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        let mut pass = self.pass.get();
        if next == 0 {
            pass = MigrationProgress::of_whole();
        }
        let swept = self.sweep_from(&mut next, &mut pass, budget);
        // Also stored after an error, so that the next sweep does not repeat finished buckets.
        self.root.set_cursor(&next.to_le_bytes())?;
        self.pass.set(pass);
        swept
    }

    /// Migrates buckets from a hash position on, of which `next` is the first 32 bits, and advances
    /// `next`. Buckets differ in no further bits. Returns `true` when nothing is left to do.
    fn sweep_from(
        &self,
        next: &mut u32,
        pass: &mut MigrationProgress,
        budget: &mut Budget<'_>,
    ) -> Result<bool> {
        while !budget.is_spent() {
            budget.charge_read();
            let place = u64::from(*next) << 32;
            let bucket = self.bucket(place)?;
            let skips = budget.skips();
            let swept = self.sweep_bucket(place, bucket.entry, budget)?;
            pass.skipped |= budget.skips() > skips;
            if swept != Swept::New {
                budget.charge_write();
                pass.found = true;
            }
            if self.root.old_pages() == 0 {
                *next = 0;
                return Ok(true);
            }
            if swept != Swept::BucketReader {
                *next = bucket.end().map_or(0, |end| (end >> 32) as u32);
                if *next == 0 {
                    if pass.is_whole && !pass.found {
                        return Err(self.miscounted());
                    }
                    let is_over = pass.is_whole && pass.skipped;
                    *pass = MigrationProgress::of_whole();
                    if is_over {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn miscounted(&self) -> Error {
        let reason = Damage::LayoutPages;
        self.root.damaged(self.root.page(), reason)
    }

    /// Migrates the pages of one bucket. Stops early if values are large or conversion takes long.
    fn sweep_bucket(&self, place: u64, entry: Entry, budget: &mut Budget<'_>) -> Result<Swept> {
        let (mut page, mut left, mut swept) = (entry.page, self.most_pages(), Swept::New);
        while page.is_some() {
            let loaded = self.load(page)?;
            if listed(&loaded.header).any(|layout| layout != self.root.current()) {
                if swept == Swept::Whole && budget.is_spent_within_page() {
                    return Ok(Swept::BucketReader);
                }
                let entry = self.entry(place)?;
                if !self.migrate((place, entry), &loaded, &mut Sweep(budget))? {
                    return Ok(Swept::BucketReader);
                }
                swept = Swept::Whole;
            }
            page = loaded.header.next.get();
            left = count_down(left).on_page(&self.root, page)?;
        }
        if swept == Swept::Whole && !entry.is_linked() && self.entry(place)?.is_linked() {
            // Values have grown into linked pages. The entries are complete even if this split
            // fails.
            let _ = self.split(place);
        }
        Ok(swept)
    }

    /// Converts at least one old value of a page and writes the page. Stops between two values if
    /// the limits are reached or if they are large. Returns `true` if the page has no value in a
    /// previous layout except those that were skipped.
    fn migrate(
        &self,
        (place, entry): (u64, Entry),
        loaded: &Loaded,
        limits: &mut dyn Limits,
    ) -> Result<bool> {
        let mut items = self.items(loaded)?;
        let old = items.iter().enumerate().filter(|(_, item)| item.layout != self.root.current());
        let old = old.map(|(position, item)| {
            let head = self.head(item)?;
            let found = StoredValue::in_cell(loaded.page, item.layout, &item.cell, item.owns, &head)
                .on_page(&self.root, loaded.page)?;
            Ok((position, head.key_in(&item.cell), found))
        });
        let Converted { values, rest, skipped } = migrate::some(&self.root, self.convert, old, limits)?;
        if skipped && values.is_empty() {
            return Ok(true);
        }
        let mut migrated = Migrated::default();
        let may_reclaim = self.root.pager().heads().detached.get().is_some();
        let mut put = self.put_values(&mut items, values, &mut migrated);
        if may_reclaim && put.is_ok() {
            put = self.check_same(loaded.page, &loaded.header);
        }
        match put.and_then(|()| self.rewrite((place, entry), loaded, items)) {
            Ok(more) => {
                self.root.pager().free_overflows(migrated.freed)?;
                migrated.change.pages += more;
                self.settle(migrated.change)?;
                Ok(rest.is_none())
            }
            Err(error) => {
                self.root.pager().free_overflows(migrated.made)?;
                Err(error)
            }
        }
    }

    /// Replaces old values in `items` with converted ones. Writes only their overflow pages.
    #[expect(clippy::indexing_slicing, reason = "`values` has numbers of these items")]
    fn put_values(
        &self,
        items: &mut [OwnedEntry<'_>],
        values: Vec<(usize, Vec<u8>)>,
        migrated: &mut Migrated,
    ) -> Result<()> {
        let pager = self.root.pager();
        for (at, value) in values {
            let item = &mut items[at];
            let head = self.head(item)?;
            let change = &mut migrated.change;
            if item.owns {
                change.pages -= i64::from(pager.check_overflow_of(head.page, head.value_len)?);
                change.chained -= head.value_len as i64;
                migrated.freed.push(head.page);
            }
            let mut chain = PageNumber::NONE;
            if new_format(self.sizes, head.key_len, value.len()).form == Form::Overflow {
                let pages;
                (chain, pages) = pager.write_overflow(&value)?;
                migrated.made.push(chain);
                change.pages += i64::from(pages);
                change.chained += value.len() as i64;
            }
            change.bytes += value.len() as i64 - head.value_len as i64;
            *item = self.item(item.hash, head.key_in(&item.cell), chain, &value);
        }
        Ok(())
    }
}
