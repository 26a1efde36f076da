//! The memory of a live canister as commands read that of an image: on demand, in slices that are
//! kept.

use std::cell::{Cell, RefCell};
use std::io;

use graven_core::Memory;
use graven_core::explore::MAX_PART_LEN;
use graven_look::{Image, Slices};

use super::parts::Parts;
use super::transport::Transport;
use crate::failure::Failure;

/// The bytes of a slice. A call costs the network more than these bytes.
const SLICE: u32 = 65_536;

/// The number of slices that are kept: 64 MiB.
const KEPT: usize = 1_024;

/// The memory. A memory cannot return errors, so the first one is kept for [`LiveMemory::error`].
pub(crate) struct LiveMemory<T>(Image<Remote<T>>);

/// The canister, and the first reason why it did not answer.
struct Remote<T> {
    parts: Parts<T>,
    last: RefCell<Received>,
    failure: RefCell<Option<Failure>>,
    /// `true` after the first failure. Nothing is asked for then.
    has_failed: Cell<bool>,
}

/// The bytes that were received last.
struct Received {
    start: u64,
    bytes: Vec<u8>,
}

impl<T: Transport> LiveMemory<T> {
    /// Opens the memory of a canister, whose first slice it reads.
    pub(crate) fn open(parts: Parts<T>) -> Result<LiveMemory<T>, Failure> {
        let part = parts.read(0, SLICE)?;
        let last = Received { start: 0, bytes: part.bytes }.into();
        let remote = Remote { parts, last, failure: RefCell::default(), has_failed: Cell::new(false) };
        let image = Image::new(remote, part.memory_bytes, SLICE, KEPT);
        image.map(LiveMemory).map_err(|error| Failure::Canister(error.to_string()))
    }

    /// Returns the first error.
    pub(crate) fn error(&self) -> Option<Failure> {
        // What an image says of a failure is that there was one.
        let other = self.0.error().map(|error| Failure::Canister(error.to_string()));
        self.0.slices().failure.take().or(other)
    }
}

impl<T: Transport> Remote<T> {
    /// Fills the beginning of `out` with the bytes from an offset on. Returns their number, which
    /// is not 0. Where slices are read one after another, several are asked for at once.
    fn read_some(&self, offset: u64, out: &mut [u8]) -> Result<usize, Failure> {
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
            return Err(Failure::Canister("its memory ends too early".to_owned()));
        }
        out[..len].copy_from_slice(&there[..len]);
        Ok(len)
    }
}

impl<T: Transport> Slices for Remote<T> {
    fn read_at(&self, mut offset: u64, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() && !self.has_failed.get() {
            match self.read_some(offset, out) {
                Ok(len) => (out, offset) = (&mut out[len..], offset + len as u64),
                Err(failure) => {
                    self.has_failed.set(true);
                    *self.failure.borrow_mut() = Some(failure);
                }
            }
        }
        if out.is_empty() { Ok(()) } else { Err(io::Error::other("the canister did not answer")) }
    }
}

impl<T: Transport> Memory for LiveMemory<T> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.0.grow(pages)
    }

    fn read(&self, offset: u64, out: &mut [u8]) {
        self.0.read(offset, out);
    }

    fn write(&self, offset: u64, bytes: &[u8]) {
        self.0.write(offset, bytes);
    }
}
