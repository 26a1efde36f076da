//! More than thirty million operations: every collection beside std's, over re-opens, upgrades to
//! changed layouts of values, sweeps, and a memory that cannot grow.
//!
//! A kind of collection is a module that says how one step is done to it and to its model
//! ([`life::Life`]). Everything else is the same for all: what steps come ([`steps`]), how they are
//! run and counted, and how the steps of a failure become few ([`life`]). The table below says how
//! many operations each kind does at least, and the test adds them up.

mod blobs;
mod cell;
mod life;
mod lists;
mod maps;
mod priority_queue;
mod records;
mod sets;
mod shrinking;
mod slab;
mod steps;

use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use graven::{BTreeMap, BTreeSet, Deque, HashMap, HashSet, Log, RankedMap, Reverse, StableVec};
use graven_collection_tests::lists::Model as ListModel;
use graven_tests::chains::{dynamic, mixed};

use life::{Begin, Counts, Memory, begin, run};

/// A kind of collection, how many operations are done to it at least, and the lives that they are
/// divided into.
struct Kind {
    name: &'static str,
    operations: u64,
    /// `true` if its values have layouts that change.
    upgrades: bool,
    lives: &'static [Begin],
}

/// The least that all of them do together.
const OPERATIONS: u64 = 30_000_000;

/// Returns the divisor of all counts: `cargo xtask test --quick` sets the variable.
fn divisor() -> u64 {
    if std::env::var_os("GRAVEN_QUICK").is_some() { 10 } else { 1 }
}

const KINDS: &[Kind] = &[
    Kind {
        name: "BTreeMap",
        operations: 4_000_000,
        upgrades: true,
        lives: &[
            begin::<maps::Model<BTreeMap<u64, mixed::V1, Memory>, u64, mixed::V1>>,
            begin::<maps::Model<BTreeMap<u64, u64, Memory>, u64, u64>>,
            begin::<maps::Model<BTreeMap<String, mixed::V1, Memory>, String, mixed::V1>>,
            begin::<maps::Model<BTreeMap<(String, u32), dynamic::V1, Memory>, (String, u32), dynamic::V1>>,
        ],
    },
    Kind {
        name: "HashMap",
        operations: 3_200_000,
        upgrades: true,
        lives: &[
            begin::<maps::Model<HashMap<u64, mixed::V1, Memory>, u64, mixed::V1>>,
            begin::<maps::Model<HashMap<u64, u64, Memory>, u64, u64>>,
            begin::<maps::Model<HashMap<String, dynamic::V1, Memory>, String, dynamic::V1>>,
        ],
    },
    Kind {
        name: "RankedMap",
        operations: 2_000_000,
        upgrades: true,
        lives: &[
            begin::<maps::Model<RankedMap<u64, mixed::V1, Memory>, u64, mixed::V1>>,
            begin::<maps::Model<RankedMap<String, dynamic::V1, Memory>, String, dynamic::V1>>,
        ],
    },
    Kind {
        name: "BTreeSet",
        operations: 2_400_000,
        upgrades: false,
        lives: &[
            begin::<sets::Model<BTreeSet<u64, Memory>, u64>>,
            begin::<sets::Model<BTreeSet<Reverse<String>, Memory>, Reverse<String>>>,
        ],
    },
    Kind {
        name: "HashSet",
        operations: 2_000_000,
        upgrades: false,
        lives: &[
            begin::<sets::Model<HashSet<u64, Memory>, u64>>,
            begin::<sets::Model<HashSet<(String, u32), Memory>, (String, u32)>>,
        ],
    },
    Kind {
        name: "Vec",
        operations: 2_600_000,
        upgrades: true,
        lives: &[
            begin::<ListModel<StableVec<mixed::V1, Memory>, mixed::V1>>,
            begin::<ListModel<StableVec<u64, Memory>, u64>>,
            begin::<ListModel<StableVec<dynamic::V1, Memory>, dynamic::V1>>,
        ],
    },
    Kind {
        name: "Deque",
        operations: 2_600_000,
        upgrades: true,
        lives: &[
            begin::<ListModel<Deque<mixed::V1, Memory>, mixed::V1>>,
            begin::<ListModel<Deque<String, Memory>, String>>,
        ],
    },
    Kind {
        name: "Log",
        operations: 2_000_000,
        upgrades: true,
        lives: &[
            begin::<ListModel<Log<mixed::V1, Memory>, mixed::V1>>,
            begin::<ListModel<Log<dynamic::V1, Memory>, dynamic::V1>>,
        ],
    },
    Kind {
        name: "PriorityQueue",
        operations: 2_000_000,
        upgrades: false,
        lives: &[begin::<priority_queue::Model<u64>>, begin::<priority_queue::Model<Reverse<(String, u32)>>>],
    },
    Kind {
        name: "Slab",
        operations: 2_000_000,
        upgrades: true,
        lives: &[begin::<slab::Model<mixed::V1>>, begin::<slab::Model<dynamic::V1>>],
    },
    Kind {
        name: "Blobs",
        operations: 2_000_000,
        upgrades: false,
        lives: &[begin::<blobs::Model<u64>>, begin::<blobs::Model<String>>],
    },
    Kind {
        name: "Records",
        operations: 2_000_000,
        upgrades: true,
        lives: &[
            begin::<records::Model<u64, mixed::V1, StableVec<dynamic::V1, Memory>>>,
            begin::<records::Model<String, u64, BTreeMap<String, mixed::V1, Memory>>>,
            begin::<records::Model<(String, u32), dynamic::V1, BTreeSet<String, Memory>>>,
            begin::<records::Model<u8, mixed::V1, Deque<u64, Memory>>>,
            begin::<records::Model<u64, [u8; 128], Deque<mixed::V1, Memory>>>,
        ],
    },
    Kind {
        name: "Cell",
        operations: 2_000_000,
        upgrades: true,
        lives: &[begin::<cell::Model<mixed::V1>>, begin::<cell::Model<dynamic::V1>>],
    },
];

/// Lives one after the other, each with another seed, until it was enough.
fn kind(kind: &Kind) -> Counts {
    let mut counts = Counts::default();
    for (seed, begin) in kind.lives.iter().cycle().enumerate() {
        let all_lived = seed >= kind.lives.len();
        if all_lived && counts.operations >= kind.operations / divisor() {
            break;
        }
        counts += run(*begin, &format!("{} {seed}", kind.name), seed as u64);
    }
    counts
}

/// Returns all kinds, as many at a time as there are processors.
fn all() -> Vec<(&'static Kind, Counts)> {
    let (waiting, done) = (Mutex::new(KINDS.iter()), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let Some(next) = waiting.lock().unwrap().next() else { return };
            let started = Instant::now();
            let counts = kind(next);
            println!("{:14} {counts} in {:.1} s", next.name, started.elapsed().as_secs_f32());
            done.lock().unwrap().push((next, counts));
        }
    };
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| (0..processors.min(KINDS.len())).for_each(|_| _ = scope.spawn(work)));
    done.into_inner().unwrap()
}

#[test]
fn thirty_million_operations() {
    let counted = all();
    assert_eq!(counted.len(), KINDS.len());
    for (kind, counts) in &counted {
        let Kind { name, operations, upgrades, .. } = kind;
        let operations = operations / divisor();
        assert!(counts.operations >= operations, "{name}: {counts}");
        // What makes it hard has to happen, or something here no longer does what it is for.
        assert!(counts.reopens >= operations / 2_000, "{name}: {counts}");
        assert!(counts.refused >= 100 / divisor(), "{name}: {counts}");
        assert!(!upgrades || counts.upgrades >= operations / 50_000, "{name}: {counts}");
        assert!(!upgrades || counts.swept >= operations / 50_000, "{name}: {counts}");
    }
    let total: Counts = counted.iter().map(|(_, counts)| *counts).sum();
    println!("{:14} {total}", "all");
    assert!(total.operations >= OPERATIONS / divisor(), "{total}");
}
