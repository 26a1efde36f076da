//! Reads the store in an image, or of a live canister, for a page in a browser. A Web Worker runs
//! it: there, and nowhere else, slices can be read while a call waits for them.
//!
//! ```text
//! Explorer   an open image, and its answers to requests        (explorer)
//! Request    requests and answers, which are JSON               (request)
//! Listing    the entries of a root, a page of rows at a time    (listing)
//! Within     the memory in an image that holds the store      (within)
//! Source     the bytes of a file or of a canister             (source)
//! canister   queries of a live canister                       (canister)
//! Browser    the services of the browser that it uses         (browser)
//! host       imports and exports of the wasm module             (host)
//! ```
//! `graven-look` and `graven_collections::stored` know how stores are read.

mod browser;
mod canister;
mod explorer;
#[cfg(target_arch = "wasm32")]
mod host;
mod listing;
mod request;
mod source;
mod within;

pub use browser::{Browser, MAX_RESPONSE_LEN, Response};
pub use explorer::Explorer;
