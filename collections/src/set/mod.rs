//! Sets: the typed side of maps without values.

pub mod btree;
pub mod hash;
