//! Collections that live in stable memory, written from scratch on the pages and layouts of `graven-core`.
//! What belongs to one collection is in its own folder; what several share is here.

pub mod blobs;
pub mod btree_map;
pub mod btree_set;
mod cell;
mod convert;
pub mod cursor;
mod deque;
pub mod entry;
mod fields;
pub mod hash_map;
pub mod hash_set;
mod keys;
mod lists;
mod log;
pub mod nested;
pub mod priority_queue;
mod range;
pub mod ranked_map;
pub mod records;
mod sequence;
#[cfg(feature = "serde")]
mod serialize;
mod slab;
pub mod traits;
mod value;
pub mod vec;

pub use blobs::Blobs;
pub use btree_map::BTreeMap;
pub use btree_set::BTreeSet;
pub use cell::Cell;
pub use cursor::{Cursor, Direction, Page};
pub use deque::Deque;
pub use fields::view::View;
pub use graven_core::store::Collection;
pub use hash_map::HashMap;
pub use hash_set::HashSet;
pub use log::Log;
pub use nested::Nested;
pub use priority_queue::PriorityQueue;
pub use ranked_map::RankedMap;
pub use records::Records;
pub use slab::Slab;
pub use traits::{Map, OrderedMap};
pub use vec::Vec;

use graven_core::store::{Options, Store};
use graven_core::{Memory, Result};

/// Opens a memory as a store with a single collection, or begins one in an empty memory.
///
/// # Errors
/// As [`Store::open`].
pub fn open<C: Collection>(name: &'static str, memory: C::Memory) -> Result<C>
where
    C::Memory: Memory,
{
    let mut store = Store::open(memory, &[C::SPEC.named(name)], Options::default())?;
    Ok(C::attach(store.take(0)))
}
