//! The path through the heap along which a push or a pop moves values.

use graven_core::page::PageOffset;

pub(super) const CHILDREN: u64 = 8;

/// Maximum number of levels below the first value, since heap positions have 32 bits.
const LEVELS: usize = 12;

/// A value on the path, and its address.
pub(super) struct Step {
    /// Its heap position.
    pub(super) place: u32,
    pub(super) at: PageOffset,
    /// Offset of its bytes in the buffer.
    pub(super) held: usize,
}

/// The values on a path through the heap, in buffers that are used again.
#[derive(Default)]
pub(super) struct Way {
    pub(super) bytes: Vec<u8>,
    pub(super) steps: Vec<Step>,
    /// The addresses of the rows of their handles.
    pub(super) rows: Vec<PageOffset>,
}

impl Way {
    /// Clears the path and makes room for values of `width` bytes.
    #[inline(always)]
    pub(super) fn begin(&mut self, width: usize) {
        self.steps.clear();
        self.rows.clear();
        if self.bytes.is_empty() {
            self.bytes = vec![0; (2 + LEVELS * CHILDREN as usize) * width];
        }
    }
}
