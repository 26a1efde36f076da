//! Arrays: pages of values of one size. The last array of a sequence counts its values itself, so
//! that adding one after all others is a single write.
//!
//! ```text
//! | header | value | value | value | count | zeros                              |
//!                                  ^ the next value is written here, with a new count after it
//! ```

use ic_stable_structures::Memory;
use zerocopy::FromBytes;

use super::branch::{BRANCH_HEADER, BRANCH_ROOM, BranchHeader};
use super::{Kind, PAGE_SIZE, PageNumber, Pager, expect_kind};
use crate::error::{Damage, Result};

/// The offset of the values.
pub const ARRAY_AT: usize = BRANCH_HEADER;

/// The number of bytes of a count.
pub const COUNT_LEN: usize = 2;

/// A bit of every count, so that its last byte is not 0.
const COUNTED: u16 = 0x8000;

/// Returns the number of values of `width` bytes that fit, with a count after them.
#[must_use]
#[inline(always)]
#[expect(clippy::arithmetic_side_effects, reason = "a width is not 0")]
pub const fn capacity(width: usize) -> u64 {
    ((BRANCH_ROOM - COUNT_LEN) / width) as u64
}

/// Returns the count that follows `values` values.
#[must_use]
#[inline(always)]
pub const fn count(values: u64) -> [u8; COUNT_LEN] {
    (values as u16 | COUNTED).to_le_bytes()
}

/// The number of bytes that are read at once in search of a count.
const CHUNK: usize = 256;

impl<M: Memory> Pager<M> {
    /// Returns the number of values in an array of this root that counts them, and their size.
    /// Reads the header, and the page from its end to the count.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::Error::Damaged) if the page is no such array.
    #[expect(clippy::arithmetic_side_effects, reason = "all offsets are inside a page")]
    pub fn count_array(&self, page: PageNumber) -> Result<(u64, usize)> {
        let mut header = [0; BRANCH_HEADER];
        self.read(page, 0, &mut header)?;
        let damaged = |reason| self.damaged(page, reason);
        expect_kind(header[0], Kind::Array).map_err(damaged)?;
        let header = BranchHeader::read_from_bytes(&header).map_err(|_| damaged(Damage::BeyondEnd))?;
        if header.owner.get() != self.root() {
            return Err(damaged(Damage::WrongOwner));
        }
        let (mut start, mut chunk, mut end) = (PAGE_SIZE, [0; CHUNK], 0);
        while end == 0 && start > ARRAY_AT {
            let len = CHUNK.min(start - ARRAY_AT);
            start -= len;
            let chunk = chunk.split_at_mut(len).0;
            self.read(page, start, chunk)?;
            end = last_nonzero(chunk).map_or(0, |last| start + last + 1);
        }
        let width = usize::from(header.width.get());
        let values = end.saturating_sub(ARRAY_AT + COUNT_LEN).checked_div(width).unwrap_or(0);
        let mut counted = [0; COUNT_LEN];
        self.read(page, ARRAY_AT + values * width, &mut counted)?;
        let is_last = end == ARRAY_AT + values * width + COUNT_LEN;
        if !is_last || values == 0 || counted != count(values as u64) {
            return Err(damaged(Damage::ArrayCount));
        }
        Ok((values as u64, width))
    }
}

/// Returns the index of the last byte that is not 0. The number of bytes is a multiple of eight.
#[expect(clippy::arithmetic_side_effects, reason = "an index is less than the number of bytes")]
fn last_nonzero(bytes: &[u8]) -> Option<usize> {
    let words = bytes.as_chunks::<8>().0;
    let last = words.iter().rposition(|word| u64::from_le_bytes(*word) != 0)?;
    let zeros = u64::from_le_bytes(*words.get(last)?).leading_zeros() as usize / 8;
    Some(last * 8 + 7 - zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_byte_that_is_not_zero_is_found() {
        assert_eq!(last_nonzero(&[0; 64]), None);
        for at in 0..64 {
            let mut bytes = [0; 64];
            bytes[..=at].fill(1);
            assert_eq!(last_nonzero(&bytes), Some(at));
        }
    }
}
