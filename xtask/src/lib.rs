//! The project's own tasks, run as `cargo xtask <task>`.
//!
//! Each module is one concept; `main.rs` only reads the command line.

pub mod bench;
pub mod canisters;
pub mod compilers;
pub mod demo;
pub mod environment;
pub mod explorer;
pub mod icp;
pub mod npm;
pub mod process;
pub mod say;
pub mod setup;
pub mod soak;
pub mod steps;
pub mod test;
pub mod tidy;
pub mod wasm;
pub mod workspace;
