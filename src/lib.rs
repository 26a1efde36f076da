//! Graven: data that outlives the code that wrote it.
//!
//! `#[derive(StableLayout)]` gives types explicit, versioned byte layouts; collections keep those
//! bytes directly in the stable memory of an Internet Computer canister. An upgrade moves nothing:
//! it checks that the new code understands what is stored, and records are brought to the newest
//! layout as they are written.
//!
//! This crate only re-exports: layouts, evolution and pages are in `graven-core`, the collections
//! in `graven-collections`, the macros in `graven-derive`.

pub use graven_collections::{
    BTreeMap, BTreeSet, Blobs, Cell, Collection, Cursor, Deque, Direction, HashMap, HashSet, Log, Map,
    Nested, OrderedMap, Page, PriorityQueue, RankedMap, Records, Slab, StableVec, View, blobs, btree_map,
    btree_set, cursor, entry, hash_map, hash_set, nested, open, priority_queue, ranked_map, records, traits,
    vec,
};
pub use graven_core::{
    DefaultMemoryImpl, Error, Foreign, Memory, Result, error, evolution, key, layout, lock, memory, page,
    store,
};

pub use graven_core::key::{Reverse, StableKey, TotalF32, TotalF64};
pub use graven_core::layout::field::Field;
pub use graven_core::layout::{Blob, StableLayout, Text};
pub use graven_core::store::{Budget, Options, Progress, RootStats, Schema, Store};
pub use graven_derive::{StableKey, StableLayout, store};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod canister;

/// Compiles the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
