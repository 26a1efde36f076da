//! The work of the bench's canisters: the same keys and values in the same order, for each
//! contender.
//!
//! A contender says in [`Map`], [`List`], [`Queue`] and [`Table`] how it does one operation;
//! [`maps`], [`lists`] and [`tables`] do it for all [`numbers`] that were made ready in an earlier
//! message. Nothing here counts: the runner subtracts what the same loop costs without the
//! operation (`nothing`).

pub mod data;
pub mod large;
pub mod lists;
pub mod maps;
mod methods;
pub mod numbers;
pub mod tables;

pub use data::{Key, Value};
pub use large::Large;
pub use lists::{List, Queue};
pub use maps::Map;
pub use numbers::{ABSENT, KNOWN};
pub use tables::{Row, Table};
