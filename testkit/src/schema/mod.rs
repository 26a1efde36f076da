//! Tests of migrations without wasm: images of stable memory that stores write and open natively,
//! golden files of them, and types compared with `graven.lock`. This folder is all of the testkit
//! that knows of Graven, and it knows of `graven-core` only; running canisters is everywhere else.

mod difference;
mod golden;
mod image;
mod locked;
mod opening;

pub use image::Image;
pub use locked::{assert_locked, assert_store_locked};
