//! The bench: one canister for each contender, run under testkit, counted in the replica's
//! instructions.
//!
//! ```text
//! contenders   who is compared, and which canisters stand for them
//! workloads    what is measured: structures, operations, sizes        (one table)
//! jobs         a contender with a structure at a size: filled once, then each operation on a copy
//! measure      one operation: the message less the same message without it
//! messages     one operation alone in its message, and upgrades
//! sizes        stable memory in use, wasm without names
//! figures      what was measured; results.csv
//! bars         what was aimed at, and whether it was reached
//! report       RESULTS.md
//! charts       the pictures
//! tracked      what a test compares with results.csv
//! ```
//! The work that canisters do is in `bench/work`; building them is `cargo xtask bench`.

pub mod bars;
pub mod charts;
pub mod contenders;
pub mod figures;
pub mod jobs;
pub mod measure;
pub mod messages;
pub mod report;
pub mod sizes;
pub mod tracked;
pub mod workloads;
