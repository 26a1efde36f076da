//! Finding values by their addresses, if all leaves are arrays of the current layout. So a value is
//! read or written without the branches above it.

use graven_core::page::{PAGE_SIZE, PageNumber, PageOffset};
use graven_core::store::OnPage;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::arrays::{MAX_ARRAYS, Run, array_of};
use crate::engine::array::branch;
use crate::engine::array::leaf::{self, ARRAY_AT, capacity};
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;

impl<M: Memory> Sequence<M> {
    /// Returns the address of the value at an index, if it is cached. Values have `size` bytes, or
    /// are not in arrays.
    #[inline(always)]
    pub(crate) fn find(&self, index: u64, size: usize) -> Option<PageOffset> {
        let run = self.arrays.run.get();
        let slot = index.wrapping_sub(run.first);
        if slot < run.len {
            let gap = PAGE_SIZE - capacity(size) as usize * size;
            return Some(run.at.nth(slot, size).nth(array_of(slot, capacity(size)), gap));
        }
        self.find_listed(index, size).map(|(at, _)| at)
    }

    /// Returns the address of the value at an index and its slot, if its array is listed.
    #[inline(always)]
    pub(crate) fn find_listed(&self, index: u64, size: usize) -> Option<(PageOffset, u64)> {
        if index >= self.len() {
            return None;
        }
        let position = self.first.get().wrapping_add(index);
        let array = array_of(position, capacity(size));
        // The borrow ends before the branch, so nothing is written for it.
        let at = self.arrays.list.borrow().get(array as usize).copied();
        let at = at?;
        let slot = position.wrapping_sub(array * capacity(size));
        Some((at.nth(slot, size), slot))
    }

    /// Returns the address of the value at an index. Returns `None` if there is no such index or
    /// not all leaves are arrays of the current layout.
    #[inline(always)]
    pub(crate) fn locate(&self, index: u64, size: usize) -> Result<Option<PageOffset>> {
        match self.find(index, size) {
            Some(at) => Ok(Some(at)),
            None => Ok(self.search(index)?.map(|(at, _)| at)),
        }
    }

    /// Returns the address of adjacent values from an index on, and how many of `count` its array
    /// holds, if the array is listed.
    #[inline(always)]
    pub(crate) fn find_run(&self, index: u64, count: u64, size: usize) -> Option<(PageOffset, u64)> {
        let (at, slot) = self.find_listed(index, size)?;
        Some((at, count.min(capacity(size) - slot).min(self.len() - index)))
    }

    /// Returns what [`Sequence::find_run`] does. Returns `None` as [`Sequence::locate`] does.
    #[inline(always)]
    pub(crate) fn locate_run(
        &self,
        index: u64,
        count: u64,
        size: usize,
    ) -> Result<Option<(PageOffset, u64)>> {
        match self.find_run(index, count, size) {
            Some(found) => Ok(Some(found)),
            None => Ok(self.search(index)?.map(|(at, inside)| (at, count.min(inside)))),
        }
    }

    /// Finds a value in the branches. Returns its address, and the number of slots from there on
    /// that its array covers.
    #[inline(never)]
    fn search(&self, index: u64) -> Result<Option<(PageOffset, u64)>> {
        let Some(width) = self.width.filter(|_| self.uniform.get() && index < self.len()) else {
            return Ok(None);
        };
        let position = self.position(index);
        let found = self.leaf(position)?;
        if !self.is_own_array(found.page) {
            return Err(self.root().damaged(found.page, Damage::WrongValueSize));
        }
        let at = leaf::place(&found, position, width).on_page(self.root(), found.page)?;
        let at = self.root().pager().locate_offset(found.page, at, width)?;
        self.remember(&found, width)?;
        let slot = position - found.start;
        Ok(Some((at, found.len().min(capacity(width)).saturating_sub(slot))))
    }

    /// Caches an array that was found, or all arrays after a number of searches.
    fn remember(&self, found: &Leaf, width: usize) -> Result<()> {
        let (each, pager) = (capacity(width), self.root().pager());
        let mut pages = None;
        if self.arrays.shall_list(self.end().div_ceil(each)) {
            pages = self.list_arrays(each);
            self.arrays.note_listed(pages.is_some());
        }
        if let Some(pages) = pages {
            let locate = |page| pager.locate_offset(page, ARRAY_AT, each as usize * width);
            self.arrays.forget();
            let zero = self.zero();
            for (number, page) in pages.into_iter().enumerate() {
                match number {
                    0 => self.arrays.list.borrow_mut().push(locate(page)?),
                    _ => self.arrays.add(locate(page)?, number as u64 * each, zero, each),
                }
            }
            self.arrays.close(self.end(), zero, each);
            self.top.take();
        } else if found.end < self.end() {
            let first = found.start.wrapping_sub(self.first.get());
            let run = Run::of_array(pager, found.page, first, width)?;
            self.arrays.run.set(Run { len: run.len.min(found.len()), ..run });
        }
        Ok(())
    }

    /// Returns the pages of all arrays, if each but the last covers `each` positions.
    fn list_arrays(&self, each: u64) -> Option<Vec<PageNumber>> {
        let state = self.root().state();
        let mut pages = vec![(state.top.get(), 0)];
        for level in (1..state.height.get()).rev() {
            let mut below = Vec::new();
            for (page, start) in pages {
                let entries = self.context.nodes.with_branch(page, |node| {
                    branch::entries(node.bytes(), level).on_page(self.root(), page)
                });
                let entries = entries.ok()?.into_iter();
                below.extend(entries.map(|entry| (entry.child, entry.start.saturating_add(start))));
                if below.len() > MAX_ARRAYS {
                    return None;
                }
            }
            pages = below;
        }
        // A damaged count of positions would lead after the last array.
        if pages.len() as u64 != self.end().div_ceil(each) {
            return None;
        }
        // Writes to a listed array do not check its page again.
        let listed = pages.into_iter().enumerate().map(|(number, (page, start))| {
            let is_regular = start == number as u64 * each && self.is_own_array(page);
            is_regular.then_some(page)
        });
        listed.collect()
    }
}
