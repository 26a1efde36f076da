//! Answers of a running canister about its store: its schema and its size, its memory, and
//! metrics. `graven::canister!` exports them as calls. Rows of tables are in [`ask`](crate::ask),
//! and answers about the memory of a file in [`store`](crate::store).
//!
//! ```text
//! RootSchema              a root with its layouts (schema)
//! StoreStats              the size of a store, and the state of its sweep (stats)
//! MemoryPart              bytes of the memory (memory)
//! VerifyStep              a step of a check, from a VerifyPosition on (verify)
//! metrics                 the size of a store as Prometheus reads it (metrics), with the
//!                         instructions of Messages (messages)
//! HttpRequest, -Response  the call by which Prometheus asks (http)
//! ```

#[cfg(feature = "candid")]
mod http;
mod memory;
mod messages;
mod metrics;
mod schema;
mod stats;
mod verify;

#[cfg(feature = "candid")]
pub use http::{HttpRequest, HttpResponse};
pub use memory::{MAX_PART_LEN, MemoryPart, read_memory};
pub use messages::Messages;
pub use metrics::metrics;
pub use schema::{LayoutSchema, RootSchema, schema};
pub use stats::StoreStats;
pub use verify::{VerifyStep, verify};

pub use crate::store::{VerifyCounts, VerifyPosition};
