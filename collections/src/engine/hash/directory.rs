//! The directory of buckets: a tree of branches, each of which resolves nine bits of a hash
//! position. A bucket that fewer bits select has one entry for each value of the other bits, one
//! after another. An entry names a page. For a bucket it also has the layout of the page's table,
//! so that a look-up need not read that first. For a branch it has the number of bits that lead to
//! it.

use graven_core::page::branch::{BRANCH_HEADER, BranchHeader};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::store::{OnPage, RootState};
use graven_core::{Damage, Memory, Result};
use zerocopy::{FromBytes, IntoBytes};

use crate::engine::fixed::FixedCells;
use crate::engine::hash::bucket::BucketLayout;
use crate::engine::hash::position::{MAX_DEPTH, end, prefix};
use crate::engine::hash::table::Table;
use crate::engine::verify::Audit;

/// The bytes of an entry.
pub(crate) const WIDTH: usize = 6;

/// The number of bits of a hash position that a branch resolves.
pub(crate) const BITS: u32 = 9;

/// The number of entries of a branch.
pub(crate) const FAN: usize = 1 << BITS;

/// The greatest height of a directory: one more than the levels that [`MAX_DEPTH`] bits may need.
const MOST_HEIGHT: u32 = MAX_DEPTH.div_ceil(BITS) + 2;

/// The bit of `Entry::table` that is set if the first page of the bucket is fixed.
const FIXED: u16 = 0x8000;

/// The bit of `Entry::table` that is set if other pages follow the first one of the bucket.
const LINKED: u16 = 0x4000;

/// A directory entry: the page of a bucket or branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) page: PageNumber,
    /// For a bucket, the number of slots with the bits above. For a branch, the number of bits that
    /// lead to it.
    table: u16,
}

impl Entry {
    pub(crate) fn new(page: PageNumber, layout: BucketLayout, is_linked: bool) -> Self {
        let fixed = if layout.cell.is_some() { FIXED } else { 0 };
        Entry { page, table: layout.places as u16 | fixed }.linked(is_linked)
    }

    /// Returns the entry of a branch to which `depth` bits lead.
    pub(crate) const fn branch(page: PageNumber, depth: u32) -> Self {
        Entry { page, table: depth as u16 }
    }

    /// Returns the entry, marked as followed by other pages or not.
    pub(crate) fn linked(self, is_linked: bool) -> Self {
        let linked = if is_linked { LINKED } else { 0 };
        Entry { table: self.table & !LINKED | linked, ..self }
    }

    /// Returns the entry for another page of the same kind.
    pub(crate) fn at(self, page: PageNumber) -> Self {
        Entry { page, ..self }
    }

    /// Returns `true` if other pages follow the first one of the bucket.
    #[inline(always)]
    pub(crate) const fn is_linked(self) -> bool {
        self.table & LINKED != 0
    }

    /// Returns the offset of the first byte after the table of the bucket's first page.
    pub(crate) fn table_end(self) -> usize {
        let cell = (self.table & FIXED != 0).then_some(0);
        BucketLayout { places: (self.table & !(FIXED | LINKED)).into(), cell }.end()
    }

    fn read([a, b, c, d, e, f]: [u8; WIDTH]) -> Self {
        Entry { page: PageNumber::from_le_bytes([a, b, c, d]), table: u16::from_le_bytes([e, f]) }
    }

    pub(crate) fn bytes(self) -> [u8; WIDTH] {
        let ([a, b, c, d], [e, f]) = (self.page.to_le_bytes(), self.table.to_le_bytes());
        [a, b, c, d, e, f]
    }
}

/// A branch of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) page: PageNumber,
    pub(crate) level: u32,
    /// The number of leading bits of a hash position that lead to it.
    pub(crate) depth: u32,
}

impl Branch {
    /// Returns the index of the entry for a hash position.
    #[inline(always)]
    pub(crate) const fn index(self, place: u64) -> usize {
        (place << self.depth >> (u64::BITS - BITS)) as usize
    }

    /// Returns the branch below that an entry names, or an error if it cannot be one.
    pub(crate) fn below(self, entry: Entry) -> Result<Branch, Damage> {
        let depth = u32::from(entry.table);
        if depth < self.depth || depth > self.depth + BITS || depth > MAX_DEPTH || entry.page.is_none() {
            return Err(Damage::DirectoryMismatch);
        }
        Ok(Branch { page: entry.page, level: self.level - 1, depth })
    }

    /// Returns the indices of all entries for hash positions with these leading bits.
    pub(crate) fn run(self, place: u64, depth: u32) -> std::ops::Range<usize> {
        let first = self.index(prefix(place, depth));
        first..first + (FAN >> (depth - self.depth).min(BITS))
    }
}

/// A bucket, and the range of its hash positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    pub(crate) entry: Entry,
    /// The first hash position.
    pub(crate) start: u64,
    /// The number of leading bits that all its hash positions share.
    pub(crate) depth: u32,
    /// The branch that names it.
    pub(crate) branch: Branch,
}

impl Bucket {
    /// Returns the first hash position after the bucket, if there is one.
    pub(crate) const fn end(&self) -> Option<u64> {
        end(self.start, self.depth)
    }

    /// Returns `true` if a hash position belongs to the bucket.
    #[inline(always)]
    pub(crate) const fn holds(&self, place: u64) -> bool {
        prefix(place, self.depth) == self.start
    }

    /// Returns the bit of a hash position by which the bucket would be split.
    #[inline(always)]
    pub(crate) const fn half(&self) -> u64 {
        1 << (u64::BITS - 1) >> self.depth
    }

    /// Returns `true` if the bucket has one entry only, so its branch has to be split first.
    pub(crate) const fn is_deepest(&self) -> bool {
        self.depth >= self.branch.depth + BITS
    }
}

/// Returns an entry of a branch whose header has been checked.
pub(crate) fn entry_of(bytes: &PageBytes, index: usize) -> Result<Entry, Damage> {
    let found = bytes.get(BRANCH_HEADER + index * WIDTH..).and_then(<[u8]>::first_chunk::<WIDTH>);
    found.map(|found| Entry::read(*found)).ok_or(Damage::DirectoryMismatch)
}

/// Checks the header of a branch.
fn check_branch(branch: Branch, head: &[u8]) -> Result<(), Damage> {
    let Some([kind, level, count @ .., width, wide]) = head.first_chunk::<6>() else {
        return Err(Damage::DirectoryMismatch);
    };
    let is_one = *kind == Kind::Branch as u8 && u32::from(*level) == branch.level;
    let is_full = *count == (FAN as u16).to_le_bytes() && u16::from_le_bytes([*width, *wide]) == WIDTH as u16;
    if is_one && is_full { Ok(()) } else { Err(Damage::DirectoryMismatch) }
}

impl<M: Memory> Table<M> {
    /// Returns the page of a bucket if it exists and may be cached: the only one, fixed, of the
    /// current layout and of full size. Otherwise returns 0.
    pub(crate) fn cacheable_page(&self, entry: Entry) -> PageNumber {
        let expected =
            FixedCells::of_bucket(self.sizes).map(|fixed| Entry::new(entry.page, fixed.layout(), false));
        if self.is_new() && expected == Some(entry) && self.root.pager().has(entry.page) {
            entry.page
        } else {
            PageNumber::NONE
        }
    }

    /// Returns the topmost branch.
    fn top(&self) -> Result<Branch> {
        let state = self.root.state();
        let (page, height) = (state.top.get(), state.height.get());
        match height.checked_sub(1) {
            Some(level @ 1..) if height <= MOST_HEIGHT => Ok(Branch { page, level, depth: 0 }),
            _ => Err(self.root.damaged(page, Damage::DirectoryMismatch)),
        }
    }

    /// Returns the directory entry of a hash position. Does not read the whole of an uncached
    /// branch, because a look-up alone in its message would pay for that.
    #[inline(never)]
    pub(crate) fn entry(&self, place: u64) -> Result<Entry> {
        let mut branch = self.top()?;
        loop {
            let entry = self.entry_in(branch, place)?;
            if branch.level == 1 {
                return Ok(entry);
            }
            branch = branch.below(entry).on_page(&self.root, branch.page)?;
        }
    }

    #[inline(always)]
    fn entry_in(&self, branch: Branch, place: u64) -> Result<Entry> {
        let index = branch.index(place);
        let at_hand = self
            .nodes
            .peek(branch.page, |bytes| check_branch(branch, bytes).and_then(|()| entry_of(bytes, index)));
        if let Some(entry) = at_hand {
            return entry.on_page(&self.root, branch.page);
        }
        let (page, mut head, mut entry) = (self.root.pager().page(branch.page)?, [0; 8], [0; WIDTH]);
        let read = page.read(0, &mut head).and_then(|()| check_branch(branch, &head));
        read.and_then(|()| page.read(BRANCH_HEADER + index * WIDTH, &mut entry))
            .on_page(&self.root, branch.page)?;
        Ok(Entry::read(entry))
    }

    /// Returns the branch of a level that leads to a hash position, and the one above it if any.
    /// Caches both.
    pub(crate) fn branch(&self, place: u64, level: u32) -> Result<(Branch, Option<Branch>)> {
        let (mut branch, mut above) = (self.top()?, None);
        while branch.level > level {
            let entry = self.with_directory(branch, |bytes| entry_of(bytes, branch.index(place)))?;
            let below = branch.below(entry).on_page(&self.root, branch.page)?;
            above = Some(branch);
            branch = below;
        }
        Ok((branch, above))
    }

    /// Returns the bucket of a hash position.
    pub(crate) fn bucket(&self, place: u64) -> Result<Bucket> {
        self.bucket_in(self.branch(place, 1)?.0, place)
    }

    /// Returns the bucket of a hash position to which a branch of level 1 leads.
    pub(crate) fn bucket_in(&self, branch: Branch, place: u64) -> Result<Bucket> {
        let (entry, bits) = self.with_directory(branch, |bytes| {
            let index = branch.index(place);
            let entry = entry_of(bytes, index)?;
            Ok((entry, same_bits(bytes, index, entry.page)))
        })?;
        let depth = branch.depth + BITS - bits;
        Ok(Bucket { entry, start: prefix(place, depth), depth, branch })
    }

    /// Calls `look` with the bytes of a branch and returns its result. Caches the branch.
    pub(crate) fn with_directory<R>(
        &self,
        branch: Branch,
        look: impl FnOnce(&PageBytes) -> Result<R, Damage>,
    ) -> Result<R> {
        self.nodes.with_branch(branch.page, |node| {
            let checked =
                check_branch(branch, node.bytes()).and_then(|()| {
                    match BranchHeader::ref_from_prefix(node.bytes()) {
                        Ok((header, _)) if header.owner.get() == self.root.page() => look(node.bytes()),
                        _ => Err(Damage::DirectoryMismatch),
                    }
                });
            checked.on_page(&self.root, branch.page)
        })
    }

    /// Caches the page of a bucket, or removes it from the cache if it may not be cached.
    pub(crate) fn note(&self, bucket: &Bucket) {
        self.cache.set(bucket.start, bucket.depth, self.cacheable_page(bucket.entry));
    }

    /// Sets the directory entry of the bucket of a hash position.
    pub(crate) fn set_entry(&self, place: u64, entry: Entry) -> Result<()> {
        let bucket = Bucket { entry, ..self.bucket(place)? };
        self.note(&bucket);
        self.write_run(bucket.branch, bucket.start, bucket.depth, entry)
    }

    /// Writes an entry for all hash positions with the same leading bits.
    pub(crate) fn write_run(&self, branch: Branch, place: u64, depth: u32, entry: Entry) -> Result<()> {
        let run = branch.run(place, depth);
        let entries = vec![entry.bytes(); run.len()];
        self.nodes.patch(branch.page, BRANCH_HEADER + run.start * WIDTH, entries.as_flattened())
    }

    /// Checks that the entry of a branch is that of all hash positions with the same leading bits.
    pub(crate) fn check_run(&self, branch: Branch, place: u64, depth: u32, entry: Entry) -> Result<()> {
        self.with_directory(branch, |bytes| {
            let is_same = |index| entry_of(bytes, index) == Ok(entry);
            if branch.run(place, depth).all(is_same) { Ok(()) } else { Err(Damage::DirectoryMismatch) }
        })
    }

    /// Writes a branch with these entries.
    pub(crate) fn write_branch(&self, page: PageNumber, level: u32, entries: &[u8]) -> Result<()> {
        let mut bytes = Box::new([0; PAGE_SIZE]);
        let header = BranchHeader::new(Kind::Branch, level as u8, FAN as u16, WIDTH as u16, self.root.page());
        let (front, room) = bytes.split_at_mut(BRANCH_HEADER);
        front.copy_from_slice(header.as_bytes());
        room.get_mut(..entries.len())
            .ok_or_else(|| self.root.damaged(page, Damage::DirectoryMismatch))?
            .copy_from_slice(entries);
        self.nodes.write_page(page, bytes)
    }

    /// Creates a directory whose only bucket is `entry`, in a page that was reserved. Returns the
    /// changed state of the root.
    pub(crate) fn create_directory(&self, mut state: RootState, entry: Entry) -> Result<RootState> {
        let page = self.root.pager().allocate()?;
        self.write_branch(page, 1, &entry.bytes().repeat(FAN))?;
        (state.top, state.height) = (page.into(), 2.into());
        state.add_pages(1);
        self.cache.set(0, 0, self.cacheable_page(entry));
        Ok(state)
    }

    /// Checks a branch whose first hash position is `start`, and those below it. Returns the number
    /// of their pages.
    pub(crate) fn verify_branches(
        &self,
        branch: Option<Branch>,
        start: u64,
        audit: &mut Audit<'_>,
    ) -> Result<u32> {
        let branch = branch.map_or_else(|| self.top(), Ok)?;
        let header = self.root.pager().branch_header(branch.page)?;
        if header.owner.get() != self.root.page() || prefix(start, branch.depth) != start {
            return Err(self.root.damaged(branch.page, Damage::DirectoryMismatch));
        }
        // Damaged branches may name each other, which would never end.
        let claimed = audit.claim(branch.page);
        claimed.map_err(|_| self.root.damaged(branch.page, Damage::DirectoryMismatch))?;
        let (mut pages, mut index) = (1, 0);
        while branch.level > 1 && index < FAN {
            let (entry, bits) = self.with_directory(branch, |bytes| {
                let entry = entry_of(bytes, index)?;
                Ok((entry, same_bits(bytes, index, entry.page)))
            })?;
            let below = branch.below(entry).on_page(&self.root, branch.page)?;
            let is_top_alone = branch.depth == 0 && below.depth == 0;
            if below.depth != branch.depth + BITS - bits || is_top_alone {
                return Err(self.root.damaged(below.page, Damage::DirectoryMismatch));
            }
            let first = (index as u64) << (u64::BITS - BITS) >> branch.depth;
            self.check_run(branch, start | first, below.depth, entry)?;
            let below = self.verify_branches(Some(below), start | first, audit);
            pages += audit.note(below)?.unwrap_or(0);
            index += 1 << bits;
        }
        Ok(pages)
    }
}

/// Returns the number of low index bits that do not matter, because all entries that differ only in
/// these lead to the same page. Reads only one entry of each block, because the entries of a bucket
/// are an aligned block: see [`Table::check_run`].
fn same_bits(bytes: &PageBytes, index: usize, page: PageNumber) -> u32 {
    let leads_there = |index: usize| entry_of(bytes, index).is_ok_and(|entry| entry.page == page);
    let mut bits = 0;
    while bits < BITS && leads_there((index >> bits ^ 1) << bits) {
        bits += 1;
    }
    bits
}
