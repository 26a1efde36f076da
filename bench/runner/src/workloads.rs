//! The measured workloads: the table of structures, each with its operations, sizes and contenders.

use crate::contenders::Contender::{self, Graven, Heap, Ism, Iss, Uncached};

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

/// An operation of a measured message.
pub struct Operation {
    /// As canisters have it.
    pub name: &'static str,
    /// The order of the keys, see `bench_work::numbers`.
    pub order: &'static str,
    /// As people read it.
    pub title: &'static str,
    /// The state that the operation needs.
    pub before: Before,
    /// How often it is done.
    pub count: Count,
    /// The other work of the message, which is subtracted.
    pub without: Without,
    /// Who cannot do it, though having the structure.
    pub not: &'static [Contender],
}

/// The state that an operation begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Empty,
    /// All entries, put in the order of random keys; lists: pushed.
    Filled,
    /// All entries, put in ascending order.
    Ascending,
}

/// How often an operation is done.
#[derive(Clone, Copy, Debug)]
pub enum Count {
    /// Once for each entry.
    Each,
    /// Once for each entry, but at most 100,000 times.
    Sample,
    /// The given number of times.
    Times(u64),
}

impl Count {
    /// How often that is.
    #[must_use]
    pub fn of(self, entries: u64) -> u64 {
        match self {
            Self::Each => entries,
            Self::Sample => entries.min(100_000),
            Self::Times(times) => times,
        }
    }
}

/// The cost of the message without the operation.
#[derive(Clone, Copy, Debug)]
pub enum Without {
    /// Nothing is subtracted: the message is a single scan.
    Nothing,
    /// Loop and keys.
    Keys,
    /// Loop, keys and values.
    KeysAndValues,
}

const fn op(
    name: &'static str,
    order: &'static str,
    title: &'static str,
    before: Before,
    count: Count,
    without: Without,
) -> Operation {
    Operation { name, order, title, before, count, without, not: &[] }
}

impl Operation {
    const fn not(mut self, not: &'static [Contender]) -> Self {
        self.not = not;
        self
    }
}

use Before::{Ascending, Empty, Filled};
use Count::{Each, Sample, Times};
use Without::{Keys, KeysAndValues, Nothing};

const INSERT: Operation = op("insert", "random", "insert", Empty, Each, KeysAndValues);
const GET: Operation = op("get", "random", "get", Filled, Sample, Keys);
const REMOVE: Operation = op("remove", "random", "remove", Filled, Sample, Keys);
const SCAN: Operation = op("scan", "random", "scan, per entry", Filled, Times(0), Nothing);
const GET_ZIPF: Operation = op("get", "zipf", "get, zipf", Filled, Sample, Keys);
const MISSING: Operation = op("get-missing", "missing", "get what is not there", Filled, Sample, Keys);
const OVERWRITE: Operation = op("overwrite", "random", "overwrite", Filled, Sample, KeysAndValues);
const MIXED: Operation = op("mixed", "random", "get and overwrite, 50/50", Filled, Sample, Keys);
const MIXED_ZIPF: Operation = op("mixed", "zipf", "get and overwrite, 50/50, zipf", Filled, Sample, Keys);
const DELETE_HEAVY: Operation = op("delete-heavy", "random", "4 removes to 1 insert", Filled, Sample, Keys);
const SCAN_BACK: Operation =
    op("scan-back", "random", "scan backward, per entry", Filled, Times(0), Nothing).not(&[Ism]);
const SCAN_10: Operation =
    op("scan-10", "random", "10 entries from a key on, per entry", Filled, Times(1_000), Keys).not(&[Ism]);
const SCAN_1000: Operation =
    op("scan-1000", "random", "1,000 entries from a key on, per entry", Filled, Times(100), Keys).not(&[Ism]);

const BTREE: &[Operation] = &[
    GET,
    GET_ZIPF,
    op("get", "sequential", "get, ascending", Ascending, Sample, Keys),
    MISSING,
    INSERT,
    op("insert", "sequential", "insert, ascending", Empty, Each, KeysAndValues),
    op("load", "sorted", "bulk load", Empty, Each, KeysAndValues),
    OVERWRITE,
    REMOVE,
    MIXED,
    MIXED_ZIPF,
    DELETE_HEAVY,
    SCAN,
    SCAN_BACK,
    SCAN_10,
    SCAN_1000,
];
/// The keys have no order, so nothing comes in ascending order.
const BTREE_32: &[Operation] = &[
    GET,
    GET_ZIPF,
    MISSING,
    INSERT,
    OVERWRITE,
    REMOVE,
    MIXED,
    MIXED_ZIPF,
    DELETE_HEAVY,
    SCAN,
    SCAN_BACK,
    SCAN_10,
    SCAN_1000,
];
const BTREE_TEXT: &[Operation] = &[
    GET,
    INSERT,
    OVERWRITE,
    REMOVE,
    SCAN,
    op("prefix", "random", "scan of a prefix (1/256 of all), per entry", Filled, Times(100), Keys),
];
/// Keys that come in clusters, as composite ones do.
const CLUSTERED: &[Operation] = &[
    op("get", "shuffled", "get", Filled, Sample, Keys),
    op("insert", "shuffled", "insert", Empty, Each, KeysAndValues),
    op("remove", "shuffled", "remove", Filled, Sample, Keys),
    op("scan", "shuffled", "scan, per entry", Filled, Times(0), Nothing),
];
const CLOCK: &[Operation] = &[
    op("get", "clock-shuffled", "get", Filled, Sample, Keys),
    op("insert", "clock", "insert", Empty, Each, KeysAndValues),
    op("remove", "clock-shuffled", "remove", Filled, Sample, Keys),
    op("scan", "clock", "scan, per entry", Filled, Times(0), Nothing),
];
const BTREE_LARGE: &[Operation] = &[GET, INSERT, OVERWRITE, REMOVE, SCAN];
const HASH: &[Operation] =
    &[GET, GET_ZIPF, MISSING, INSERT, OVERWRITE, REMOVE, MIXED, MIXED_ZIPF, DELETE_HEAVY, SCAN];
const HASH_OTHER: &[Operation] = &[GET, INSERT, OVERWRITE, REMOVE, SCAN];
const PUSH: Operation = op("push", "random", "push", Empty, Each, KeysAndValues);
const GET_AT: Operation = op("get", "index", "get, random", Filled, Sample, Keys);
const ITERATE: Operation = op("iterate", "random", "iterate, per value", Filled, Times(0), Nothing);
const VEC: &[Operation] = &[
    GET_AT,
    PUSH,
    op("set", "index", "set, random", Filled, Sample, KeysAndValues),
    op("pop", "random", "pop", Filled, Sample, Keys),
    ITERATE,
];
const LOG: &[Operation] = &[GET_AT, PUSH, ITERATE];
const QUEUE: &[Operation] = &[PUSH, op("pop", "random", "pop", Filled, Sample, Keys)];
const LARGE: &[Operation] = &[
    op("put", "random", "put", Empty, Times(1), KeysAndValues),
    op("get", "random", "get", Filled, Times(1), Keys),
];
const RECORDS: &[Operation] =
    &[op("get-field", "random", "get one field of 8 bytes", Filled, Sample, Keys), GET];

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
        operations.find(|operation| operation.before == Empty).unwrap_or(&INSERT)
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
