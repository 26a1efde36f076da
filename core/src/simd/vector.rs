//! The instructions of WebAssembly.

use core::arch::wasm32::{
    i8x16_shuffle, u8x16_bitmask, u8x16_eq, u8x16_splat, u64x2_extract_lane, u64x2_splat, v128,
};

use super::LANES;

/// Sixteen bytes.
#[derive(Debug, Clone, Copy)]
pub struct Lanes(v128);

impl Lanes {
    /// Takes the bytes in their order.
    #[inline(always)]
    #[must_use]
    pub fn new(bytes: &[u8; LANES]) -> Self {
        Lanes(zerocopy::transmute!(*bytes))
    }

    /// Returns a mask with a bit for each byte that is `byte`. Bit 0 is that of the first one.
    #[inline(always)]
    #[must_use]
    pub fn equal(self, byte: u8) -> u32 {
        u32::from(u8x16_bitmask(u8x16_eq(self.0, u8x16_splat(byte))))
    }

    /// Returns a mask with a bit for each byte whose highest bit is set.
    #[inline(always)]
    #[must_use]
    pub fn high(self) -> u32 {
        u32::from(u8x16_bitmask(self.0))
    }
}

/// Returns a number with its bytes reversed, in 7 instructions.
#[inline(always)]
#[must_use]
pub fn reversed(number: u64) -> u64 {
    let both = u64x2_splat(number);
    u64x2_extract_lane::<0>(i8x16_shuffle::<7, 6, 5, 4, 3, 2, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0>(both, both))
}
