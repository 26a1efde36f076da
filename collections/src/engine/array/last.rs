//! The last array, which counts its values itself once values are added or removed there
//! repeatedly. Then a push is one write: the value, with the new count after it.
//!
//! While it counts, the root's own counts are as old as the record in the root's extra bytes. All
//! other changes of the number of values end this first, with [`Sequence::uncount`].

use graven_core::page::array::{self, COUNT_LEN};
use graven_core::page::{PAGE_SIZE, PageNumber, PageOffset};
use graven_core::simd::copy;
use graven_core::store::{LAST_AT, LastArray};
use graven_core::{Damage, Memory, Result};
use zerocopy::IntoBytes;

use crate::engine::array::leaf::capacity;
use crate::engine::array::sequence::{MAX_WIDTH, Sequence};
use crate::engine::array::short::SHORT;
use crate::engine::array::span::{Counting, Leaf};

/// A place for a value in the array that counts its values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) at: PageOffset,
    /// The number of slots in front of it.
    number: u64,
}

impl<M: Memory> Sequence<M> {
    /// Returns the place for a value after the last one, if it is cached.
    #[inline(always)]
    pub(crate) fn end_with_room(&self, size: usize) -> Option<Slot> {
        let (at, number) = self.tail.find_in_page(self.len(), size)?;
        Some(Slot { at, number })
    }

    /// Writes a value after all others, with the new count behind it.
    #[inline(always)]
    pub(crate) fn put_behind(&self, room: Slot, value: &[u8]) {
        let count = array::count(room.number + 1);
        match value.len() {
            0..=8 => self.put_with_count::<{ 8 + COUNT_LEN }>(room.at, value, count),
            9..=16 => self.put_with_count::<{ 16 + COUNT_LEN }>(room.at, value, count),
            17..=SHORT => self.put_with_count::<{ SHORT + COUNT_LEN }>(room.at, value, count),
            len => {
                self.root().pager().write_value(room.at, value);
                self.root().pager().write_value(room.at.nth(1, len), &count);
            }
        }
        self.root().count_on_heap(1, value.len() as i64);
    }

    /// Writes a value and a count, which have at most `N` bytes.
    #[inline(always)]
    fn put_with_count<const N: usize>(&self, at: PageOffset, value: &[u8], count: [u8; COUNT_LEN]) {
        let (mut bytes, end) = ([0; N], value.len());
        let (place, rest) = bytes.split_at_mut(end);
        copy(place, value);
        copy(rest.split_at_mut(COUNT_LEN).0, &count);
        self.root().pager().write_value(at, bytes.split_at(end + COUNT_LEN).0);
    }

    /// Returns the last value's place, if it is cached and not alone in its array.
    #[inline(always)]
    pub(crate) fn last_value(&self, size: usize) -> Option<Slot> {
        let last = self.len().wrapping_sub(1);
        let (at, number) = self.tail.find_in_page(last, size)?;
        if number == 0 || last == 0 { None } else { Some(Slot { at, number }) }
    }

    /// Removes the last value, whose place [`Sequence::last_value`] has returned. Writes the new
    /// count there, and zeros up to the end of the old one.
    #[inline(always)]
    pub(crate) fn drop_last(&self, last: Slot, size: usize) {
        let count = array::count(last.number);
        match size {
            0..=8 => self.erase::<{ 8 + COUNT_LEN }>(last.at, size, count),
            9..=16 => self.erase::<{ 16 + COUNT_LEN }>(last.at, size, count),
            17..=SHORT => self.erase::<{ SHORT + COUNT_LEN }>(last.at, size, count),
            _ => self.erase::<{ MAX_WIDTH + COUNT_LEN }>(last.at, size, count),
        }
        self.root().count_on_heap(-1, -(size as i64));
        self.run.cut(self.len());
    }

    /// Writes a count, and zeros over the rest of a value and its count, which have at most `N`
    /// bytes.
    #[inline(always)]
    fn erase<const N: usize>(&self, at: PageOffset, size: usize, count: [u8; COUNT_LEN]) {
        let mut bytes = [0; N];
        copy(bytes.split_at_mut(COUNT_LEN).0, &count);
        self.root().pager().write_value(at, bytes.split_at(size + COUNT_LEN).0);
    }

    /// Returns `true` if the last array counts its values, or shall do so from now on, since a
    /// value was added or removed at the same end before. `change` is 1 or -1.
    pub(crate) fn shall_count(&self, last: &Leaf, change: i64) -> bool {
        let end = self.end();
        let before = self.worked_at.replace(end.wrapping_add_signed(change));
        self.counting.get().page == last.page || before == end
    }

    /// Lets the last array count its values, and caches it.
    pub(crate) fn count_in(&self, last: &Leaf, width: usize) -> Result<()> {
        let (pager, count) = (self.root().pager(), self.end().saturating_sub(last.start));
        if count == 0 || count > capacity(width) {
            return Err(self.root().damaged(last.page, Damage::LengthMismatch));
        }
        let at = array::ARRAY_AT + count as usize * width;
        if self.counting.get().page == last.page {
            let mut found = [0; COUNT_LEN];
            pager.read(last.page, at, &mut found)?;
            if found != array::count(count) || self.counting.get().start != last.start {
                return Err(self.root().damaged(last.page, Damage::ArrayCount));
            }
        } else {
            let mut rest = vec![0; PAGE_SIZE - at];
            copy(rest.split_at_mut(COUNT_LEN).0, &array::count(count));
            pager.write(last.page, at, &rest)?;
            self.uncount()?;
            self.set_counting(Counting { page: last.page, start: last.start })?;
        }
        self.cache_tail(last.page, last.start, width)
    }

    /// Caches the last array.
    pub(crate) fn cache_tail(&self, page: PageNumber, start: u64, width: usize) -> Result<()> {
        let first = start.wrapping_sub(self.first.get());
        self.tail.set(self.root().pager(), page, 1, width, first, capacity(width))
    }

    /// Records that an array counts its values. The root's counts must be up to date, and the count
    /// written.
    pub(crate) fn set_counting(&self, array: Counting) -> Result<()> {
        let count = self.end().saturating_sub(array.start) as u16;
        let record = LastArray { page: array.page.into(), start: array.start.into(), count: count.into() };
        self.root().write_extra(LAST_AT, record.as_bytes())?;
        self.counting.set(array);
        Ok(())
    }

    /// Brings the root's counts up to date. From then on no array counts its values.
    pub(crate) fn uncount(&self) -> Result<()> {
        if self.counting.get().page.is_none() {
            return Ok(());
        }
        self.root().write_extra(LAST_AT, PageNumber::NONE.to_le_bytes().as_slice())?;
        self.root().write_counts();
        self.counting.set(Counting::default());
        self.tail.forget();
        Ok(())
    }

    /// Checks the count of the last array.
    pub(crate) fn verify_count(&self, last: &Leaf) -> Result<()> {
        let counting = self.counting.get();
        if counting.page.is_none() {
            return Ok(());
        }
        let (count, width) = self.root().pager().count_array(counting.page)?;
        let is_last = (counting.page, counting.start) == (last.page, last.start);
        if is_last && last.end.checked_sub(last.start) == Some(count) && count <= capacity(width) {
            return Ok(());
        }
        Err(self.root().damaged(counting.page, Damage::ArrayCount))
    }
}
