//! The values between one end of the heap and the other that a push or a pop moves.

use graven_core::page::PageOffset;

pub(super) const CHILDREN: u64 = 8;

/// Levels of a heap below the first value, at most: places have 32 bits.
const LEVELS: usize = 12;

/// A value on the way, and where it stands.
pub(super) struct Step {
    /// Its place in the heap.
    pub(super) place: u32,
    pub(super) at: PageOffset,
    /// Offset of its bytes in the buffer.
    pub(super) held: usize,
}

/// The values on the way from one end of the heap to the other, in buffers that are used again.
#[derive(Default)]
pub(super) struct Way {
    pub(super) bytes: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// The rows of the handles of the steps.
    pub(super) rows: Vec<PageOffset>,
}

impl Way {
    /// Makes room for values of a size.
    #[inline(always)]
    pub(super) fn begin(&mut self, width: usize) {
        self.steps.clear();
        self.rows.clear();
        if self.bytes.is_empty() {
            self.bytes = vec![0; (2 + LEVELS * CHILDREN as usize) * width];
        }
    }
}
