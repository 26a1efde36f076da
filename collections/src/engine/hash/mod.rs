//! Extendible hashing over pages, on encoded keys and values. A full bucket is split without
//! touching any other. Typed maps and sets are built on this module; its cells are those of `cell`,
//! and its pages of cells of one size those of `fixed`.
//!
//! ```text
//! table, lookup, insert, remove, walk, scan, sweep, verify   finds, adds, visits, converts entries
//! room, overwrite                                      the pages that an insert writes
//! position, directory, branches, cache, split, merge   the bucket of a hash; splits and merges
//! bucket, fixed, reader                              one page: its table, its cells, its packing
//! ```

mod branches;
mod bucket;
mod cache;
mod directory;
mod fixed;
mod hasher;
mod insert;
mod lookup;
mod merge;
mod overwrite;
mod position;
mod reader;
mod remove;
mod room;
mod scan;
mod split;
mod sweep;
pub(crate) mod table;
mod verify;
pub(crate) mod walk;

pub(crate) use table::Table;
