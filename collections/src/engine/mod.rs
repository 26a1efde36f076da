//! The engine below the typed collections: cells, the nodes and buckets that hold them, and the
//! three trees (by key, by hash, by position). It knows only bytes. The typed collections encode
//! what they pass to it and decode what it returns.

pub(crate) mod array;
pub(crate) mod bounds;
pub(crate) mod btree;
pub(crate) mod cell;
pub(crate) mod fixed;
pub(crate) mod hash;
pub(crate) mod leaf;
pub(crate) mod migrate;
pub(crate) mod nodes;
pub(crate) mod progress;
pub(crate) mod verify;
