//! Short values of one size where all leaves are arrays of the newest layout, as most sequences of such values are: what
//! is usually done to them takes a few dozen instructions. Whatever is not as usual is left to the other files, with the
//! errors that it may have.

use graven_core::layout::StableLayout;
use graven_core::page::PAGE_SIZE;
use graven_core::{Error, Memory, Result};

use super::directory::MOST;
use super::ends::End;
use super::leaf::{self, ARRAY_AT};
use super::path::Leaf;
use super::{Sequence, branch};
use crate::value::{self, Encoded};

/// Values up to this size are short.
const SHORT: usize = 64;

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At {
    pub(crate) page: u32,
    pub(crate) at: usize,
}

/// The size of short values, if they have one.
const fn short<T: StableLayout>() -> Option<usize> {
    match T::SIZE {
        Some(size) if size > 0 && size <= SHORT => Some(size),
        _ => None,
    }
}

/// Calls `work` with a buffer for a short value, which is no larger than need be.
#[inline(always)]
fn with_buffer<R>(size: usize, work: impl FnOnce(&mut [u8]) -> R) -> R {
    if size <= 8 {
        work(&mut [0; 8][..size])
    } else if size <= 16 {
        work(&mut [0; 16][..size])
    } else {
        work(&mut [0; SHORT][..size])
    }
}

impl<M: Memory> Sequence<M> {
    /// The array of a position, if it is found at once.
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
        if let (2 | 3, Some(width)) = (state.height.get(), self.width) {
            let (each, arrays) = (leaf::capacity(width), self.end() / leaf::capacity(width));
            if arrays < MOST
                && self.directory.miss(arrays)
                && let Some(pages) = self.list_arrays(state.top.get(), state.height.get() - 1, each)
            {
                self.directory.set(pages, each);
            }
        }
        self.near.set(found);
        Some(found)
    }

    /// The pages of all arrays, if the branches are at hand and all arrays cover as many positions.
    fn list_arrays(&self, top: u32, level: u32, each: u64) -> Option<Vec<u32>> {
        let (pager, mut pages) = (self.root().pager(), Vec::new());
        let children = |page, level| pager.peek(page, |bytes| branch::peek_entries(bytes, level))?;
        let mut add = |page, start: u64| {
            children(page, 1)?.into_iter().try_for_each(|entry| {
                let expected = (pages.len() as u64).checked_mul(each)?;
                let is_regular = start.checked_add(entry.start)? == expected && pages.len() as u64 <= MOST;
                is_regular.then(|| pages.push(entry.child))
            })
        };
        if level == 1 {
            add(top, 0)?;
        } else {
            children(top, level)?.into_iter().try_for_each(|entry| add(entry.child, entry.start))?;
        }
        Some(pages)
    }

    /// The leaf of a position, if all branches on the way are at hand.
    #[inline(always)]
    fn peek_leaf(&self, position: u64) -> Option<Leaf> {
        let (state, pager) = (self.root().state(), self.root().pager());
        let mut leaf = Leaf { page: state.top.get(), start: 0, end: self.end() };
        for level in (1..state.height.get()).rev() {
            let inside = position.checked_sub(leaf.start)?;
            let child = pager.peek(leaf.page, |bytes| branch::peek(bytes, level, inside))??;
            leaf = Leaf {
                page: child.page,
                start: leaf.start.saturating_add(child.start),
                end: child.end.map_or(leaf.end, |next| leaf.start.saturating_add(next).min(leaf.end)),
            };
        }
        leaf.holds(position).then_some(leaf)
    }

    /// Where a value stands, if there is one and it is found at once.
    #[inline(always)]
    fn spot_at(&self, index: u64, size: usize) -> Option<At> {
        let (spot, _) = self.spot_in_array(index, size)?;
        Some(spot)
    }

    /// The same with the array.
    #[inline(always)]
    fn spot_in_array(&self, index: u64, size: usize) -> Option<(At, Leaf)> {
        if !self.uniform.get() || self.width != Some(size) || index >= self.len() {
            return None;
        }
        let position = self.first.get().saturating_add(index);
        let array = self.find_array(position)?;
        let slot = position.wrapping_sub(array.start);
        if slot >= leaf::capacity(size) {
            return None;
        }
        Some((At { page: array.page, at: ARRAY_AT + slot as usize * size }, array))
    }

    /// The value at an index.
    #[inline(always)]
    pub(crate) fn get_value<T: StableLayout>(&self, index: u64) -> Result<Option<T>> {
        if let Some(size) = short::<T>()
            && let Some(At { page, at }) = self.spot_at(index, size)
        {
            return with_buffer(size, |bytes| {
                self.root().pager().read(page, at, bytes)?;
                T::decode(bytes).map(Some).map_err(|why| Error::invalid(page, why))
            });
        }
        self.get_slowly(index)
    }

    #[inline(never)]
    fn get_slowly<T: StableLayout>(&self, index: u64) -> Result<Option<T>> {
        self.get(index, |found| value::decode_found(self.root(), found))
    }

    /// Sets the value at an index; false where there is none.
    #[inline(always)]
    pub(crate) fn set_value<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        if let Some(size) = short::<T>()
            && let Some(At { page, at }) = self.spot_at(index, size)
        {
            return with_buffer(size, |bytes| {
                value.encode(bytes);
                self.root().pager().write(page, at, bytes).map(|()| true)
            });
        }
        self.set_slowly(index, value)
    }

    #[inline(never)]
    fn set_slowly<T: StableLayout>(&self, index: u64, value: &T) -> Result<bool> {
        let value = Encoded::new(value)?;
        self.set(index, value.as_slice(), |_| Ok(())).map(|set| set.is_some())
    }

    /// Puts a value behind all others.
    #[inline(always)]
    pub(crate) fn push_value<T: StableLayout>(&self, value: &T) -> Result<()> {
        if let Some(size) = short::<T>() {
            return with_buffer(size, |bytes| {
                value.encode(bytes);
                self.push_back(bytes)
            });
        }
        self.push_back(Encoded::new(value)?.as_slice())
    }

    /// Takes a value from an end.
    #[inline(always)]
    pub(crate) fn pop_value<T: StableLayout>(&self, end: End) -> Result<Option<T>> {
        if let Some(size) = short::<T>()
            && let Some((At { page, at }, width)) = self.end_at(end)
            && width == size
        {
            let value = with_buffer(size, |bytes| {
                self.root().pager().read(page, at, bytes)?;
                T::decode(bytes).map_err(|why| Error::invalid(page, why))
            })?;
            return self.count_out(end, width).map(|()| Some(value));
        }
        self.pop_slowly(end)
    }

    #[inline(never)]
    fn pop_slowly<T: StableLayout>(&self, end: End) -> Result<Option<T>> {
        let Some(last) = self.len().checked_sub(1) else { return Ok(None) };
        let index = if end == End::Front { 0 } else { last };
        let value = self.get_value(index)?;
        self.remove_at(index).map(|()| value)
    }

    /// Removes a value from an end, if others are in its array: false if that has to be done in another way.
    #[inline(always)]
    pub(crate) fn drop_end(&self, end: End) -> Result<bool> {
        let Some((_, width)) = self.end_at(end) else { return Ok(false) };
        self.count_out(end, width).map(|()| true)
    }

    /// Where the value at an end stands, and its size, if others are in its array.
    #[inline(always)]
    fn end_at(&self, end: End) -> Option<(At, usize)> {
        let (width, first, len) = (self.width?, self.first.get(), self.len());
        if len < 2 || !self.uniform.get() {
            return None;
        }
        let is_front = end == End::Front;
        let position = if is_front { first } else { first.saturating_add(len - 1) };
        let array = self.find_array(position)?;
        let slot = position.wrapping_sub(array.start);
        let has_others = if is_front { array.end - 1 > first } else { position > array.start.max(first) };
        let is_inside = has_others && slot < leaf::capacity(width);
        is_inside.then(|| (At { page: array.page, at: ARRAY_AT + slot as usize * width }, width))
    }

    /// Counts a value at an end as gone.
    #[inline(always)]
    fn count_out(&self, end: End, width: usize) -> Result<()> {
        if end == End::Back {
            return self.root().count_values(-1, -(width as i64));
        }
        self.set_first(self.first.get().saturating_add(1))?;
        // The bytes of dead places in arrays are counted.
        self.root().count_values(-1, 0)
    }

    /// Where values side by side stand, and how many of `count` do so, in one array from an index on. Nothing if the
    /// values do not stand in arrays only.
    #[inline(always)]
    pub(crate) fn run_at(&self, index: u64, count: u64, size: usize) -> Result<Option<(At, u64)>> {
        let (spot, array) = match self.spot_in_array(index, size) {
            Some(spot) => spot,
            None => match self.find_spot(index, size)? {
                Some(spot) => spot,
                None => return Ok(None),
            },
        };
        let position = self.first.get().saturating_add(index);
        let count = count.min(array.end.saturating_sub(position)).min(self.len() - index);
        let inside = (PAGE_SIZE - spot.at) / size;
        Ok(Some((spot, count.min(inside as u64))))
    }

    /// Finds a value where the branches on the way have to be read first.
    #[inline(never)]
    fn find_spot(&self, index: u64, size: usize) -> Result<Option<(At, Leaf)>> {
        if !self.uniform.get() || self.width != Some(size) || index >= self.len() {
            return Ok(None);
        }
        let position = self.first.get().saturating_add(index);
        let array = self.array(position)?;
        Ok(Some((At { page: array.page, at: leaf::place(&array, position, size)? }, array)))
    }
}
