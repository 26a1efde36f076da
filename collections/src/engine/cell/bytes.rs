//! Comparison of keys in few wasm instructions.

use std::cmp::Ordering;

/// Compares keys by their bytes, eight at a time, since wasm compares memory byte by byte. Words
/// are read little-endian, so the lowest byte that differs decides.
#[inline(always)]
pub(crate) fn compare(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while let (Some((x, a_rest)), Some((y, b_rest))) =
        (a.split_first_chunk::<8>(), b.split_first_chunk::<8>())
    {
        let (x, y) = (u64::from_le_bytes(*x), u64::from_le_bytes(*y));
        if x != y {
            let shift = (x ^ y).trailing_zeros() & !7;
            return ((x >> shift) as u8).cmp(&((y >> shift) as u8));
        }
        if a_rest.is_empty() || b_rest.is_empty() {
            return a_rest.len().cmp(&b_rest.len());
        }
        (a, b) = (a_rest, b_rest);
    }
    a.cmp(b)
}

/// Compares keys of a length known at compile time.
#[inline(always)]
pub(crate) fn compare_fixed<const N: usize>(a: &[u8; N], b: &[u8; N]) -> Ordering {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (x, y) in a_words.iter().zip(b_words) {
        let (x, y) = (u64::from_le_bytes(*x), u64::from_le_bytes(*y));
        if x != y {
            let shift = (x ^ y).trailing_zeros() & !7;
            return ((x >> shift) as u8).cmp(&((y >> shift) as u8));
        }
    }
    a_rest.cmp(b_rest)
}
