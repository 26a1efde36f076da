//! Sixteen places of a bucket's table at once: one byte for each says whether it is free, and most of the time
//! whether it is the one looked for.

/// Places that are read at once.
pub(super) const GROUP: usize = 16;

/// A place that was never taken since the bucket was packed: a search ends here.
pub(super) const EMPTY: u8 = 0;

/// A place that was taken: a search goes on behind it.
pub(super) const GONE: u8 = 1;

const ONES: u64 = 0x0101_0101_0101_0101;

/// The byte of an entry in its place.
#[inline(always)]
pub(super) fn mark(hash: u64) -> u8 {
    ((hash >> 56) as u8).max(2)
}

/// The group in which a search begins, in a table of `places`.
#[inline(always)]
pub(super) fn first(hash: u64, places: usize) -> usize {
    ((((hash >> 32) as usize & 0x3fff) * places) >> 14) & !(GROUP - 1)
}

/// The bytes of a group; the last one of a table may be shorter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group([u64; 2]);

impl Group {
    #[inline(always)]
    pub(super) fn new(bytes: &[u8]) -> Self {
        let Some(all) = bytes.first_chunk::<GROUP>() else { return Group::short(bytes) };
        Group::whole(all)
    }

    #[inline(always)]
    fn whole(all: &[u8; GROUP]) -> Self {
        let (words, _) = all.as_chunks::<8>();
        Group([u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1])])
    }

    fn short(bytes: &[u8]) -> Self {
        let mut all = [GONE; GROUP];
        all.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        Group::whole(&all)
    }

    /// Places with this byte.
    #[inline(always)]
    pub(super) fn with(self, mark: u8) -> Places {
        let wanted = u64::from(mark) * ONES;
        Places([zeros(self.0[0] ^ wanted), zeros(self.0[1] ^ wanted)])
    }

    /// Places that an entry may take; behind the end of a short group there are none, but they are named.
    #[inline(always)]
    pub(super) fn free(self) -> Places {
        Places([zeros(self.0[0] & !ONES), zeros(self.0[1] & !ONES)])
    }

    /// Whether no entry of this group stands elsewhere.
    #[inline(always)]
    pub(super) fn ends(self) -> bool {
        zeros(self.0[0]) | zeros(self.0[1]) != 0
    }
}

/// The high bit of every byte that is zero, and no other bit.
#[inline(always)]
const fn zeros(word: u64) -> u64 {
    const LOW: u64 = !(ONES << 7);
    !(((word & LOW) + LOW) | word | LOW)
}

/// Places in a group, from the first on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places([u64; 2]);

impl Places {
    pub(super) fn count(self) -> u32 {
        self.0[0].count_ones() + self.0[1].count_ones()
    }
}

impl Iterator for Places {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let [low, high] = self.0;
        if low != 0 {
            self.0[0] = low & (low - 1);
            return Some(low.trailing_zeros() as usize >> 3);
        }
        if high != 0 {
            self.0[1] = high & (high - 1);
            return Some(8 + (high.trailing_zeros() as usize >> 3));
        }
        None
    }
}

/// The groups of a table in the order in which a search looks at them: where each begins, and how long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Groups {
    at: usize,
    places: usize,
    left: usize,
}

impl Groups {
    #[inline(always)]
    pub(super) fn new(hash: u64, places: usize) -> Self {
        Groups { at: first(hash, places), places, left: places.div_ceil(GROUP) }
    }
}

impl Iterator for Groups {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        self.left = self.left.checked_sub(1)?;
        let at = self.at;
        self.at += GROUP;
        if self.at >= self.places {
            self.at = 0;
        }
        Some((at, GROUP.min(self.places - at)))
    }
}

/// Takes a place for an entry in a table that is on the heap and has one.
pub(super) fn take(marks: &mut [u8], hash: u64) -> Option<usize> {
    for (at, len) in Groups::new(hash, marks.len()) {
        let free = Group::new(marks.get(at..at + len)?).free().next().filter(|place| *place < len);
        if let Some(place) = free {
            *marks.get_mut(at + place)? = mark(hash);
            return Some(at + place);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_a_plain_look() {
        let mut state = 1u64;
        for len in 1..=GROUP {
            for _ in 0..300 {
                let bytes: Vec<u8> = (0..len)
                    .map(|_| {
                        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(9);
                        [0, 1, 2, 3, 0x80, 0x81, 0xff, 0x7f][(state >> 60) as usize & 7]
                    })
                    .collect();
                let (group, all) = (Group::new(&bytes), || bytes.iter().enumerate());
                for wanted in [2, 3, 0x80, 0x81, 0xff] {
                    let expected = all().filter(|(_, byte)| **byte == wanted).map(|(at, _)| at);
                    assert!(group.with(wanted).eq(expected), "{bytes:?} {wanted}");
                }
                let free = all().filter(|(_, byte)| **byte < 2).map(|(at, _)| at);
                assert!(group.free().filter(|at| *at < len).eq(free), "{bytes:?}");
                assert_eq!(group.ends(), bytes.contains(&0), "{bytes:?}");
            }
        }
    }

    #[test]
    fn every_place_is_looked_at_once() {
        for places in 1..600 {
            for hash in [0, u64::MAX, 0x1234_5678_9abc_def0] {
                let mut seen: Vec<usize> =
                    Groups::new(hash, places).flat_map(|(at, len)| at..at + len).collect();
                seen.sort_unstable();
                assert!(seen.into_iter().eq(0..places), "{places}");
            }
        }
    }
}
