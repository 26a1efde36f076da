//! The core of Graven: byte layouts of types, their evolution, pages in stable memory, and the
//! store. Collections are in `graven-collections`. Programs use the facade `graven`.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod error;
pub mod evolution;
pub mod key;
pub mod layout;
pub mod lock;
pub mod memory;
pub mod page;
#[cfg(feature = "serde")]
mod serialize;
pub mod store;

pub use error::{CursorFault, Damage, Error, Foreign, Result};
pub use ic_stable_structures::{DefaultMemoryImpl, Memory};
