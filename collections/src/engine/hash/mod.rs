//! Extendible hashing over pages, on encoded keys and values: a full bucket is split alone, and no other is touched. Typed
//! maps and sets stand above; cells are those of `cell`.
//!
//! ```text
//! table, insert, remove, walk, scan, sweep, verify       finds, adds, removes, visits and converts entries
//! place, directory, branches, known, divide, unite       which bucket a hash belongs to; splits and merges
//! bucket, fresh, group, part, plain                      one page: its table, its cells, how it is packed
//! ```

mod branches;
mod bucket;
mod directory;
mod divide;
mod fresh;
mod group;
mod hash;
mod insert;
mod known;
mod lookup;
mod part;
mod place;
mod plain;
mod remove;
pub(crate) mod scan;
mod sweep;
pub(crate) mod table;
mod unite;
mod verify;
pub(crate) mod walk;

pub(crate) use table::Table;
pub(crate) use verify::verify;
