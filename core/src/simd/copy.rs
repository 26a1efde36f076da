//! Copies and comparisons of byte strings that are usually short. `memory.copy` has a fixed cost of
//! about a hundred instructions, and the compiler chooses it for every array of more than a few
//! words.

use super::LANES;

/// Copies an array in steps of 16 bytes.
#[inline(always)]
#[must_use]
pub fn copied<const N: usize>(from: &[u8; N]) -> [u8; N] {
    let mut copy = [0; N];
    copy_array(&mut copy, from);
    copy
}

/// Copies an array over another one, in steps of 16 bytes.
#[inline(always)]
fn copy_array<const N: usize>(to: &mut [u8; N], from: &[u8; N]) {
    let ((to, to_rest), (from, from_rest)) = (to.as_chunks_mut::<LANES>(), from.as_chunks::<LANES>());
    for (to, from) in to.iter_mut().zip(from) {
        // Through a number, since the compiler makes one long copy of short ones.
        *to = u128::from_le_bytes(*from).to_le_bytes();
    }
    to_rest.copy_from_slice(from_rest);
}

/// Copies bytes over others, in few instructions if there are less than 256.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn copy(mut to: &mut [u8], mut from: &[u8]) {
    if let (Ok(source), Ok(target)) = (<&[u8; 8]>::try_from(from), <&mut [u8; 8]>::try_from(&mut *to)) {
        *target = *source;
        return;
    }
    if from.len() >= 256 || to.len() != from.len() {
        return to.copy_from_slice(from);
    }
    macro_rules! steps {
        ($($n:literal)*) => {$(
            if from.len() & $n != 0
                && let (Some((source, rest)), Some((target, room))) =
                    (from.split_first_chunk::<$n>(), core::mem::take(&mut to).split_first_chunk_mut::<$n>())
            {
                copy_array(target, source);
                (from, to) = (rest, room);
            }
        )*};
    }
    if from.len() >= 64 {
        steps!(128 64);
    }
    steps!(32 16 8 4 2 1);
    debug_assert!(from.is_empty() && to.is_empty());
}

/// Sets bytes to zero, in few instructions if there are less than 128.
#[inline(always)]
pub fn clear(bytes: &mut [u8]) {
    if bytes.len() >= 128 {
        return bytes.fill(0);
    }
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = [0; 8];
    }
    for byte in rest {
        *byte = 0;
    }
}

/// Returns `true` if all bytes are zero.
#[inline(always)]
#[must_use]
pub fn is_zero(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().all(|word| u64::from_le_bytes(*word) == 0) && rest.iter().all(|byte| *byte == 0)
}

/// Returns at most eight bytes as a little-endian number.
#[inline(always)]
#[must_use]
pub fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Returns `true` if two byte strings are equal.
#[inline(always)]
#[must_use]
pub fn is_same(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    a.len() == b.len()
        && a_words.iter().zip(b_words).all(|(a, b)| u64::from_le_bytes(*a) == u64::from_le_bytes(*b))
        && a_rest.iter().zip(b_rest).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_of_all_lengths_are_whole_and_touch_nothing_else() {
        let from: [u8; 300] = core::array::from_fn(|at| at as u8 ^ 0x5a);
        for len in 0..from.len() {
            let mut to = [0xee; 302];
            copy(&mut to[1..=len], &from[..len]);
            assert_eq!(to[1..=len], from[..len]);
            assert!(to[0] == 0xee && to[len + 1..].iter().all(|byte| *byte == 0xee), "{len}");
        }
        assert_eq!(copied(&from), from);
        assert_eq!(copied(from.first_chunk::<31>().unwrap()), from[..31]);
    }

    #[test]
    fn zeros_of_all_lengths_are_written_and_seen() {
        for len in 0..300 {
            let mut bytes = [7u8; 302];
            clear(&mut bytes[1..=len]);
            assert!(is_zero(&bytes[1..=len]));
            assert!(bytes[0] == 7 && bytes[len + 1..].iter().all(|byte| *byte == 7), "{len}");
            for at in 1..=len {
                bytes[at] = 1;
                assert!(!is_zero(&bytes[1..=len]), "{len} {at}");
                bytes[at] = 0;
            }
        }
    }

    #[test]
    fn a_difference_in_any_byte_is_seen() {
        for len in 0..70 {
            let a = vec![7u8; len];
            assert!(is_same(&a, &a.clone()) && !is_same(&a, &vec![7; len + 1]), "{len}");
            for at in 0..len {
                let mut b = a.clone();
                b[at] ^= 1;
                assert!(!is_same(&a, &b), "{len} {at}");
            }
        }
    }
}
