//! Keys that share a bucket.

/// Returns the inverse of the hash of keys of eight bytes, as `docs/format.md` has it.
#[must_use]
pub fn key_with_hash(seed: u64, hash: u64) -> u64 {
    let inverse = |odd: u64| (0..6).fold(odd, |x, _| x.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(x))));
    let x = hash ^ hash >> 31 ^ hash >> 62;
    let x = x.wrapping_mul(inverse(0x94d0_49bb_1331_11eb));
    let x = x ^ x >> 27 ^ x >> 54;
    let x = x.wrapping_mul(inverse(0xbf58_476d_1ce4_e5b9));
    let x = x ^ x >> 30 ^ x >> 60;
    u64::from_le_bytes((x ^ seed ^ 8u64.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_be_bytes())
}
