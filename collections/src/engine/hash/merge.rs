//! Merging two nearly empty buckets.

use crate::engine::hash::bucket::FULL;
use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::{SLOT, Sizes};
use crate::engine::fixed::group::{GROUP, Group, STRIDE, groups, take};
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::prefix;
use crate::engine::hash::table::{Table, count_down};

impl<M: Memory> Table<M> {
    /// Merges the bucket of a hash position with its other half, repeatedly while both are nearly
    /// empty. Ignores errors, because all entries are found without a merge.
    #[inline(never)]
    pub(crate) fn shrink(&self, place: u64) {
        if self.root.state().len.get() == 0 {
            let _ = self.clear();
        } else {
            while let Ok(Some(_)) = self.merge(place) {}
        }
    }

    /// Merges all buckets that are nearly empty.
    pub(crate) fn shrink_all(&self) -> Result<()> {
        if self.root.state().len.get() == 0 {
            return self.clear();
        }
        // Each bucket is visited once, and once more after it was merged.
        let (mut place, mut left) = (Some(0), self.buckets().saturating_mul(2));
        while let Some(start) = place {
            left = count_down(left).on_page(&self.root, self.root.page())?;
            place = match self.merge(start)? {
                Some(united) => Some(united),
                None => self.bucket(start)?.end(),
            };
        }
        Ok(())
    }

    /// Merges the bucket of a hash position with its other half if both are nearly empty. Returns
    /// the first hash position of the merged bucket.
    fn merge(&self, place: u64) -> Result<Option<u64>> {
        let mut bucket = self.bucket(place)?;
        if bucket.depth == 0 {
            return Ok(None);
        }
        let Some(own) = self.filled(bucket.entry)? else { return Ok(None) };
        let other = self.bucket(bucket.start ^ 1 << (u64::BITS - bucket.depth))?;
        if other.depth != bucket.depth || other.entry.page == bucket.entry.page {
            return Ok(None);
        }
        if self.filled(other.entry)?.is_none_or(|rest| own + rest > FULL) {
            return Ok(None);
        }
        if bucket.branch.depth == bucket.depth {
            if !self.narrow(&bucket)? {
                return Ok(None);
            }
            bucket = self.bucket(place)?;
        }
        if self.unite_plain(&bucket, other.entry)? || self.unite_any(&bucket, other.entry)? {
            return Ok(Some(prefix(place, bucket.depth - 1)));
        }
        Ok(None)
    }

    /// Merges two buckets of one fixed page each by adding the entries of `other` to `bucket`. The
    /// entries of `bucket` are not moved: only its table is read, and written with the added cells.
    /// Returns `false` for other buckets.
    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    fn unite_plain(&self, bucket: &Bucket, other: Entry) -> Result<bool> {
        let Some(fixed) = FixedCells::of_bucket(self.sizes) else { return Ok(false) };
        if self.near_page(bucket.entry).is_none() || self.near_page(other).is_none() {
            return Ok(false);
        }
        let [mut own, mut rest] = self.take_buffers();
        let end = fixed.layout().end();
        self.root.pager().read(bucket.entry.page, 0, &mut own[..end])?;
        self.root.pager().read(other.page, 0, &mut rest[..])?;
        for (page, bytes) in [(bucket.entry.page, &own), (other.page, &rest)] {
            if !self.is_plain_page(fixed, page, &bytes[..end])? {
                return Ok(false);
            }
        }
        let Some(moved) = self.gather(&mut own[HEADER_SIZE..end], &rest) else { return Ok(false) };
        let pager = self.root.pager();
        for (from, to) in moved {
            let [from, to] = [from, to].map(|index| fixed_cell(index.into(), fixed.len));
            let cell = rest
                .get(from..from.wrapping_add(fixed.len))
                .ok_or_else(|| self.root.damaged(other.page, Damage::CellOutOfRange))?;
            pager.write(bucket.entry.page, to, cell)?;
        }
        pager.write(bucket.entry.page, HEADER_SIZE, &own[HEADER_SIZE..end])?;
        self.buffers.set(Some([own, rest]));
        self.count(self.root.current(), -1)?;
        self.put_united(bucket, bucket.entry, other.page)?;
        Ok(true)
    }

    /// Takes slots in a table for the entries of a page. Returns pairs of the old slot and the new
    /// one. The most common sizes are known to the compiler.
    fn gather(&self, table: &mut [u8], page: &PageBytes) -> Option<Vec<(u16, u16)>> {
        let sizes = |key, value| Sizes { key: Some(key), value };
        match (self.sizes.key, self.sizes.value) {
            (Some(8), Some(8)) => self.gather_sized(sizes(8, Some(8)), table, page),
            (Some(32), value) => self.gather_sized(sizes(32, value), table, page),
            _ => self.gather_sized(self.sizes, table, page),
        }
    }

    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    fn gather_sized(&self, sizes: Sizes, table: &mut [u8], page: &PageBytes) -> Option<Vec<(u16, u16)>> {
        let fixed = FixedCells::of_bucket(sizes)?;
        let mut moved = Vec::with_capacity(fixed.places / 2);
        for at in 0..groups(fixed.places) {
            let marks = page.get(HEADER_SIZE + at * STRIDE..)?.first_chunk()?;
            for taken in Group::new(marks).taken() {
                let from = at * GROUP + taken;
                let start = fixed_cell(from, fixed.len);
                let cell = page.get(start..start.wrapping_add(fixed.len))?;
                let to = take(table, fixed.places, self.hash(sizes, &cell[..fixed.key]))?;
                moved.push((from as u16, to as u16));
            }
        }
        Some(moved)
    }

    /// Merges two buckets of any kind, of one page each.
    fn unite_any(&self, bucket: &Bucket, other: Entry) -> Result<bool> {
        let loaded = [self.load(bucket.entry.page)?, self.load(other.page)?];
        let mut items = self.items(&loaded[0])?;
        items.extend(self.items(&loaded[1])?);
        if !self.fits(&items) {
            return Ok(false);
        }
        let mut packed = self.pack(&mut items);
        let (Some(first), true) = (packed.pop(), packed.is_empty()) else { return Ok(false) };
        for loaded in &loaded {
            self.count_changed(Some(&loaded.header), &[])?;
        }
        let (page, layout) = (bucket.entry.page, first.layout);
        let packed = [first];
        self.count_changed(None, &packed)?;
        self.write_chain(packed.into(), &[page], PageNumber::NONE)?;
        self.put_united(bucket, Entry::new(page, layout, false), other.page)?;
        Ok(true)
    }

    /// Replaces the directory entries of two buckets with one, and frees the page `gone`.
    fn put_united(&self, bucket: &Bucket, entry: Entry, gone: PageNumber) -> Result<()> {
        let depth = bucket.depth - 1;
        let start = prefix(bucket.start, depth);
        self.cache.fit(self.buckets().saturating_sub(1));
        self.note(&Bucket { entry, start, depth, ..*bucket });
        self.write_run(bucket.branch, start, depth, entry)?;
        self.root.pager().free_node(gone, self.root.page())?;
        self.settle_buckets(-1, -1)
    }

    /// Returns the bytes that the entries of a bucket take, if it has one page and they are at most
    /// [`FULL`]. Reads only its header and table.
    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    fn filled(&self, entry: Entry) -> Result<Option<usize>> {
        if entry.is_linked() {
            return Ok(None);
        }
        let mut head = [0; HEADER_SIZE];
        self.root.pager().read(entry.page, 0, &mut head)?;
        let (header, layout) = self.layout(entry.page, &head)?;
        let entries = self.root.pager().with_scratch(|bytes| {
            let table = &mut bytes[layout.marks()..layout.end()];
            self.root.pager().read(entry.page, layout.marks(), table)?;
            let (groups, _) = table.as_chunks();
            Ok(groups.iter().map(|group| Group::new(group).count()).sum::<usize>())
        })?;
        let filled = match layout.cell {
            Some(len) => entries * (len + 1),
            None => {
                let cells = PAGE_SIZE.saturating_sub(header.cells.get().into());
                cells.saturating_sub(header.fragmented.get().into()) + entries * (SLOT + 1)
            }
        };
        Ok(Some(filled).filter(|filled| *filled <= FULL))
    }
}
