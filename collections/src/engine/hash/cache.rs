//! The pages of buckets on the heap: what the directory says, without looking into it. Bounded, and
//! never needed: of a bucket that is not here the directory is read.

use std::cell::{Cell, OnceCell};

use crate::engine::hash::position::{end, prefix};

/// Places told apart in a piece.
const PIECE: usize = 512;

/// Pieces: with more buckets than these can tell apart, the pages of some are not kept.
const PIECES: usize = 256;

/// Leading bits of a place that are told apart at most.
const MOST_BITS: u32 = (PIECE * PIECES).ilog2();

/// Look-ups before anything is cached.
const FEW: u32 = 4;

/// A part of the table, and when it was written.
struct Piece {
    /// The age of the contents: they are stale if it is not that of the table.
    age: Cell<u32>,
    pages: [Cell<u32>; PIECE],
}

/// By so many leading bits of a place, about four times as many as there are buckets: the page of
/// the bucket, if it is its only one, fixed, of the current layout, and as large as such a page can
/// be; 0 for all others. There is nothing before a few places were looked for: what is alone in its
/// message would pay more for a changed page of the heap than it would save.
pub(crate) struct BucketCache {
    pieces: OnceCell<Box<[OnceCell<Box<Piece>>; PIECES]>>,
    /// Bits of a place that do not matter.
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

    /// The page of a place's bucket, or 0.
    #[inline(always)]
    pub(crate) fn page(&self, place: u64) -> u32 {
        let index = (place >> self.shift.get()) as usize;
        match self.piece(index) {
            Some(piece) if piece.age.get() == self.age.get() => piece.pages[index % PIECE].get(),
            _ => 0,
        }
    }

    #[inline(always)]
    fn piece(&self, index: usize) -> Option<&Piece> {
        self.pieces.get()?.get(index / PIECE)?.get().map(Box::as_ref)
    }

    /// Returns whether it is worth noting the page of a place that is not cache: not if it is one
    /// of a few looks since the store was opened.
    pub(crate) fn is_worth(&self, place: u64) -> bool {
        let missed = self.missed.get().saturating_add(1);
        self.missed.set(missed);
        self.is_on && (missed > FEW || self.piece((place >> self.shift.get()) as usize).is_some())
    }

    /// Notes the page of the bucket of all places with these leading bits.
    pub(crate) fn set(&self, place: u64, depth: u32, page: u32) {
        let shift = self.shift.get();
        let first = (prefix(place, depth) >> shift) as usize;
        let last = end(place, depth).map_or(u64::MAX, |end| end - 1) >> shift;
        // Deeper ones share an index with others.
        let page = if depth > u64::BITS - shift { 0 } else { page };
        for index in first..=last as usize {
            self.put(index, page);
        }
    }

    fn put(&self, index: usize, page: u32) {
        if !self.is_on || page == 0 && self.piece(index).is_none() {
            return;
        }
        let pieces = self.pieces.get_or_init(|| Box::new([const { OnceCell::new() }; PIECES]));
        let Some(piece) = pieces.get(index / PIECE) else { return };
        let piece = piece.get_or_init(|| {
            Box::new(Piece { age: self.age.clone(), pages: [const { Cell::new(0) }; PIECE] })
        });
        if piece.age.replace(self.age.get()) != self.age.get() {
            piece.pages.iter().for_each(|page| page.set(0));
        }
        piece.pages[index % PIECE].set(page);
    }

    /// Makes as many places different as so many buckets need. Where that changes, all is
    /// forgotten.
    pub(crate) fn fit(&self, buckets: u32) {
        let wanted = (buckets.max(1).ilog2() + 2).min(MOST_BITS);
        let bits = u64::BITS - self.shift.get();
        // Fewer only where there are far fewer: a map may grow and shrink in turn.
        if wanted > bits || wanted + 3 < bits {
            self.shift.set(u64::BITS - wanted);
            self.forget();
        }
    }

    /// Forgets everything, in constant time.
    pub(crate) fn forget(&self) {
        self.age.set(self.age.get().wrapping_add(1));
    }
}
