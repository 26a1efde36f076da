//! Hash positions and ranks. The position of a hash is a 64-bit number whose leading bits lead
//! through the directory to a bucket. The rank of a hash is its number in the order of walks.
//!
//! If positions were spread evenly, all buckets would be full at the same time, and half empty just
//! after. So entries are twice as dense at one end as at the other, and thin out in between. While
//! the number of entries doubles, buckets are split one after another from the dense end, and at
//! any time two thirds or more of their room are used.

/// The number of bits of a hash that its position depends on.
const BITS: u32 = 29;

/// The most leading bits by which positions select a bucket. Only a few different positions share
/// these bits.
pub(crate) const MAX_DEPTH: u32 = 28;

/// Returns the position of a hash. With x for the lower 29 bits, as a number from 0 to 1, it is
/// (21 x + 11 x²) / 32.
#[inline(always)]
pub(crate) const fn position(hash: u64) -> u64 {
    let low = hash & ((1 << BITS) - 1);
    (low * (low * 11 + (21 << BITS))) << 1
}

/// Returns the rank of a hash in the order of walks. Positions grow with the rank, and no two
/// hashes share a rank.
#[inline(always)]
pub(crate) const fn rank(hash: u64) -> u64 {
    hash.rotate_left(u64::BITS - BITS)
}

/// Returns the hash of a rank.
pub(crate) const fn hash_of(rank: u64) -> u64 {
    rank.rotate_right(u64::BITS - BITS)
}

/// Returns the leading `depth` bits of a hash position, followed by zeros.
#[inline(always)]
pub(crate) const fn prefix(place: u64, depth: u32) -> u64 {
    match depth {
        0 => 0,
        _ => place & u64::MAX << (u64::BITS - depth),
    }
}

/// Returns the first position after all those with the same leading bits, if there is one.
pub(crate) const fn end(place: u64, depth: u32) -> Option<u64> {
    match depth {
        0 => None,
        _ => prefix(place, depth).checked_add(1 << (u64::BITS - depth)),
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::hash::hasher::Hasher;
    use crate::engine::hash::position::*;

    const LAST: u64 = (1 << BITS) - 1;

    #[test]
    fn places_are_those_of_the_format() {
        assert_eq!(position(0), 0);
        assert_eq!(position(1), 2 * (11 + 21 * (1 << 29)));
        assert_eq!(position(u64::MAX), position(LAST));
        assert_eq!(position(LAST), 0xffff_fff5_4000_0016);
        assert_eq!(position(0xc584_133a_c916_ab3c) >> 56, position(0x0916_ab3c) >> 56);
    }

    #[test]
    fn places_grow_with_ranks() {
        let mut hashes: Vec<u64> = (0..5_000u64).map(|n| Hasher::new(3).hash(&n.to_le_bytes())).collect();
        hashes.extend([0, 1, LAST - 1, LAST, LAST + 1, u64::MAX]);
        hashes.sort_unstable_by_key(|hash| rank(*hash));
        assert!(hashes.is_sorted_by_key(|hash| position(*hash)));
        assert!(hashes.iter().all(|hash| hash_of(rank(*hash)) == *hash));
    }

    #[test]
    fn next_to_each_other_hashes_have_places_apart() {
        for low in [0, 1, 77, LAST / 2, LAST - 4] {
            assert!(position(low + 4) - position(low) > 1 << (64 - MAX_DEPTH));
        }
    }

    #[test]
    fn a_prefix_ends_where_the_next_one_begins() {
        assert_eq!((prefix(u64::MAX, 0), end(77, 0)), (0, None));
        assert_eq!((prefix(u64::MAX, 1), end(77, 1), end(u64::MAX, 1)), (1 << 63, Some(1 << 63), None));
        assert_eq!((prefix(0xabcd << 48, 8), end(0xabcd << 48, 8)), (0xab << 56, Some(0xac << 56)));
    }
}
