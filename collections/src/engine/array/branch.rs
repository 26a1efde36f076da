//! Branches of a sequence, whose entries are children with their first positions, counted from the
//! branch's own.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use graven_core::page::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use graven_core::page::{Kind, PAGE_SIZE, PageBytes, PageNumber};
use graven_core::{Damage, Result};
use zerocopy::IntoBytes;

/// Size of an entry: child u32, start u64.
pub(crate) const WIDTH: usize = 12;

/// Offset of the number of entries.
pub(crate) const COUNT_AT: usize = 2;

/// Number of entries that fit into a branch.
pub(crate) const FANOUT: usize = BRANCH_ROOM / WIDTH;

/// An entry of a branch: a child and its first position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) child: PageNumber,
    pub(crate) start: u64,
}

/// A child that was found in a branch, with its index and its positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Child {
    pub(crate) page: PageNumber,
    pub(crate) index: usize,
    pub(crate) start: u64,
    /// The first position of the next child, if there is one.
    pub(crate) end: Option<u64>,
}

#[inline(always)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
fn entry(bytes: &PageBytes, index: usize) -> Entry {
    let child = bytes.get(BRANCH_HEADER + index * WIDTH..).and_then(<[u8]>::first_chunk);
    Entry {
        child: child.map_or(PageNumber::NONE, |child| PageNumber::from_le_bytes(*child)),
        start: begins(bytes, index),
    }
}

/// Returns the first position of a child.
#[inline(always)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
fn begins(bytes: &PageBytes, index: usize) -> u64 {
    let start = bytes.get(BRANCH_HEADER + index * WIDTH + 4..).and_then(<[u8]>::first_chunk);
    start.map_or(0, |start| u64::from_le_bytes(*start))
}

/// Returns the number of entries. Bytes that are not a branch of that level are damage.
#[inline(always)]
fn count(bytes: &PageBytes, level: u32) -> Result<usize, Damage> {
    let count = usize::from(u16::from_le_bytes([bytes[2], bytes[3]]));
    let width = usize::from(u16::from_le_bytes([bytes[4], bytes[5]]));
    if u32::from(bytes[1]) != level || count == 0 || count > FANOUT || width != WIDTH {
        return Err(Damage::WrongLevel);
    }
    Ok(count)
}

/// Returns the child that holds a position.
#[inline(always)]
pub(crate) fn find(bytes: &PageBytes, level: u32, position: u64) -> Result<Child, Damage> {
    let count = count(bytes, level)?;
    let found = interpolate(bytes, count, position).or_else(|| search(bytes, count, position));
    found.ok_or(Damage::ChildrenOutOfOrder)
}

/// Finds the child that holds a position by interpolation, as if all children were as long as the
/// first one. That holds for a sequence that only grew. Returns `None` if the computed child does
/// not hold the position.
#[inline(always)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
fn interpolate(bytes: &PageBytes, count: usize, position: u64) -> Option<Child> {
    let last = count - 1;
    let index = if last == 0 { 0 } else { position.checked_div(begins(bytes, 1))?.min(last as u64) as usize };
    let Entry { child, start } = entry(bytes, index);
    let end = if index < last { Some(begins(bytes, index + 1)) } else { None };
    let holds = start <= position && end.is_none_or(|end| position < end);
    holds.then_some(Child { page: child, index, start, end })
}

#[inline(never)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
fn search(bytes: &PageBytes, count: usize, position: u64) -> Option<Child> {
    let (mut low, mut high) = (1, count);
    while low < high {
        let middle = (low + high) / 2;
        if begins(bytes, middle) <= position { low = middle + 1 } else { high = middle }
    }
    let index = low - 1;
    let Entry { child, start } = entry(bytes, index);
    let end = (index + 1 < count).then(|| begins(bytes, index + 1));
    let holds = start <= position && end.is_none_or(|end| position < end);
    holds.then_some(Child { page: child, index, start, end })
}

/// An offset in a branch, and the bytes that are written to it.
pub(crate) type Patch = (usize, Vec<u8>);

/// Returns the patch that shifts the first positions of all children after `index` by `change`. It
/// is empty if `index` is the last child.
#[expect(clippy::indexing_slicing, reason = "`count` refuses more children than fit")]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
pub(crate) fn shifted(bytes: &PageBytes, level: u32, index: usize, change: i64) -> Result<Patch, Damage> {
    let count = count(bytes, level)?;
    let at = BRANCH_HEADER + (index + 1).min(count) * WIDTH;
    let mut tail = bytes[at..BRANCH_HEADER + count * WIDTH].to_vec();
    for entry in tail.chunks_exact_mut(WIDTH) {
        if let Some(start) = entry.last_chunk_mut::<8>() {
            *start = u64::from_le_bytes(*start).saturating_add_signed(change).to_le_bytes();
        }
    }
    Ok((at, tail))
}

/// Returns the patches that add a child after all others, or `None` if there is no room.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "a branch has 1 to `FANOUT` entries, and `index` is one of them"
)]
pub(crate) fn added(bytes: &PageBytes, level: u32, added: Entry) -> Result<Option<[Patch; 2]>, Damage> {
    let count = count(bytes, level)?;
    if count >= FANOUT {
        return Ok(None);
    }
    let mut entry = added.child.to_le_bytes().to_vec();
    entry.extend_from_slice(&added.start.to_le_bytes());
    let counted = (count as u16 + 1).to_le_bytes().to_vec();
    Ok(Some([(BRANCH_HEADER + count * WIDTH, entry), (COUNT_AT, counted)]))
}

/// Returns the child at an index with its first position, or `None` after the last one.
pub(crate) fn child(bytes: &PageBytes, level: u32, index: usize) -> Result<Option<Entry>, Damage> {
    Ok((index < count(bytes, level)?).then(|| entry(bytes, index)))
}

/// Returns all children.
pub(crate) fn entries(bytes: &PageBytes, level: u32) -> Result<Vec<Entry>, Damage> {
    Ok((0..count(bytes, level)?).map(|index| entry(bytes, index)).collect())
}

/// Builds a branch of the given children. The first one begins where the branch does.
pub(crate) fn pack(entries: &[Entry], level: u8, owner: PageNumber) -> Box<PageBytes> {
    let mut bytes = Box::new([0; PAGE_SIZE]);
    let header = BranchHeader::new(Kind::Branch, level, entries.len() as u16, WIDTH as u16, owner);
    let (front, room) = bytes.split_at_mut(BRANCH_HEADER);
    front.copy_from_slice(header.as_bytes());
    let base = entries.first().map_or(0, |entry| entry.start);
    for (place, entry) in room.chunks_exact_mut(WIDTH).zip(entries) {
        let (child, start) = place.split_at_mut(4);
        child.copy_from_slice(&entry.child.to_le_bytes());
        start.copy_from_slice(&(entry.start.saturating_sub(base)).to_le_bytes());
    }
    bytes
}
