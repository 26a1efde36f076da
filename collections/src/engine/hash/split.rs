//! Splitting a full bucket: entries whose hash position has the next bit set move to a new bucket.
//! No other bucket is touched, so the most expensive insert reads one page and writes two.
//!
//! If the bucket is one fixed page, entries that stay are not moved. Only the page's table is
//! written, and cells that can move back to the group where their search begins. This is the most
//! expensive step of an insert, so nothing in it is done twice.

use graven_core::page::node::{HEADER_SIZE, NodeHeader};
use graven_core::page::{LayoutId, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Error, Memory, Result};

use crate::engine::cell::Sizes;
use crate::engine::fixed::group;
use crate::engine::fixed::group::{FREE, GROUP, Group, STRIDE};
use crate::engine::fixed::{FixedBuilder, FixedCells, fixed_cell};
use crate::engine::hash::bucket::{BuiltPage, Loaded, OwnedEntry, listed};
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::{MAX_DEPTH, position, prefix};
use crate::engine::hash::table::{Change, Table, count_down};

/// The most bits by which a bucket may be deeper than all buckets need on average. Deeper buckets
/// have keys that were made to collide, and a split would not help them.
const SPARE_BITS: u32 = 8;

/// The most pages of a bucket that is split, for the same reason.
pub(crate) const MAX_CHAIN_PAGES: usize = 1024;

/// The two halves of a fixed page.
struct Halves {
    /// The page before the split. Its table no longer has the entries that move to the other half.
    old: Box<PageBytes>,
    new: FixedBuilder,
    /// Slots of cells that have moved within the page.
    moved: Vec<usize>,
}

impl<M: Memory> Table<M> {
    /// Splits the bucket of a hash position. Returns `false` if that is impossible or would not
    /// help.
    #[inline(never)]
    pub(crate) fn split(&self, place: u64) -> Result<bool> {
        match self.split_bucket(place) {
            // Not an error, because an entry may fit with fewer new pages than a split needs.
            Err(Error::OutOfMemory { .. }) => Ok(false),
            split => split,
        }
    }

    fn split_bucket(&self, place: u64) -> Result<bool> {
        let mut bucket = self.bucket(place)?;
        if bucket.depth >= (self.buckets().max(1).ilog2() + SPARE_BITS).min(MAX_DEPTH) {
            return Ok(false);
        }
        if bucket.is_deepest() {
            self.root.pager().reserve(self.pages_of_branch_split() + 1)?;
            self.split_branch(place, 1)?;
            bucket = self.bucket(place)?;
        }
        Ok(self.split_fixed(&bucket)? || self.split_any(&bucket)?)
    }

    /// Checks that the directory entry of a bucket has not changed.
    fn check_bucket(&self, bucket: &Bucket) -> Result<()> {
        let now = self.bucket(bucket.start)?;
        let is_same = (now.entry, now.branch, now.depth) == (bucket.entry, bucket.branch, bucket.depth);
        if is_same { Ok(()) } else { Err(self.root.damaged(bucket.branch.page, Damage::CellOutOfRange)) }
    }

    /// Splits a bucket of one fixed page. Returns `false` for other buckets and for damaged ones.
    fn split_fixed(&self, bucket: &Bucket) -> Result<bool> {
        let Some(fixed) = FixedCells::of_bucket(self.sizes) else { return Ok(false) };
        let page = bucket.entry.page;
        if self.cacheable_page(bucket.entry).is_none() {
            return Ok(false);
        }
        if self.reserve(1)? {
            self.check_bucket(bucket)?;
        }
        let [mut old, new] = self.take_buffers();
        self.root.pager().read(page, 0, &mut old[..])?;
        let (header, layout) = self.layout(page, &old[..])?;
        if !self.is_cacheable(&header, layout) {
            return Ok(false);
        }
        let new = FixedBuilder::new(new, &self.new_header(fixed.len), fixed);
        let mut halves = Halves { old, new, moved: Vec::new() };
        let spread = self.spread(&mut halves, bucket);
        let written = if spread { self.write_halves(&halves, fixed, bucket) } else { Ok(()) };
        self.buffers.set(Some([halves.old, halves.new.bytes]));
        written.map(|()| spread)
    }

    /// Returns two page buffers with arbitrary contents.
    pub(crate) fn take_buffers(&self) -> [Box<PageBytes>; 2] {
        self.buffers.take().unwrap_or_else(|| [0; 2].map(|_| Box::new([0; PAGE_SIZE])))
    }

    /// Moves the entries of the upper half to the new page. Returns `false` if an entry does not
    /// belong to the bucket. The most common sizes are known to the compiler.
    fn spread(&self, halves: &mut Halves, bucket: &Bucket) -> bool {
        let sizes = |key, value| Sizes { key: Some(key), value };
        match (self.sizes.key, self.sizes.value) {
            (Some(8), Some(8)) => self.spread_sized(sizes(8, Some(8)), halves, bucket),
            (Some(8), Some(0)) => self.spread_sized(sizes(8, Some(0)), halves, bucket),
            (Some(32), value) => self.spread_sized(sizes(32, value), halves, bucket),
            _ => self.spread_sized(self.sizes, halves, bucket),
        }
    }

    #[inline(always)]
    #[expect(
        clippy::indexing_slicing,
        reason = "a bucket's table is in its page, and a cell is not shorter than its key"
    )]
    fn spread_sized(&self, sizes: Sizes, halves: &mut Halves, bucket: &Bucket) -> bool {
        let Some(fixed) = FixedCells::of_bucket(sizes) else { return false };
        let (hasher, bytes, half) = (self.hasher(), &mut halves.old, bucket.half());
        let (mut behind, mut wrong) = (Vec::new(), 0);
        let mut strays = bytes[HEADER_SIZE + group::overflow_count_at(group::groups(fixed.places) - 1)];
        for at in 0..group::groups(fixed.places) {
            // If no search passes the group before, all entries of this group are where their
            // search begins.
            let has_strays = strays != 0;
            let table = HEADER_SIZE + at * STRIDE;
            // Entries that stay behind a group are counted anew when they are put back.
            strays = std::mem::take(&mut bytes[table + GROUP]);
            let Some(marks) = bytes[table..].first_chunk().map(Group::new) else { return false };
            for taken in marks.taken() {
                let index = at * GROUP + taken;
                let start = fixed_cell(index, fixed.len);
                let Some(cell) = bytes.get(start..start.wrapping_add(fixed.len)) else { return false };
                let hash = hasher.hash_sized(sizes, &cell[..fixed.key]);
                let place = position(hash);
                wrong |= place ^ bucket.start;
                if place & half != 0 {
                    if halves.new.put(hash, fixed, cell).is_none() {
                        return false;
                    }
                    bytes[table + taken] = FREE;
                } else if has_strays && group::first(hash, fixed.places) != at {
                    behind.push((hash, index));
                }
            }
        }
        if prefix(wrong, bucket.depth) != 0 {
            return false;
        }
        for (hash, index) in behind {
            halves.moved.extend(bring_back(fixed, bytes, hash, index));
        }
        true
    }

    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    fn write_halves(&self, halves: &Halves, fixed: FixedCells, bucket: &Bucket) -> Result<()> {
        let (pager, page) = (self.root.pager(), bucket.entry.page);
        let upper = pager.allocate()?;
        pager.write(upper, 0, &halves.new.bytes[..])?;
        for index in &halves.moved {
            let at = fixed_cell(*index, fixed.len);
            let cell = halves
                .old
                .get(at..at.wrapping_add(fixed.len))
                .ok_or_else(|| self.root.damaged(page, Damage::CellOutOfRange))?;
            pager.write(page, at, cell)?;
        }
        pager.write(page, HEADER_SIZE, &halves.old[HEADER_SIZE..fixed.layout().end()])?;
        self.put_halves(bucket, [bucket.entry, bucket.entry.at(upper)])?;
        self.count(self.root.current(), 1)?;
        self.settle_buckets(1, 1)
    }

    /// Splits a bucket of any kind by packing the entries of all its pages anew.
    #[expect(clippy::indexing_slicing, reason = "`pack` returns at least one page, and each has a number")]
    fn split_any(&self, bucket: &Bucket) -> Result<bool> {
        let mut old = Vec::new();
        if !self.load_chain(bucket.entry.page, &mut old)? {
            return Ok(false);
        }
        let mut halves: [Vec<OwnedEntry<'_>>; 2] = Default::default();
        for loaded in &old {
            for item in self.items(loaded)? {
                let place = position(item.hash);
                if !bucket.holds(place) {
                    let reason = Damage::WrongBucket;
                    return Err(self.root.damaged(loaded.page, reason));
                }
                let [lower, upper] = &mut halves;
                if place & bucket.half() == 0 { lower.push(item) } else { upper.push(item) }
            }
        }
        let [lower, upper] = halves.map(|mut items| self.pack(&mut items));
        let pages = lower.len() + upper.len();
        if self.reserve((pages as u32).saturating_sub(old.len() as u32))? {
            self.check_bucket(bucket)?;
            old.iter().try_for_each(|loaded| self.check_same(loaded.page, &loaded.header))?;
        }
        let headers: Vec<&NodeHeader> = old.iter().map(|loaded| &loaded.header).collect();
        self.count_changed(&headers, &[])?;
        let mut spare: Vec<PageNumber> = old.iter().rev().map(|loaded| loaded.page).collect();
        let mut entries = [bucket.entry; 2];
        for (entry, packed) in entries.iter_mut().zip([lower, upper]) {
            self.count_changed(&[], &packed)?;
            let mut pages = Vec::with_capacity(packed.len());
            while pages.len() < packed.len() {
                pages.push(spare.pop().map_or_else(|| self.root.pager().allocate(), Ok)?);
            }
            *entry = Entry::new(pages[0], packed[0].layout, packed.len() > 1);
            self.write_chain(packed, &pages, PageNumber::NONE)?;
        }
        spare.into_iter().try_for_each(|page| self.root.pager().free(page))?;
        self.put_halves(bucket, entries)?;
        self.settle_buckets(1, pages as i64 - old.len() as i64)?;
        Ok(true)
    }

    /// Replaces the directory entry of a bucket with those of its halves.
    fn put_halves(&self, bucket: &Bucket, [lower, upper]: [Entry; 2]) -> Result<()> {
        let depth = bucket.depth + 1;
        let upper_start = bucket.start | bucket.half();
        self.cache.fit(self.buckets().saturating_add(1));
        for (start, entry) in [(bucket.start, lower), (upper_start, upper)] {
            self.note(&Bucket { entry, start, depth, ..*bucket });
            if entry != bucket.entry {
                self.write_run(bucket.branch, start, depth, entry)?;
            }
        }
        Ok(())
    }

    /// Reads all pages of a bucket. Returns `false` if there are too many.
    pub(crate) fn load_chain(&self, first: PageNumber, found: &mut Vec<Loaded>) -> Result<bool> {
        let (mut page, mut left) = (first, self.most_pages());
        while page.is_some() {
            if found.len() == MAX_CHAIN_PAGES {
                return Ok(false);
            }
            let loaded = self.load(page)?;
            page = loaded.header.next.get();
            found.push(loaded);
            left = count_down(left).on_page(&self.root, page)?;
        }
        Ok(true)
    }

    /// Counts the layouts of pages that replace others.
    pub(crate) fn count_changed(&self, before: &[&NodeHeader], after: &[BuiltPage]) -> Result<()> {
        let mut changes: Vec<(LayoutId, i64)> = Vec::new();
        let mut add = |layout, change| match changes.iter_mut().find(|(counted, _)| *counted == layout) {
            Some((_, sum)) => *sum += change,
            None => changes.push((layout, change)),
        };
        before.iter().flat_map(|header| listed(header)).for_each(|layout| add(layout, -1));
        after.iter().flat_map(|packed| listed(&packed.header)).for_each(|layout| add(layout, 1));
        changes.into_iter().try_for_each(|(layout, change)| self.count(layout, change))
    }

    /// Adds to the numbers of buckets and pages.
    pub(crate) fn settle_buckets(&self, buckets: i32, pages: i64) -> Result<()> {
        self.set_extra(self.seed(), self.buckets().saturating_add_signed(buckets), self.chained())?;
        self.settle_pages(pages)
    }

    /// Adds to the number of pages.
    pub(crate) fn settle_pages(&self, pages: i64) -> Result<()> {
        self.settle(Change { pages, ..Change::default() })
    }
}

/// Moves an entry that is not in the group where its search begins to the first group that has room
/// now. Returns its new slot if it has moved.
#[inline(never)]
#[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
fn bring_back(fixed: FixedCells, bytes: &mut PageBytes, hash: u64, index: usize) -> Option<usize> {
    let table = &mut bytes[HEADER_SIZE..fixed.layout().end()];
    table[group::control_byte_at(index)] = FREE;
    // The entry's own slot is free, so there is always one.
    let back = group::take(table, fixed.places, hash).unwrap_or(index);
    if back == index {
        return None;
    }
    let (old, new) = (fixed_cell(index, fixed.len), fixed_cell(back, fixed.len));
    bytes.copy_within(old..old + fixed.len, new);
    Some(back)
}
