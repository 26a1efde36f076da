//! Nodes of trees, as bytes: reading parts of one, searching it, writing a cell, packing cells into
//! a page, converting its values. `btree` and `array` decide which node comes next; buckets of hash
//! maps are in `hash`.

pub(crate) mod context;
pub(crate) mod convert;
mod items;
pub(crate) mod node;
pub(crate) mod pack;
pub(crate) mod path;
pub(crate) mod reader;
pub(crate) mod search;
pub(crate) mod slots;
mod write;
