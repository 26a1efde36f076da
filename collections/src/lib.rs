//! Collections in stable memory, written from scratch on the pages and layouts of `graven-core`.
//! Code of one collection is in its own folder; shared code is here.

// Damaged memory is an error, never a panic. Each exception gives its reason.
#![deny(
    clippy::expect_used,
    clippy::get_unwrap,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc, clippy::must_use_candidate)]
#![warn(missing_debug_implementations)]

#[macro_use]
mod macros;

pub mod blobs;
mod cell;
mod codec;
pub mod cursor;
mod engine;
mod fields;
mod list;
mod map;
pub mod nested;
pub mod queue;
mod sealed;
#[cfg(feature = "serde")]
mod serialize;
mod set;
mod slab;
pub mod stored;
pub mod table;
mod walk;

pub use blobs::Blobs;
pub use cell::Cell;
pub use codec::range::KeyBounds;
pub use cursor::{Cursor, Direction, Page};
pub use engine::progress::Step;
pub use fields::view::View;
pub use graven_core::store::Collection;
pub use list::deque::Deque;
pub use list::log::Log;
pub use list::vec::{self, StableVec};
pub use map::btree::{self as btree_map, BTreeMap};
pub use map::entry;
pub use map::hash::{self as hash_map, HashMap};
pub use map::ranked::{self as ranked_map, RankedMap};
pub use map::traits::{self, Map, OrderedMap};
pub use nested::Nested;
pub use nested::records::{self, Records};
pub use queue::{self as priority_queue, PriorityQueue};
pub use set::btree::{self as btree_set, BTreeSet};
pub use set::hash::{self as hash_set, HashSet};
pub use slab::Slab;
pub use table::Table;
pub use walk::Extracted;

/// The items that generated code names. They are not for programs, and change without notice.
#[doc(hidden)]
pub mod __private {
    pub use graven_core::__private::*;

    pub use crate::table;
}

use graven_core::store::{Options, Store};
use graven_core::{Error, Memory, Result};

/// Opens a memory as a store with a single collection, or creates one in an empty memory.
///
/// # Errors
/// As [`Store::open`].
pub fn open<C: Collection>(name: &'static str, memory: C::Memory) -> Result<C>
where
    C::Memory: Memory + 'static,
{
    const { assert!(C::TARGETS.is_empty(), "a table that refers to others is opened with them, as a store") };
    let mut specs = vec![C::SPEC.named(name)];
    // The names live as long as the program, and a program opens few stores.
    specs.extend(C::PARTS.iter().map(|part| part.named(format!("{name}.{}", part.name).leak())));
    if !C::MAKES_INDEXES {
        return Ok(Store::open(memory, &specs, Options::default())?.attach(&mut 0));
    }
    Store::open_whole(memory, &specs, &[], Options::default(), |store| {
        let (collection, mut problems): (C, _) = (store.attach(&mut 0), Vec::new());
        collection.make_indexes(&mut problems)?;
        Error::of_problems(problems)?;
        Ok(collection)
    })
}
