//! Runs random histories: maps whose values are of types that `graven-random-model` made up,
//! derived as a user would, through random operations, upgrades that skip releases, sweeps and
//! downgrades. Whatever a map answers is compared with what the model says of the same values,
//! which it converts eagerly. Nearly a fifth of the records are rows of a table, with indexes and
//! references that come, go and change with the releases.
//!
//! Values are bytes here ([`any`]): the types differ in every release, and are only asked to read
//! and write them. So thousands of histories share one map, or one table.

pub mod any;
mod case;
pub mod code;
mod entries;
mod map;
mod operation;
mod report;
mod rows;
mod run;
pub mod shrink;
mod tables;
mod upgrade;

pub use any::Release;
pub use case::check;
pub use map::MAX_SIZE;
pub use run::Totals;

/// The names that sources of histories import.
pub mod prelude {
    pub use graven::{Blob, StableLayout, Text};

    /// Text that is repeated over many versions must not fill the memory.
    #[must_use]
    pub fn shortened(text: &str) -> String {
        text.chars().take(40).collect()
    }
}
