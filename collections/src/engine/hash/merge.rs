//! Merging two nearly empty buckets.

use graven_core::page::{PAGE_SIZE, PageNumber};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::cell::SLOT;
use crate::engine::fixed::group::{GROUP, Group, groups};
use crate::engine::fixed::{FixedCells, fixed_cell};
use crate::engine::hash::bucket::FULL;
use crate::engine::hash::directory::{Bucket, Entry};
use crate::engine::hash::position::prefix;
use crate::engine::hash::table::{Table, count_down};

/// How full the only page of a bucket is.
struct Filled {
    /// The bytes that the entries take.
    bytes: usize,
    /// `true` if the page is fixed, of the current layout and of full size.
    is_cacheable: bool,
}

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
                Some(merged) => Some(merged),
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
        let half = bucket.start ^ 1 << (u64::BITS - bucket.depth);
        let other = match bucket.branch {
            branch if bucket.depth > branch.depth => self.bucket_in(branch, half)?,
            _ => self.bucket(half)?,
        };
        if other.depth != bucket.depth || other.entry.page == bucket.entry.page {
            return Ok(None);
        }
        let Some(own) = self.filled(bucket.entry)? else { return Ok(None) };
        let Some(rest) = self.filled(other.entry)?.filter(|rest| own.bytes + rest.bytes <= FULL) else {
            return Ok(None);
        };
        if bucket.branch.depth == bucket.depth {
            if !self.merge_branches(&bucket)? {
                return Ok(None);
            }
            bucket = self.bucket(place)?;
        }
        // If one page is empty, nothing has to be moved.
        let (kept, gone) =
            if own.bytes == 0 { (other.entry, bucket.entry) } else { (bucket.entry, other.entry) };
        let merged = match FixedCells::of_bucket(self.sizes).filter(|_| own.is_cacheable && rest.is_cacheable)
        {
            Some(fixed) => {
                if own.bytes > 0 && rest.bytes > 0 {
                    self.move_cells(fixed, gone.page, kept.page)?;
                }
                self.count(self.root.current(), -1)?;
                Some(kept)
            }
            None => self.pack_together(kept.page, gone.page)?,
        };
        let Some(entry) = merged else { return Ok(None) };
        self.put_merged(&bucket, &other, entry, gone.page)?;
        Ok(Some(prefix(place, bucket.depth - 1)))
    }

    /// Moves all entries of a fixed page to another one, which has room for them. Entries that are
    /// there are not moved, and nothing else of the pages is read.
    #[expect(clippy::indexing_slicing, reason = "a cell has room for its key and value")]
    fn move_cells(&self, fixed: FixedCells, from: PageNumber, to: PageNumber) -> Result<()> {
        let pager = self.root.pager();
        let (from, to) = (pager.page(from)?, pager.page(to)?);
        let mut cell = self.long_cell(fixed.len);
        let table = fixed.table();
        for at in 0..groups(fixed.places) {
            for taken in table.group(from, at).on_page(&self.root, from.number())?.taken() {
                let index = at * GROUP + taken;
                from.read(fixed_cell(index, fixed.len), &mut cell).on_page(&self.root, from.number())?;
                let hash = self.hash(self.sizes, &cell[..fixed.key]);
                let moved = table.free_in(to, hash, usize::MAX).and_then(|free| {
                    let free = free.ok_or(Damage::ControlBytes)?;
                    to.write(fixed_cell(free.index(), fixed.len), &cell)?;
                    table.take(to, free, hash)
                });
                moved.on_page(&self.root, to.number())?;
            }
        }
        self.cell.set(cell);
        Ok(())
    }

    /// Packs the entries of two pages into the first one. Returns its directory entry, or `None` if
    /// they do not fit.
    fn pack_together(&self, kept: PageNumber, gone: PageNumber) -> Result<Option<Entry>> {
        let loaded = [self.load(kept)?, self.load(gone)?];
        let mut items = Vec::new();
        for loaded in &loaded {
            items.extend(self.items(loaded)?);
        }
        let packed = self.pack(&mut items);
        let [first] = packed.as_slice() else { return Ok(None) };
        let entry = Entry::new(kept, first.layout, false);
        self.count_changed(&loaded.each_ref().map(|loaded| &loaded.header), &packed)?;
        self.write_chain(packed, &[kept], PageNumber::NONE)?;
        Ok(Some(entry))
    }

    /// Replaces the directory entries of two buckets with one, and frees the page `gone`.
    fn put_merged(&self, bucket: &Bucket, other: &Bucket, entry: Entry, gone: PageNumber) -> Result<()> {
        let depth = bucket.depth - 1;
        let start = prefix(bucket.start, depth);
        self.cache.fit(self.buckets().saturating_sub(1));
        self.note(&Bucket { entry, start, depth, ..*bucket });
        for half in [bucket, other] {
            if half.entry != entry {
                self.write_run(bucket.branch, half.start, half.depth, entry)?;
            }
        }
        self.root.pager().free_node(gone, self.root.page())?;
        self.settle_buckets(-1, -1)
    }

    /// Returns how full the only page of a bucket is, or `None` if it has several. Reads only the
    /// header and the table, at once.
    #[expect(clippy::indexing_slicing, reason = "a bucket's table is in its page")]
    fn filled(&self, entry: Entry) -> Result<Option<Filled>> {
        if entry.is_linked() {
            return Ok(None);
        }
        let (pager, page) = (self.root.pager(), entry.page);
        pager.with_scratch(|bytes| {
            let head = &mut bytes[..entry.table_end().min(PAGE_SIZE)];
            pager.read(page, 0, head)?;
            let (header, layout) = self.layout(page, head)?;
            if entry != Entry::new(page, layout, header.next.get().is_some()) {
                return Err(self.root.damaged(page, Damage::DirectoryMismatch));
            }
            let (groups, _) = head[layout.marks()..layout.end()].as_chunks();
            let entries = groups.iter().map(|group| Group::new(group).count()).sum::<usize>();
            let bytes = match layout.cell {
                Some(len) => entries * (len + 1),
                None => {
                    let cells = PAGE_SIZE.saturating_sub(header.cells.get().into());
                    cells.saturating_sub(header.fragmented.get().into()) + entries * (SLOT + 1)
                }
            };
            Ok(Some(Filled { bytes, is_cacheable: self.is_cacheable(&header, layout) }))
        })
    }
}
