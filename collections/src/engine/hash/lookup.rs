//! Looking up the entry of a key.

use graven_core::page::PageNumber;
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::cell::{Sizes, StoredValue, ValueLocation, ValueRef};
use crate::engine::fixed::{FixedCells, SHORT_CELL, Sought};
use crate::engine::hash::fixed::lend;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, Hit};
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Calls `read` with the value of `key` if there is one, and returns its result. Not inlined,
    /// because it has many callers: [`Table::lookup_cached`] is the inlined part.
    #[inline(never)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        match self.cached(sizes, key, false) {
            Some((fixed, page, hash)) => self.lookup_in(fixed, page, key, hash, read),
            None => self.lookup_uncached(sizes, key, read),
        }
    }

    /// Looks a key up if its bucket is one page that is known to be fixed. Otherwise returns
    /// `None`.
    #[inline(always)]
    pub(crate) fn lookup_cached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Option<Result<Option<R>>> {
        let (fixed, page, hash) = self.cached(sizes, key, false)?;
        Some(self.lookup_in(fixed, page, key, hash, read))
    }

    /// Looks a key up through the directory, in a bucket of any kind.
    pub(crate) fn lookup_uncached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        self.seek_chain(sizes, key, |reader, hit| read(reader.found(hit)?))
    }

    /// Looks a key up in the only page of its bucket, which is fixed.
    #[inline(always)]
    fn lookup_in<R>(
        &self,
        fixed: FixedCells,
        page: PageNumber,
        key: &[u8],
        hash: u64,
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let pager = self.root.pager();
        let Some(page_ref) = pager.find(page) else { return Err(pager.missing(page)) };
        lend!(self, fixed.len, cell, long);
        let found =
            match fixed.seek(page_ref, cell, key, hash).map_err(|reason| pager.damaged(page, reason))? {
                Sought::Hit { .. } => Some(read(self.found_cached(fixed, page, cell))?),
                Sought::Miss { .. } => None,
            };
        if fixed.len > SHORT_CELL {
            self.cell.set(long);
        }
        Ok(found)
    }

    /// Returns the value of a cell that a search in a fixed page has read.
    #[inline(always)]
    pub(crate) fn found_cached<'a>(
        &self,
        fixed: FixedCells,
        page: PageNumber,
        cell: &'a [u8],
    ) -> StoredValue<'a> {
        StoredValue { page, layout: self.root.current(), value: ValueRef::Inline(fixed.value(cell)) }
    }

    /// Returns the location of the value of a key without reading the value.
    pub(crate) fn location(&self, sizes: Sizes, key: &[u8]) -> Result<Option<ValueLocation>> {
        self.seek_chain(sizes, key, |reader, hit| reader.location(hit))
    }

    /// Looks for a key in the linked pages of a bucket of any kind. Returns what `look` returns for
    /// its entry.
    #[inline(never)]
    fn seek_chain<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        look: impl FnOnce(&mut BucketReader<'_, M>, &Hit) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let first = self.entry(position(hash))?.page;
        self.root.pager().with_scratch(|bytes| {
            let (mut page, mut left) = (first, self.most_pages());
            while page.is_some() {
                let mut reader = BucketReader::open(self, page, bytes)?;
                if let Sought::Hit { hit, .. } = reader.seek(sizes, key, hash)? {
                    return look(&mut reader, &hit).map(Some);
                }
                page = reader.header.next.get();
                left = count_down(left).on_page(&self.root, page)?;
            }
            Ok(None)
        })
    }
}
