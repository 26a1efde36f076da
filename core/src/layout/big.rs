//! Layouts of `candid::Nat` and `candid::Int` (feature `candid`): little-endian, in as few bytes as
//! possible.

use candid::{Int, Nat};
use num_bigint::{BigInt, BigUint};

use super::{Invalid, Layout, StableLayout};

/// Encodes the number little-endian, in as few bytes as possible. Zero takes no bytes.
impl StableLayout for Nat {
    const LAYOUT: &'static Layout = &Layout::Opaque { codec: "nat" };

    fn encoded_len(&self) -> usize {
        self.0.bits().div_ceil(8) as usize
    }

    fn encode(&self, out: &mut [u8]) {
        // `to_bytes_le` returns one byte for zero, which takes none here.
        let bytes = self.0.to_bytes_le();
        out.copy_from_slice(bytes.split_at(out.len()).0);
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        if bytes.last() == Some(&0) {
            return Err(Invalid("a number has more bytes than it needs"));
        }
        Ok(Nat(BigUint::from_bytes_le(bytes)))
    }
}

/// Encodes the number in two's complement, little-endian, in as few bytes as possible. Zero takes
/// no bytes.
impl StableLayout for Int {
    const LAYOUT: &'static Layout = &Layout::Opaque { codec: "int" };

    fn encoded_len(&self) -> usize {
        signed(&self.0).len()
    }

    fn encode(&self, out: &mut [u8]) {
        out.copy_from_slice(&signed(&self.0));
    }

    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let number = BigInt::from_signed_bytes_le(bytes);
        if signed(&number) != bytes {
            return Err(Invalid("a number has more bytes than it needs"));
        }
        Ok(Int(number))
    }
}

fn signed(number: &BigInt) -> Vec<u8> {
    if number.bits() == 0 { Vec::new() } else { number.to_signed_bytes_le() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    #[test]
    fn natural_numbers_take_as_few_bytes_as_they_need() {
        let big = Nat(BigUint::from(1u8) << 800);
        for (number, bytes) in [
            (Nat::from(0u8), vec![]),
            (Nat::from(255u8), vec![255]),
            (Nat::from(256u16), vec![0, 1]),
            (big, [vec![0; 100], vec![1]].concat()),
        ] {
            assert_eq!(encode(&number), bytes);
            assert_eq!(<Nat as StableLayout>::decode(&bytes), Ok(number));
        }
        assert!(<Nat as StableLayout>::decode(&[1, 0]).is_err());
        assert!(<Nat as StableLayout>::decode(&[0]).is_err());
    }

    #[test]
    fn integers_take_as_few_bytes_as_they_need() {
        for (number, bytes) in [
            (0i64, vec![]),
            (1, vec![1]),
            (-1, vec![0xff]),
            (127, vec![127]),
            (128, vec![128, 0]),
            (-128, vec![128]),
            (-129, vec![0x7f, 0xff]),
        ] {
            assert_eq!(encode(&Int::from(number)), bytes);
            assert_eq!(<Int as StableLayout>::decode(&bytes), Ok(Int::from(number)));
        }
        assert!(<Int as StableLayout>::decode(&[0]).is_err());
        assert!(<Int as StableLayout>::decode(&[1, 0]).is_err());
        assert!(<Int as StableLayout>::decode(&[0xff, 0xff]).is_err());
    }
}
