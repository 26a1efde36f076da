//! Walking over all entries: bucket after bucket, a page at a time.

use graven_core::{Memory, Result};

use super::bucket::{Loaded, wrong};
use super::group::{EMPTY, GONE};
use super::table::{Table, broken, count_down};
use crate::btree_map::cell::Sizes;
use crate::btree_map::tree::{Found, Place};

/// A walk over the entries of a map.
pub(super) struct Walk<'a, M> {
    table: &'a Table<M>,
    /// The bucket after that of the page.
    bucket: u32,
    end: u32,
    page: Option<Loaded>,
    /// The next place in the page.
    index: usize,
    /// Pages that may follow in this bucket.
    left: u32,
}

impl<M: Memory> Table<M> {
    /// A walk over all entries.
    pub(super) fn walk(&self) -> Walk<'_, M> {
        self.walk_over(0, self.buckets())
    }

    /// A walk over the entries of some buckets.
    pub(super) fn walk_over(&self, bucket: u32, end: u32) -> Walk<'_, M> {
        Walk { table: self, bucket, end, page: None, index: 0, left: 0 }
    }
}

impl<M: Memory> Walk<'_, M> {
    /// Calls `read` with the next entry.
    #[inline(always)]
    pub(super) fn next<R>(
        &mut self,
        sizes: Sizes,
        mut read: impl FnMut(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        loop {
            if let Some(page) = &self.page {
                let marks = page.bytes.get(page.grid.marks() + self.index..page.grid.end());
                let taken = |mark: &u8| *mark != EMPTY && *mark != GONE;
                if let Some(skipped) = marks.unwrap_or_default().iter().position(taken) {
                    let index = self.index + skipped;
                    self.index = index + 1;
                    return self.table.read_at(sizes, page, index, &mut read).map(Some);
                }
            }
            if !self.turn()? {
                return Ok(None);
            }
        }
    }

    /// Calls `read` with all entries that are left.
    #[inline(always)]
    pub(super) fn all(
        &mut self,
        sizes: Sizes,
        mut read: impl FnMut(&[u8], Found<'_>) -> Result<()>,
    ) -> Result<()> {
        while self.next(sizes, &mut read)?.is_some() {}
        Ok(())
    }

    /// Goes to the next page.
    fn turn(&mut self) -> Result<bool> {
        let mut next = self.page.as_ref().map_or(0, |page| page.header.next.get());
        if next == 0 {
            if self.bucket >= self.end {
                self.page = None;
                return Ok(false);
            }
            next = self.table.entry(self.bucket)?.page;
            self.left = self.table.most_pages();
            self.bucket += 1;
        } else if let Err(error) = count_down(self.left, next).map(|left| self.left = left) {
            self.stop();
            return Err(error);
        }
        match self.table.load(next) {
            Ok(loaded) => {
                (self.page, self.index) = (Some(loaded), 0);
                Ok(true)
            }
            Err(error) => {
                self.stop();
                Err(error)
            }
        }
    }

    /// After damage there is nothing more.
    fn stop(&mut self) {
        (self.page, self.bucket) = (None, self.end);
    }
}

impl<M: Memory> Table<M> {
    #[inline(always)]
    fn read_at<R>(
        &self,
        sizes: Sizes,
        loaded: &Loaded,
        index: usize,
        read: &mut impl FnMut(&[u8], Found<'_>) -> Result<R>,
    ) -> Result<R> {
        let page = loaded.page;
        let slot = self.slot(page, &loaded.bytes, loaded.grid, index)?;
        let layout = loaded.header.layouts[slot.tag()].get();
        let format = self.format(sizes, page, slot.owns(), layout)?;
        let rest = &loaded.bytes[slot.place()..];
        let head = format.head(rest).ok_or_else(|| broken(page))?;
        let key = rest.get(head.key()).ok_or_else(|| broken(page))?;
        let place = if slot.owns() {
            Place::Chain { page: head.page, len: head.value_len }
        } else {
            let value = rest.get(head.value());
            Place::Inline(value.ok_or_else(|| wrong(page, "a cell reaches beyond its bucket"))?)
        };
        read(key, Found { page, layout, place })
    }
}
