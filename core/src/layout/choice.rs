//! Layouts of `Option` and `Result`: a byte for the variant, then the value.

// Damaged numbers must not overflow a sum or a product: see CONTRIBUTING.
#![deny(clippy::arithmetic_side_effects)]

use super::{Invalid, Layout, StableLayout};
use crate::evolution::{History, Plan};
use crate::simd;

/// Encodes a byte, which is 1 if there is a value, then the value. An absent value of constant size
/// is encoded as zeros.
impl<T: StableLayout> StableLayout for Option<T> {
    const LAYOUT: &'static Layout = &Layout::Option(T::LAYOUT);
    const HISTORY: &'static History = &History::Option(T::HISTORY);

    #[inline]
    fn encoded_len(&self) -> usize {
        match Self::SIZE {
            Some(size) => size,
            None => self.as_ref().map_or(0, T::encoded_len).saturating_add(1),
        }
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        let (tag, rest) = out.split_at_mut(1);
        tag.fill(u8::from(self.is_some()));
        match self {
            Some(value) => value.encode(rest),
            None => simd::clear(rest),
        }
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        decode_option(bytes, T::SIZE, T::decode)
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        match plan.parts() {
            Some([inner]) => decode_option(bytes, inner.size, |bytes| T::decode_old(inner, bytes)),
            _ => Self::decode(bytes),
        }
    }
}

#[inline]
fn decode_option<T>(
    bytes: &[u8],
    size: Option<usize>,
    decode: impl Fn(&[u8]) -> Result<T, Invalid>,
) -> Result<Option<T>, Invalid> {
    match (bytes.split_first(), size) {
        (Some((1, value)), _) => decode(value).map(Some),
        (Some((0, [])), None) => Ok(None),
        (Some((0, value)), Some(size)) if value.len() == size && simd::is_zero(value) => Ok(None),
        _ => Err(Invalid("an option is neither there nor absent")),
    }
}

/// Encodes a byte, 0 for `Ok` and 1 for `Err`, then the value. If both sizes are constant, zeros
/// follow up to the larger one.
impl<T: StableLayout, E: StableLayout> StableLayout for Result<T, E> {
    const LAYOUT: &'static Layout = &Layout::Result(T::LAYOUT, E::LAYOUT);
    const HISTORY: &'static History = &History::Result(T::HISTORY, E::HISTORY);

    #[inline]
    fn encoded_len(&self) -> usize {
        match (Self::SIZE, self) {
            (Some(size), _) => size,
            (None, Ok(value)) => value.encoded_len().saturating_add(1),
            (None, Err(value)) => value.encoded_len().saturating_add(1),
        }
    }

    #[inline]
    fn encode(&self, out: &mut [u8]) {
        let (tag, rest) = out.split_at_mut(1);
        tag.fill(u8::from(self.is_err()));
        let len = match self {
            Ok(value) => value.encoded_len(),
            Err(value) => value.encoded_len(),
        };
        let (place, padding) = rest.split_at_mut(len);
        match self {
            Ok(value) => value.encode(place),
            Err(value) => value.encode(place),
        }
        simd::clear(padding);
    }

    #[inline]
    fn decode(bytes: &[u8]) -> Result<Self, Invalid> {
        match tagged(bytes, T::SIZE, E::SIZE)? {
            (0, value) => T::decode(value).map(Ok),
            (_, value) => E::decode(value).map(Err),
        }
    }

    fn decode_old(plan: &Plan, bytes: &[u8]) -> Result<Self, Invalid> {
        let Some([ok, err]) = plan.parts() else { return Self::decode(bytes) };
        match tagged(bytes, ok.size, err.size)? {
            (0, value) => T::decode_old(ok, value).map(Ok),
            (_, value) => E::decode_old(err, value).map(Err),
        }
    }
}

/// Returns the tag of a result and its value without the padding.
#[inline]
fn tagged(bytes: &[u8], ok: Option<usize>, err: Option<usize>) -> Result<(u8, &[u8]), Invalid> {
    let (tag, value) = match bytes.split_first() {
        Some((tag @ 0..=1, value)) => (*tag, value),
        _ => return Err(Invalid("a result is neither Ok nor Err")),
    };
    let (Some(ok), Some(err)) = (ok, err) else { return Ok((tag, value)) };
    let size = if tag == 0 { ok } else { err };
    match value.split_at_checked(size).filter(|_| value.len() == ok.max(err)) {
        Some((value, padding)) if simd::is_zero(padding) => Ok((tag, value)),
        _ => Err(Invalid("a result has the wrong length or padding")),
    }
}
