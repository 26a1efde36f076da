//! Random histories of types, without Graven: what a team might do to its types over eight releases
//! ([`Genome`], [`History`]), which indexes it declares ([`Index`]), what that means for a value
//! (`migrate`), which bytes it has (`encode`, from `docs/format.md` alone), and the Rust source
//! that a user would have written for each release (`source`).
//!
//! A build script writes the sources of many histories; `graven-random-tests` runs them and
//! compares what the derived code does with what is said here. So nothing here may use the code
//! that is tested.

mod body;
mod change;
mod constant;
mod conversion;
mod encode;
mod genome;
mod history;
mod indexes;
mod migrate;
mod render;
mod rng;
mod sample;
mod source;
mod tombstone;
mod ty;
mod value;

pub use genome::{Gene, Genome, shard};
pub use history::{At, History};
pub use indexes::{Function, Index, References, Slot, Source};
pub use rng::Rng;
pub use source::{release_source, shard_source};
pub use ty::Ty;
pub use value::Value;
