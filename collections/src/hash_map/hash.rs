//! The hash of a key: a function of its encoded bytes and of the map's seed, the same forever (`docs/format.md`
//! has it in words and numbers).
//!
//! Every eight bytes cost one multiplication, the end costs another: a 64-bit product is one instruction in wasm,
//! where the upper half of a 128-bit one takes some twenty. All steps can be undone, so two keys of one length
//! below nine bytes never have the same hash. Who knows the seed can make keys of other lengths collide; such keys
//! share a bucket, whose chain of pages grows and is searched page after page, and nothing else suffers.

use crate::btree_map::cell::Sizes;

/// Spreads the length, so that a key and the same key with zeros behind it differ.
const LENGTH: u64 = 0x9e37_79b9_7f4a_7c15;
/// Spreads each word.
const WORD: u64 = 0xbf58_476d_1ce4_e5b9;
/// Spreads the end.
const END: u64 = 0x94d0_49bb_1331_11eb;

/// The hash of a key's bytes.
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

/// The same where the compiler knows how long keys are.
#[inline(always)]
pub(crate) fn hash_sized(sizes: Sizes, seed: u64, key: &[u8]) -> u64 {
    macro_rules! known {
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
    known!(8 16 24 32)
}

#[inline(always)]
const fn begin(seed: u64, len: usize) -> u64 {
    seed ^ (len as u64).wrapping_mul(LENGTH)
}

#[inline(always)]
const fn absorb(state: u64, word: u64) -> u64 {
    let mixed = state ^ word;
    let mixed = (mixed ^ mixed >> 32).wrapping_mul(WORD);
    mixed ^ mixed >> 29
}

#[inline(always)]
const fn end(state: u64) -> u64 {
    let mixed = state.wrapping_mul(END);
    mixed ^ mixed >> 32
}
