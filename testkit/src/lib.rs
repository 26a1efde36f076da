//! Runs the wasm of Internet Computer canisters locally, metered exactly as the replica meters it:
//! for tests of upgrades and data migrations that need no replica, and for benchmarks whose numbers
//! hold.
//!
//! [`Canister`] is where to begin: install a module, call its methods, upgrade it, look at its
//! stable memory, go back to a [`Snapshot`]. Every message gives an [`Outcome`]: reply or
//! [`Reject`], instructions, changed pages, use of stable memory.
//!
//! [`Image`] tests migrations of Graven's stores without any wasm, [`assert_locked`] and
//! [`assert_store_locked`] compare their types with `graven.lock`.
//!
//! Other canisters, consensus, signatures and the charging of cycles are not simulated.

#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod backtrace;
mod canister;
mod chain;
mod executor;
mod host;
mod ic0;
mod limits;
mod message;
mod module;
mod outcome;
mod profile;
mod reject;
mod schema;
mod stable;
mod wasm;

pub use canister::{Builder, Canister, Snapshot};
pub use chain::Chain;
pub use limits::{Limits, PageLimits};
pub use outcome::{Outcome, Phase, StableUse, Usage};
pub use profile::{Profile, ProfileLine};
pub use reject::{ErrorCode, Reject};
pub use schema::{Image, assert_locked, assert_store_locked};
pub use stable::{MAX_STABLE_PAGES, PAGE, StableMemory, WASM_PAGE};
pub use wasm::custom::custom_section;

/// The examples of the readme are compiled with the tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Those of the chapter on testing too.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
struct Testing;
