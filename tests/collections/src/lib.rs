//! Tests of each collection against std's or a naive model: `tests/NAME.rs` for the collection
//! NAME. Here is what they share; what is shared with the tests of other things is in
//! `graven-tests`.

pub mod colliding;
pub mod counted;
pub mod dropped;
pub mod fields;
pub mod lists;
