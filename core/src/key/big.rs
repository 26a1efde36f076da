//! Keys of `candid::Nat` and `candid::Int` (feature `candid`): the number of bytes, then the bytes.

use candid::{Int, Nat};
use num_bigint::{BigInt, BigUint, Sign};

use super::numbers::take;
use super::{KeyBuf, StableKey};
use crate::layout::{Invalid, Layout, StableLayout};

/// The byte that precedes a length of four bytes. Numbers of at least this many bytes have one.
const LONG: u8 = 0xff;

fn write_magnitude(number: &BigUint, out: &mut KeyBuf) {
    // Zero has no bytes.
    let bytes = number.to_bytes_be();
    let bytes = if number.bits() == 0 { &[] } else { bytes.as_slice() };
    match u8::try_from(bytes.len()) {
        Ok(len) if len < LONG => out.push([len]),
        // Keys are never this long, so the order of the longest numbers does not matter.
        _ => {
            out.push([LONG]);
            out.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        }
    }
    out.extend(bytes);
}

fn read_magnitude(bytes: &mut &[u8]) -> Result<BigUint, Invalid> {
    let len = match *take(bytes)? {
        [LONG] => match u32::from_be_bytes(*take(bytes)?) {
            len if len >= u32::from(LONG) => len as usize,
            _ => return Err(Invalid("a short number in a key has the length of a long one")),
        },
        [len] => usize::from(len),
    };
    let (number, rest) = bytes.split_at_checked(len).ok_or(Invalid("a number in a key ends early"))?;
    *bytes = rest;
    if number.first() == Some(&0) {
        return Err(Invalid("a number has more bytes than it needs"));
    }
    Ok(BigUint::from_bytes_be(number))
}

/// Orders keys by number.
impl StableKey for Nat {
    const KEY: &'static Layout = <Nat as StableLayout>::LAYOUT;

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        write_magnitude(&self.0, out);
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        read_magnitude(bytes).map(Nat)
    }
}

/// Orders keys by number. The encoding is a byte 1, then the number as a `Nat`. For a negative
/// number, it is a byte 0, then the inverted bytes of its absolute value as a `Nat`.
impl StableKey for Int {
    const KEY: &'static Layout = <Int as StableLayout>::LAYOUT;

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        let negative = self.0.sign() == Sign::Minus;
        out.push([u8::from(!negative)]);
        let start = out.len();
        write_magnitude(self.0.magnitude(), out);
        if negative {
            out.invert(start);
        }
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        if bool::read_key(bytes, false)? {
            return Ok(Int(BigInt::from(read_magnitude(bytes)?)));
        }
        let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        let mut rest = inverted.as_slice();
        let magnitude = read_magnitude(&mut rest)?;
        if magnitude.bits() == 0 {
            return Err(Invalid("a zero is negative"));
        }
        *bytes = bytes.get(bytes.len() - rest.len()..).ok_or(Invalid("a key ends early"))?;
        Ok(Int(-BigInt::from(magnitude)))
    }
}
