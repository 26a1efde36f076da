//! Keys of `candid::Nat` and `candid::Int` (feature `candid`): the number of bytes, then the bytes.

use candid::{Int, Nat};
use num_bigint::{BigInt, BigUint, Sign};

use super::magnitude::{read_magnitude, write_magnitude};
use super::numbers::left;
use super::{KeyBuf, StableKey};
use crate::layout::{Invalid, Layout, StableLayout};

fn write(number: &BigUint, out: &mut KeyBuf) {
    // Zero has no bytes.
    let bytes = if number.bits() == 0 { Vec::new() } else { number.to_bytes_be() };
    write_magnitude(&bytes, out);
}

fn read(bytes: &mut &[u8]) -> Result<BigUint, Invalid> {
    read_magnitude(bytes).map(BigUint::from_bytes_be)
}

/// Orders keys by number.
impl StableKey for Nat {
    const KEY: &'static Layout = <Nat as StableLayout>::LAYOUT;

    fn write_key(&self, out: &mut KeyBuf, _: bool) {
        write(&self.0, out);
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        read(bytes).map(Nat)
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
        write(self.0.magnitude(), out);
        if negative {
            out.invert(start);
        }
    }

    fn read_key(bytes: &mut &[u8], _: bool) -> Result<Self, Invalid> {
        if bool::read_key(bytes, false)? {
            return Ok(Int(BigInt::from(read(bytes)?)));
        }
        let inverted: Vec<u8> = bytes.iter().map(|byte| !byte).collect();
        let mut rest = inverted.as_slice();
        let magnitude = read(&mut rest)?;
        if magnitude.bits() == 0 {
            return Err(Invalid("a zero is negative"));
        }
        *bytes = left(bytes, rest.len())?;
        Ok(Int(BigInt::from_biguint(Sign::Minus, magnitude)))
    }
}
