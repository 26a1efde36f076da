//! Persistence for Internet Computer canisters: versioned layouts and collections that live in stable
//! memory.

pub use graven_core::key::StableKey;
pub use graven_core::layout::StableLayout;
pub use graven_core::{evolution, key, layout};
pub use graven_derive::{StableKey, StableLayout};
