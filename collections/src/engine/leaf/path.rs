//! The steps of a descent: a node, its level and the bounds of its key prefixes.

use graven_core::key::big_endian;
use graven_core::page::PageNumber;

/// The number of bytes of a key prefix.
pub(crate) const KEY_PREFIX: usize = 8;

/// A node on a descent, with the bounds of its key prefixes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DescentPath {
    pub(crate) page: PageNumber,
    /// The level of the node, 0 for a leaf.
    pub(crate) level: u32,
    /// The bounds of key prefixes in the node: at least `low` and at most `high`, unless memory is
    /// damaged.
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl DescentPath {
    /// Returns the path to a leaf whose fence keys are unknown.
    pub(crate) fn to(page: PageNumber) -> DescentPath {
        DescentPath { page, level: 0, low: 0, high: u64::MAX }
    }
}

/// Returns the first eight bytes of a key as a big-endian number. Shorter keys are padded with
/// zeros.
#[inline(always)]
pub(crate) fn key_prefix_of(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.first_chunk()) {
        (Some(head), _) => big_endian(*head),
        (None, Some(head)) if key.len() == 4 => u64::from(u32::from_be_bytes(*head)) << 32,
        _ => key.iter().enumerate().fold(0, |head, (i, byte)| head | u64::from(*byte) << (56 - 8 * i)),
    }
}

/// Returns the prefix of a key that was just encoded. The compiler sees that a number's bytes are
/// swapped twice, and omits both swaps.
#[inline(always)]
pub(crate) fn lookup_prefix_of(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(head) if key.len() == KEY_PREFIX => u64::from_be_bytes(*head),
        _ => key_prefix_of(key),
    }
}
