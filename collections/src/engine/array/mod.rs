//! The tree of values by position that `Vec`, `Deque` and `Log` use.
//!
//! ```text
//! Sequence   finds the leaf of a position, reads a value            (sequence, path, get, iter)
//!            finds values by cached addresses                       (locate, arrays)
//!            sets, inserts, removes, pushes, pops                   (edit, insert, ends)
//!            adds to an array that counts its values                (last)
//!            removes by a condition, moves                          (filter, shift)
//!            drops at the front, migrates, sweeps, verifies         (detached, migrate, sweep, verify)
//! branch     a page of children, each with its first position       (branch, children)
//! leaf       an array of values of one size, or a node of cells     (leaf, span)
//! ```
//! A child's position counts from the start of its branch, and the end of the last child is not
//! stored. So adding a value after all others changes no branch, and inserting one in the middle
//! changes only the branches above it. Dead positions before the first value (`first`) do the same
//! for the front.
//!
//! The cells of nodes and their conversion are those of maps, with empty keys.

mod arrays;
mod branch;
mod children;
mod detached;
mod edit;
mod ends;
mod filter;
mod get;
mod insert;
mod iter;
mod last;
mod leaf;
mod locate;
mod migrate;
mod path;
mod sequence;
mod shift;
mod span;
mod sweep;
mod verify;

pub(crate) use ends::End;
pub(crate) use filter::Fate;
pub(crate) use iter::Values;
pub(crate) use last::{EncodeTo, with_buffer};
pub(crate) use sequence::{MAX_WIDTH, Sequence};
