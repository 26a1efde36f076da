//! The typed layer of maps: ordered, hashed and ranked; their entries; and traits over maps on the
//! heap and in stable memory.

pub mod btree;
pub mod entry;
pub mod hash;
pub(crate) mod keyed;
pub mod ranked;
pub mod traits;
