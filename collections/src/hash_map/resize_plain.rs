//! One bucket more or less where all pages of the group are plain: entries that stay are not touched, and those of
//! pages that follow others come into the first page of their bucket, which has room for them again.

use graven_core::page::PageBytes;
use graven_core::page::node::HEADER_SIZE;
use graven_core::{Memory, Result};

use super::bucket::{Grid, plain_cell, plain_len, plain_places};
use super::directory::{self, Entry};
use super::group::{self, EMPTY, GONE, GROUP};
use super::shape::Shape;
use super::table::{Table, broken, count_down};
use crate::btree_map::cell::copy;

/// Offset in a page's header of the page that follows.
const NEXT_AT: usize = 28;

/// Pages of a group that follow others.
const MOST_AFTER: usize = 8;

/// In the place of a bucket: all entries of the page belong elsewhere.
const NONE: u32 = u32::MAX;

/// A page of the group.
struct Side {
    bucket: u32,
    page: u32,
    bytes: Box<PageBytes>,
    /// Entries came.
    has_more: bool,
    /// Entries went.
    has_less: bool,
}

impl<M: Memory> Table<M> {
    /// Goes on to the shape `after`. False where that is not as simple; nothing has been written then.
    pub(super) fn resize_plain(
        &self,
        after: Shape,
        kept: &[u32],
        last: u32,
        entries: &[Entry],
        gone: Option<Entry>,
    ) -> Result<bool> {
        let (Some(len), true) = (plain_len(self.sizes), self.is_new()) else {
            return Ok(false);
        };
        let grid = Grid { places: plain_places(len), cell: Some(len) };
        if entries.iter().any(|entry| !entry.is_plain() || entry.places() != grid.places) {
            return Ok(false);
        }
        let mut sides = Vec::with_capacity(kept.len() + 1);
        for (bucket, entry) in kept.iter().zip(entries) {
            sides.push((*bucket, entry.page));
        }
        sides.push((last, gone.map_or(0, |entry| entry.page)));
        let Some(mut sides) = self.sides(sides, grid)? else { return Ok(false) };
        // Pages that follow others come last: there is room for their entries once the others have gone.
        let firsts = kept.len() + 1;
        for from in (0..firsts).rev().chain(firsts..sides.len()) {
            if from == firsts {
                self.clean(&mut sides, (len, grid.places))?;
            }
            if !self.move_entries(&mut sides, from, after, (len, grid.places))? {
                return Ok(false);
            }
        }
        if firsts == sides.len() {
            self.clean(&mut sides, (len, grid.places))?;
        }
        self.write_sides(after, sides, (kept, last), entries, gone.is_some())?;
        Ok(true)
    }

    /// Reads the pages of buckets, first their first ones in order, an empty one where there is none; nothing if
    /// one is not such a page.
    fn sides(&self, firsts: Vec<(u32, u32)>, grid: Grid) -> Result<Option<Vec<Side>>> {
        let (mut sides, mut rest) = (Vec::with_capacity(firsts.len()), Vec::new());
        for (bucket, first) in firsts {
            if first == 0 {
                sides.push(Side {
                    bucket,
                    page: 0,
                    bytes: self.empty().bytes,
                    has_more: true,
                    has_less: false,
                });
                continue;
            }
            let (mut page, mut left) = (first, self.most_pages());
            while page != 0 {
                let mut loaded = self.load(page)?;
                // More pages than these do not become one.
                if loaded.grid != grid || rest.len() == MOST_AFTER {
                    return Ok(None);
                }
                let next = loaded.header.next.get();
                let is_first = page == first;
                loaded.bytes[NEXT_AT..NEXT_AT + 4].fill(0);
                let has_more = next != 0;
                let bucket = if is_first { bucket } else { NONE };
                let side = Side { bucket, page, bytes: loaded.bytes, has_more, has_less: false };
                if is_first {
                    sides.push(side)
                } else {
                    rest.push(side)
                }
                page = next;
                left = count_down(left, page)?;
            }
        }
        sides.append(&mut rest);
        Ok(Some(sides))
    }

    /// Moves the entries of one page to where they belong; false if one does not fit.
    fn move_entries(
        &self,
        sides: &mut [Side],
        from: usize,
        after: Shape,
        (len, places): (usize, usize),
    ) -> Result<bool> {
        let (below, rest) = sides.split_at_mut(from);
        let Some((side, above)) = rest.split_first_mut() else { return Ok(true) };
        let (page, key) = (self.root.page(), self.sizes.key.unwrap_or_default());
        for first in (0..places).step_by(GROUP) {
            let end = places.min(first + GROUP);
            let marks = side.bytes.get(HEADER_SIZE + first..HEADER_SIZE + end).ok_or_else(|| broken(page))?;
            let left = if marks.contains(&EMPTY) { EMPTY } else { GONE };
            for index in first..end {
                if side.bytes[HEADER_SIZE + index] <= GONE {
                    continue;
                }
                let at = plain_cell(index, len);
                let cell = side.bytes.get(at..at + len).ok_or_else(|| broken(page))?;
                let hash = self.hash(self.sizes, &cell[..key]);
                let bucket = after.bucket(hash);
                if bucket == side.bucket {
                    continue;
                }
                let mut others = below.iter_mut().chain(above.iter_mut());
                let Some(target) = others.find(|side| side.bucket == bucket) else { return Ok(false) };
                let marks = &mut target.bytes[HEADER_SIZE..HEADER_SIZE + places];
                let Some(free) = group::take(marks, hash) else { return Ok(false) };
                let to = plain_cell(free, len);
                copy(&mut target.bytes[to..to + len], cell);
                target.has_more = true;
                side.bytes[HEADER_SIZE + index] = left;
                side.has_less = true;
            }
        }
        Ok(true)
    }

    /// Puts entries where a search comes to them soonest, in pages that were so full that searches went on behind
    /// places that are free now.
    fn clean(&self, sides: &mut [Side], (len, places): (usize, usize)) -> Result<()> {
        let (page, key) = (self.root.page(), self.sizes.key.unwrap_or_default());
        let marks = HEADER_SIZE..HEADER_SIZE + places;
        for side in sides.iter_mut().filter(|side| side.bucket != NONE) {
            if !side.bytes[marks.clone()].contains(&GONE) {
                continue;
            }
            let mut bytes = self.empty().bytes;
            for index in (0..places).filter(|index| side.bytes[HEADER_SIZE + index] > GONE) {
                let at = plain_cell(index, len);
                let cell = side.bytes.get(at..at + len).ok_or_else(|| broken(page))?;
                let hash = self.hash(self.sizes, &cell[..key]);
                let free = group::take(&mut bytes[marks.clone()], hash).ok_or_else(|| broken(page))?;
                let to = plain_cell(free, len);
                copy(&mut bytes[to..to + len], cell);
            }
            (side.bytes, side.has_more) = (bytes, true);
        }
        Ok(())
    }

    /// Writes what has changed, once there is room for it.
    fn write_sides(
        &self,
        after: Shape,
        sides: Vec<Side>,
        (kept, last): (&[u32], u32),
        entries: &[Entry],
        is_less: bool,
    ) -> Result<()> {
        let pager = self.root.pager();
        let branches = directory::pages(after.buckets).saturating_sub(directory::pages(self.buckets()));
        if !is_less {
            pager.reserve(branches + 1)?;
        }
        let (mut state, mut pages) = (self.root.state(), 0);
        for (at, side) in sides.into_iter().enumerate() {
            let Some(entry) = entries.get(at) else {
                if side.page != 0 {
                    pager.free(side.page)?;
                    pages -= 1;
                } else if let Some(like) = entries.first() {
                    let page = pager.allocate()?;
                    pager.write_page(page, side.bytes)?;
                    state = self.push_entry(state, last, like.at(page).linked(false))?;
                    pages += 1;
                }
                continue;
            };
            if side.has_more {
                pager.write_page(entry.page, side.bytes)?;
            } else if side.has_less {
                let marks = HEADER_SIZE..HEADER_SIZE + entry.places();
                pager.write(entry.page, HEADER_SIZE, &side.bytes[marks])?;
            }
            if entry.is_linked() {
                self.set_entry(state, kept[at], entry.linked(false))?;
            }
        }
        if is_less {
            state = self.pop_entry(state, last)?;
        }
        self.count(self.root.newest(), pages)?;
        self.set_extra(self.seed(), after, self.chained())?;
        let pages = i64::from(state.pages.get()).saturating_add(pages);
        state.pages = u32::try_from(pages.max(0)).unwrap_or(u32::MAX).into();
        self.root.set_state(state)
    }
}
