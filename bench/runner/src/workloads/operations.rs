//! The operations on structures, and the state that each begins with.

use crate::contenders::Contender::{self, Graven, Ism};

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

pub const INSERT: Operation = op("insert", "random", "insert", Empty, Each, KeysAndValues);
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

pub const BTREE: &[Operation] = &[
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
pub const BTREE_32: &[Operation] = &[
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
pub const BTREE_TEXT: &[Operation] = &[
    GET,
    INSERT,
    OVERWRITE,
    REMOVE,
    SCAN,
    op("prefix", "random", "scan of a prefix (1/256 of all), per entry", Filled, Times(100), Keys),
];
/// Keys that come in clusters, as composite ones do.
pub const CLUSTERED: &[Operation] = &[
    op("get", "shuffled", "get", Filled, Sample, Keys),
    op("insert", "shuffled", "insert", Empty, Each, KeysAndValues),
    op("remove", "shuffled", "remove", Filled, Sample, Keys),
    op("scan", "shuffled", "scan, per entry", Filled, Times(0), Nothing),
];
pub const CLOCK: &[Operation] = &[
    op("get", "clock-shuffled", "get", Filled, Sample, Keys),
    op("insert", "clock", "insert", Empty, Each, KeysAndValues),
    op("remove", "clock-shuffled", "remove", Filled, Sample, Keys),
    op("scan", "clock", "scan, per entry", Filled, Times(0), Nothing),
];
pub const BTREE_LARGE: &[Operation] = &[GET, INSERT, OVERWRITE, REMOVE, SCAN];
pub const HASH: &[Operation] =
    &[GET, GET_ZIPF, MISSING, INSERT, OVERWRITE, REMOVE, MIXED, MIXED_ZIPF, DELETE_HEAVY, SCAN];
pub const HASH_OTHER: &[Operation] = &[GET, INSERT, OVERWRITE, REMOVE, SCAN];
const PUSH: Operation = op("push", "random", "push", Empty, Each, KeysAndValues);
const GET_AT: Operation = op("get", "index", "get, random", Filled, Sample, Keys);
const ITERATE: Operation = op("iterate", "random", "iterate, per value", Filled, Times(0), Nothing);
pub const VEC: &[Operation] = &[
    GET_AT,
    PUSH,
    op("set", "index", "set, random", Filled, Sample, KeysAndValues),
    op("pop", "random", "pop", Filled, Sample, Keys),
    ITERATE,
];
pub const LOG: &[Operation] = &[GET_AT, PUSH, ITERATE];
pub const QUEUE: &[Operation] = &[PUSH, op("pop", "random", "pop", Filled, Sample, Keys)];
pub const LARGE: &[Operation] = &[
    op("put", "random", "put", Empty, Times(1), KeysAndValues),
    op("get", "random", "get", Filled, Times(1), Keys),
];
pub const RECORDS: &[Operation] =
    &[op("get-field", "random", "get one field of 8 bytes", Filled, Sample, Keys), GET];

pub const TABLE: &[Operation] = &[
    GET,
    op("get-unique", "random", "get by a text, unique index", Filled, Sample, KeysAndValues),
    op("page", "random", "20 rows by a number, in all", Filled, Times(1_000), KeysAndValues),
    op("page-prefix", "random", "20 rows by a prefix, in all", Filled, Times(1_000), KeysAndValues),
    op("keys-prefix", "random", "20 keys by a prefix, in all", Filled, Times(1_000), KeysAndValues),
    op("count", "random", "count by a range of numbers, per row", Filled, Times(1_000), KeysAndValues),
    INSERT,
    op("upsert", "random", "upsert, changing no index", Filled, Sample, KeysAndValues),
    op("update", "random", "update, changing no index", Filled, Sample, Keys),
    op("update-indexed", "random", "update of one index", Filled, Sample, Keys),
    // What an upsert is compared with: the map of rows alone.
    op("overwrite", "random", "overwrite, map of rows alone", Filled, Sample, KeysAndValues).not(&[Graven]),
    REMOVE,
];
pub const TRANSACTION: &[Operation] = &[
    INSERT,
    op("insert-together", "random", "insert, 100 in a transaction", Empty, Each, KeysAndValues),
    op("insert-undone", "missing", "insert, 100 in one that is undone", Filled, Sample, KeysAndValues),
];
