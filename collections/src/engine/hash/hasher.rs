//! The hash of a key, computed from its encoded bytes and the map's seed. It never changes:
//! `docs/format.md` specifies it.
//!
//! Each eight bytes cost one multiplication, and the end costs another. A 64-bit product is one
//! instruction in wasm, while the upper half of a 128-bit product takes some twenty. For one word
//! the steps are the last ones of SplitMix64, where every output bit depends on every input bit.
//! All steps are invertible, so two keys of one length of at most eight bytes never have the same
//! hash. Someone who knows the seed can make keys of other lengths collide. Such keys share a
//! bucket, whose linked pages are searched one by one. Nothing else suffers.

use crate::engine::cell::Sizes;

/// Multiplier of the length, so that a key and the same key with zeros appended differ.
const LENGTH: u64 = 0x9e37_79b9_7f4a_7c15;
/// Multiplier of each word.
const WORD: u64 = 0xbf58_476d_1ce4_e5b9;
/// Multiplier of the last step.
const END: u64 = 0x94d0_49bb_1331_11eb;

/// Returns the hash of a key's bytes.
#[inline(always)]
pub(crate) fn hash(seed: u64, key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let mut state = begin(seed, key.len());
    for word in words {
        state = absorb(state, u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        state = absorb(state, last);
    }
    end(state)
}

/// Returns the same hash as [`hash`], unrolled for key sizes that the compiler knows.
#[inline(always)]
pub(crate) fn hash_sized(sizes: Sizes, seed: u64, key: &[u8]) -> u64 {
    macro_rules! cache {
        ($($size:literal)*) => {
            match (sizes.key, key.len()) {
                $((Some($size), $size) => {
                    let (words, _) = key.as_chunks::<8>();
                    let mut state = begin(seed, $size);
                    for index in 0..$size / 8 {
                        let word = words.get(index).copied().unwrap_or_default();
                        state = absorb(state, u64::from_le_bytes(word));
                    }
                    end(state)
                })*
                _ => hash(seed, key),
            }
        };
    }
    cache!(8 16 24 32)
}

#[inline(always)]
const fn begin(seed: u64, len: usize) -> u64 {
    seed ^ (len as u64).wrapping_mul(LENGTH)
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
            0x0cac_9040_7dce_2820,
        ),
        (7, "Zürich HB".as_bytes(), 0xcda9_5bf9_4344_7929),
    ];

    #[test]
    fn hashes_are_those_of_the_format() {
        for (seed, key, expected) in VECTORS {
            assert_eq!(hash(seed, key), expected, "{key:?}");
            let sizes = Sizes { key: Some(key.len()), value: None };
            assert_eq!(hash_sized(sizes, seed, key), expected, "{key:?}");
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
}
