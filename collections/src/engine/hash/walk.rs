//! Walking over all entries: bucket after bucket, a page at a time.

use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::cell::{StoredValue, ValueRef};
use crate::engine::fixed::group::{FREE, GROUP, Group, Places, STRIDE};
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::hash::bucket::Loaded;
use crate::engine::hash::directory::Bucket;
use crate::engine::hash::table::{Table, count_down};

/// The key and the value of a slot, or its fault.
pub(crate) type Found<'a> = Result<(&'a [u8], StoredValue<'a>)>;

/// A walk over the entries of a map.
pub(crate) struct Walk<'a, M> {
    table: &'a Table<M>,
    /// The first hash position after the page's bucket, if the walk may continue there.
    next: Option<u64>,
    /// The number of buckets that may follow.
    buckets: u32,
    page: Option<Loaded>,
    /// The next group of the page.
    group: usize,
    /// The taken slots of the last group that were not visited.
    taken: Places,
    /// `true` if the page is fixed, of the current layout and of full size.
    is_cacheable: bool,
    /// The number of pages that may follow in this bucket.
    left: u32,
}

impl<M> Clone for Walk<'_, M> {
    fn clone(&self) -> Self {
        Walk { page: self.page.clone(), ..*self }
    }
}

impl<M: Memory> Table<M> {
    /// Returns a walk over all entries.
    pub(crate) fn walk(&self) -> Walk<'_, M> {
        // There are no more buckets than pages, whatever a damaged root says.
        let buckets = self.buckets().min(self.root.pager().heads().pages.get());
        self.walk_from((buckets > 0).then_some(0), buckets)
    }

    /// Returns a walk over the entries of one bucket.
    pub(crate) fn walk_bucket(&self, bucket: &Bucket) -> Walk<'_, M> {
        self.walk_from(Some(bucket.start), 1)
    }

    /// Returns a walk over the given number of buckets.
    fn walk_from(&self, next: Option<u64>, buckets: u32) -> Walk<'_, M> {
        let taken = Places::default();
        Walk { table: self, next, buckets, page: None, group: 0, taken, is_cacheable: false, left: 0 }
    }
}

impl<M: Memory> Walk<'_, M> {
    /// Calls `read` with the next entry and returns its result.
    #[inline(always)]
    pub(crate) fn next<R>(
        &mut self,
        sizes: Sizes,
        mut read: impl FnMut(&[u8], StoredValue<'_>) -> Result<R>,
    ) -> Result<Option<R>> {
        loop {
            if let Some(page) = &self.page {
                if let Some(place) = self.taken.next() {
                    let index = (self.group - 1) * GROUP + place;
                    // There is one call of `read`, so that its result is not copied where the
                    // branches join.
                    let (key, found) = match FixedCells::of_bucket(sizes).filter(|_| self.is_cacheable) {
                        Some(fixed) => self.table.fixed_entry(fixed, page, index)?,
                        None => self.table.entry_at(sizes, page, index)?,
                    };
                    return read(key, found).map(Some);
                }
                let marks = page.layout.marks() + self.group * STRIDE;
                if marks < page.layout.end() {
                    let marks = page.bytes.get(marks..).and_then(<[u8]>::first_chunk);
                    self.taken = marks.map(|marks| Group::new(marks).taken()).unwrap_or_default();
                    self.group += 1;
                    continue;
                }
            }
            if !self.turn()? {
                return Ok(None);
            }
        }
    }

    /// Calls `read` with all remaining entries.
    #[inline(always)]
    pub(crate) fn all(
        &mut self,
        sizes: Sizes,
        mut read: impl FnMut(&[u8], StoredValue<'_>) -> Result<()>,
    ) -> Result<()> {
        while self.next(sizes, &mut read)?.is_some() {}
        Ok(())
    }

    /// Loads the next page. Returns `false` if there is none.
    fn turn(&mut self) -> Result<bool> {
        let mut next = self.page.as_ref().map_or(PageNumber::NONE, |page| page.header.next.get());
        if next.is_none() {
            let Some(place) = self.next.filter(|_| self.buckets > 0) else {
                self.page = None;
                return Ok(false);
            };
            let bucket = self.table.bucket(place)?;
            (self.next, self.buckets) = (bucket.end(), self.buckets - 1);
            (next, self.left) = (bucket.entry.page, self.table.most_pages());
        } else if let Err(error) = count_down(self.left).map(|left| self.left = left) {
            self.stop();
            return Err(self.table.root.damaged(next, error));
        }
        let bytes = self.page.take().map_or_else(|| Box::new([0; PAGE_SIZE]), |page| page.bytes);
        match self.table.load_into(next, bytes) {
            Ok(loaded) => {
                self.is_cacheable = self.table.is_cacheable(&loaded.header, loaded.layout);
                (self.page, self.group, self.taken) = (Some(loaded), 0, Places::default());
                Ok(true)
            }
            Err(error) => {
                self.stop();
                Err(error)
            }
        }
    }

    /// Ends the walk after damage.
    fn stop(&mut self) {
        (self.page, self.next) = (None, None);
    }
}

impl<M: Memory> Table<M> {
    /// Calls `read` with each entry of one page, or with the fault of a slot.
    pub(crate) fn each_in_page(
        &self,
        page: PageNumber,
        read: &mut dyn FnMut(Found<'_>) -> Result<()>,
    ) -> Result<()> {
        let loaded = self.load(page)?;
        for index in 0..loaded.layout.places {
            if loaded.bytes.get(loaded.layout.control_byte(index)).is_some_and(|byte| *byte != FREE) {
                read(self.entry_at(self.sizes, &loaded, index))?;
            }
        }
        Ok(())
    }

    /// Returns an entry of such a page.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    fn fixed_entry<'a>(
        &self,
        fixed: FixedCells,
        loaded: &'a Loaded,
        index: usize,
    ) -> Result<(&'a [u8], StoredValue<'a>)> {
        let start = fixed_cell(index, fixed.len);
        let cell = loaded.bytes.get(start..start.wrapping_add(fixed.len));
        let cell = cell.ok_or_else(|| self.root.damaged(loaded.page, Damage::CellOutOfRange))?;
        Ok((&cell[..fixed.key], self.found_cached(fixed, loaded.page, cell)))
    }

    /// Returns an entry of a page of any kind.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a slot's offset has twelve bits, so it is in the page")]
    pub(crate) fn entry_at<'a>(
        &self,
        sizes: Sizes,
        loaded: &'a Loaded,
        index: usize,
    ) -> Result<(&'a [u8], StoredValue<'a>)> {
        let page = loaded.page;
        let (slot, layout, format) = self
            .slot(sizes, &loaded.bytes, (&loaded.header, loaded.layout), index)
            .on_page(&self.root, page)?;
        let rest = &loaded.bytes[slot.place()..];
        let head = format.head(rest).ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?;
        let key = rest.get(head.key()).ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?;
        let value = if slot.owns() {
            ValueRef::Overflow { page: head.page, len: head.value_len }
        } else {
            let value = rest.get(head.value());
            ValueRef::Inline(value.ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?)
        };
        Ok((key, StoredValue { page, layout, value }))
    }
}
