//! A bounded cache of bucket pages, which saves reading the directory. It is optional: buckets that
//! are not cached are found through the directory.

use std::cell::{Cell, OnceCell};
use std::ops::RangeInclusive;

use graven_core::page::PageNumber;

use crate::engine::hash::position::{end, prefix};

/// The number of cache entries in a piece.
const PIECE: usize = 512;

/// The most pieces. With more buckets than they can index, the pages of some are not cached.
const PIECES: usize = 256;

/// The most leading bits of a hash position that form an index.
const MOST_BITS: u32 = (PIECE * PIECES).ilog2();

/// The number of cache misses before anything is cached.
const FEW: u32 = 4;

/// A part of the cache, with the age of its contents.
struct Piece {
    /// The age of the contents, which are stale if the cache has another age.
    age: Cell<u32>,
    pages: [Cell<PageNumber>; PIECE],
}

/// A cache of bucket pages, indexed by leading bits of the hash position, with about four times as
/// many entries as buckets. An entry is the page of a bucket whose only page is fixed, of the
/// current layout and of full size. It is 0 for all other buckets. The first few look-ups cache
/// nothing, because a call alone in its message would pay more for a dirty heap page than it saves.
pub(crate) struct BucketCache {
    pieces: OnceCell<Box<[OnceCell<Box<Piece>>; PIECES]>>,
    /// The number of low bits of a hash position that are not part of the index.
    shift: Cell<u32>,
    age: Cell<u32>,
    missed: Cell<u32>,
    is_on: bool,
}

impl BucketCache {
    pub(crate) const fn new(is_on: bool) -> Self {
        let shift = Cell::new(u64::BITS - 1);
        BucketCache { pieces: OnceCell::new(), shift, age: Cell::new(0), missed: Cell::new(0), is_on }
    }

    /// Returns the cached page of a hash position's bucket, or 0.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "a remainder of `PIECE` is below it")]
    pub(crate) fn page(&self, place: u64) -> PageNumber {
        let index = (place >> self.shift.get()) as usize;
        match self.piece(index / PIECE) {
            Some(piece) if piece.age.get() == self.age.get() => piece.pages[index % PIECE].get(),
            _ => PageNumber::NONE,
        }
    }

    #[inline(always)]
    fn piece(&self, number: usize) -> Option<&Piece> {
        self.pieces.get()?.get(number)?.get().map(Box::as_ref)
    }

    /// Counts a miss. Returns `true` if the page of an uncached hash position is worth caching,
    /// which the first few since the store was opened are not.
    pub(crate) fn is_worth(&self, place: u64) -> bool {
        let missed = self.missed.get().saturating_add(1);
        self.missed.set(missed);
        self.is_on && (missed > FEW || self.piece((place >> self.shift.get()) as usize / PIECE).is_some())
    }

    /// Caches the page of the bucket of all hash positions with these leading bits.
    pub(crate) fn set(&self, place: u64, depth: u32, page: PageNumber) {
        let shift = self.shift.get();
        let first = prefix(place, depth) >> shift;
        let last = end(place, depth).map_or(u64::MAX, |end| end - 1) >> shift;
        // A deeper bucket shares its index with others.
        let page = if depth > u64::BITS - shift { PageNumber::NONE } else { page };
        let (first, last) = (first as usize, last as usize);
        for number in first / PIECE..=last / PIECE {
            let start = number * PIECE;
            self.put(number, first.max(start) - start..=last.min(start + PIECE - 1) - start, page);
        }
    }

    /// Sets some pages of a piece.
    fn put(&self, number: usize, range: RangeInclusive<usize>, page: PageNumber) {
        if !self.is_on || page.is_none() && self.piece(number).is_none() {
            return;
        }
        let pieces = self.pieces.get_or_init(|| Box::new([const { OnceCell::new() }; PIECES]));
        let Some(piece) = pieces.get(number) else { return };
        let piece = piece.get_or_init(|| {
            Box::new(Piece { age: self.age.clone(), pages: [const { Cell::new(PageNumber::NONE) }; PIECE] })
        });
        if piece.age.replace(self.age.get()) != self.age.get() {
            piece.pages.iter().for_each(|page| page.set(PageNumber::NONE));
        }
        let changed = piece.pages.get(range).unwrap_or_default();
        changed.iter().for_each(|place| place.set(page));
    }

    /// Adjusts the number of index bits to the number of buckets. Clears the cache if the former
    /// changes.
    pub(crate) fn fit(&self, buckets: u32) {
        let wanted = (buckets.max(1).ilog2() + 2).min(MOST_BITS);
        let bits = u64::BITS - self.shift.get();
        // Fewer bits only for far fewer buckets, because a map may grow and shrink in turn.
        if wanted > bits || wanted + 3 < bits {
            self.shift.set(u64::BITS - wanted);
            self.forget();
        }
    }

    /// Clears the cache in constant time.
    pub(crate) fn forget(&self) {
        self.age.set(self.age.get().wrapping_add(1));
    }
}
