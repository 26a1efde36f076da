//! Results of operations with a [`Budget`](crate::Budget), which contain their progress.

pub use graven_collections::btree_map::{Extracted, LoadError, Moved, Rebuilt, Walked};
pub use graven_collections::btree_set::Extracted as ExtractedElements;
pub use graven_collections::vec::Sorting;
pub use graven_core::store::OldLayout;
