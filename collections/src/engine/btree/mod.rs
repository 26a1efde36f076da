//! A B+tree with nodes of one page, over encoded keys and values. `leaf` deals with single nodes;
//! maps and sets encode and decode.
//!
//! ```text
//! tree, descend    finds the leaf of a key over cached and uncached inner nodes
//! insert, end, fixed, replace, grow, append, append_cells    adds entries
//! remove, edit     removes entries, changes those of a leaf at once
//! range, leaf, leaves, page    walks over leaves in both directions
//! migrate, sweep, transfer, verify    converts old values, moves entries between trees, checks a whole tree
//! ```

pub(crate) mod append;
mod append_cells;
mod descend;
pub(crate) mod edit;
mod end;
mod fixed;
mod grow;
mod insert;
pub(crate) mod leaf;
mod leaves;
mod migrate;
mod page;
pub(crate) mod range;
mod remove;
mod replace;
mod sweep;
pub(crate) mod transfer;
mod tree;
mod verify;

pub(crate) use tree::Tree;
