//! Where the buckets are: a tree of branches, all of them full but the last of each level. An entry says which
//! page it leads to, and of a bucket also how its table looks, so that a look-up need not read that first.

use graven_core::page::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use graven_core::page::{CachedNode, Kind, PAGE_SIZE};
use graven_core::store::RootState;
use graven_core::{Error, Memory, Result};
use zerocopy::IntoBytes;

use super::bucket::Grid;
use super::table::Table;

/// Bytes of an entry.
pub(super) const WIDTH: usize = 6;

/// Entries of a branch.
pub(super) const FAN: u32 = (BRANCH_ROOM / WIDTH) as u32;

/// Set in an entry's second part if the cells of its bucket stand in the order of their places.
const PLAIN: u16 = 0x8000;

/// Set if other pages follow the first one of the bucket.
const LINKED: u16 = 0x4000;

/// Where a bucket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) page: u32,
    /// What the page's header says as well.
    table: u16,
}

impl Entry {
    pub(super) fn new(page: u32, grid: Grid, is_linked: bool) -> Self {
        let plain = if grid.cell.is_some() { PLAIN } else { 0 };
        let linked = if is_linked { LINKED } else { 0 };
        Entry { page, table: grid.places as u16 | plain | linked }
    }

    /// The same with or without pages that follow.
    pub(super) fn linked(self, is_linked: bool) -> Self {
        let linked = if is_linked { LINKED } else { 0 };
        Entry { table: self.table & !LINKED | linked, ..self }
    }

    /// The same for another page of the same kind.
    pub(super) fn at(self, page: u32) -> Self {
        Entry { page, ..self }
    }

    /// Places in the table of the bucket's first page.
    #[inline(always)]
    pub(super) const fn places(self) -> usize {
        (self.table & !(PLAIN | LINKED)) as usize
    }

    #[inline(always)]
    pub(super) const fn is_plain(self) -> bool {
        self.table & PLAIN != 0
    }

    /// Whether a search that ends in the first page goes on in others.
    #[inline(always)]
    pub(super) const fn is_linked(self) -> bool {
        self.table & LINKED != 0
    }

    fn bytes(self) -> [u8; WIDTH] {
        let ([a, b, c, d], [e, f]) = (self.page.to_le_bytes(), self.table.to_le_bytes());
        [a, b, c, d, e, f]
    }
}

/// Reads an entry of a branch.
#[inline(always)]
fn entry_of(page: u32, node: &CachedNode, level: u32, index: u32) -> Result<Entry> {
    let bytes = node.bytes();
    let count = u16::from_le_bytes([bytes[2], bytes[3]]);
    let found = bytes.get(BRANCH_HEADER + index as usize * WIDTH..).and_then(<[u8]>::first_chunk::<WIDTH>);
    match found {
        Some([a, b, c, d, e, f])
            if u32::from(bytes[1]) == level && usize::from(bytes[4]) == WIDTH && index < u32::from(count) =>
        {
            Ok(Entry { page: u32::from_le_bytes([*a, *b, *c, *d]), table: u16::from_le_bytes([*e, *f]) })
        }
        _ => Err(broken(page)),
    }
}

#[cold]
fn broken(page: u32) -> Error {
    Error::Damaged { page, why: "it is not a branch with that bucket" }
}

/// Pages of branches for so many buckets: those of each level, from the lowest up.
fn levels(buckets: u32) -> Vec<u32> {
    let mut pages = vec![buckets.div_ceil(FAN)];
    while let Some(last) = pages.last().filter(|last| **last > 1) {
        pages.push(last.div_ceil(FAN));
    }
    pages
}

/// Pages that a directory of so many buckets has.
pub(super) fn pages(buckets: u32) -> u32 {
    levels(buckets).into_iter().sum()
}

impl<M: Memory> Table<M> {
    /// Where a bucket is.
    #[inline(always)]
    pub(super) fn entry(&self, bucket: u32) -> Result<Entry> {
        let state = self.root.state();
        if state.height.get() == 2 {
            let top = state.top.get();
            return self.root.pager().with_branch(top, |node| entry_of(top, node, 1, bucket));
        }
        self.entry_below(state, bucket)
    }

    /// The same where there are several levels of branches, as in maps of more than some 100,000 numbers.
    #[inline(never)]
    fn entry_below(&self, state: RootState, bucket: u32) -> Result<Entry> {
        let (mut page, height) = (state.top.get(), state.height.get());
        // More levels than these no map has.
        let mut below = height.checked_sub(2).and_then(|levels| FAN.checked_pow(levels));
        let mut rest = bucket;
        for level in (1..height).rev() {
            let each = below.ok_or_else(|| broken(page))?;
            let branch = page;
            let entry =
                self.root.pager().with_branch(branch, |node| entry_of(branch, node, level, rest / each))?;
            if level == 1 {
                return Ok(entry);
            }
            (page, rest, below) = (entry.page, rest % each, Some(each / FAN));
        }
        Err(broken(page))
    }

    /// The lowest branch on the way to a bucket, and the position in it.
    fn branch_of(&self, state: RootState, bucket: u32) -> Result<(u32, u32)> {
        let path = self.branches(state, bucket)?;
        path.last().copied().ok_or_else(|| broken(state.top.get()))
    }

    /// All branches on the way to a bucket that is there or comes next, from the top down to the last that there
    /// is, each with the position in it.
    fn branches(&self, state: RootState, bucket: u32) -> Result<Vec<(u32, u32)>> {
        let (mut page, mut path) = (state.top.get(), Vec::new());
        for level in (1..state.height.get()).rev() {
            // More levels than these no map has.
            let below = FAN.checked_pow(level - 1).ok_or_else(|| broken(page))?;
            let index = bucket / below % FAN;
            if bucket / below >= FAN && path.is_empty() {
                return Ok(path);
            }
            path.push((page, index));
            if level > 1 {
                let branch = page;
                let count = self.root.pager().with_branch(branch, |node| {
                    Ok(u32::from(u16::from_le_bytes([node.bytes()[2], node.bytes()[3]])))
                })?;
                if index == count {
                    return Ok(path);
                }
                page =
                    self.root.pager().with_branch(branch, |node| entry_of(branch, node, level, index))?.page;
            }
        }
        Ok(path)
    }

    /// Notes where a bucket is now.
    pub(super) fn set_entry(&self, state: RootState, bucket: u32, entry: Entry) -> Result<()> {
        let (page, index) = self.branch_of(state, bucket)?;
        self.root.pager().write_part(page, BRANCH_HEADER + index as usize * WIDTH, &entry.bytes())
    }

    /// Adds a bucket behind the last one; the pages for it were reserved. Gives the state with the new top.
    pub(super) fn push_entry(&self, mut state: RootState, bucket: u32, entry: Entry) -> Result<RootState> {
        let pager = self.root.pager();
        let path = if state.top.get() == 0 { Vec::new() } else { self.branches(state, bucket)? };
        // Branches that are missing below the one that gets another entry, the lowest first.
        let there = path.len() as u32;
        let (mut entry, mut level) = (entry, 1);
        let last_level = if there == 0 { state.height.get().max(1) } else { state.height.get() - there };
        while level < last_level {
            let page = pager.allocate()?;
            self.write_branch(page, level, &[entry])?;
            state.pages = state.pages.get().saturating_add(1).into();
            (entry, level) = (Entry { page, table: 0 }, level + 1);
        }
        let Some((page, index)) = path.last() else {
            let top = pager.allocate()?;
            let old = (state.top.get() != 0).then_some(Entry { page: state.top.get(), table: 0 });
            let entries: Vec<Entry> = old.into_iter().chain([entry]).collect();
            self.write_branch(top, level, &entries)?;
            state.top = top.into();
            state.height = (level + 1).into();
            state.pages = state.pages.get().saturating_add(1).into();
            return Ok(state);
        };
        pager.write_part(*page, BRANCH_HEADER + *index as usize * WIDTH, &entry.bytes())?;
        pager.write_part(*page, 2, &(*index as u16 + 1).to_le_bytes())?;
        Ok(state)
    }

    /// Takes the last bucket out, and branches that are no longer needed. Gives the state with the new top.
    pub(super) fn pop_entry(&self, mut state: RootState, bucket: u32) -> Result<RootState> {
        let pager = self.root.pager();
        let mut path = self.branches(state, bucket)?;
        while let Some((page, index)) = path.pop() {
            if index > 0 {
                pager.write_part(page, 2, &(index as u16).to_le_bytes())?;
                break;
            }
            pager.free(page)?;
            state.pages = state.pages.get().saturating_sub(1).into();
        }
        while state.height.get() > 2 {
            let (top, level) = (state.top.get(), state.height.get() - 1);
            let (count, first) = pager.with_branch(top, |node| {
                Ok((u16::from_le_bytes([node.bytes()[2], node.bytes()[3]]), entry_of(top, node, level, 0)?))
            })?;
            if count > 1 {
                break;
            }
            pager.free(top)?;
            state.pages = state.pages.get().saturating_sub(1).into();
            state.top = first.page.into();
            state.height = level.into();
        }
        Ok(state)
    }

    fn write_branch(&self, page: u32, level: u32, entries: &[Entry]) -> Result<()> {
        let mut bytes = Box::new([0; PAGE_SIZE]);
        let (count, width) = (entries.len() as u16, WIDTH as u16);
        let header = BranchHeader::new(Kind::Branch, level as u8, count, width, self.root.page());
        bytes[..BRANCH_HEADER].copy_from_slice(header.as_bytes());
        for (index, entry) in entries.iter().enumerate() {
            let at = BRANCH_HEADER + index * WIDTH;
            bytes[at..at + WIDTH].copy_from_slice(&entry.bytes());
        }
        self.root.pager().write_page(page, bytes)
    }

    /// Checks the branches below `page`, the buckets of which begin at `first`; gives how many pages they are.
    pub(super) fn verify_branches(&self, page: u32, level: u32, first: u32) -> Result<u32> {
        let header = self.root.pager().branch_header(page)?;
        let below =
            level.checked_sub(1).and_then(|below| FAN.checked_pow(below)).ok_or_else(|| broken(page))?;
        let count = (self.shape.get().buckets - first.min(self.shape.get().buckets)).div_ceil(below).min(FAN);
        let ours = header.owner.get() == self.root.page() && u32::from(header.level) == level;
        if !ours || usize::from(header.width) != WIDTH || u32::from(header.count) != count {
            return Err(broken(page));
        }
        let mut pages = 1;
        if level > 1 {
            for index in 0..count {
                let child = self.root.pager().with_branch(page, |node| entry_of(page, node, level, index))?;
                pages += self.verify_branches(child.page, level - 1, first + index * below)?;
            }
        }
        Ok(pages)
    }
}
