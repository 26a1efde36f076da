//! The typed side of maps: ordered, by hash, and with ranks; their entries, and traits over maps
//! wherever they live.

pub mod btree;
pub mod entry;
pub mod hash;
pub mod ranked;
pub mod traits;
