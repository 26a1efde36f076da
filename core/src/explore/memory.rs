//! Bytes of the memory of an open store. With them, tools read everything that an image has.

use ic_stable_structures::Memory;

use crate::page::Pager;

/// The most bytes of a part: 256 KiB. A reply may have 2 MiB, and costs 50 instructions a byte.
pub const MAX_PART_LEN: u32 = 256 << 10;

/// A part of a store's memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "candid", derive(candid::CandidType, serde::Deserialize))]
pub struct MemoryPart {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The size of the memory in bytes.
    pub memory_bytes: u64,
    /// The version of the canister. It grows with every message that may have changed the memory,
    /// so parts of one version fit together.
    pub version: u64,
}

/// Returns bytes of the memory from an offset on: `len` of them, but at most [`MAX_PART_LEN`], and
/// none beyond its end.
#[must_use]
pub fn read_memory<M: Memory>(pager: &Pager<M>, offset: u64, len: u32, version: u64) -> MemoryPart {
    let memory_bytes = pager.memory_bytes();
    let left = memory_bytes.saturating_sub(offset);
    let mut bytes = vec![0; u64::from(len.min(MAX_PART_LEN)).min(left) as usize];
    if !bytes.is_empty() {
        pager.memory().read(offset, &mut bytes);
    }
    MemoryPart { bytes, memory_bytes, version }
}
