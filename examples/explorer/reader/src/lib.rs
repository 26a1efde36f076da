//! Reads the store in an image for a page in a browser. A Web Worker runs it: there, and nowhere
//! else, the slices of a file can be read while a call waits for them.
//!
//! ```text
//! Explorer   an open image, and its answers to requests        (explorer)
//! Request    requests and answers, which are JSON               (request)
//! Listing    the entries of a root, a page of rows at a time    (listing)
//! Within     the memory in an image that holds the store      (within)
//! host       imports and exports of the wasm module             (host)
//! ```
//! `graven-look` and `graven_collections::stored` know how stores are read.

mod explorer;
#[cfg(target_arch = "wasm32")]
mod host;
mod listing;
mod request;
mod within;

pub use explorer::Explorer;
