//! A fuse that blows at one of the calls of the user's code: functions of indexes, conversions,
//! defaults, and codecs of keys and fields that are written by hand.

use std::cell::Cell;

use graven::key::KeyBuf;
use graven::schema::{Invalid, Layout};
use graven::{StableKey, StableLayout};

/// The message of the panic.
pub(crate) const BLOWN: &str = "the fuse is blown";

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(u64::MAX) };
}

/// Lets this many calls pass. The next one panics, and so does each after it: a call while a panic
/// unwinds would end the test.
pub(crate) fn set(calls: u64) {
    LEFT.set(calls);
}

/// Returns the calls that may still pass.
pub(crate) fn left() -> u64 {
    LEFT.get()
}

/// A call of the user's code.
pub(crate) fn tick() {
    let left = LEFT.get().checked_sub(1);
    LEFT.set(left.expect(BLOWN));
}

/// Returns a value as it is, after a call of the user's code.
pub(crate) fn ticking<T>(value: T) -> T {
    tick();
    value
}

/// A number whose codecs, as a field and as a key, are the user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u32);

impl StableLayout for Id {
    const LAYOUT: &'static Layout = u32::LAYOUT;

    fn encoded_len(&self) -> usize {
        ticking(self.0.encoded_len())
    }

    fn encode(&self, out: &mut [u8]) {
        tick();
        self.0.encode(out);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        tick();
        u32::decode(bytes).map(Id)
    }
}

impl StableKey for Id {
    const KEY: &'static Layout = u32::KEY;

    fn write_key(&self, out: &mut KeyBuf, last: bool) {
        tick();
        self.0.write_key(out, last);
    }

    fn read_key(bytes: &mut &[u8], last: bool) -> Result<Self, Invalid> {
        tick();
        u32::read_key(bytes, last).map(Id)
    }
}
