//! The bytes that an explorer reads: those of a file, or of a live canister.

use std::io;

use graven_look::Slices;
use graven_look::canister::{CanisterError, LiveSlices};

use crate::browser::Browser;
use crate::canister::Network;

/// A file that the browser has, or the memory of a canister.
pub(crate) enum Source<B> {
    File(B),
    Canister(Box<LiveSlices<Network<B>>>),
}

impl<B: Browser> Source<B> {
    /// Returns the first reason why a canister did not answer. It answers nothing after that.
    pub(crate) fn failure(&self) -> Option<CanisterError> {
        match self {
            Source::File(_) => None,
            Source::Canister(slices) => slices.failure(),
        }
    }
}

impl<B: Browser> Slices for Source<B> {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match self {
            Source::File(browser) => browser.read_at(offset, out),
            Source::Canister(slices) => slices.read_at(offset, out),
        }
    }
}
