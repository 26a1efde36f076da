//! Everything that knows only bytes: cells, the nodes and buckets that hold them, and the three
//! trees (by key, by hash, by position). No type of a user's is known here; encoding, calling and
//! decoding is what the typed collections do.

pub(crate) mod array;
pub(crate) mod bounds;
pub(crate) mod btree;
pub(crate) mod cell;
pub(crate) mod hash;
pub(crate) mod leaf;
pub(crate) mod migrate;
pub(crate) mod nodes;
pub(crate) mod progress;
pub(crate) mod verify;
