//! Tests of each collection against std's or a naive model: `tests/NAME.rs` for the collection NAME. What they
//! share is in `graven-tests`.
