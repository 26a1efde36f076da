//! Handles of values, and the heap position of each. An index is used again with another number, so
//! a handle never refers to a later value.

use graven_core::error::OrFail;
use graven_core::page::PageOffset;
use graven_core::store::{OnPage, Root};
use graven_core::{Damage, Error, Memory, Result};

use crate::codec::value::no_conversion;
use crate::engine::array::Sequence;
use crate::engine::cell::{StoredValue, ValueRef};

/// A reference to a value of a [`PriorityQueue`](super::PriorityQueue), which stays valid when the
/// value moves in it. It is stored or sent as the number that [`Handle::to_u64`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle {
    index: u32,
    number: u32,
}

impl Handle {
    /// Returns the handle as a number.
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        (self.number as u64) << 32 | self.index as u64
    }

    /// Returns the handle of a number. Any number is accepted. One that was not a handle refers to
    /// no value.
    #[must_use]
    pub const fn from_u64(handle: u64) -> Self {
        Handle { index: handle as u32, number: (handle >> 32) as u32 }
    }

    pub(super) const fn index(self) -> u32 {
        self.index
    }

    pub(super) const fn number(self) -> u32 {
        self.number
    }
}

/// Size of the index of a value's handle, which follows the value's key.
pub(crate) const HANDLE: usize = 4;

/// Size of a row: heap position (u32; in a free row 1 + the index of the next free one, or 0),
/// number (u32; odd while the row is used).
pub(super) const ROW: usize = 8;

/// Offset, in the bytes of the queue, of 1 + the index of the first free row, or 0 (u64).
const FREE_AT: usize = 64;

#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) place: u32,
    pub(super) number: u32,
}

impl Row {
    #[inline(always)]
    pub(super) fn of(bytes: [u8; ROW]) -> Row {
        let row = u64::from_le_bytes(bytes);
        Row { place: row as u32, number: (row >> 32) as u32 }
    }

    #[inline(always)]
    pub(super) fn bytes(self) -> [u8; ROW] {
        (u64::from(self.number) << 32 | u64::from(self.place)).to_le_bytes()
    }

    #[inline(always)]
    pub(super) fn is_used(self) -> bool {
        self.number % 2 == 1
    }

    /// Returns the row as it is once its value is removed.
    #[inline(always)]
    pub(super) fn freed(self, next: u32) -> Row {
        Row { place: next, number: self.number.wrapping_add(1) }
    }

    /// Returns the row as it is once a value uses it.
    #[inline(always)]
    pub(super) fn taken(self, place: u32) -> Row {
        Row { place, number: self.number.wrapping_add(1) }
    }

    fn read_found(found: StoredValue<'_>) -> Result<Row, Damage> {
        match found.value {
            ValueRef::Inline(bytes) => bytes.first_chunk().map(|bytes| Row::of(*bytes)),
            ValueRef::Overflow { .. } => None,
        }
        .ok_or(Damage::InvalidRow)
    }
}

/// All handles of a queue.
pub(crate) struct Handles<M> {
    pub(super) rows: Sequence<M>,
    free: core::cell::Cell<u64>,
}

impl<M: Memory> Handles<M> {
    /// Returns the handles of the queue of a root.
    #[track_caller]
    pub(crate) fn new(root: &Root<M>) -> Self {
        let second = root.second(Some(ROW)).or_fail();
        let mut free = [0; 8];
        // This cannot fail, since a checked root has a page.
        let _ = second.read_extra(FREE_AT, &mut free);
        let rows = Sequence::new(second, Some(ROW), no_conversion);
        Handles { rows, free: core::cell::Cell::new(u64::from_le_bytes(free)) }
    }

    pub(super) fn pages(&self) -> u32 {
        self.rows.root().state().pages.get()
    }

    /// Returns a new handle for a value at a heap position.
    #[inline]
    pub(super) fn create(&self, place: u32) -> Result<Handle> {
        if let Some(index) = self.free.get().checked_sub(1) {
            let (at, row) = self.locate(index)?;
            if row.is_used() {
                return Err(self.broken(Damage::HandleMismatch));
            }
            let used = row.taken(place);
            self.rows.root().pager().write_value(at, &used.bytes());
            self.set_free(row.place.into())?;
            return Ok(Handle { index: index as u32, number: used.number });
        }
        let index = self.checked(self.rows.len())?;
        let row = Row { place, number: self.highest() }.taken(place);
        self.rows.push_sized(&row.bytes(), Some(ROW))?;
        Ok(Handle { index, number: row.number })
    }

    /// Returns a number that fits a heap position or a row index. Both are less than `u32::MAX`,
    /// since free rows store 1 more.
    pub(super) fn checked(&self, number: u64) -> Result<u32> {
        match u32::try_from(number) {
            Ok(number) if number < u32::MAX => Ok(number),
            _ => Err(Error::OutOfMemory { pages: 1 }),
        }
    }

    /// Returns the highest number that a free row ever had, which is even. New rows continue from
    /// it, so handles from before a `clear` do not refer to later values.
    fn highest(&self) -> u32 {
        self.rows.dropped() as u32 & !1
    }

    /// Returns the address of the row of a value's handle, and that row.
    #[inline(always)]
    pub(super) fn used_row(&self, index: u32) -> Result<(PageOffset, Row)> {
        let (at, row) = self.locate(index.into())?;
        if row.is_used() { Ok((at, row)) } else { Err(self.broken(Damage::HandleMismatch)) }
    }

    /// Frees the handle with an index, whose row [`Handles::used_row`] has returned.
    #[inline(always)]
    pub(super) fn remove(&self, index: u32, (at, row): (PageOffset, Row)) -> Result<()> {
        let freed = row.freed(self.free.get() as u32);
        self.rows.root().pager().write_value(at, &freed.bytes());
        if freed.number > self.highest() {
            self.rows.set_dropped(freed.number.into())?;
        }
        self.set_free(u64::from(index) + 1)
    }

    pub(super) fn clear(&self) -> Result<()> {
        self.rows.clear()?;
        self.rows.set_dropped(self.highest().wrapping_add(2).into())?;
        self.set_free(0)
    }

    /// Returns the heap position of the value of a handle.
    pub(super) fn place(&self, handle: Handle) -> Result<Option<u64>> {
        let row = self.find(handle.index.into())?;
        Ok(row.filter(|row| row.is_used() && row.number == handle.number).map(|row| row.place.into()))
    }

    /// Returns the heap position of the value whose handle has an index.
    pub(super) fn place_of(&self, index: u32) -> Result<Option<u64>> {
        let row = self.find(index.into())?;
        Ok(row.filter(|row| row.is_used()).map(|row| row.place.into()))
    }

    /// Returns the handle with an index.
    pub(crate) fn handle(&self, index: u32) -> Result<Handle> {
        Ok(Handle { index, number: self.row(index.into())?.number })
    }

    /// Sets the heap position of the value whose handle has an index.
    pub(super) fn set_place(&self, index: u32, place: u64) -> Result<()> {
        let (at, row) = (self.address(index.into())?, self.checked(place)?);
        self.rows.root().pager().write_value(at, &row.to_le_bytes());
        Ok(())
    }

    fn find(&self, index: u64) -> Result<Option<Row>> {
        self.rows.get(index, |found| Row::read_found(found).on_page(self.rows.root(), found.page))
    }

    /// Returns the address of the row with an index.
    #[inline(always)]
    pub(super) fn address(&self, index: u64) -> Result<PageOffset> {
        match self.rows.find_listed(index, ROW) {
            Some((at, _)) => Ok(at),
            None => self.search(index),
        }
    }

    #[inline(never)]
    fn search(&self, index: u64) -> Result<PageOffset> {
        self.rows.locate(index, ROW)?.ok_or_else(|| self.broken(Damage::HandleMismatch))
    }

    /// Returns the address of the row with an index, and the row.
    #[inline(always)]
    fn locate(&self, index: u64) -> Result<(PageOffset, Row)> {
        let (at, mut bytes) = (self.address(index)?, [0; ROW]);
        self.rows.root().pager().read_value(at, &mut bytes);
        Ok((at, Row::of(bytes)))
    }

    fn row(&self, index: u64) -> Result<Row> {
        self.find(index)?.ok_or_else(|| self.broken(Damage::HandleMismatch))
    }

    fn write(&self, index: u64, row: Row) -> Result<()> {
        self.rows.root().pager().write_value(self.address(index)?, &row.bytes());
        Ok(())
    }

    #[inline(always)]
    pub(super) fn set_free(&self, free: u64) -> Result<()> {
        self.free.set(free);
        self.rows.root().write_extra(FREE_AT, &free.to_le_bytes())
    }

    /// Writes a row at an index, and rows with the number 0 before it if there are none.
    pub(super) fn fill_row(&self, index: u32, row: Row) -> Result<()> {
        while self.rows.len() <= u64::from(index) {
            self.rows.push_sized(&Row { place: 0, number: 0 }.bytes(), Some(ROW))?;
        }
        self.write(index.into(), row)
    }

    /// Links all rows that are not used. They get an even number, which new handles exceed.
    pub(super) fn free_rows(&self, number: u32) -> Result<()> {
        let mut next = 0;
        for index in (0..self.rows.len()).rev() {
            if !self.row(index)?.is_used() {
                self.write(index, Row { place: next, number })?;
                next = self.checked(index.saturating_add(1))?;
            }
        }
        self.rows.set_dropped(number.into())?;
        self.set_free(next.into())
    }

    /// Checks that as many handles are used as there are values, and that the others are free.
    pub(super) fn check_free(&self, len: u64) -> Result<()> {
        let mut used = 0;
        for index in 0..self.rows.len() {
            used += u64::from(self.row(index)?.is_used());
        }
        let (mut next, mut free) = (self.free.get(), 0);
        while let Some(index) = next.checked_sub(1) {
            let row = self.row(index)?;
            free += 1;
            if row.is_used() || free > self.rows.len() {
                return Err(self.broken(Damage::FreeHandles));
            }
            next = row.place.into();
        }
        if used == len && used + free == self.rows.len() {
            Ok(())
        } else {
            Err(self.broken(Damage::FreeHandles))
        }
    }

    fn broken(&self, reason: Damage) -> Error {
        self.rows.root().damaged(self.rows.root().page(), reason)
    }
}
