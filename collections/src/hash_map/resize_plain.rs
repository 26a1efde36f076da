//! One bucket more or less where all pages of the group are plain and none follows them: entries that stay are not
//! touched.

use graven_core::page::PageBytes;
use graven_core::page::node::HEADER_SIZE;
use graven_core::{Memory, Result};

use super::bucket::{plain_cell, plain_len, plain_places};
use super::directory::{self, Entry};
use super::group::{self, EMPTY, GONE, GROUP};
use super::shape::Shape;
use super::table::{Table, broken};
use crate::btree_map::cell::copy;

/// A page of the group.
struct Side {
    bucket: u32,
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
        let (Some(len), Some(key), true) = (plain_len(self.sizes), self.sizes.key, self.is_new()) else {
            return Ok(false);
        };
        let places = plain_places(len);
        let simple = |entry: &Entry| entry.is_plain() && !entry.is_linked() && entry.places() == places;
        if !entries.iter().chain(&gone).all(simple) {
            return Ok(false);
        }
        let mut sides = Vec::with_capacity(kept.len() + 1);
        for (bucket, entry) in kept.iter().zip(entries) {
            sides.push(self.side(*bucket, entry.page)?);
        }
        sides.push(match gone {
            Some(entry) => self.side(last, entry.page)?,
            None => Side { bucket: last, bytes: self.empty().bytes, has_more: true, has_less: false },
        });
        for from in (0..sides.len()).rev() {
            if !self.move_entries(&mut sides, from, after, (len, key, places))? {
                return Ok(false);
            }
        }
        self.write_sides(after, sides, last, entries, gone)?;
        Ok(true)
    }

    fn side(&self, bucket: u32, page: u32) -> Result<Side> {
        Ok(Side { bucket, bytes: self.load(page)?.bytes, has_more: false, has_less: false })
    }

    /// Moves the entries of one page to where they belong; false if one does not fit.
    fn move_entries(
        &self,
        sides: &mut [Side],
        from: usize,
        after: Shape,
        (len, key, places): (usize, usize, usize),
    ) -> Result<bool> {
        let (below, rest) = sides.split_at_mut(from);
        let Some((side, above)) = rest.split_first_mut() else { return Ok(true) };
        let page = self.root.page();
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

    /// Writes what has changed, once there is room for it.
    fn write_sides(
        &self,
        after: Shape,
        mut sides: Vec<Side>,
        last: u32,
        entries: &[Entry],
        gone: Option<Entry>,
    ) -> Result<()> {
        let pager = self.root.pager();
        let branches = directory::pages(after.buckets).saturating_sub(directory::pages(self.buckets()));
        if gone.is_none() {
            pager.reserve(branches + 1)?;
        }
        let end = sides.pop();
        for (side, entry) in sides.into_iter().zip(entries) {
            if side.has_more {
                pager.write_page(entry.page, side.bytes)?;
            } else if side.has_less {
                let marks = HEADER_SIZE..HEADER_SIZE + entry.places();
                pager.write(entry.page, HEADER_SIZE, &side.bytes[marks])?;
            }
        }
        let mut state = self.root.state();
        if let Some(gone) = gone {
            self.count(self.root.newest(), -1)?;
            state = self.pop_entry(state, last)?;
            pager.free(gone.page)?;
            state.pages = state.pages.get().saturating_sub(1).into();
        } else if let (Some(new), Some(like)) = (end, entries.first()) {
            let page = pager.allocate()?;
            self.count(self.root.newest(), 1)?;
            pager.write_page(page, new.bytes)?;
            state = self.push_entry(state, last, like.at(page))?;
            state.pages = state.pages.get().saturating_add(1).into();
        }
        self.set_extra(self.seed(), after, self.chained())?;
        self.root.set_state(state)
    }
}
