//! The heap. The children of the value at position p are at 8p + 1 to 8p + 8, and none of them is
//! greater. All values that move are read and the rows of their handles found before the first
//! write. After that only values of several sizes can fail, which may need pages.

use std::cmp::Ordering;

use graven_core::key::StableKey;
use graven_core::page::PageOffset;
use graven_core::simd::reversed;
use graven_core::{Damage, Memory, Result};

use crate::engine::array::Sequence;
use crate::engine::cell::compare;
use crate::queue::PriorityQueue;
use crate::queue::handles::{HANDLE, Handle};
use crate::queue::moves::{Held, Move, Moves, Place};

const CHILDREN: u64 = 8;

#[inline(always)]
#[expect(clippy::indexing_slicing, reason = "a difference from the length is in the slice")]
pub(super) fn key_of(element: &[u8]) -> &[u8] {
    &element[..element.len().saturating_sub(HANDLE)]
}

/// Returns the index of a value's handle.
#[inline(always)]
pub(super) fn handle_of(element: &[u8]) -> u32 {
    element.last_chunk().map_or(u32::MAX, |handle| u32::from_le_bytes(*handle))
}

#[inline]
pub(super) fn order(a: &[u8], b: &[u8]) -> Ordering {
    compare(key_of(a), key_of(b))
}

/// Returns a key of eight bytes as a number in the same order.
#[inline(always)]
fn number(element: &[u8]) -> u64 {
    reversed(element.first_chunk().map_or(0, |key| u64::from_le_bytes(*key)))
}

#[inline(always)]
pub(super) fn parent(place: u64) -> Option<u64> {
    place.checked_sub(1).map(|place| place / CHILDREN)
}

/// Returns the bytes of the value at a heap position.
pub(super) fn element_at<M: Memory>(heap: &Sequence<M>, place: u64) -> Result<Vec<u8>> {
    let root = heap.root();
    let found = heap.get(place, |found| Ok(found.read(root.pager())?.into_owned()))?;
    found.ok_or_else(|| root.damaged(root.page(), Damage::HandleMismatch))
}

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// The size of a value with its handle, if all have the same.
    const WIDTH: Option<usize> = match T::KEY_SIZE {
        Some(size) => Some(size + HANDLE),
        None => None,
    };

    /// `true` if keys have eight bytes, which are compared as numbers.
    const IS_NUMBER: bool = matches!(T::KEY_SIZE, Some(8));

    /// Adds a value and returns its handle.
    #[inline]
    pub(super) fn add(&self, key: &[u8]) -> Result<Handle> {
        let moves = &mut *self.moves.borrow_mut();
        moves.clear();
        let end = self.handles.checked(self.len())?;
        let element = moves.begin_with(key, 0);
        let to = self.rise(moves, Place::unknown(end.into()), element)?;
        self.find_rows(moves)?;
        let handle = self.handles.create(to.number as u32)?;
        moves.set_handle(element, handle.index());
        moves.put(to, element);
        // Values of one size need no page but at the end, so the value there is written first.
        let at_end = moves.all.first().filter(|_| self.heap.is_uniform() || moves.all.len() == 1);
        let (at_end, done) = at_end.map_or((element, 0), |first| (first.held, 1));
        let added = self.heap.push_sized(moves.bytes(at_end, Self::WIDTH), Self::WIDTH);
        let written = match added {
            Ok(()) => self
                .write_values(moves, done, element)
                .or_else(|error| self.heap.remove_at(end.into()).and(Err(error))),
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            let row = self.handles.used_row(handle.index())?;
            self.handles.remove(handle.index(), row)?;
            return Err(error);
        }
        // The row of the new value is right already.
        if let Some((_, others)) = moves.all.split_last() {
            self.write_rows(others);
        }
        Ok(handle)
    }

    /// Returns the number of values. Positions have 32 bits, so their arithmetic cannot overflow.
    #[inline(always)]
    fn checked_len(&self) -> Result<u64> {
        let len = self.len();
        if len < u64::from(u32::MAX) { Ok(len) } else { Err(self.broken(Damage::HandleMismatch)) }
    }

    /// Replaces the value at a heap position and moves the new one to its position.
    pub(super) fn put(&self, place: u64, key: &[u8], handle: u32) -> Result<()> {
        let moves = &mut *self.moves.borrow_mut();
        moves.clear();
        let (from, old) = self.read(moves, place)?;
        let element = moves.begin_with(key, handle);
        self.settle(moves, from, old, element, self.checked_len()?)
    }

    /// Removes and returns the value at a heap position, which the last value replaces.
    #[inline]
    pub(super) fn take_at(&self, place: u64) -> Result<T> {
        let moves = &mut *self.moves.borrow_mut();
        moves.clear();
        let (from, taken) = self.read(moves, place)?;
        let last = self.checked_len()?.saturating_sub(1);
        let value = self.decode_key(moves.bytes(taken, Self::WIDTH))?;
        let handle = handle_of(moves.bytes(taken, Self::WIDTH));
        let row = self.handles.used_row(handle)?;
        if place != last {
            let (_, moved) = self.read(moves, last)?;
            self.settle(moves, from, taken, moved, last)?;
        }
        self.heap.pop_back(Self::WIDTH)?;
        self.handles.remove(handle, row)?;
        Ok(value)
    }

    /// Moves a value from a heap position, where `old` is, to its position in a heap of `len`
    /// values. Moves those in its way.
    #[inline(always)]
    fn settle(&self, moves: &mut Moves, from: Place, old: Held, element: Held, len: u64) -> Result<()> {
        let mut to = self.rise(moves, from, element)?;
        if to.number == from.number {
            to = self.sink(moves, from, element, len)?;
        }
        moves.put(to, element);
        self.find_rows(moves)?;
        self.write_values(moves, 0, old)?;
        self.write_rows(&moves.all);
        Ok(())
    }

    /// Returns the position to which a value rises, and records the values that move down.
    #[inline(always)]
    fn rise(&self, moves: &mut Moves, mut to: Place, element: Held) -> Result<Place> {
        while let Some(above) = parent(to.number) {
            let (from, other) = self.read(moves, above)?;
            if !self.is_less(moves, other, element) {
                break;
            }
            moves.put(to, other);
            to = from;
        }
        Ok(to)
    }

    /// Returns the position to which a value sinks, and records the values that move up. Going down
    /// to the end along the greatest children and then back up takes fewer comparisons than one at
    /// each level, since the value comes from the end and usually belongs near it.
    #[inline(always)]
    fn sink(&self, moves: &mut Moves, mut to: Place, element: Held, len: u64) -> Result<Place> {
        while let Some((from, other)) = self.greatest_child(moves, to.number, len)? {
            moves.put(to, other);
            to = from;
        }
        while let Some(Move { to: above, held, .. }) = moves.all.last().copied()
            && !self.is_less(moves, element, held)
        {
            moves.all.pop();
            to = above;
        }
        Ok(to)
    }

    /// Returns the greatest child of a heap position in a heap of `len` values.
    #[inline(always)]
    fn greatest_child(&self, moves: &mut Moves, place: u64, len: u64) -> Result<Option<(Place, Held)>> {
        let first = place * CHILDREN + 1;
        if first >= len {
            return Ok(None);
        }
        let count = CHILDREN.min(len - first);
        let found = Self::WIDTH.and_then(|width| self.heap.find_run(first, count, width));
        match found {
            Some((at, inside)) if inside == count => {
                let held = self.read_at(moves, at, count);
                Ok(Some(self.greatest_of(moves, Place { number: first, at }, held, count)))
            }
            _ => self.greatest_of_each(moves, first, first + count),
        }
    }

    /// Returns the greatest of some values that are not in one array.
    #[inline(never)]
    fn greatest_of_each(&self, moves: &mut Moves, mut next: u64, end: u64) -> Result<Option<(Place, Held)>> {
        let mut greatest: Option<(Place, Held)> = None;
        while next < end {
            let (first, held, count) = self.read_slowly(moves, next, end - next)?;
            let (place, held) = self.greatest_of(moves, first, held, count);
            if greatest.is_none_or(|(_, other)| self.is_less(moves, other, held)) {
                greatest = Some((place, held));
            }
            next += count;
        }
        Ok(greatest)
    }

    /// Returns the greatest of `count` adjacent values that were read together.
    #[inline(always)]
    fn greatest_of(&self, moves: &Moves, first: Place, held: Held, count: u64) -> (Place, Held) {
        let Some(width) = Self::WIDTH else { return (first, held) };
        let values = moves.bytes(held, Some(width * count as usize));
        let best = if count == CHILDREN {
            // The number of values is a constant here, so no counter is needed.
            Self::index_of_greatest(values.split_at(CHILDREN as usize * width).0, width)
        } else {
            Self::index_of_greatest(values, width)
        };
        let at = first.at.nth(best as u64, width);
        (Place { number: first.number + best as u64, at }, held.nth(best))
    }

    #[inline(always)]
    fn index_of_greatest(values: &[u8], width: usize) -> usize {
        let (mut best, mut values) = (0, values.chunks_exact(width).enumerate());
        let Some((_, mut greatest)) = values.next() else { return best };
        if Self::IS_NUMBER {
            let mut greatest = number(greatest);
            for (n, value) in values {
                let value = number(value);
                if value > greatest {
                    (best, greatest) = (n, value);
                }
            }
            return best;
        }
        for (n, value) in values {
            if order(greatest, value).is_lt() {
                (best, greatest) = (n, value);
            }
        }
        best
    }

    /// Returns `true` if `a` is less than `b`.
    #[inline(always)]
    fn is_less(&self, moves: &Moves, a: Held, b: Held) -> bool {
        let [a, b] = [a, b].map(|held| moves.bytes(held, Self::WIDTH));
        if Self::IS_NUMBER { number(a) < number(b) } else { order(a, b).is_lt() }
    }

    /// Reads the value at a heap position.
    #[inline(always)]
    fn read(&self, moves: &mut Moves, number: u64) -> Result<(Place, Held)> {
        let found = Self::WIDTH.and_then(|width| self.heap.find_listed(number, width));
        let Some((at, _)) = found else {
            return self.read_slowly(moves, number, 1).map(|(place, held, _)| (place, held));
        };
        Ok((Place { number, at }, self.read_at(moves, at, 1)))
    }

    /// Reads adjacent values from an address on.
    #[inline(always)]
    fn read_at(&self, moves: &mut Moves, at: PageOffset, count: u64) -> Held {
        let (held, room) = moves.take(Self::WIDTH.unwrap_or(0), count as usize);
        self.heap.root().pager().read_value(at, room);
        held
    }

    /// Reads adjacent values from a heap position on, at most `count`. Their address is not cached,
    /// or they are not in arrays. Returns the first one and their number.
    #[inline(never)]
    fn read_slowly(&self, moves: &mut Moves, number: u64, count: u64) -> Result<(Place, Held, u64)> {
        if let Some(width) = Self::WIDTH
            && let Some((at, count)) = self.heap.locate_run(number, count, width)?
            && count > 0
        {
            return Ok((Place { number, at }, self.read_at(moves, at, count), count));
        }
        let held = self.heap.get(number, |found| Ok(moves.keep(&found.read(self.heap.root().pager())?)))?;
        let held = held.ok_or_else(|| self.broken(Damage::HandleMismatch))?;
        if Self::WIDTH.is_some_and(|width| moves.bytes(held, None).len() != width) {
            return Err(self.broken(Damage::WrongValueSize));
        }
        Ok((Place::unknown(number), held, 1))
    }

    /// Finds the rows of the handles of all values that move.
    #[inline(always)]
    fn find_rows(&self, moves: &mut Moves) -> Result<()> {
        moves.find_rows(Self::WIDTH, |element| self.handles.address(handle_of(element).into()))
    }

    /// Writes the positions of values to their rows, which were found.
    #[inline(always)]
    fn write_rows(&self, moves: &[Move]) {
        for Move { to, row, .. } in moves {
            self.heap.root().pager().write_value(*row, &(to.number as u32).to_le_bytes());
        }
    }

    /// Writes values to their positions, except for the first `done` of them. `old` is the value at
    /// the first position. If memory is exhausted, all values are put back. This needs no pages,
    /// since nothing becomes larger than it was.
    #[inline(always)]
    fn write_values(&self, moves: &Moves, done: usize, old: Held) -> Result<()> {
        for (n, Move { to, held, .. }) in moves.all.iter().enumerate().skip(done) {
            let bytes = moves.bytes(*held, Self::WIDTH);
            if to.at == PageOffset::default() {
                self.write_any(moves, done..n, old, (to.number, bytes))?;
            } else {
                self.heap.root().pager().write_value(to.at, bytes);
            }
        }
        Ok(())
    }

    /// Writes a value that is not in an array, or puts those before it back.
    #[inline(never)]
    #[expect(clippy::indexing_slicing, reason = "`back` and the one before it are in `done`")]
    fn write_any(
        &self,
        moves: &Moves,
        done: core::ops::Range<usize>,
        old: Held,
        (place, bytes): (u64, &[u8]),
    ) -> Result<()> {
        let set = |place, bytes: &[u8]| self.heap.set(place, bytes, |_| Ok(())).map(drop);
        let Err(error) = set(place, bytes) else { return Ok(()) };
        for back in done.rev() {
            let before = back.checked_sub(1).map_or(old, |before| moves.all[before].held);
            set(moves.all[back].to.number, moves.bytes(before, Self::WIDTH))?;
        }
        Err(error)
    }
}
