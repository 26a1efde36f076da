//! Live canisters that were built with `graven::canister!(…, explorer)`: their calls, and their
//! memory as an image that is read in slices. Networks and keys are the tools' own.
//!
//! ```text
//! Transport, Updates   the way to a canister                            (transport)
//! Explorer             the canister's calls, with their types          (calls)
//! Parts                bytes of the memory, all of one version of it  (parts)
//! LiveSlices           the memory in slices                          (memory)
//! CanisterError        the reason why there is no answer            (error)
//! ```

mod calls;
mod error;
mod memory;
mod parts;
mod transport;

pub use calls::Explorer;
pub use error::CanisterError;
pub use memory::{LiveSlices, SLICE};
pub use parts::Parts;
pub use transport::{Transport, Updates};
