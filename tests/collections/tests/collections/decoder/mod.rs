//! A decoder of memories that was written from `docs/format.md` alone, as a proof that the document
//! suffices.
//!
//! The rule: nothing in this program uses a crate of this workspace, and who changes it does so by
//! the document, not by the code that writes memories. Where the document does not say enough, the
//! document is what to mend.

mod bytes;
mod contents;
mod dead;
mod descriptor;
mod document;
mod extents;
mod hash;
mod image;
mod images;
mod indexes;
mod key;
mod listing;
mod memory;
mod nested;
mod node;
mod queue;
mod ranked_map;
mod registry;
mod roots;
mod sequence;
mod tree;
mod value;
