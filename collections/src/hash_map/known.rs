//! The pages of buckets on the heap: what the directory says, without looking into it. Bounded, and never needed:
//! of a bucket that is not here the directory is read.

use std::cell::{Cell, OnceCell};

/// Buckets of a piece.
const PIECE: usize = 256;

/// Pieces: with more buckets than these, the pages of the others are not kept.
const PIECES: usize = 128;

/// The page of each bucket whose only page is plain, of the newest layout, and as large as such a page can be;
/// 0 for all others. There are pieces only where something has been written since the store was opened: a read
/// alone in its message would pay more for a changed page of the heap than it would save.
pub(super) struct Known {
    pieces: [OnceCell<Box<[Cell<u32>; PIECE]>>; PIECES],
    is_on: bool,
}

impl Known {
    pub(super) const fn new(is_on: bool) -> Self {
        Known { pieces: [const { OnceCell::new() }; PIECES], is_on }
    }

    /// The page of a bucket, or 0.
    #[inline(always)]
    pub(super) fn page(&self, bucket: u32) -> u32 {
        match self.pieces.get(bucket as usize / PIECE).and_then(OnceCell::get) {
            Some(piece) => piece[bucket as usize % PIECE].get(),
            None => 0,
        }
    }

    /// Notes the page of a bucket, if there is a place for it.
    pub(super) fn note(&self, bucket: u32, page: u32) {
        if let Some(piece) = self.pieces.get(bucket as usize / PIECE).and_then(OnceCell::get) {
            piece[bucket as usize % PIECE].set(page);
        }
    }

    /// The same, and makes a place for it.
    pub(super) fn set(&self, bucket: u32, page: u32) {
        if let Some(piece) = self.pieces.get(bucket as usize / PIECE)
            && self.is_on
            && (page != 0 || piece.get().is_some())
        {
            piece.get_or_init(|| Box::new([const { Cell::new(0) }; PIECE]))[bucket as usize % PIECE]
                .set(page);
        }
    }

    /// Forgets everything.
    pub(super) fn forget(&self) {
        self.pieces
            .iter()
            .filter_map(OnceCell::get)
            .flat_map(|piece| piece.iter())
            .for_each(|page| page.set(0));
    }
}
