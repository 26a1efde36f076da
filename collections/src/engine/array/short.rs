//! Fast paths for short values of one size, if all leaves are arrays of the current layout. They
//! take a few dozen instructions. All other cases and all errors are left to the other files.

use graven_core::page::{PAGE_SIZE, PageNumber, PageOffset};
use graven_core::store::OnPage;
use graven_core::{Memory, Result};

use crate::engine::array::branch;
use crate::engine::array::directory::MOST;
use crate::engine::array::leaf;
use crate::engine::array::leaf::ARRAY_AT;
use crate::engine::array::sequence::Sequence;
use crate::engine::array::span::Leaf;

/// Largest size of a short value.
pub(crate) const SHORT: usize = 64;

/// The page and the offset of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) page: PageNumber,
    pub(crate) at: usize,
}

/// Returns the start and the length of the longest run of adjacent pages.
fn longest_stretch(pages: &[PageNumber]) -> (usize, usize) {
    let (mut longest, mut start) = ((0, 0), 0);
    for (n, page) in pages.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|before| pages.get(before));
        let follows = before.is_some_and(|before| before.checked_add(1) == Some(*page));
        if !follows {
            start = n;
        }
        if n + 1 - start > longest.1 {
            longest = (start, n + 1 - start);
        }
    }
    longest
}

impl<M: Memory> Sequence<M> {
    /// Returns the array of a position, if the caches find it.
    #[inline(always)]
    fn find_array(&self, position: u64) -> Option<Leaf> {
        let near = self.near.get();
        if near.holds(position) {
            return Some(near);
        }
        self.directory.find(position).or_else(|| self.peek_array(position))
    }

    #[inline(never)]
    fn peek_array(&self, position: u64) -> Option<Leaf> {
        let (found, state) = (self.peek_leaf(position)?, self.root().state());
        if !self.is_own_array(found.page) {
            return None;
        }
        if let (1..=3, Some(width)) = (state.height.get(), self.width) {
            let (each, arrays) = (leaf::capacity(width), self.end() / leaf::capacity(width));
            if arrays < MOST
                && (state.height.get() == 1 || self.directory.miss(arrays))
                && let Some(pages) = self.list_arrays(state.top.get(), state.height.get() - 1, each)
            {
                self.make_directory(&pages, each, width);
            }
        }
        self.keep_near(found);
        Some(found)
    }

    /// Caches the array that was found last. It is also the run as long as there is no directory.
    pub(crate) fn keep_near(&self, array: Leaf) {
        self.near.set(array);
        if let Some(width) = self.width.filter(|_| self.uniform.get() && !self.directory.is_made()) {
            self.set_stretch(array.page, 1, array.start, array.end, width);
        }
    }

    /// Makes a directory of arrays that cover `each` positions each.
    fn make_directory(&self, pages: &[PageNumber], each: u64, width: usize) {
        // Writes through the directory do not check the page again.
        if !pages.iter().all(|page| self.is_own_array(*page)) {
            return;
        }
        let locate =
            |page: &PageNumber| self.root().pager().locate_offset(*page, ARRAY_AT, each as usize * width);
        // Missing pages are damage, which the slower path returns.
        let Ok(places) = pages.iter().map(locate).collect() else { return };
        self.directory.set(places, each);
        let (start, count) = longest_stretch(pages);
        if let Some(page) = pages.get(start) {
            let from = start as u64 * each;
            self.set_stretch(*page, count as u32, from, from + count as u64 * each, width);
        }
    }

    /// Sets the run to arrays in adjacent pages that cover the given positions.
    fn set_stretch(&self, page: PageNumber, pages: u32, start: u64, end: u64, width: usize) {
        let first = start.wrapping_sub(self.first.get());
        let len = end.min(self.end()).saturating_sub(start);
        // Missing pages are damage, which the slower path returns.
        let _ = self.run.set(self.root().pager(), page, pages, width, first, len);
    }

    /// Returns the pages of all arrays, if the branches are cached and each array covers `each`
    /// positions.
    fn list_arrays(&self, top: PageNumber, level: u32, each: u64) -> Option<Vec<PageNumber>> {
        let mut pages = Vec::new();
        let children =
            |page, level| self.context.nodes.peek(page, |bytes| branch::peek_entries(bytes, level))?;
        let mut add = |page, start: u64| {
            children(page, 1)?.into_iter().try_for_each(|entry| {
                let expected = (pages.len() as u64).checked_mul(each)?;
                let is_regular = start.checked_add(entry.start)? == expected && pages.len() as u64 <= MOST;
                is_regular.then(|| pages.push(entry.child))
            })
        };
        if level == 0 {
            pages.push(top);
        } else if level == 1 {
            add(top, 0)?;
        } else {
            children(top, level)?.into_iter().try_for_each(|entry| add(entry.child, entry.start))?;
        }
        Some(pages)
    }

    /// Returns the leaf of a position, if all branches on the path are cached.
    #[inline(always)]
    fn peek_leaf(&self, position: u64) -> Option<Leaf> {
        let state = self.root().state();
        let mut leaf = Leaf { page: state.top.get(), start: 0, end: self.end() };
        for level in (1..state.height.get()).rev() {
            let inside = position.checked_sub(leaf.start)?;
            let child = self.context.nodes.peek(leaf.page, |bytes| branch::peek(bytes, level, inside))??;
            leaf = Leaf {
                page: child.page,
                start: leaf.start.saturating_add(child.start),
                end: child.end.map_or(leaf.end, |next| leaf.start.saturating_add(next).min(leaf.end)),
            };
        }
        leaf.holds(position).then_some(leaf)
    }

    /// Returns the address of a value, if there is one and its array is cached.
    #[inline(always)]
    pub(crate) fn location_at(&self, index: u64, size: usize) -> Option<At> {
        let (location, _) = self.location_in_array(index, size)?;
        Some(location)
    }

    /// Returns the address of a value and its array.
    #[inline(always)]
    fn location_in_array(&self, index: u64, size: usize) -> Option<(At, Leaf)> {
        if !self.uniform.get() || self.width != Some(size) || index >= self.len() {
            return None;
        }
        let position = self.position(index);
        let array = self.find_array(position)?;
        let slot = position.wrapping_sub(array.start);
        if slot >= leaf::capacity(size) {
            return None;
        }
        Some((At { page: array.page, at: ARRAY_AT + slot as usize * size }, array))
    }

    /// Returns the address of a value, if there is one and its array is in the directory.
    #[inline(always)]
    pub(crate) fn place_in_directory(&self, index: u64, size: usize) -> Option<PageOffset> {
        if index >= self.len() {
            return None;
        }
        self.directory.find_value(self.first.get().wrapping_add(index), size)
    }

    /// Returns the address of the first value, if it is cached and not alone in its array.
    #[inline(always)]
    pub(crate) fn first_value(&self, size: usize) -> Option<PageOffset> {
        let (at, next) = (self.run.find(0, size)?, self.run.find(1, size)?);
        at.is_before(next, size).then_some(at)
    }

    /// Removes the first value, which is not alone in its array. The bytes of its position stay
    /// counted.
    #[inline(always)]
    pub(crate) fn drop_first(&self) -> Result<()> {
        self.set_first(self.position(1))?;
        self.count(-1, 0)
    }

    /// Returns the address of adjacent values from an index on, and how many of `count` one array
    /// holds. Returns `None` if there is no such index or not all leaves are arrays.
    #[inline(always)]
    pub(crate) fn run_at(&self, index: u64, count: u64, size: usize) -> Result<Option<(At, u64)>> {
        let (location, array) = match self.location_in_array(index, size) {
            Some(location) => location,
            None => match self.find_location(index, size)? {
                Some(location) => location,
                None => return Ok(None),
            },
        };
        let position = self.position(index);
        let count = count.min(array.end.saturating_sub(position)).min(self.len() - index);
        let inside = (PAGE_SIZE - location.at) / size;
        Ok(Some((location, count.min(inside as u64))))
    }

    /// Like `location_in_array`, but reads branches that are not cached.
    #[inline(never)]
    fn find_location(&self, index: u64, size: usize) -> Result<Option<(At, Leaf)>> {
        if !self.uniform.get() || self.width != Some(size) || index >= self.len() {
            return Ok(None);
        }
        let position = self.position(index);
        let array = self.array(position)?;
        Ok(Some((
            At {
                page: array.page,
                at: leaf::place(&array, position, size).on_page(self.root(), array.page)?,
            },
            array,
        )))
    }
}
