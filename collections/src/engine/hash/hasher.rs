//! The hash of a key, computed from its encoded bytes and the map's seed. It never changes:
//! `docs/format.md` specifies it.
//!
//! A key of at most eight bytes is one word, which is mixed with the seed and the length by steps
//! that can be undone, the last ones of SplitMix64. So two such keys of one length never have the
//! same hash.
//!
//! A longer key is first compressed to one word by NH, the hash of UMAC (Black, Halevi, Krawczyk,
//! Krovetz, Rogaway: "UMAC: Fast and Secure Message Authentication", CRYPTO 1999): a sum of
//! products of 32 bits by 32 bits, each factor plus a number that is drawn from the seed. Two keys
//! of one length have the same sum for at most one of 2³² choices of these numbers, so nobody who
//! does not know the seed can make keys collide. A product is one instruction in wasm. Mixing each
//! word into a state, as hashes with seeds do, has differences of two words that cancel under every
//! seed.

use graven_core::simd;

use crate::engine::cell::Sizes;

/// Multiplier of the length, so that a key and the same key with zeros appended differ.
const LENGTH: u64 = 0x9e37_79b9_7f4a_7c15;
/// Multiplier of each word.
const WORD: u64 = 0xbf58_476d_1ce4_e5b9;
/// Multiplier of the last step.
const END: u64 = 0x94d0_49bb_1331_11eb;

/// The number of words whose summands are kept.
const KEPT: usize = 4;

/// A seed, and what is drawn from it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hasher {
    seed: u64,
    /// The summands of the first words.
    first: [u64; KEPT],
}

impl Hasher {
    pub(crate) fn new(seed: u64) -> Self {
        Hasher { seed, first: core::array::from_fn(|index| summands(seed, index)) }
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns the hash of a key's bytes.
    #[inline(always)]
    pub(crate) fn hash(&self, key: &[u8]) -> u64 {
        let number = |word: &[u8; 8]| u64::from_le_bytes(*word);
        let sum = match key.as_chunks::<8>() {
            ([], []) => return end(self.seed),
            ([], rest) => simd::word(rest),
            ([only], []) => number(only),
            (words, rest) => {
                let mut sum = 0u64;
                for (index, word) in words.iter().enumerate() {
                    sum = sum.wrapping_add(self.product(index, number(word)));
                }
                if !rest.is_empty() {
                    sum = sum.wrapping_add(self.product(words.len(), simd::word(rest)));
                }
                sum
            }
        };
        end(absorb(self.seed ^ (key.len() as u64).wrapping_mul(LENGTH), sum))
    }

    /// Returns [`Hasher::hash`], unrolled for key sizes that the compiler knows.
    #[inline(always)]
    pub(crate) fn hash_sized(&self, sizes: Sizes, key: &[u8]) -> u64 {
        macro_rules! unrolled {
            ($($size:literal)*) => {$(
                if sizes.key == Some($size) && let Ok(key) = <&[u8; $size]>::try_from(key) {
                    return self.hash(key);
                }
            )*};
        }
        unrolled!(8 16 24 32);
        self.hash(key)
    }

    /// Returns the product for a word: both halves plus their summands, modulo 2³².
    #[inline(always)]
    fn product(&self, index: usize, word: u64) -> u64 {
        let summands = self.first.get(index).copied().unwrap_or_else(|| summands(self.seed, index));
        let low = (word as u32).wrapping_add(summands as u32);
        let high = ((word >> 32) as u32).wrapping_add((summands >> 32) as u32);
        u64::from(low).wrapping_mul(high.into())
    }
}

/// Returns two numbers of 32 bits for a word: an output of SplitMix64.
const fn summands(seed: u64, index: usize) -> u64 {
    let state = seed.wrapping_add((index as u64).wrapping_add(1).wrapping_mul(LENGTH));
    let mixed = (state ^ state >> 30).wrapping_mul(WORD);
    end(mixed ^ mixed >> 27)
}

#[inline(always)]
const fn absorb(state: u64, word: u64) -> u64 {
    let mixed = state ^ word;
    let mixed = (mixed ^ mixed >> 30).wrapping_mul(WORD);
    mixed ^ mixed >> 27
}

#[inline(always)]
const fn end(state: u64) -> u64 {
    let mixed = state.wrapping_mul(END);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use crate::engine::hash::hasher::*;

    fn hash(seed: u64, key: &[u8]) -> u64 {
        Hasher::new(seed).hash(key)
    }

    const VECTORS: [(u64, &[u8], u64); 9] = [
        (0, &[], 0),
        (0, &[0; 8], 0xc584_133a_c916_ab3c),
        (0, &[0, 0, 0, 0, 0, 0, 0, 1], 0xc085_f238_f405_c99b),
        (0x0123_4567_89ab_cdef, &[0, 0, 0x1f, 0x41], 0x7ac9_5ecd_50ab_aa1c),
        (0x0123_4567_89ab_cdef, &[0, 0, 0, 0, 0, 0, 0x1f, 0x41], 0xef3d_70d0_2a6f_3b6c),
        (7, b"ab", 0xafb9_5503_3829_fd1e),
        (7, b"ab\0", 0x1aac_4122_9e10_2a88),
        (
            7,
            &[
                0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
                26, 27, 28, 29, 30, 31,
            ],
            0x60bc_6e4c_6527_dcc5,
        ),
        (7, "Zürich HB".as_bytes(), 0xe2dd_d2f2_ff1e_156b),
    ];

    #[test]
    fn hashes_are_those_of_the_format() {
        for (seed, key, expected) in VECTORS {
            let hasher = Hasher::new(seed);
            assert_eq!(hasher.hash(key), expected, "{key:?}: {:x}", hasher.hash(key));
            let sizes = Sizes { key: Some(key.len()), value: None };
            assert_eq!(hasher.hash_sized(sizes, key), expected, "{key:?}");
        }
    }

    /// Changing one bit of a key changes each bit of the hash about half of the time.
    #[test]
    fn every_bit_of_a_key_matters_to_every_bit_of_the_hash() {
        for len in [1, 4, 8, 9, 30, 32] {
            for bit in 0..len * 8 {
                let mut changed = [0u32; 64];
                for n in 0..400u64 {
                    let mut key: Vec<u8> = (0..len).map(|at| hash(n, &[at as u8]) as u8).collect();
                    let before = hash(1, &key);
                    key[bit / 8] ^= 1 << (bit % 8);
                    let difference = before ^ hash(1, &key);
                    (0..64).for_each(|at| changed[at] += (difference >> at & 1) as u32);
                }
                assert!(changed.iter().all(|count| (60..340).contains(count)), "{len} {bit} {changed:?}");
            }
        }
    }

    /// Consecutive keys, and keys that differ in few bits, are spread over buckets like random
    /// keys.
    #[test]
    fn keys_with_a_pattern_are_spread() {
        let patterns: [fn(u64) -> u64; 6] =
            [|n| n, |n| n << 20, |n| n << 50, |n| n * 1000, |n| n << 32 | n, |n| (n & 0xff) << 56 | n >> 8];
        for pattern in patterns {
            for seed in [0, 1, 0x9e37_79b9_7f4a_7c15] {
                for shift in [0, 20, 32, 46, 56] {
                    let mut counts = [0f64; 256];
                    (0..16_384).for_each(|n| {
                        counts[(hash(seed, &pattern(n).to_be_bytes()) >> shift & 255) as usize] += 1.0;
                    });
                    let chi: f64 = counts.iter().map(|count| (count - 64.0).powi(2) / 64.0).sum();
                    assert!(chi < 400.0, "{shift} {chi}");
                }
            }
        }
    }

    /// Differences of two words that cancelled under every seed when each word was mixed into a
    /// state.
    #[test]
    fn keys_that_differ_in_neighbours_do_not_collide_under_every_seed() {
        const ENTERS: u64 = 1 << 63 | 1 << 33 | 1 << 3;
        const LEAVES: u64 = 1 << 63 | 1 << 36;
        for words in [2, 3, 4, 8, 13] {
            let family = (0..1u64 << (words - 1)).map(|choice| {
                let mut carried = 0;
                let words = (0..words).map(|at| {
                    let enters = if at + 1 < words && choice >> at & 1 == 1 { ENTERS } else { 0 };
                    let word = 7 ^ carried ^ enters;
                    carried = if enters == 0 { 0 } else { LEAVES };
                    word
                });
                words.flat_map(u64::to_le_bytes).collect::<Vec<u8>>()
            });
            for seed in [0, 1, 0x5eed_5eed_5eed_5eed] {
                let mut hashes: Vec<u64> = family.clone().map(|key| hash(seed, &key)).collect();
                let count = hashes.len();
                hashes.sort_unstable();
                hashes.dedup();
                assert_eq!(hashes.len(), count, "{words} words, seed {seed:x}");
            }
        }
    }
}
