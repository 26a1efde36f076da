//! One bucket more or less where all pages of the group are plain. Entries of the first two buckets of a group stay
//! where they are: only those that go to another bucket, or come from one, are touched, and of the page only the table
//! and the cells that come are written; of entries behind other groups some move to where their search begins. Pages of
//! the other two are filled anew. Pages that followed others go, and then all pages of the group are filled anew. This is the dearest step of an insert, so nothing in it is done
//! twice.

use graven_core::page::node::HEADER_SIZE;
use graven_core::page::{PAGE_SIZE, PageBytes};
use graven_core::{Memory, Result};

use super::bucket::plain_cell;
use super::directory::{self, Entry};
use super::fresh::Fresh;
use super::group::{self, FREE, GROUP, Group, STRIDE};
use super::hash;
use super::plain::Plain;
use super::shape::{PartsOf, Shape, Span};
use super::table::{Table, broken, count_down};
use crate::btree_map::cell::{Sizes, copy};

/// Pages of a group that follow others.
const MOST_BEHIND: usize = 8;

/// Buffers that are kept for the next time: as many as a group needs.
const BUFFERS: usize = 5;

/// Buckets of a group whose entries stay where they are, and to which entries come only where there is one bucket less.
/// The third of four takes and gives at once.
const KEPT: usize = 2;

/// A page as it is.
struct Old {
    page: u32,
    /// The whole page, or just its table if all of its entries stay. Taken out while it is gone through.
    bytes: Option<Box<PageBytes>>,
    /// The bucket of which it is the first page.
    part: Option<usize>,
    is_whole: bool,
}

/// A cell that has come to a page of which others stay: it stands in the page's bytes already.
#[derive(Clone, Copy)]
struct Move {
    /// The position of the page in the list.
    page: u8,
    /// The place.
    index: u16,
}

/// What becomes of a group.
struct Change {
    plain: Plain,
    parts: PartsOf,
    /// Pages of buckets below this one stay, the others are filled anew.
    kept: usize,
    old: Vec<Old>,
    fresh: Vec<Fresh>,
    moves: Vec<Move>,
}

impl<M: Memory> Table<M> {
    /// Goes on to the shape `after`. False where that is not as simple; nothing has been written then.
    pub(super) fn resize_plain(
        &self,
        after: Shape,
        span: Span,
        entries: &[Entry],
        gone: Option<Entry>,
    ) -> Result<bool> {
        let Some(plain) = Plain::of(self.sizes) else { return Ok(false) };
        let all = || entries.iter().chain(&gone);
        if all().any(|entry| self.near_page(entry.linked(false)) == 0) {
            return Ok(false);
        }
        let kept = if all().any(|entry| entry.is_linked()) { 0 } else { entries.len().min(KEPT) };
        let mut change =
            Change { plain, parts: after.parts_of(span), kept, old: vec![], fresh: vec![], moves: vec![] };
        let done = self.load_group(&mut change, entries, gone)? && {
            let header = self.plain_header(plain.len);
            let count = entries.len() + usize::from(gone.is_none()) - kept;
            change.fresh.extend((0..count).map(|_| Fresh::new(self.buffer(), &header, plain)));
            (0..change.old.len()).all(|at| self.spread(&mut change, at))
        };
        let written = if done { self.write_change(after, span, &change, entries, gone) } else { Ok(()) };
        let mut buffers = self.buffers.take();
        buffers.extend(change.old.into_iter().filter_map(|old| old.bytes));
        buffers.extend(change.fresh.into_iter().map(|fresh| fresh.bytes));
        buffers.truncate(BUFFERS);
        self.buffers.set(buffers);
        written.map(|()| done)
    }

    /// A page's bytes, whose content is arbitrary.
    fn buffer(&self) -> Box<PageBytes> {
        let mut buffers = self.buffers.take();
        let buffer = buffers.pop();
        self.buffers.set(buffers);
        buffer.unwrap_or_else(|| Box::new([0; PAGE_SIZE]))
    }

    /// Reads the pages of a group, or just the tables where entries only come; false if one is not plain, or if more
    /// pages follow than would fit into one.
    fn load_group(&self, change: &mut Change, entries: &[Entry], gone: Option<Entry>) -> Result<bool> {
        let grid = change.plain.grid();
        let mut behind = 0;
        for (part, entry) in entries.iter().chain(&gone).enumerate() {
            let is_whole = gone.is_none() || part >= change.kept;
            let (mut page, mut left) = (entry.page, self.most_pages());
            while page != 0 {
                let mut bytes = self.buffer();
                let len = if is_whole { PAGE_SIZE } else { grid.end() };
                let read = self.root.pager().read_part(page, 0, &mut bytes[..len]);
                let found = read.and_then(|()| self.grid(page, &bytes[..]));
                let part = (page == entry.page).then_some(part);
                change.old.push(Old { page, bytes: Some(bytes), part, is_whole });
                let (header, found) = found?;
                let is_plain = found == grid && header.layouts[0].get() == self.root.newest();
                page = header.next.get();
                behind += usize::from(page != 0);
                if !is_plain || behind > MOST_BEHIND || change.kept > 0 && page != 0 {
                    return Ok(false);
                }
                left = count_down(left, page)?;
            }
        }
        Ok(true)
    }

    /// Finds new places for the entries of a page; false if there is none for one of them, or if it belongs to another
    /// group. The compiler knows the sizes that are met most.
    fn spread(&self, change: &mut Change, at: usize) -> bool {
        if !change.old[at].is_whole {
            return true;
        }
        let sizes = |key, value| Sizes { key: Some(key), value };
        match (self.sizes.key, self.sizes.value) {
            (Some(8), Some(8)) => self.spread_sized(sizes(8, Some(8)), change, at),
            (Some(8), Some(0)) => self.spread_sized(sizes(8, Some(0)), change, at),
            (Some(8), value) => self.spread_sized(sizes(8, value), change, at),
            (Some(32), value) => self.spread_sized(sizes(32, value), change, at),
            _ => self.spread_sized(self.sizes, change, at),
        }
    }

    /// The same, which also knows whether two bits of the hash are all that matters.
    #[inline(always)]
    fn spread_sized(&self, sizes: Sizes, change: &mut Change, at: usize) -> bool {
        let parts = change.parts;
        match parts.are_bits() {
            true => self.spread_parts(sizes, change, at, |hash| parts.bits(hash)),
            false => self.spread_parts(sizes, change, at, |hash| parts.part(hash)),
        }
    }

    #[inline(always)]
    fn spread_parts(
        &self,
        sizes: Sizes,
        change: &mut Change,
        at: usize,
        part_of: impl Fn(u64) -> usize,
    ) -> bool {
        let (Some(plain), Some(old)) = (Plain::of(sizes), change.old.get_mut(at)) else { return false };
        let own = old.part.filter(|part| *part < change.kept);
        let Some(mut bytes) = old.bytes.take() else { return false };
        let spread = self.spread_page(sizes, plain, change, (at, own), &mut bytes, part_of);
        change.old[at].bytes = Some(bytes);
        spread
    }

    /// The page is at a position in the list; if others stay in it, it is that of the bucket `own`.
    #[inline(always)]
    fn spread_page(
        &self,
        sizes: Sizes,
        plain: Plain,
        change: &mut Change,
        (page, own): (usize, Option<usize>),
        bytes: &mut PageBytes,
        part_of: impl Fn(u64) -> usize,
    ) -> bool {
        let (seed, parts, kept) = (self.seed(), change.parts, change.kept);
        // With two buckets or more, the lower half of the first two is the same with any number of them.
        let stays = own.is_some() && kept > 1;
        let (mut behind, mut strays) =
            (Vec::new(), bytes[HEADER_SIZE + group::beyond_at(group::groups(plain.places) - 1)]);
        for at in 0..group::groups(plain.places) {
            // Where nothing is behind the group in front, all entries of this one are where their search begins.
            let has_strays = own.is_some() && strays != 0;
            strays = bytes[HEADER_SIZE + group::beyond_at(at)];
            let marks = bytes.get(HEADER_SIZE + at * STRIDE..).and_then(<[u8]>::first_chunk);
            let Some(marks) = marks.map(Group::new) else { return false };
            for place in marks.taken() {
                let index = at * GROUP + place;
                let start = plain_cell(index, plain.len);
                let Some(cell) = bytes.get(start..start.wrapping_add(plain.len)) else { return false };
                let hash = hash::hash_sized(sizes, seed, &cell[..plain.key]);
                if !parts.is_of_group(hash) {
                    return false;
                }
                let part = if stays && parts.is_lower(hash) { own } else { Some(part_of(hash)) };
                if own == part {
                    if has_strays && group::first(hash, plain.places) != at {
                        behind.push((hash, index));
                    }
                    continue;
                }
                let part = part.unwrap_or_default();
                let has_come = match part.checked_sub(kept) {
                    Some(fresh) => {
                        change.fresh.get_mut(fresh).is_some_and(|page| page.put(hash, plain, cell))
                    }
                    None => change.come(part, cell, hash),
                };
                if !has_come {
                    return false;
                }
                if own.is_some() {
                    let Some(mark) = bytes.get_mut(HEADER_SIZE + at * STRIDE + place) else { return false };
                    *mark = FREE;
                    if group::first(hash, plain.places) != at {
                        group::leave(&mut bytes[HEADER_SIZE..], plain.places, hash, index);
                    }
                }
            }
        }
        for (hash, index) in behind {
            bring_back(plain, page, bytes, hash, index, &mut change.moves);
        }
        true
    }

    /// Writes what has changed, once there is room for it, and gives back the pages that are needed no more.
    fn write_change(
        &self,
        after: Shape,
        span: Span,
        change: &Change,
        entries: &[Entry],
        gone: Option<Entry>,
    ) -> Result<()> {
        let pager = self.root.pager();
        let branches = directory::pages(after.buckets).saturating_sub(directory::pages(self.buckets()));
        if gone.is_none() {
            pager.reserve(branches + 1)?;
        }
        self.write_kept(change)?;
        let mut state = self.root.state();
        for (fresh, part) in change.fresh.iter().zip(change.kept..) {
            match (entries.get(part), entries.first()) {
                (Some(entry), _) => {
                    pager.put_page(entry.page, &fresh.bytes)?;
                    if entry.is_linked() {
                        self.set_entry(state, span.bucket(part), entry.linked(false))?;
                    }
                }
                (None, Some(like)) => {
                    let page = pager.allocate()?;
                    pager.put_page(page, &fresh.bytes)?;
                    state = self.push_entry(state, span.bucket(part), like.at(page).linked(false))?;
                }
                (None, None) => return Err(broken(self.root.page())),
            }
        }
        let mut pages = i64::from(gone.is_none());
        for old in change.old.iter().filter(|old| old.part.is_none_or(|part| part >= entries.len())) {
            pager.free(old.page)?;
            pages -= 1;
        }
        if gone.is_some() {
            state = self.pop_entry(state, after.buckets)?;
        }
        self.count(self.root.newest(), pages)?;
        self.set_extra(self.seed(), after, self.chained())?;
        let pages = i64::from(state.pages.get()).saturating_add(pages);
        state.pages = u32::try_from(pages.max(0)).unwrap_or(u32::MAX).into();
        self.root.set_state(state)
    }

    /// Writes the cells that have come to pages whose other entries stay, and their tables.
    fn write_kept(&self, change: &Change) -> Result<()> {
        let (pager, len) = (self.root.pager(), change.plain.len);
        let bytes = |at: usize| change.old.get(at).and_then(|old| old.bytes.as_deref());
        for Move { page, index } in &change.moves {
            let at = plain_cell((*index).into(), len);
            let cell = bytes((*page).into()).and_then(|bytes| bytes.get(at..at.wrapping_add(len)));
            let (Some(cell), Some(old)) = (cell, change.old.get(usize::from(*page))) else {
                return Err(broken(self.root.page()));
            };
            pager.put_part(old.page, at, cell)?;
        }
        for (at, old) in change.old.iter().enumerate().take(change.kept) {
            let table = bytes(at).map(|bytes| &bytes[HEADER_SIZE..change.plain.grid().end()]);
            pager.put_part(old.page, HEADER_SIZE, table.unwrap_or_default())?;
        }
        Ok(())
    }
}

impl Change {
    /// Takes a place for an entry in a page whose other entries stay; false if it has none.
    #[inline(never)]
    fn come(&mut self, to: usize, cell: &[u8], hash: u64) -> bool {
        let Plain { places, len, .. } = self.plain;
        let Some(bytes) = self.old.get_mut(to).and_then(|old| old.bytes.as_mut()) else { return false };
        let Some(index) = group::take(&mut bytes[HEADER_SIZE..], places, hash) else { return false };
        let at = plain_cell(index, len);
        let Some(place) = bytes.get_mut(at..at.wrapping_add(len)) else { return false };
        copy(place, cell);
        self.moves.push(Move { page: to as u8, index: index as u16 });
        true
    }
}

/// Moves an entry that stands behind the group where its search begins to the first group that has room again, in a
/// page of which others have gone.
#[inline(never)]
fn bring_back(
    plain: Plain,
    page: usize,
    bytes: &mut PageBytes,
    hash: u64,
    index: usize,
    moves: &mut Vec<Move>,
) {
    let table = &mut bytes[HEADER_SIZE..plain.grid().end()];
    table[group::mark_at(index)] = FREE;
    group::leave(table, plain.places, hash, index);
    // Its own place is free, if no other one is.
    let back = group::take(table, plain.places, hash).unwrap_or(index);
    if back != index {
        let (old, new) = (plain_cell(index, plain.len), plain_cell(back, plain.len));
        bytes.copy_within(old..old + plain.len, new);
        moves.push(Move { page: page as u8, index: back as u16 });
    }
}
