//! Comparison of keys in few wasm instructions.

use std::cmp::Ordering;

use graven_core::simd::word;

/// Compares keys by their bytes, eight at a time, since wasm compares memory byte by byte. The last
/// eight may overlap those before them.
#[inline(always)]
#[expect(clippy::arithmetic_side_effects, reason = "`at` is at most `last`, which is inside a slice")]
pub(crate) fn compare(a: &[u8], b: &[u8]) -> Ordering {
    // Numbers need no loop, which is 8 % of what a queue's pop takes.
    if let (Ok(x), Ok(y)) = (<&[u8; 8]>::try_from(a), <&[u8; 8]>::try_from(b)) {
        let [x, y] = [x, y].map(|word| u64::from_le_bytes(*word));
        return if x == y { Ordering::Equal } else { compare_words(x, y) };
    }
    let len = a.len().min(b.len());
    let Some(last) = len.checked_sub(8) else {
        let [x, y] = [a, b].map(|bytes| word(bytes.split_at(len).0));
        return if x == y { a.len().cmp(&b.len()) } else { compare_words(x, y) };
    };
    let mut at = 0;
    while let (Some(x), Some(y)) = (word_at(a, at), word_at(b, at)) {
        if x != y {
            return compare_words(x, y);
        }
        if at == last {
            break;
        }
        at = (at + 8).min(last);
    }
    a.len().cmp(&b.len())
}

/// Compares words that were read little-endian, so the lowest byte that differs decides.
#[inline(always)]
fn compare_words(x: u64, y: u64) -> Ordering {
    let shift = (x ^ y).trailing_zeros() & !7;
    ((x >> shift) as u8).cmp(&((y >> shift) as u8))
}

#[inline(always)]
fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_compared_as_std_does() {
        let mut strings = vec![Vec::new()];
        for len in 1..28usize {
            for at in 0..len {
                for byte in [0, 1, 0x7f, 0x80, 0xff] {
                    let mut bytes = vec![7; len];
                    bytes[at] = byte;
                    strings.push(bytes);
                }
            }
        }
        for a in &strings {
            for b in &strings {
                assert_eq!(compare(a, b), a.cmp(b), "{a:?} and {b:?}");
            }
        }
    }
}
