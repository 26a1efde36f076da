//! Looking up the entry of a key.

use graven_core::page::{PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::cell::{Sizes, StoredValue, ValueLocation, ValueRef};
use crate::engine::fixed::{self, FixedCells, SHORT_CELL};
use crate::engine::hash::fixed::lend;
use crate::engine::hash::position::position;
use crate::engine::hash::reader::{BucketReader, Hit, Sought};
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Calls `read` with the value of `key` if there is one, and returns its result. Not inlined,
    /// because it has many callers: [`Table::lookup_cached`] is the inlined fast path.
    #[inline(never)]
    pub(crate) fn lookup<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        let mut read = Some(read);
        let cached_page =
            self.lookup_cached(sizes, key, |found| read.take().map(|read| read(found)).transpose());
        match cached_page {
            Some(found) => found.map(Option::flatten),
            None => match read {
                Some(read) => self.lookup_uncached(sizes, key, read),
                None => Ok(None),
            },
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
        let fixed = FixedCells::of_bucket(sizes)?;
        let hash = self.hash(sizes, key);
        let page = self.cached_page(hash);
        if page.is_none() {
            return None;
        }
        Some(self.lookup_in(fixed, page, key, hash, read))
    }

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
                fixed::Sought::Hit { .. } => Some(read(self.found_cached(fixed, page, cell))?),
                fixed::Sought::Miss { .. } => None,
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

    /// Looks a key up through the directory, in a bucket of any kind.
    #[inline(never)]
    pub(crate) fn lookup_uncached<R>(
        &self,
        sizes: Sizes,
        key: &[u8],
        read: impl FnOnce(StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let entry = self.entry(position(hash))?;
        self.root.pager().with_scratch(|bytes| {
            self.seek_chain(sizes, entry.page, bytes, key, hash, |reader, hit| read(reader.found(hit)?))
        })
    }

    /// Returns the location of the value of a key without reading the value.
    pub(crate) fn location(&self, sizes: Sizes, key: &[u8]) -> Result<Option<ValueLocation>> {
        if self.is_bare() {
            return Ok(None);
        }
        let hash = self.hash(sizes, key);
        let first = self.entry(position(hash))?.page;
        self.root.pager().with_scratch(|bytes| {
            self.seek_chain(sizes, first, bytes, key, hash, |reader, hit| reader.location(hit))
        })
    }

    /// Looks for a key in the linked pages of a bucket. Returns what `look` returns for its entry.
    #[inline(always)]
    fn seek_chain<R>(
        &self,
        sizes: Sizes,
        first: PageNumber,
        bytes: &mut PageBytes,
        key: &[u8],
        hash: u64,
        look: impl FnOnce(&mut BucketReader<'_, M>, &Hit) -> Result<R>,
    ) -> Result<Option<R>> {
        let (mut page, mut left) = (first, self.most_pages());
        while page.is_some() {
            let mut reader = BucketReader::open(self, page, bytes)?;
            if let Sought { hit: Some(hit), .. } = reader.seek(sizes, key, hash)? {
                return look(&mut reader, &hit).map(Some);
            }
            page = reader.header.next.get();
            left = count_down(left).on_page(&self.root, page)?;
        }
        Ok(None)
    }
}
