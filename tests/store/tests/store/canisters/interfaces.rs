//! The tests that the versions of the gazetteer have in their own files, in one program.

#![allow(clippy::duplicate_mod, reason = "the versions share files")]

#[path = "../../../../../examples/gazetteer/v1/src/lib.rs"]
mod v1;
#[path = "../../../../../examples/gazetteer/v2/src/lib.rs"]
mod v2;
#[path = "../../../../../examples/gazetteer/v3/src/lib.rs"]
mod v3;
#[path = "../../../../../examples/gazetteer/v4/src/lib.rs"]
mod v4;
