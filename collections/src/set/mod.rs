//! Sets: the typed layer of maps without values.

pub mod btree;
pub mod hash;
