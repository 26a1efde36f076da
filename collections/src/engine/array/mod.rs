//! Values by position: the tree below `Vec`, `Deque` and `Log`.
//!
//! ```text
//! Sequence   finds the leaf of a position; reads a value                     (this file, iter)
//!            sets, inserts, removes, pushes, pops                            (edit, insert, ends)
//!            the same for short values of one size                          (fast, directory, grow)
//!            removes by a condition, moves                                   (filter, shift)
//!            drops many in front, migrates, sweeps, verifies                 (dead, migrate, sweep, verify)
//! branch     a page of children, each with the position at which it begins   (branch, path, splice)
//! leaf       an array of values of one size, or a node of cells              (leaf)
//! ```
//! Positions of children count from where their branch begins, and the last child's end is not
//! written anywhere: so adding a value behind all others changes no branch, and inserting one in
//! the middle changes only the branches above it. Dead positions in front of the first value
//! (`first`) do the same for the other end.
//!
//! The cells of nodes and their conversion are `btree_map`'s, with keys of no bytes.

mod branch;
mod children;
mod detached;
mod directory;
mod edit;
mod ends;
mod filter;
mod get;
mod grow;
mod insert;
mod iter;
mod leaf;
mod locate;
mod migrate;
mod path;
mod run;
mod sequence;
mod shift;
mod short;
mod span;
mod sweep;
mod verify;
mod view;

pub(crate) use ends::End;
pub(crate) use filter::Fate;
pub(crate) use iter::Values;
pub(crate) use sequence::Sequence;
pub(crate) use short::{At, SHORT};
pub(crate) use view::View;
