//! The heap. The children of the value at position p are at 8p + 1 to 8p + 8, and none of them is
//! greater. Values that move are read first, then all are written.

use crate::queue::path::CHILDREN;
use std::cmp::Ordering;

use graven_core::key::StableKey;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::At;
use crate::engine::cell::compare;
use crate::queue::PriorityQueue;
use crate::queue::handles::HANDLE;
use crate::queue::handles::Handle;
use crate::queue::moves::{Held, Move, Moves};

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "a difference from the length is in the slice")]
pub(super) fn key_of(element: &[u8]) -> &[u8] {
    &element[..element.len().saturating_sub(HANDLE)]
}

/// Returns the index of a value's handle.
#[inline]
pub(super) fn handle_of(element: &[u8]) -> u32 {
    element.last_chunk().map_or(u32::MAX, |handle| u32::from_le_bytes(*handle))
}

#[inline]
pub(super) fn order(a: &[u8], b: &[u8]) -> Ordering {
    compare(key_of(a), key_of(b))
}

/// Returns `true` if eight bytes come before others. In words read little-endian, the lowest byte
/// that differs decides, so a shift makes it the highest one. There is no branch, since it would be
/// unpredictable.
#[inline(always)]
fn is_less_word(a: &[u8; 8], b: &[u8; 8]) -> bool {
    let (a, b) = (u64::from_le_bytes(*a), u64::from_le_bytes(*b));
    let shift = ((a ^ b).trailing_zeros() & 56) ^ 56;
    a << shift < b << shift
}

pub(super) fn parent(place: u64) -> Option<u64> {
    place.checked_sub(1).map(|place| place / CHILDREN)
}

/// A heap position, and its address if that is known.
type Place = (u64, Option<At>);

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// Returns the bytes of the value at a heap position.
    pub(super) fn at(&self, place: u64) -> Result<Vec<u8>> {
        let found = self.heap.get(place, |found| self.bytes(found))?;
        found.ok_or_else(|| self.broken(Damage::HandleMismatch))
    }

    /// Adds a value and returns its handle. Finds its position first, then creates the handle and
    /// writes.
    pub(super) fn add(&self, key: &[u8]) -> Result<Handle> {
        self.with_moves(|moves| {
            let end = self.len();
            let element = moves.begin_with(key);
            let (place, location) = self.rise(moves, (end, None), &element)?;
            let handle = self.handles.create(place)?;
            moves.set_handle(&element, handle.index());
            let added = if self.heap.is_uniform() {
                self.add_short(moves, (place, location), element)
            } else {
                self.add_any(moves, (place, location), element)
            };
            match added {
                Ok(()) => Ok(handle),
                Err(error) => self.handles.remove(handle.index()).and(Err(error)),
            }
        })
    }

    /// Writes a new value and those that move for it. Only the value at the end may need a page, so
    /// it is written first.
    #[inline]
    fn add_short(&self, moves: &mut Moves, to: Place, element: Held) -> Result<()> {
        let end = self.len();
        let (at_end, others) = match moves.all().split_first() {
            Some((first, others)) => (first.held, others),
            None => (element, moves.all()),
        };
        self.heap.push_back(moves.bytes(&at_end))?;
        if to.0 != end {
            self.handles.set_place(handle_of(moves.bytes(&at_end)), end)?;
            self.write(moves, others)?;
            self.write_value(to.0, to.1, moves.bytes(&element))?;
        }
        Ok(())
    }

    /// Adds a new value at the end, then moves it to its position.
    #[inline(never)]
    fn add_any(&self, moves: &mut Moves, to: Place, element: Held) -> Result<()> {
        let end = self.len();
        self.heap.push_back(moves.bytes(&element))?;
        if to.0 == end {
            return Ok(());
        }
        moves.put(to.0, None, element);
        let written = self.write_or_put_back(moves, &element);
        written.or_else(|error| self.heap.remove_at(end).and(Err(error)))
    }

    /// Replaces the value at a heap position and moves the new one to its position.
    pub(super) fn put(&self, place: u64, key: &[u8], handle: u32) -> Result<()> {
        self.with_moves(|moves| {
            let element = moves.begin_with(key);
            moves.set_handle(&element, handle);
            let old = if self.heap.is_uniform() { None } else { Some(self.read(moves, place)?) };
            self.settle(moves, (place, None), old, element, self.len())
        })
    }

    /// Removes and returns the value at a heap position, which the last value replaces.
    pub(super) fn take_at(&self, place: u64) -> Result<T> {
        self.with_moves(|moves| {
            let taken = self.read(moves, place)?;
            let last = self.len().saturating_sub(1);
            let value = self.decode_key(moves.bytes(&taken))?;
            let handle = handle_of(moves.bytes(&taken));
            if self.handles.place_of(handle)?.is_none() {
                return Err(self.broken(Damage::HandleMismatch));
            }
            if place != last {
                let moved = self.read(moves, last)?;
                self.settle(moves, (place, taken.location), Some(taken), moved, last)?;
            }
            self.heap.remove_at(last)?;
            self.handles.remove(handle)?;
            Ok(value)
        })
    }

    /// Moves a value from a heap position, where `old` is, to its position in a heap of `len`
    /// values. Moves those in its way.
    #[inline]
    fn settle(
        &self,
        moves: &mut Moves,
        from: Place,
        old: Option<Held>,
        element: Held,
        len: u64,
    ) -> Result<()> {
        let mut to = self.rise(moves, from, &element)?;
        if to.0 == from.0 {
            to = self.sink(moves, from, &element, len)?;
        }
        moves.put(to.0, to.1, element);
        match old {
            Some(old) if !self.heap.is_uniform() => self.write_or_put_back(moves, &old),
            _ => self.write(moves, moves.all()),
        }
    }

    /// Returns the position to which a value rises, and records the values that move down.
    #[inline]
    fn rise(&self, moves: &mut Moves, mut to: Place, element: &Held) -> Result<Place> {
        while let Some(above) = parent(to.0) {
            let other = self.read(moves, above)?;
            if !self.is_less(moves.bytes(&other), moves.bytes(element)) {
                break;
            }
            moves.put(to.0, to.1, other);
            to = (above, other.location);
        }
        Ok(to)
    }

    /// Returns the position to which a value sinks, and records the values that move up.
    #[inline]
    fn sink(&self, moves: &mut Moves, mut to: Place, element: &Held, len: u64) -> Result<Place> {
        while let Some((below, other)) = self.greatest_child(moves, to.0, len)? {
            if !self.is_less(moves.bytes(element), moves.bytes(&other)) {
                break;
            }
            moves.put(to.0, to.1, other);
            to = (below, other.location);
        }
        Ok(to)
    }

    #[inline]
    fn greatest_child(&self, moves: &mut Moves, place: u64, len: u64) -> Result<Option<(u64, Held)>> {
        let first = place.saturating_mul(CHILDREN).saturating_add(1);
        let end = first.saturating_add(CHILDREN).min(len);
        let (mut greatest, mut next) = (None, first);
        while next < end {
            // Adjacent values are read at once.
            let (run, count) = self.read_run(moves, next, end - next)?;
            let best = self.greatest_of(moves.run(&run, count as usize), count as usize);
            let held = run.nth(best);
            let is_greater = match &greatest {
                Some((_, other)) => self.is_less(moves.bytes(other), moves.bytes(&held)),
                None => true,
            };
            if is_greater {
                greatest = Some((next + best as u64, held));
            }
            next += count;
        }
        Ok(greatest)
    }

    /// Returns the index of the greatest of `count` adjacent values.
    #[inline(always)]
    pub(super) fn greatest_of(&self, values: &[u8], count: usize) -> usize {
        let mut best = 0;
        if let Some(width) = Self::width() {
            let mut values = values.chunks_exact(width);
            let Some(mut greatest) = values.next() else { return 0 };
            for (value, n) in values.zip(1..count) {
                if self.is_less(greatest, value) {
                    (best, greatest) = (n, value);
                }
            }
        }
        best
    }

    /// Returns `true` if `a` is less than `b`.
    #[inline(always)]
    pub(super) fn is_less(&self, a: &[u8], b: &[u8]) -> bool {
        if let Some(width) = Self::width()
            && let (Some(a), Some(b)) = (a.get(..width - HANDLE), b.get(..width - HANDLE))
        {
            if let (Ok(a), Ok(b)) = (a.try_into(), b.try_into()) {
                return is_less_word(a, b);
            }
            return compare(a, b).is_lt();
        }
        order(a, b).is_lt()
    }

    /// Returns the size of a value with its handle, if all have the same.
    #[inline(always)]
    pub(super) fn width() -> Option<usize> {
        T::KEY_SIZE.map(|size| size + HANDLE)
    }

    /// Reads the value at a heap position.
    #[inline]
    fn read(&self, moves: &mut Moves, place: u64) -> Result<Held> {
        self.read_run(moves, place, 1).map(|(run, _)| run)
    }

    /// Reads adjacent values from a heap position on, at most `count`. Returns the first one and
    /// their number.
    #[inline]
    fn read_run(&self, moves: &mut Moves, place: u64, count: u64) -> Result<(Held, u64)> {
        if let Some(width) = Self::width()
            && let Some((location, count)) = self.heap.run_at(place, count, width)?
            && count > 0
        {
            let (held, room) = moves.take(width, count as usize);
            self.heap.root().pager().read(location.page, location.at, room)?;
            return Ok((held.at(location), count));
        }
        let held = self.heap.get(place, |found| Ok(moves.keep(&found.read(self.heap.root().pager())?)))?;
        held.map(|held| (held, 1)).ok_or_else(|| self.broken(Damage::HandleMismatch))
    }

    /// Writes values to their positions, and the positions to their handles.
    #[inline]
    fn write(&self, moves: &Moves, which: &[Move]) -> Result<()> {
        for Move { place, location, held } in which {
            let element = moves.bytes(held);
            self.write_value(*place, *location, element)?;
            self.handles.set_place(handle_of(element), *place)?;
        }
        Ok(())
    }

    /// Writes moved values whose lengths differ, which may need pages. `old` is the value at the
    /// first position. At each other position is the value that moves to the position before it. If
    /// memory is exhausted, all values are put back. This needs no pages, since nothing becomes
    /// larger than it was.
    #[inline(never)]
    #[expect(clippy::indexing_slicing, reason = "`back` and the one before it are below `done`")]
    fn write_or_put_back(&self, moves: &Moves, old: &Held) -> Result<()> {
        let all = moves.all();
        for (done, Move { place, held, .. }) in all.iter().enumerate() {
            if let Err(error) = self.write_value(*place, None, moves.bytes(held)) {
                for back in (0..done).rev() {
                    let before = back.checked_sub(1).map_or(old, |before| &all[before].held);
                    self.write_value(all[back].place, None, moves.bytes(before))?;
                }
                return Err(error);
            }
        }
        let set = |moved: &Move| self.handles.set_place(handle_of(moves.bytes(&moved.held)), moved.place);
        all.iter().try_for_each(set)
    }

    #[inline]
    fn write_value(&self, place: u64, location: Option<At>, element: &[u8]) -> Result<()> {
        match location {
            Some(location) => self.heap.root().pager().write(location.page, location.at, element),
            None => self.heap.set(place, element, |_| Ok(())).map(drop),
        }
    }

    /// Calls `work` with the buffer for moves.
    #[inline]
    fn with_moves<R>(&self, work: impl FnOnce(&mut Moves) -> R) -> R {
        let mut moves = self.moves.take();
        moves.clear();
        let result = work(&mut moves);
        self.moves.set(moves);
        result
    }
}
