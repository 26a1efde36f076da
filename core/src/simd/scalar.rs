//! Sixteen bytes as two words of 64 bits.

use super::LANES;

const HIGH: u64 = 0x8080_8080_8080_8080;
/// Moves the low bits of eight bytes, each to its own bit of the highest byte.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// Sixteen bytes.
#[derive(Debug, Clone, Copy)]
pub struct Lanes([u64; 2]);

impl Lanes {
    /// Takes the bytes in their order.
    #[inline(always)]
    #[must_use]
    pub fn new(bytes: &[u8; LANES]) -> Self {
        let both = u128::from_le_bytes(*bytes);
        Lanes([both as u64, (both >> 64) as u64])
    }

    /// Returns a mask with a bit for each byte that is `byte`. Bit 0 is that of the first one.
    #[inline(always)]
    #[must_use]
    pub fn equal(self, byte: u8) -> u32 {
        let wanted = u64::from(byte).wrapping_mul(0x0101_0101_0101_0101);
        let Lanes([low, high]) = self;
        Lanes([zeros(low ^ wanted), zeros(high ^ wanted)]).high()
    }

    /// Returns a mask with a bit for each byte whose highest bit is set.
    #[inline(always)]
    #[must_use]
    pub fn high(self) -> u32 {
        let Lanes([low, high]) = self;
        gathered(low) | gathered(high) << 8
    }
}

/// Returns a word with the high bit of every zero byte set.
#[inline(always)]
const fn zeros(word: u64) -> u64 {
    // The sum of the lower bits reaches the high bit unless they are all 0. No byte carries.
    !((word & !HIGH).wrapping_add(!HIGH) | word)
}

/// Returns the high bits of the eight bytes of a word.
#[inline(always)]
const fn gathered(word: u64) -> u32 {
    ((word & HIGH) >> 7).wrapping_mul(GATHER).wrapping_shr(56) as u32
}

/// Returns a number with its bytes reversed, in 21 wasm instructions. A product exchanges the bytes
/// of each pair, then rotations exchange the pairs. Without vectors, wasm has no instruction for
/// `u64::swap_bytes`, which takes 38, and the compiler replaces every form that it recognizes by
/// those.
#[inline(always)]
#[must_use]
pub const fn reversed(number: u64) -> u64 {
    if !cfg!(target_arch = "wasm32") {
        return number.swap_bytes();
    }
    by_product(number)
}

#[inline(always)]
const fn by_product(number: u64) -> u64 {
    let differences = (number ^ number >> 8) & 0x00ff_00ff_00ff_00ff;
    let pairs = number ^ differences.wrapping_mul(0x0101);
    pairs.rotate_left(16) & 0x0000_ffff_0000_ffff | pairs.rotate_left(48) & 0xffff_0000_ffff_0000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> impl Iterator<Item = u64> {
        let mut number = 1u64;
        (0..64).flat_map(move |bit| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(bit);
            [number, 1 << bit, u64::MAX << bit, 0xff << (bit & !7), 0]
        })
    }

    #[test]
    fn bytes_are_reversed_by_a_product_as_by_std() {
        for number in numbers() {
            assert_eq!(by_product(number), number.swap_bytes(), "{number:x}");
            assert_eq!(reversed(number), number.swap_bytes(), "{number:x}");
        }
    }

    #[test]
    fn masks_are_those_of_a_look_at_each_byte() {
        let mask = |bytes: &[u8; LANES], is: &dyn Fn(u8) -> bool| {
            (0..LANES).filter(|lane| is(bytes[*lane])).fold(0, |mask, lane| mask | 1 << lane)
        };
        for (low, high) in numbers().zip(numbers().skip(7)) {
            let bytes: [u8; LANES] = (u128::from(high) << 64 | u128::from(low)).to_le_bytes();
            let lanes = Lanes::new(&bytes);
            assert_eq!(lanes.high(), mask(&bytes, &|byte| byte > 127), "{bytes:x?}");
            for wanted in bytes.into_iter().chain([0, 1, 127, 128, 129, 255]) {
                assert_eq!(lanes.equal(wanted), mask(&bytes, &|byte| byte == wanted), "{bytes:x?}");
            }
        }
    }
}
