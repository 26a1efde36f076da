//! The steps of a descent: a node, its level, and between which key prefixes its keys lie.

use graven_core::key::big_endian;

/// Bytes of a key's head.
pub(crate) const KEY_PREFIX: usize = 8;

/// A node on the way down, with the key prefixes between which its keys lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DescentPath {
    pub(crate) page: u32,
    /// Its level; 0 for a leaf.
    pub(crate) level: u32,
    /// Heads of keys in the node are at least `low` and at most `high`, unless memory is damaged.
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl DescentPath {
    /// To a leaf of whose keys nothing is known.
    pub(crate) fn to(page: u32) -> DescentPath {
        DescentPath { page, level: 0, low: 0, high: u64::MAX }
    }
}

/// The first eight bytes of a key as a number, in the order of the bytes; zeros where it is
/// shorter.
#[inline(always)]
pub(crate) fn key_prefix_of(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.first_chunk()) {
        (Some(head), _) => big_endian(*head),
        (None, Some(head)) if key.len() == 4 => u64::from(u32::from_be_bytes(*head)) << 32,
        _ => key.iter().enumerate().fold(0, |head, (i, byte)| head | u64::from(*byte) << (56 - 8 * i)),
    }
}

/// Returns the prefix of a key that was just encoded, for a search: the compiler sees that a
/// number's bytes are swapped twice, and leaves that.
#[inline(always)]
pub(crate) fn lookup_prefix_of(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(head) if key.len() == KEY_PREFIX => u64::from_be_bytes(*head),
        _ => key_prefix_of(key),
    }
}
