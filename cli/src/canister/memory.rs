//! The memory of a live canister as commands read that of an image: on demand, in slices that are
//! kept.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};

use graven_core::Memory;

use super::parts::Parts;
use super::transport::Transport;
use crate::failure::Failure;

const WASM_PAGE: u64 = 65_536;

/// The bytes of a slice. A call costs the network more than these bytes.
const SLICE: u64 = 65_536;

/// The slices that are asked for at once when the one before them was read last.
const AHEAD: u64 = 4;

/// The number of slices that are kept: 64 MiB.
const KEPT: usize = 1_024;

/// The memory. A memory cannot return errors, so the first one is kept for [`LiveMemory::error`].
pub(crate) struct LiveMemory<T> {
    parts: Parts<T>,
    len: u64,
    slices: RefCell<Slices>,
    error: RefCell<Option<Failure>>,
    /// `true` after the first error. Nothing is asked for then.
    has_failed: Cell<bool>,
}

#[derive(Default)]
struct Slices {
    by_number: HashMap<u64, Box<[u8]>>,
    /// The numbers of the slices, the first read first.
    order: VecDeque<u64>,
    /// The number of the slice after those that were read last.
    next: u64,
}

impl<T: Transport> LiveMemory<T> {
    /// Opens the memory of a canister, whose first slice it reads.
    pub(crate) fn open(parts: Parts<T>) -> Result<LiveMemory<T>, Failure> {
        let part = parts.read(0, SLICE as u32)?;
        let mut slices = Slices::default();
        let len = part.memory_bytes;
        slices.add(0, &part.bytes);
        Ok(LiveMemory {
            parts,
            len,
            slices: slices.into(),
            error: RefCell::default(),
            has_failed: Cell::new(false),
        })
    }

    /// Returns the first error.
    pub(crate) fn error(&self) -> Option<Failure> {
        self.error.borrow_mut().take()
    }

    fn fail(&self, failure: Failure) {
        if !self.has_failed.replace(true) {
            *self.error.borrow_mut() = Some(failure);
        }
    }

    fn read_in_slice(&self, number: u64, inside: usize, out: &mut [u8]) -> Result<(), Failure> {
        let mut slices = self.slices.borrow_mut();
        if !slices.by_number.contains_key(&number) {
            let count = if number == slices.next { AHEAD } else { 1 };
            let part = self.parts.read(number * SLICE, (count * SLICE) as u32)?;
            slices.add(number, &part.bytes);
        }
        let bytes = slices.by_number.get(&number).and_then(|slice| slice.get(inside..inside + out.len()));
        let bytes = bytes.ok_or_else(|| Failure::Canister("its memory ends too early".to_owned()))?;
        out.copy_from_slice(bytes);
        Ok(())
    }
}

impl Slices {
    /// Adds the slices of a part from one on, in place of the oldest.
    fn add(&mut self, first: u64, bytes: &[u8]) {
        self.next = first;
        for slice in bytes.chunks(SLICE as usize) {
            if self.by_number.insert(self.next, slice.into()).is_none() {
                self.order.push_back(self.next);
            }
            self.next += 1;
        }
        while self.order.len() > KEPT {
            let oldest = self.order.pop_front();
            oldest.and_then(|number| self.by_number.remove(&number));
        }
    }
}

impl<T: Transport> Memory for LiveMemory<T> {
    fn size(&self) -> u64 {
        self.len / WASM_PAGE
    }

    fn grow(&self, _: u64) -> i64 {
        -1
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        let (mut at, mut rest) = (offset, out);
        while !rest.is_empty() {
            let (number, inside) = (at / SLICE, (at % SLICE) as usize);
            let len = rest.len().min(SLICE as usize - inside);
            let (piece, after) = rest.split_at_mut(len);
            let read = (!self.has_failed.get()).then(|| self.read_in_slice(number, inside, piece));
            if !matches!(read, Some(Ok(()))) {
                piece.fill(0);
            }
            if let Some(Err(failure)) = read {
                self.fail(failure);
            }
            (at, rest) = (at + len as u64, after);
        }
    }

    fn write(&self, _: u64, _: &[u8]) {
        self.fail(Failure::Canister("a look does not write".to_owned()));
    }
}
