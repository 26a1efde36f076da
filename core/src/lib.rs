//! The core of Graven: byte layouts of types, their evolution, pages in stable memory, and the
//! store. Collections are in `graven-collections`. Programs use the facade `graven`.

// Damaged memory is an error, never a panic. Each exception gives its reason.
#![deny(
    clippy::expect_used,
    clippy::get_unwrap,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used
)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc, clippy::must_use_candidate)]
#![warn(missing_debug_implementations)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod ask;
pub mod error;
pub mod evolution;
pub mod explore;
pub mod key;
pub mod layout;
pub mod lock;
pub mod memory;
mod numbers;
pub mod page;
#[cfg(feature = "serde")]
mod serialize;
#[doc(hidden)]
pub mod simd;
pub mod store;

pub use error::{CursorFault, Damage, Error, Foreign, Result};
pub use ic_stable_structures::{DefaultMemoryImpl, Memory};
