//! One collection of a store is damaged in its structure and then used: the others stay whole,
//! nothing panics but with an error's words, and no operation reads or writes without end.
//!
//! ```text
//! subject             a collection as the tests see it: how it is filled, used and compared
//! maps, sets, lists, queue, nested, others     the collections
//! tables              tables that refer to each other, with a store and trials of their own
//! image               a store of the collections of a kind, and of one of every other kind
//! trial               one mutant
//! report              what came of all of them
//! ```
//! A mutant follows from `GRAVEN_SEED` and a number; `GRAVEN_FIRST` is the first number,
//! `GRAVEN_MUTANTS` how many there are in all tests together. A failure names them.

mod damaged;
mod image;
mod lists;
mod maps;
mod nested;
mod others;
mod queue;
mod report;
mod sets;
mod subject;
mod tables;
mod trial;

use graven::{
    BTreeMap, BTreeSet, Blobs, Cell, Deque, HashMap, HashSet, Log, Nested, PriorityQueue, RankedMap, Records,
    Slab, StableVec,
};
use graven_tests::chains::mixed::{V1, V2, V4};
use graven_tests::memory::Metered as M;

use image::Stored;
use report::Report;
use subject::{Shape, shape, versions};

/// Mutants of all tests together.
const MUTANTS: u64 = 20_000;

/// The number of kinds below.
const KINDS: u64 = 15;

fn setting(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{name} is no number: {value}")))
}

/// Returns the number of mutants of each kind.
fn count() -> u64 {
    let most = if std::env::var_os("GRAVEN_QUICK").is_some() { MUTANTS / 10 } else { MUTANTS };
    setting("GRAVEN_MUTANTS", most).div_ceil(KINDS)
}

/// Tries the mutants of a kind of collections.
fn mutants(shapes: &[Shape]) {
    let stored = Stored::of(shapes);
    let (seed, first, count) = (setting("GRAVEN_SEED", 1), setting("GRAVEN_FIRST", 0), count());
    let mut report = Report::default();
    for number in first..first + count {
        trial::run(&stored, seed, number, &mut report);
    }
    report.end(count);
}

#[test]
fn btree_maps() {
    mutants(&[
        shape::<BTreeMap<u64, u64, M>>(),
        shape::<BTreeMap<u64, [u8; 1_500], M>>(),
        shape::<BTreeMap<u64, [u8; 1_300], M>>(),
        shape::<BTreeMap<u64, Vec<u8>, M>>(),
        versions::<BTreeMap<String, V1, M>, BTreeMap<String, V2, M>, BTreeMap<String, V4, M>>(),
    ]);
}

#[test]
fn btree_sets() {
    mutants(&[
        shape::<BTreeSet<u64, M>>(),
        shape::<BTreeSet<String, M>>(),
        shape::<BTreeSet<[u8; 900], M>>(),
    ]);
}

#[test]
fn hash_maps() {
    mutants(&[
        shape::<HashMap<u64, u64, M>>(),
        shape::<HashMap<u64, [u8; 1_500], M>>(),
        shape::<HashMap<u64, Vec<u8>, M>>(),
        versions::<HashMap<String, V1, M>, HashMap<String, V2, M>, HashMap<String, V4, M>>(),
    ]);
}

#[test]
fn hash_sets() {
    mutants(&[shape::<HashSet<u64, M>>(), shape::<HashSet<String, M>>(), shape::<HashSet<[u8; 900], M>>()]);
}

#[test]
fn vectors() {
    mutants(&[
        shape::<StableVec<u64, M>>(),
        shape::<StableVec<[u8; 1_000], M>>(),
        shape::<StableVec<[u8; 1_500], M>>(),
        shape::<StableVec<Vec<u8>, M>>(),
        versions::<StableVec<V1, M>, StableVec<V2, M>, StableVec<V4, M>>(),
    ]);
}

#[test]
fn deques() {
    mutants(&[
        shape::<Deque<u64, M>>(),
        shape::<Deque<[u8; 1_500], M>>(),
        shape::<Deque<Vec<u8>, M>>(),
        versions::<Deque<V1, M>, Deque<V2, M>, Deque<V4, M>>(),
    ]);
}

#[test]
fn logs() {
    mutants(&[
        shape::<Log<u64, M>>(),
        shape::<Log<[u8; 1_000], M>>(),
        shape::<Log<Vec<u8>, M>>(),
        versions::<Log<V1, M>, Log<V2, M>, Log<V4, M>>(),
    ]);
}

#[test]
fn priority_queues() {
    mutants(&[
        shape::<PriorityQueue<u64, M>>(),
        shape::<PriorityQueue<String, M>>(),
        shape::<PriorityQueue<[u8; 900], M>>(),
    ]);
}

#[test]
fn ranked_maps() {
    mutants(&[
        shape::<RankedMap<u64, u64, M>>(),
        shape::<RankedMap<u64, [u8; 1_500], M>>(),
        versions::<RankedMap<String, V1, M>, RankedMap<String, V2, M>, RankedMap<String, V4, M>>(),
    ]);
}

#[test]
fn nested() {
    mutants(&[
        shape::<Nested<u64, BTreeMap<u64, Vec<u8>>, M>>(),
        shape::<Nested<String, BTreeSet<u64>, M>>(),
        shape::<Nested<u64, StableVec<[u8; 1_500]>, M>>(),
        versions::<Nested<u64, Deque<V1>, M>, Nested<u64, Deque<V2>, M>, Nested<u64, Deque<V4>, M>>(),
    ]);
}

#[test]
fn records() {
    mutants(&[
        shape::<Records<u64, u64, BTreeMap<u64, Vec<u8>>, M>>(),
        shape::<Records<String, Vec<u8>, BTreeSet<u64>, M>>(),
        shape::<Records<u64, Vec<u8>, StableVec<Vec<u8>>, M>>(),
        versions::<
            Records<u64, V1, Deque<V1>, M>,
            Records<u64, V2, Deque<V2>, M>,
            Records<u64, V4, Deque<V4>, M>,
        >(),
    ]);
}

#[test]
fn slabs() {
    mutants(&[
        shape::<Slab<u64, M>>(),
        shape::<Slab<Vec<u8>, M>>(),
        versions::<Slab<V1, M>, Slab<V2, M>, Slab<V4, M>>(),
    ]);
}

#[test]
fn blobs() {
    mutants(&[shape::<Blobs<u64, M>>(), shape::<Blobs<String, M>>()]);
}

/// In these two, a page is copied over another one of the blobs: what a search finds is not what a
/// change changes.
#[test]
fn a_chunk_of_a_blob_is_not_changed_for_ever() {
    let stored = Stored::of(&[shape::<Blobs<u64, M>>(), shape::<Blobs<String, M>>()]);
    let mut report = Report::default();
    for number in [308, 2_232] {
        trial::run(&stored, 7, number, &mut report);
    }
    report.end(2);
}

#[test]
fn cells() {
    mutants(&[
        shape::<Cell<u64, M>>(),
        shape::<Cell<Vec<u8>, M>>(),
        versions::<Cell<V1, M>, Cell<V2, M>, Cell<V4, M>>(),
    ]);
}
