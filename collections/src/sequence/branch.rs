//! Branches of a sequence: children, each with the position at which it begins, counted from the branch's own.

use graven_core::page::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes};
use graven_core::{Error, Result};
use zerocopy::IntoBytes;

/// Bytes of an entry: child u32, start u64.
pub(super) const WIDTH: usize = 12;

/// Entries that fit.
pub(super) const FANOUT: usize = BRANCH_ROOM / WIDTH;

/// A child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) child: u32,
    pub(super) start: u64,
}

/// A child as it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    pub(super) page: u32,
    pub(super) index: usize,
    pub(super) start: u64,
    /// Where the next one begins, if there is one.
    pub(super) end: Option<u64>,
}

#[inline(always)]
fn entry(bytes: &PageBytes, index: usize) -> Entry {
    let child = bytes.get(BRANCH_HEADER + index * WIDTH..).and_then(<[u8]>::first_chunk);
    Entry { child: child.map_or(0, |child| u32::from_le_bytes(*child)), start: begins(bytes, index) }
}

/// Where a child begins.
#[inline(always)]
fn begins(bytes: &PageBytes, index: usize) -> u64 {
    let start = bytes.get(BRANCH_HEADER + index * WIDTH + 4..).and_then(<[u8]>::first_chunk);
    start.map_or(0, |start| u64::from_le_bytes(*start))
}

/// Number of entries, if the branch is one of that level.
#[inline(always)]
fn count(page: u32, bytes: &PageBytes, level: u32) -> Result<usize> {
    let count = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
    let width = usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
    if u32::from(bytes[1]) != level || count == 0 || count > FANOUT || width != WIDTH {
        return Err(Error::Damaged { page, why: "it is not a branch of its level" });
    }
    Ok(count)
}

/// The child that holds a position. In a sequence that only grew, the first guess is right.
#[inline(always)]
pub(super) fn find(page: u32, bytes: &PageBytes, level: u32, position: u64) -> Result<Child> {
    let count = count(page, bytes, level)?;
    let begins = |index: usize| begins(bytes, index);
    let mut index = match position.checked_div(begins(1)) {
        Some(guess) if count > 1 => guess.min(count as u64 - 1) as usize,
        _ => 0,
    };
    let holds =
        |index: usize| begins(index) <= position && (index + 1 == count || position < begins(index + 1));
    if !holds(index) {
        let (mut low, mut high) = (1, count);
        while low < high {
            let middle = (low + high) / 2;
            if begins(middle) <= position { low = middle + 1 } else { high = middle }
        }
        index = low - 1;
        if !holds(index) {
            return Err(Error::Damaged { page, why: "its children are not in order" });
        }
    }
    let Entry { child, start } = entry(bytes, index);
    let end = (index + 1 < count).then(|| begins(index + 1));
    Ok(Child { page: child, index, start, end })
}

/// All children.
pub(super) fn entries(page: u32, bytes: &PageBytes, level: u32) -> Result<Vec<Entry>> {
    Ok((0..count(page, bytes, level)?).map(|index| entry(bytes, index)).collect())
}

/// A branch of these children, the first of which begins where the branch does.
pub(super) fn pack(entries: &[Entry], level: u8, owner: u32) -> Box<PageBytes> {
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let header = BranchHeader::new(Kind::Branch, level, entries.len() as u16, WIDTH as u16, owner);
    bytes[..BRANCH_HEADER].copy_from_slice(header.as_bytes());
    let base = entries.first().map_or(0, |entry| entry.start);
    for (place, entry) in bytes[BRANCH_HEADER..].chunks_exact_mut(WIDTH).zip(entries) {
        place[..4].copy_from_slice(&entry.child.to_le_bytes());
        place[4..].copy_from_slice(&(entry.start.saturating_sub(base)).to_le_bytes());
    }
    bytes
}
