//! Results of operations with a [`Budget`](crate::Budget): what a call has done, and where the next
//! one continues.

pub use graven_collections::btree_map::LoadError;
pub use graven_collections::vec::Sorting;
pub use graven_collections::{Extracted, Step};
pub use graven_core::store::OldLayout;
