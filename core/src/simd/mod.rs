//! Work on 16 bytes at once. WebAssembly has instructions for it, which a canister has to be built
//! for (`-C target-feature=+simd128`); without them, and on other machines, `scalar` does the same
//! with words. What lives here knows nothing of pages and layouts.

mod copy;
pub mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod vector;

pub use copy::{clear, copied, copy, is_same, is_zero, word};
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
pub use scalar::{Lanes, reversed};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use vector::{Lanes, reversed};

/// The number of bytes in [`Lanes`].
pub const LANES: usize = 16;
