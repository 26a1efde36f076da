//! Removing entries. A removal frees a slot. A linked page that becomes empty is freed. The two
//! halves of a split bucket are merged once both are nearly empty.

use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::cell::StoredValue;
use crate::engine::fixed::{FixedCells, SHORT_CELL, Sought};
use crate::engine::hash::bucket::NEXT_AT;
use crate::engine::hash::directory::Entry;
use crate::engine::hash::fixed::lend;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::BucketReader;
use crate::engine::hash::table::Change;
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Removes the entry of `key`. Returns `true` if there was one. Not inlined, because it has
    /// many callers.
    #[inline(never)]
    pub(crate) fn remove(&self, sizes: Sizes, key: &[u8]) -> Result<bool> {
        let gone = self.take(sizes, key)?;
        if gone {
            self.shrink_if_due();
        }
        Ok(gone)
    }

    /// Merges the bucket of the last removal with its other half if it may be nearly empty.
    #[inline(always)]
    pub(crate) fn shrink_if_due(&self) {
        if let Some(place) = self.sparse.take() {
            self.shrink(place);
        }
    }

    /// Removes the entry of `key` without merging buckets. Returns `true` if there was one.
    #[inline(never)]
    pub(crate) fn take(&self, sizes: Sizes, key: &[u8]) -> Result<bool> {
        let gone = match self.take_cached(sizes, key, |_| Ok(())) {
            Some(gone) => gone?,
            None => self.take_uncached(sizes, key, |_| Ok(()))?,
        };
        Ok(gone.is_some())
    }

    /// Removes an entry like [`Table::take`] if its bucket is one page that is known to be fixed.
    /// Otherwise returns `None`. `removed` sees the value before anything is written.
    #[inline(always)]
    pub(crate) fn take_cached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<Option<R>>> {
        let (fixed, page, hash) = self.cached(sizes, key, true)?;
        Some(self.take_in(fixed, page, key, hash, removed))
    }

    /// Removes an entry from a fixed page.
    #[inline(always)]
    fn take_in<R>(
        &self,
        fixed: FixedCells,
        page: PageNumber,
        key: &[u8],
        hash: u64,
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let pager = self.root.pager();
        let Some(page_ref) = pager.find(page) else { return Err(pager.missing(page)) };
        let damaged = |reason| pager.damaged(page, reason);
        lend!(self, fixed.len, cell, long);
        let gone = match fixed.seek(page_ref, cell, key, hash).map_err(damaged)? {
            Sought::Miss { .. } => None,
            Sought::Hit { group, place: taken, is_behind, is_last, .. } => {
                let value = removed(self.found_cached(fixed, page, cell))?;
                fixed.table().free(page_ref, hash, (group, taken, is_behind)).map_err(damaged)?;
                self.root.count_one_less(fixed.key + fixed.value);
                if is_last {
                    // Empty groups are rare unless the page is nearly empty.
                    self.sparse.set(Some(position(hash)));
                }
                Some(value)
            }
        };
        if fixed.len > SHORT_CELL {
            self.cell.set(long);
        }
        Ok(gone)
    }

    /// Removes an entry like [`Table::take`] through the directory, from a bucket of any kind.
    #[inline(never)]
    pub(crate) fn take_uncached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let entry = self.entry(position(hash))?;
        self.root.pager().with_scratch(|bytes| self.take_chain(sizes, entry, bytes, (key, hash), removed))
    }

    #[inline(never)]
    fn take_chain<R>(
        &self,
        sizes: Sizes,
        entry: Entry,
        bytes: &mut PageBytes,
        (key, hash): (&[u8], u64),
        removed: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let pager = self.root.pager();
        let (mut before, mut page, mut left) = (PageNumber::NONE, entry.page, self.most_pages());
        while page.is_some() {
            let mut reader = BucketReader::open(self, page, bytes)?;
            let Sought::Hit { hit, group, place, is_behind, is_last } = reader.seek(sizes, key, hash)? else {
                (before, page) = (page, reader.header.next.get());
                left = count_down(left).on_page(&self.root, page)?;
                continue;
            };
            let value = removed(reader.found(&hit)?)?;
            let mut change =
                Change { entries: -1, bytes: -(hit.head.entry_bytes() as i64), ..Change::default() };
            if hit.slot.owns() {
                change.pages -= i64::from(pager.check_overflow_of(hit.head.page, hit.head.value_len)?);
                change.chained -= hit.head.value_len as i64;
                pager.free_overflow(hit.head.page)?;
            }
            reader.take_out(hash, &hit, (group, place, is_behind))?;
            if before.is_some() && reader.is_vacant()? {
                self.count_changed(&[&reader.header], &[])?;
                pager.write(before, NEXT_AT, &reader.header.next.get().to_le_bytes())?;
                pager.free_node(page, self.root.page())?;
                if before == entry.page && reader.header.next.get().is_none() {
                    self.set_entry(position(hash), entry.linked(false))?;
                }
                change.pages -= 1;
            }
            if reader.is_sparse(is_last) {
                self.sparse.set(Some(position(hash)));
            }
            self.settle(change)?;
            return Ok(Some(value));
        }
        Ok(None)
    }
}
