//! Layouts of text, arrays, durations and principals.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use core::time::Duration;

use ic_principal::Principal;

use super::kinds::{ByKind, array_of_bytes, decode_vec, slice_bytes};
use super::record::{RecordReader, RecordWriter, head_size};
use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};
use crate::simd;

impl StableLayout for String {
    const LAYOUT: &'static Layout = &Layout::String;

    #[inline]
    fn encoded_len(&self) -> usize {
        self.len()
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        simd::copy(out, self.as_bytes());
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        decode_vec(bytes.to_vec())
    }

    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::string(input)
    }
}

#[expect(clippy::arithmetic_side_effects, reason = "constants, from which no array overflows a `u32`")]
impl<T: StableLayout, const N: usize> StableLayout for [T; N] {
    const LAYOUT: &'static Layout = &Layout::Array(T::LAYOUT, N as u32);
    const HISTORY: &'static History = &History::Array(T::HISTORY, N as u32);

    #[inline]
    fn encoded_len(&self) -> usize {
        match Self::SIZE {
            Some(size) => size,
            None => self.iter().map(|item| item.encoded_len().saturating_add(4)).sum(),
        }
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        if let Some(bytes) = slice_bytes(self) {
            return simd::copy(out, bytes);
        }
        let mut writer = RecordWriter::new(out, N * head_size(T::SIZE));
        self.iter().for_each(|item| writer.field(item));
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        if let Some(array) = array_of_bytes(bytes) {
            return Ok(array);
        }
        let mut reader = RecordReader::new(bytes, N * head_size(T::SIZE))?;
        let array = try_array(|_| reader.field())?;
        reader.finish()?;
        Ok(array)
    }

    #[inline(always)]
    fn by_kind<S: ByKind>(input: S::In<Self>) -> S::Out<Self> {
        S::array(input)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        let Some([inner]) = plan.parts() else { return Self::decode(bytes) };
        let head = N * head_size(inner.size);
        let mut reader = RecordReader::new(bytes, head)?;
        let array = try_array(|_| reader.old_field(inner))?;
        reader.finish()?;
        Ok(array)
    }
}

/// Makes an array element by element without allocating, like the unstable
/// `core::array::try_from_fn`.
#[inline]
#[expect(clippy::unreachable, reason = "an element is `None` only after a failure")]
pub(crate) fn try_array<T, const N: usize>(
    mut make: impl FnMut(usize) -> Result<T, Invalid>,
) -> Result<[T; N], Invalid> {
    let mut failed = None;
    let slots: [Option<T>; N] = core::array::from_fn(|i| match failed {
        Some(_) => None,
        None => make(i).map_err(|why| failed = Some(why)).ok(),
    });
    match failed {
        Some(why) => Err(why),
        None => Ok(slots.map(|slot| slot.unwrap_or_else(|| unreachable!("no element failed")))),
    }
}

/// Encodes the seconds as `u64`, then the nanoseconds as `u32` below 1,000,000,000.
impl StableLayout for Duration {
    const LAYOUT: &'static Layout = &Layout::Duration;

    #[inline]
    fn encoded_len(&self) -> usize {
        12
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        (self.as_secs(), self.subsec_nanos()).encode(out);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        match <(u64, u32)>::decode(bytes)? {
            (seconds, nanos @ 0..1_000_000_000) => Ok(Duration::new(seconds, nanos)),
            _ => Err(Invalid("a duration has a second or more of nanoseconds")),
        }
    }
}

/// Returns the encoding of a principal, as a value and as a key.
#[inline]
#[expect(clippy::indexing_slicing, reason = "a principal has at most 29 bytes")]
pub(crate) fn padded(principal: &Principal) -> [u8; 30] {
    let bytes = principal.as_slice();
    let mut padded = [0; 30];
    padded[0] = bytes.len() as u8;
    simd::copy(&mut padded[1..=bytes.len()], bytes);
    padded
}

/// Encodes the length in one byte, then 29 bytes padded with zeros. A key has the same bytes.
impl StableLayout for Principal {
    const LAYOUT: &'static Layout = &Layout::Principal;

    #[inline]
    fn encoded_len(&self) -> usize {
        30
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        simd::copy(out, &padded(self));
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        let bad = Invalid("a principal has a length or padding it cannot have");
        let bytes: &[u8; 30] = bytes.try_into().map_err(|_| bad)?;
        let (used, padding) = bytes[1..].split_at_checked(bytes[0] as usize).ok_or(bad)?;
        if !simd::is_zero(padding) {
            return Err(bad);
        }
        Ok(Principal::from_slice(used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::encode;

    fn round_trip<T: StableLayout + PartialEq + core::fmt::Debug>(value: T) {
        let bytes = encode(&value);
        assert_eq!(T::decode(&bytes).unwrap(), value);
        for cut in 0..bytes.len() {
            let _ = T::decode(&bytes[..cut]);
        }
    }

    #[test]
    fn values_come_back() {
        round_trip(String::from("Zürich"));
        round_trip(vec![1u8, 2, 3]);
        round_trip(vec![String::from("a"), String::new(), String::from("ccc")]);
        round_trip([Some(1u16), None]);
        round_trip([String::from("x"), String::from("yz")]);
        round_trip(Some(Some(String::new())));
        round_trip(Some(None::<String>));
        round_trip(Ok::<u8, u64>(7));
        round_trip(Err::<u8, String>("no".into()));
        round_trip(Box::new((1u8, vec![2u16])));
        round_trip(Duration::new(5, 999_999_999));
        round_trip(Principal::from_slice(&[1, 2, 3]));
        round_trip(Principal::management_canister());
    }

    #[test]
    fn an_absent_value_of_constant_size_takes_its_place() {
        assert_eq!(encode(&None::<u32>), [0; 5]);
        assert_eq!(encode(&Ok::<u8, u32>(9)), [0, 9, 0, 0, 0]);
    }

    #[test]
    fn padding_that_is_not_zero_is_an_error() {
        assert!(Option::<u16>::decode(&[0, 0, 1]).is_err());
        assert!(Result::<u8, u32>::decode(&[0, 9, 1, 0, 0]).is_err());
    }
}
