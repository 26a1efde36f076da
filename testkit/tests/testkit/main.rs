//! Tests of the test kit itself, a module for each subject. `calibration` compares with the real
//! replica's figures.

mod calibration;
mod calls;
mod chains;
mod compilation;
mod counter;
mod profile;
mod rejects;
mod rollback;
mod schema;
mod stable;
