//! The measured workloads: the table of structures, each with its operations, sizes and contenders.

mod operations;

use crate::contenders::Contender::{self, ByHand, Graven, Heap, Ism, Iss, Uncached};
use operations::{
    BTREE, BTREE_32, BTREE_LARGE, BTREE_TEXT, CLOCK, CLUSTERED, HASH, HASH_OTHER, INSERT, LARGE, LOG, QUEUE,
    RECORDS, TABLE, TRANSACTION, VEC,
};

pub use operations::{Before, Count, Operation, Without};

/// Entries that collections have.
pub const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];
/// The size that bars are for.
pub const USUAL: u64 = 100_000;

/// A collection with keys and values of certain types.
pub struct Structure {
    /// As canisters and results.csv have it.
    pub id: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// The operations on the structure.
    pub operations: &'static [Operation],
    /// Who has it, and with how many entries at most.
    pub contenders: &'static [(Contender, u64)],
    /// Bytes of an entry in its encoding.
    pub encoded: Option<u64>,
}

const MILLION: u64 = 1_000_000;

/// Everything that is measured many times in a message. At a million entries ic-stable-structures
/// has the plain workloads only (100 G instructions take a minute here), and values of a kibibyte
/// are left out: a gibibyte for each.
pub const STRUCTURES: &[Structure] = &[
    Structure {
        id: "btree-u64",
        title: "BTreeMap u64 → u64",
        operations: BTREE,
        contenders: &[(Graven, MILLION), (Uncached, USUAL), (Iss, MILLION), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(16),
    },
    Structure {
        id: "btree-32",
        title: "BTreeMap [u8; 32] → [u8; 128]",
        operations: BTREE_32,
        contenders: &[(Graven, MILLION), (Iss, USUAL), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(160),
    },
    Structure {
        id: "btree-text",
        title: "BTreeMap String → u64",
        operations: BTREE_TEXT,
        contenders: &[(Graven, MILLION), (Iss, USUAL), (Heap, MILLION)],
        encoded: Some(24),
    },
    Structure {
        id: "btree-owned",
        title: "BTreeMap (owner, number) → u64: 29 + 8 bytes, 100 of each owner",
        operations: CLUSTERED,
        contenders: &[(Graven, USUAL), (Iss, USUAL), (Heap, USUAL)],
        encoded: Some(45),
    },
    Structure {
        id: "btree-named",
        title: "BTreeMap (u32, String) → u64: 100 names of each number",
        operations: CLUSTERED,
        // ic-stable-structures has no such keys: it traps for tuples with a String.
        contenders: &[(Graven, USUAL), (Heap, USUAL)],
        encoded: Some(23),
    },
    Structure {
        id: "btree-clock",
        title: "BTreeMap u64 → u64: timestamps that come a little out of order",
        operations: CLOCK,
        contenders: &[(Graven, USUAL), (Iss, USUAL), (Ism, USUAL), (Heap, USUAL)],
        encoded: Some(16),
    },
    Structure {
        id: "btree-1024",
        title: "BTreeMap u64 → [u8; 1024]",
        operations: BTREE_LARGE,
        contenders: &[(Graven, USUAL), (Iss, USUAL), (Ism, USUAL), (Heap, USUAL)],
        encoded: Some(1_032),
    },
    Structure {
        id: "hash-u64",
        title: "HashMap u64 → u64",
        operations: HASH,
        contenders: &[(Graven, MILLION), (Uncached, USUAL), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(16),
    },
    Structure {
        id: "hash-32",
        title: "HashMap [u8; 32] → [u8; 128]",
        operations: HASH,
        contenders: &[(Graven, MILLION), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(160),
    },
    Structure {
        id: "hash-text",
        title: "HashMap String → u64",
        operations: HASH_OTHER,
        contenders: &[(Graven, MILLION), (Heap, MILLION)],
        encoded: Some(24),
    },
    Structure {
        id: "hash-1024",
        title: "HashMap u64 → [u8; 1024]",
        operations: HASH_OTHER,
        contenders: &[(Graven, USUAL), (Ism, USUAL), (Heap, USUAL)],
        encoded: Some(1_032),
    },
    Structure {
        id: "vec-u64",
        title: "Vec u64",
        operations: VEC,
        contenders: &[(Graven, MILLION), (Iss, MILLION), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(8),
    },
    Structure {
        id: "log-64",
        title: "Log [u8; 64]",
        operations: LOG,
        contenders: &[(Graven, MILLION), (Iss, MILLION), (Ism, MILLION), (Heap, MILLION)],
        encoded: Some(64),
    },
    Structure {
        id: "queue",
        title: "PriorityQueue u64",
        operations: QUEUE,
        contenders: &[(Graven, MILLION), (Iss, MILLION), (Heap, MILLION)],
        encoded: Some(8),
    },
    Structure {
        id: "large",
        title: "BTreeMap u64 → 10 MiB",
        operations: LARGE,
        contenders: &[(Graven, 1), (Iss, 1), (Heap, 1)],
        encoded: Some(10 << 20),
    },
    Structure {
        id: "blobs",
        title: "Blobs, 10 MiB",
        operations: LARGE,
        contenders: &[(Graven, 1)],
        encoded: Some(10 << 20),
    },
    Structure {
        id: "records",
        title: "BTreeMap u64 → record of 1 KiB",
        operations: RECORDS,
        contenders: &[(Graven, USUAL)],
        encoded: None,
    },
    Structure {
        id: "table",
        title: "Table with two indexes",
        operations: TABLE,
        contenders: &[(Graven, MILLION), (ByHand, MILLION), (Iss, USUAL)],
        encoded: Some(37),
    },
    Structure {
        id: "transaction",
        title: "Transactions: BTreeMap u64 → u64",
        operations: TRANSACTION,
        contenders: &[(Graven, MILLION)],
        encoded: None,
    },
];

impl Structure {
    /// How it is filled: the first operation that begins with nothing.
    ///
    /// # Panics
    /// Where there is none, which no structure of the table is.
    #[must_use]
    pub fn fill(&self) -> &'static Operation {
        let mut operations = self.operations.iter();
        // Records are only filled to be read; how long that takes is not in the table.
        operations.find(|operation| operation.before == Before::Empty).unwrap_or(&INSERT)
    }

    /// Returns the numbers of entries that it is measured with for a contender.
    pub fn sizes(&self, most: u64) -> impl Iterator<Item = u64> {
        let one = most == 1;
        let sizes = if one { &[1][..] } else { &SIZES[..] };
        sizes.iter().copied().filter(move |size| *size <= most)
    }

    /// As results.csv has an operation.
    #[must_use]
    pub fn workload(&self, operation: &Operation) -> String {
        format!("{}/{}/{}", self.id, operation.name, operation.order)
    }
}

/// Returns `true` if a contender does an operation at a size.
#[must_use]
pub fn does(contender: Contender, operation: &Operation, entries: u64) -> bool {
    let plain = ["get", "insert", "remove", "scan", "push", "pop", "set", "iterate"]
        .contains(&operation.name)
        && ["random", "index"].contains(&operation.order);
    let affordable = plain || !matches!(contender, Iss if entries > USUAL);
    let compared = plain || contender != Uncached;
    affordable && compared && !operation.not.contains(&contender)
}

/// The numbers are made in the canisters, which have no tests.
#[cfg(test)]
mod tests {
    use bench_work::numbers::{ABSENT, KNOWN, numbers};

    #[test]
    fn the_numbers_used_alone_are_what_they_say() {
        let random = numbers("random", 1_000, 1_000);
        assert!(random.contains(&KNOWN));
        assert!(!random.contains(&ABSENT));
    }

    #[test]
    fn half_of_zipfs_draws_go_to_a_few_keys() {
        let random = numbers("random", 1_000, 1_000);
        let draws = numbers("zipf", 1_000, 10_000);
        assert!(draws.iter().all(|draw| random.contains(draw)));
        let few = draws.iter().filter(|draw| random[..31].contains(draw)).count();
        assert!((4_000..6_000).contains(&few), "{few}");
    }
}
