//! The heap: below the value at place p are those at 4p + 1 to 4p + 4, none of them greater. What moves is read
//! first; then all is written.

use std::cmp::Ordering;

use graven_core::key::StableKey;
use graven_core::{Memory, Result};

use super::{HANDLE, PriorityQueue};
use crate::btree_map::cell::compare;

const CHILDREN: u64 = 4;

/// The bytes of a value: its key, then the index of its handle.
pub(super) fn element(key: &[u8], handle: u32) -> Vec<u8> {
    let mut element = Vec::with_capacity(key.len() + HANDLE);
    element.extend_from_slice(key);
    element.extend_from_slice(&u64::from(handle).to_le_bytes());
    element
}

pub(super) fn key_of(element: &[u8]) -> &[u8] {
    &element[..element.len().saturating_sub(HANDLE)]
}

/// The index of a value's handle.
pub(super) fn handle_of(element: &[u8]) -> u32 {
    let handle = element.last_chunk().map_or(u64::MAX, |handle| u64::from_le_bytes(*handle));
    u32::try_from(handle).unwrap_or(u32::MAX)
}

pub(super) fn order(a: &[u8], b: &[u8]) -> Ordering {
    compare(key_of(a), key_of(b))
}

pub(super) fn parent(place: u64) -> Option<u64> {
    place.checked_sub(1).map(|place| place / CHILDREN)
}

/// A value and the place that it is to have.
type Move = (u64, Vec<u8>);

impl<T: StableKey, M: Memory> PriorityQueue<T, M> {
    /// The bytes of the value at a place.
    pub(super) fn at(&self, place: u64) -> Result<Vec<u8>> {
        let found = self.heap.get(place, |found| self.bytes(found))?;
        found.ok_or_else(|| self.broken("a value is not where its handle says"))
    }

    /// Puts a value at the end of the heap, then where it belongs.
    pub(super) fn put_last(&self, key: &[u8], handle: u32) -> Result<()> {
        let (place, element) = (self.len(), element(key, handle));
        let moves = self.rise(place, element.clone())?;
        self.heap.push_back(&element)?;
        self.handles.set_place(handle, place)?;
        self.write(if moves.len() > 1 { moves } else { Vec::new() })
    }

    /// Puts a value in the place of another one, then where it belongs.
    pub(super) fn put(&self, place: u64, element: Vec<u8>) -> Result<()> {
        let rises = match parent(place) {
            Some(parent) => order(&self.at(parent)?, &element).is_lt(),
            None => false,
        };
        let moves = if rises { self.rise(place, element)? } else { self.sink(place, element, self.len())? };
        self.write(moves)
    }

    /// Takes the value at a place out; the last one takes its place.
    pub(super) fn take_at(&self, place: u64) -> Result<T> {
        let taken = self.at(place)?;
        let value = self.decode_key(&taken)?;
        let last = self.len() - 1;
        if place != last {
            let moved = self.at(last)?;
            let rises = match parent(place) {
                Some(parent) => order(&self.at(parent)?, &moved).is_lt(),
                None => false,
            };
            let moves = if rises { self.rise(place, moved)? } else { self.sink(place, moved, last)? };
            self.write(moves)?;
        }
        self.heap.remove_at(last)?;
        self.handles.remove(handle_of(&taken))?;
        Ok(value)
    }

    /// Where values go when one rises from a place.
    fn rise(&self, mut place: u64, element: Vec<u8>) -> Result<Vec<Move>> {
        let mut moves = Vec::new();
        while let Some(above) = parent(place) {
            let other = self.at(above)?;
            if order(&other, &element).is_ge() {
                break;
            }
            moves.push((place, other));
            place = above;
        }
        moves.push((place, element));
        Ok(moves)
    }

    /// Where values go when one sinks from a place, in a heap of so many.
    fn sink(&self, mut place: u64, element: Vec<u8>, len: u64) -> Result<Vec<Move>> {
        let mut moves = Vec::new();
        while let Some((below, other)) = self.greatest_child(place, len)? {
            if order(&element, &other).is_ge() {
                break;
            }
            moves.push((place, other));
            place = below;
        }
        moves.push((place, element));
        Ok(moves)
    }

    fn greatest_child(&self, place: u64, len: u64) -> Result<Option<Move>> {
        let first = place.saturating_mul(CHILDREN).saturating_add(1);
        let end = first.saturating_add(CHILDREN).min(len);
        let mut greatest: Option<Move> = None;
        let mut next = first;
        let width = T::KEY_SIZE.map_or(0, |size| size + HANDLE);
        let mut run = [0; 4 * 64];
        while next < end {
            let room = (end - next) as usize * width;
            let read = match run.get_mut(..room).filter(|room| !room.is_empty()) {
                Some(room) => self.heap.get_run(next, room)?,
                None => 0,
            };
            if read == 0 {
                replace_if_greater(&mut greatest, next, &self.at(next)?);
            }
            for (i, element) in run[..read * width].chunks_exact(width.max(1)).enumerate() {
                replace_if_greater(&mut greatest, next + i as u64, element);
            }
            next += read.max(1) as u64;
        }
        Ok(greatest)
    }

    /// Writes values to their places, and the places to their handles.
    fn write(&self, moves: Vec<Move>) -> Result<()> {
        for (place, element) in moves {
            self.heap.set(place, &element, |_| Ok(()))?;
            self.handles.set_place(handle_of(&element), place)?;
        }
        Ok(())
    }
}

fn replace_if_greater(greatest: &mut Option<Move>, place: u64, element: &[u8]) {
    if greatest.as_ref().is_none_or(|(_, greatest)| order(greatest, element).is_lt()) {
        *greatest = Some((place, element.to_vec()));
    }
}
