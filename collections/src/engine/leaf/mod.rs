//! Nodes of trees, as bytes: reading parts of one, searching it, writing a cell, packing cells into
//! a page, converting its values. `btree` and `array` decide which node comes next; buckets of hash
//! maps are in `hash`.

pub(crate) mod build;
pub(crate) mod context;
pub(crate) mod convert;
pub(crate) mod fixed;
mod items;
pub(crate) mod node;
mod order;
pub(crate) mod path;
pub(crate) mod reader;
mod search;
pub(crate) mod seek;
pub(crate) mod slots;
mod write;
