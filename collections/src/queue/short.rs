//! Fast paths that push and pop short values of one size. They find all values that move and the
//! rows of their handles in the caches first, so nothing can fail once the first of them is
//! written. All other cases and all errors are left to the other files.

use graven_core::key::StableKey;
use graven_core::page::PageOffset;
use graven_core::simd::copy;
use graven_core::{Memory, Result};

use crate::engine::array::{Slot, View};
use crate::queue::PriorityQueue;
use crate::queue::handles::HANDLE;
use crate::queue::handles::{Handle, ROW, Row};
use crate::queue::heap::handle_of;
use crate::queue::path::{CHILDREN, Step};

/// Largest size of a short value with its handle.
const SHORT: usize = 64;

/// The place of the row of a new value.
enum RowAt {
    /// In place of a free one. `next` is the next free row.
    Free { at: PageOffset, next: u32 },
    /// After all others.
    Behind(Slot),
}

/// A row for a new value.
struct NewRow {
    index: u32,
    row: Row,
    at: RowAt,
}

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// Returns the size of values with their handles, if it is fixed and short.
    #[inline(always)]
    fn short() -> Option<usize> {
        Self::width().filter(|width| *width <= SHORT)
    }

    /// Adds a value if everything that moves is cached. Returns `None` otherwise.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "steps name values that the buffer has room for")]
    pub(super) fn add_at_hand(&self, key: &[u8]) -> Option<Result<Handle>> {
        let width = Self::short().filter(|width| key.len() + HANDLE == *width)?;
        let end = u32::try_from(self.len()).ok().filter(|end| *end < u32::MAX)?;
        let (end_at, pager) = (self.heap.end_with_room(width)?, self.heap.root().pager());
        let (heap, rows) = (self.heap.view()?, self.handles.rows.view()?);
        let way = &mut *self.way.borrow_mut();
        way.begin(width);
        let (element, others) = way.bytes.split_at_mut_checked(width)?;
        copy(&mut element[..key.len()], key);
        let mut to = end;
        for (n, other) in others.chunks_exact_mut(width).enumerate() {
            let Some(place) = to.checked_sub(1).map(|below| below / CHILDREN as u32) else { break };
            let at = heap.find(place.into(), 1, width)?;
            pager.read_value(at, other);
            if !self.is_less(other, element) {
                break;
            }
            way.rows.push(rows.find(handle_of(other).into(), 1, ROW)?);
            way.steps.push(Step { place, at, held: n * width });
            to = place;
        }
        let NewRow { index, row, at: row_at } = self.row_for(&rows, to)?;
        element[key.len()..].copy_from_slice(&index.to_le_bytes());
        // Writes the value at the end first, then those on the path.
        let (mut place, mut at) = (end, None);
        for (step, row) in way.steps.iter().zip(&way.rows) {
            self.put_at(at, end_at, &others[step.held..step.held + width]);
            pager.write_value(*row, &place.to_le_bytes());
            (place, at) = (step.place, Some(step.at));
        }
        self.put_at(at, end_at, element);
        let handle = Handle::new(index, row.number);
        match row_at {
            RowAt::Behind(room) => {
                self.handles.rows.put_behind(room, &row.bytes());
                Some(Ok(handle))
            }
            RowAt::Free { at, next } => {
                pager.write_value(at, &row.bytes());
                Some(self.handles.set_free(next.into()).map(|()| handle))
            }
        }
    }

    /// Writes a value to an address, or after all others.
    #[inline(always)]
    fn put_at(&self, at: Option<PageOffset>, end: Slot, element: &[u8]) {
        match at {
            Some(at) => self.heap.root().pager().write_value(at, element),
            None => self.heap.put_behind(end, element),
        }
    }

    /// Returns a row for a value at a heap position, if its address is cached.
    #[inline(always)]
    fn row_for(&self, rows: &View<'_>, place: u32) -> Option<NewRow> {
        let Some(index) = self.handles.free().checked_sub(1) else {
            let room = self.handles.rows.end_with_room(ROW)?;
            let index = u32::try_from(self.handles.rows.len()).ok().filter(|index| *index < u32::MAX)?;
            return Some(NewRow { index, row: self.handles.new_row(place), at: RowAt::Behind(room) });
        };
        let at = rows.find(index, 1, ROW)?;
        let row = self.read_row(at);
        let at = RowAt::Free { at, next: row.place };
        let found = NewRow { index: index as u32, row: row.taken(place), at };
        if row.is_used() { None } else { Some(found) }
    }

    #[inline(always)]
    fn read_row(&self, at: PageOffset) -> Row {
        let mut bytes = [0; ROW];
        self.heap.root().pager().read_value(at, &mut bytes);
        Row::of(bytes)
    }

    /// Removes and returns the first value if everything that moves is cached. Returns `None`
    /// otherwise.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "steps name values that the buffer has room for")]
    pub(super) fn pop_at_hand(&self) -> Option<Result<T>> {
        let width = Self::short()?;
        let last = self.len().checked_sub(1)?;
        if last == 0 || last > u64::from(u32::MAX) {
            return None;
        }
        let (heap, rows) = (self.heap.view()?, self.handles.rows.view()?);
        let (way, pager) = (&mut *self.way.borrow_mut(), self.heap.root().pager());
        way.begin(width);
        let (taken, others) = way.bytes.split_at_mut_checked(width)?;
        let (moved, others) = others.split_at_mut_checked(width)?;
        let top = heap.find(0, 1, width)?;
        pager.read_value(top, taken);
        pager.read_value(heap.find(last, 1, width)?, moved);
        let value = self.decode_key(taken).ok()?;
        let freed = handle_of(taken);
        let freed_at = rows.find(freed.into(), 1, ROW)?;
        let row = self.read_row(freed_at);
        if !row.is_used() {
            return None;
        }
        self.descend(&heap, &mut way.steps, others, last as u32, width)?;
        // The last value goes below all values on the path that are not less than it.
        while let Some(step) = way.steps.last()
            && self.is_less(others.get(step.held..step.held + width)?, moved)
        {
            way.steps.pop();
        }
        for step in &way.steps {
            way.rows.push(rows.find(handle_of(&others[step.held..step.held + width]).into(), 1, ROW)?);
        }
        let moved_row = rows.find(handle_of(moved).into(), 1, ROW)?;
        let end = self.heap.last_value(width)?;
        let (mut place, mut at) = (0u32, top);
        for (step, row) in way.steps.iter().zip(&way.rows) {
            pager.write_value(at, &others[step.held..step.held + width]);
            pager.write_value(*row, &place.to_le_bytes());
            (place, at) = (step.place, step.at);
        }
        pager.write_value(at, moved);
        pager.write_value(moved_row, &place.to_le_bytes());
        let row = row.freed(self.handles.free() as u32);
        pager.write_value(freed_at, &row.bytes());
        self.heap.drop_last(end, width);
        Some(self.handles.note_freed(freed, row).map(|()| value))
    }

    /// Records the path from the first value down along the greatest children, in a heap of `len`
    /// values. Going to the end and then back up takes fewer comparisons than a check at every
    /// level, since the last value usually belongs near the end.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "`count` is at most `CHILDREN`")]
    fn descend(
        &self,
        heap: &View<'_>,
        steps: &mut Vec<Step>,
        buffer: &mut [u8],
        len: u32,
        width: usize,
    ) -> Option<()> {
        let mut place = 0u64;
        for (level, room) in buffer.chunks_exact_mut(CHILDREN as usize * width).enumerate() {
            let first = place * CHILDREN + 1;
            let count = u64::from(len).saturating_sub(first).min(CHILDREN);
            if count == 0 {
                return Some(());
            }
            let children = &mut room[..count as usize * width];
            let run = heap.find(first, count, width);
            match run {
                Some(at) => self.heap.root().pager().read_value(at, children),
                None => self.read_each(heap, first, children, width)?,
            }
            let best = self.greatest_of(children, count as usize) as u64;
            place = first + best;
            let at = match run {
                Some(at) => at.nth(best, width),
                None => heap.find(place, 1, width)?,
            };
            let held = (level * CHILDREN as usize + best as usize) * width;
            steps.push(Step { place: place as u32, at, held });
        }
        None
    }

    /// Reads adjacent values that are not in one array.
    #[inline(never)]
    fn read_each(&self, heap: &View<'_>, first: u64, out: &mut [u8], width: usize) -> Option<()> {
        for (value, index) in out.chunks_exact_mut(width).zip(first..) {
            self.heap.root().pager().read_value(heap.find(index, 1, width)?, value);
        }
        Some(())
    }
}
