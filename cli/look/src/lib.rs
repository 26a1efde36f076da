//! The facts and values that tools show of a store in an image. `cargo graven` prints them, and
//! `examples/explorer` draws them in a browser. `graven_collections::stored` reads; terminals,
//! files, networks and keys are the tools' own.
//!
//! ```text
//! Facts                   the sizes, layouts and indexes of all roots     (facts)
//! Schema                  the layouts with their fields                 (schema)
//! Picture                 the owner and the fill of all pages          (picture)
//! key_range, ...          entries by what people type                   (select)
//! Json, parse, described  values and layouts as text, and back (json, parse, this file)
//! Image                   a memory that is read in slices                (image)
//! Manager                 the memories of a `MemoryManager`            (manager)
//! canister                the memory of a live canister           (feature `canister`)
//! ```

#[cfg(feature = "canister")]
pub mod canister;
mod facts;
mod image;
mod json;
mod manager;
mod parse;
mod picture;
mod schema;
mod select;

use graven_core::layout::stored::OwnedLayout;

pub use facts::{Facts, Index, Layout, PAGE, Root};
pub use image::{Image, Slices};
pub use json::{Json, hex, is_tuple};
pub use manager::{Managed, Manager};
pub use parse::{from_json, parse};
pub use picture::{Cell, Picture};
pub use schema::{RootSchema, Schema, TypeSchema};
pub use select::{between, key_range, prefix_range};

/// Returns the name and the version of a layout, as in `User v2`.
#[must_use]
pub fn described(layout: &OwnedLayout) -> String {
    match layout.version() {
        Some(version) => format!("{layout} v{version}"),
        None => layout.to_string(),
    }
}
