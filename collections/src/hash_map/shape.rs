//! Which bucket a hash belongs to, and when there are too few or too many of them.
//!
//! Linear hashing with two partial expansions: a number `g` of groups, a power of two, has two buckets each. One
//! group after another gets a third one, then one after another a fourth; then each is two groups of two. The
//! bucket that comes next is always numbered behind all others, and only entries of its group move. So a group
//! that was expanded is two thirds or three quarters as full as one that was not; with plain doubling it would
//! be half as full.

use crate::btree_map::cell::ROOM;

/// So full are buckets on average when a round of expansions begins. At 88 % an entry takes 5 % fewer bytes, but more
/// buckets have a second page: the worst insert costs a seventh more, every insert a sixth.
const FULL: u64 = ROOM as u64 * 80 / 100;

/// So many more bytes come before the next group is expanded.
const STEP: u64 = ROOM as u64 * 31 / 100;

/// Buckets that a map may have: their numbers come from the lower half of the hash.
pub(super) const MAX_BUCKETS: u32 = 1 << 30;

/// In a group of three buckets the last one takes what would go to the upper two of four, if this part of the
/// hash, a number below 1,024, is at least so large: a third of all entries.
const THIRD: u64 = 341;

/// The buckets of a map.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// All of them.
    pub(super) buckets: u32,
    /// The number of groups is two to this power.
    shift: u32,
    /// Buckets of a group that is not expanded yet.
    parts: u32,
    /// Groups below this one have one bucket more.
    grown: u32,
    /// More bytes than these, and there is to be one bucket more.
    pub(super) most: u64,
    /// Fewer bytes than these, and there is to be one bucket less.
    pub(super) least: u64,
}

/// The buckets of a group; the last one comes or goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    first: u32,
    shift: u32,
    parts: u32,
}

impl Span {
    /// The bucket of a part.
    pub(super) const fn bucket(self, part: usize) -> u32 {
        self.first + ((part as u32) << self.shift)
    }

    /// The part that a bucket is.
    #[inline(always)]
    pub(super) const fn part(self, bucket: u32) -> Option<usize> {
        let part = bucket.wrapping_sub(self.first) >> self.shift;
        let is_part = part < self.parts && self.bucket(part as usize) == bucket;
        if is_part { Some(part as usize) } else { None }
    }

    /// All buckets.
    pub(super) fn buckets(self) -> impl Iterator<Item = u32> {
        (0..self.parts as usize).map(move |part| self.bucket(part))
    }

    /// All buckets but the last one.
    pub(super) fn kept(self) -> impl Iterator<Item = u32> {
        (0..self.parts as usize - 1).map(move |part| self.bucket(part))
    }

    /// The last bucket.
    pub(super) const fn last(self) -> u32 {
        self.bucket(self.parts as usize - 1)
    }
}

/// The part of its group that each hash belongs to, of one group: looked up by the bits that it depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct PartsOf {
    group: u32,
    mask: u32,
    shift: u32,
    /// By the next two bits and whether the hash is of the upper two thirds.
    parts: [u8; 8],
}

impl PartsOf {
    /// The part of a hash of this group.
    #[inline(always)]
    pub(super) const fn part(&self, hash: u64) -> usize {
        let bits = self.bits(hash) | (is_upper(hash) as usize) << 2;
        self.parts[bits & 7] as usize
    }

    /// Whether the part of a hash is [`PartsOf::bits`]: there are four.
    pub(super) fn are_bits(&self) -> bool {
        self.parts == [0, 1, 2, 3, 0, 1, 2, 3]
    }

    #[inline(always)]
    pub(super) const fn bits(&self, hash: u64) -> usize {
        (hash as u32 >> self.shift & 3) as usize
    }

    #[inline(always)]
    pub(super) const fn is_of_group(&self, hash: u64) -> bool {
        hash as u32 & self.mask == self.group
    }
}

/// Whether a hash is of the upper two thirds.
#[inline(always)]
const fn is_upper(hash: u64) -> bool {
    hash >> 46 & 1023 >= THIRD
}

impl Shape {
    pub(super) fn new(buckets: u32) -> Self {
        let least = match buckets.checked_sub(1) {
            None | Some(0) => 0,
            Some(fewer) => Shape::limit(fewer) * 3 / 8,
        };
        let (shift, parts, grown) = Shape::parts(buckets);
        Shape { buckets, shift, parts, grown, most: Shape::limit(buckets), least }
    }

    fn parts(buckets: u32) -> (u32, u32, u32) {
        match buckets {
            0 | 1 => (0, 1, 0),
            _ => {
                let shift = buckets.ilog2() - 1;
                (shift, buckets >> shift, buckets & ((1 << shift) - 1))
            }
        }
    }

    fn limit(buckets: u32) -> u64 {
        let (shift, parts, grown) = Shape::parts(buckets);
        (u64::from(parts) << shift) * FULL + u64::from(grown) * STEP
    }

    /// The bucket of a hash.
    #[inline(always)]
    pub(super) fn bucket(&self, hash: u64) -> u32 {
        let group = hash as u32 & ((1 << self.shift) - 1);
        let rest = hash as u32 >> self.shift;
        let parts = self.parts + u32::from(group < self.grown);
        let part = match parts {
            1 => 0,
            2 => rest & 1,
            3 if rest & 2 != 0 && is_upper(hash) => 2,
            3 => rest & 1,
            _ => rest & 3,
        };
        group + (part << self.shift)
    }

    /// The parts of a group's hashes with these buckets. The group may be that of fewer buckets.
    pub(super) fn parts_of(&self, span: Span) -> PartsOf {
        let Span { first: group, shift, .. } = span;
        let parts = std::array::from_fn(|bits| {
            let upper = if bits > 3 { THIRD << 46 } else { 0 };
            let hash = u64::from(group) | (bits as u64 & 3) << shift | upper;
            // All buckets of the group are parts of it.
            span.part(self.bucket(hash)).unwrap_or_default() as u8
        });
        PartsOf { group, mask: (1 << shift) - 1, shift, parts }
    }

    /// All groups in the order of their numbers' reversed bits, from the one of hashes with these reversed bits on.
    pub(super) fn groups_from(self, rank: u64) -> impl Iterator<Item = Span> {
        let Shape { shift, parts, grown, .. } = self;
        let first = (rank >> 32) as u32;
        let first = first.checked_shr(32 - shift).unwrap_or(0);
        (first..1 << shift).map(move |place| {
            let group = place.reverse_bits().checked_shr(32 - shift).unwrap_or(0);
            Span { first: group, shift, parts: parts + u32::from(group < grown) }
        })
    }

    /// The group that would be expanded next, with the bucket that it would get.
    pub(super) const fn next(&self) -> Span {
        Span { first: self.grown, shift: self.shift, parts: self.parts + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_group_that_is_expanded_changes() {
        let hashes: Vec<u64> =
            (0..20_000u64).map(|n| super::super::hash::hash(1, &n.to_le_bytes())).collect();
        for buckets in 1..300 {
            let (small, large) = (Shape::new(buckets), Shape::new(buckets + 1));
            let span = small.next();
            assert_eq!(span.last(), buckets);
            assert!(
                span.kept().enumerate().all(|(part, bucket)| span.part(bucket) == Some(part)),
                "{buckets}"
            );
            for hash in &hashes {
                let (before, after) = (small.bucket(*hash), large.bucket(*hash));
                assert!(before < buckets && after <= buckets, "{buckets}");
                for (shape, bucket) in [(small, before), (large, after)] {
                    let parts = shape.parts_of(span);
                    let part = parts.is_of_group(*hash).then(|| parts.part(*hash));
                    assert_eq!(part, span.part(bucket), "{buckets}");
                    assert!(!parts.are_bits() || part.is_none_or(|part| part == parts.bits(*hash)));
                }
                assert!(
                    before == after || span.part(before).is_some() && span.part(after).is_some(),
                    "{buckets}"
                );
            }
        }
    }

    #[test]
    fn groups_follow_each_other_as_their_hashes_do() {
        let hashes = || (0..2_000u64).map(|n| super::super::hash::hash(1, &n.to_le_bytes()));
        for buckets in 1..70 {
            let shape = Shape::new(buckets);
            let groups: Vec<Span> = shape.groups_from(0).collect();
            let mut all: Vec<u32> = groups.iter().flat_map(|group| group.buckets()).collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..buckets));
            let place = |hash| groups.iter().position(|group| group.part(shape.bucket(hash)).is_some());
            let mut sorted: Vec<u64> = hashes().collect();
            sorted.sort_by_key(|hash| hash.reverse_bits());
            assert!(sorted.is_sorted_by_key(|hash| place(*hash)), "{buckets}");
            for hash in sorted.iter().step_by(50) {
                let from = place(*hash).unwrap();
                assert!(
                    shape.groups_from(hash.reverse_bits()).eq(groups[from..].iter().copied()),
                    "{buckets}"
                );
            }
        }
    }

    #[test]
    fn buckets_of_a_whole_round_are_alike() {
        for buckets in [1, 2, 3, 4, 6, 64, 96, 128] {
            let shape = Shape::new(buckets);
            let mut counts = vec![0u32; buckets as usize];
            (0..100_000u64).for_each(|n| {
                counts[shape.bucket(super::super::hash::hash(7, &n.to_be_bytes())) as usize] += 1
            });
            let mean = 100_000 / buckets;
            let deviation = 5 * f64::from(mean).sqrt() as u32 + 5;
            assert!(counts.iter().all(|count| count.abs_diff(mean) < deviation), "{buckets} {counts:?}");
        }
    }
}
