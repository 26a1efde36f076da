//! The memory of a live canister in slices, which are read on demand.

use std::cell::RefCell;
use std::io;

use graven_core::explore::MAX_PART_LEN;

use super::{CanisterError, Parts, Transport};
use crate::Slices;

/// The bytes of a slice that is worth a call. A call costs the network more than these bytes.
pub const SLICE: u32 = 65_536;

/// The memory of a canister in slices.
#[derive(Debug)]
pub struct LiveSlices<T> {
    parts: Parts<T>,
    memory_bytes: u64,
    last: RefCell<Received>,
    /// The first failure. Nothing is asked for after it.
    failure: RefCell<Option<CanisterError>>,
}

/// The bytes that were received last.
#[derive(Debug)]
struct Received {
    start: u64,
    bytes: Vec<u8>,
}

impl<T: Transport> LiveSlices<T> {
    /// Reads the first slice of a canister's memory.
    ///
    /// # Errors
    /// Those of [`Parts::read`].
    pub fn open(parts: Parts<T>) -> Result<Self, CanisterError> {
        let part = parts.read(0, SLICE)?;
        let last = RefCell::new(Received { start: 0, bytes: part.bytes });
        Ok(LiveSlices { parts, memory_bytes: part.memory_bytes, last, failure: RefCell::default() })
    }

    /// Returns the size of the memory in bytes.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Returns the first reason why the canister did not answer. Nothing is read after it.
    #[must_use]
    pub fn failure(&self) -> Option<CanisterError> {
        self.failure.borrow().clone()
    }

    /// Fills the beginning of `out` with the bytes from an offset on. Returns their number, which
    /// is not 0. Where slices are read one after another, several are asked for at once.
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<usize, CanisterError> {
        let mut last = self.last.borrow_mut();
        let end = last.start + last.bytes.len() as u64;
        if !(last.start..end).contains(&offset) {
            let wanted = u32::try_from(out.len()).unwrap_or(u32::MAX);
            let part = self.parts.read(offset, if offset == end { MAX_PART_LEN } else { wanted })?;
            *last = Received { start: offset, bytes: part.bytes };
        }
        let there = last.bytes.get((offset - last.start) as usize..).unwrap_or_default();
        let len = there.len().min(out.len());
        if len == 0 {
            return Err(CanisterError::other("its memory ends too early"));
        }
        out[..len].copy_from_slice(&there[..len]);
        Ok(len)
    }
}

impl<T: Transport> Slices for LiveSlices<T> {
    fn read_at(&self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() && self.failure.borrow().is_none() {
            match self.read_some(offset, out) {
                Ok(len) => (out, offset) = (&mut out[len..], offset + len as u64),
                Err(failure) => *self.failure.borrow_mut() = Some(failure),
            }
        }
        if out.is_empty() { Ok(()) } else { Err(io::Error::other("the canister did not answer")) }
    }
}
