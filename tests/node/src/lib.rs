//! A node of a network of the Internet Computer with one canister of the testkit. Tests of tools
//! that ask live canisters run it. It checks the signatures of requests, signs answers to queries
//! and certifies those to updates, as nodes do.
//!
//! ```text
//! Node        the node as a server on this machine                  (server)
//! respond     the answer to a request, without a server            (respond)
//! Network     the keys of the network, and certificates           (network, subnet)
//! open, ...   the canisters that tests explore, and their keys    (explored)
//! ```

mod explored;
mod network;
mod respond;
mod server;
mod subnet;

pub use explored::{ID, KEY, OTHER_KEY, controlled, open, unexplored, write};
pub use network::Network;
pub use respond::{Response, respond};
pub use server::Node;
pub use subnet::leb128;
