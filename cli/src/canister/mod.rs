//! Live canisters that were built with `graven::canister!(…, explorer)`, for `explore` and as
//! inputs of the commands that read images. Nothing here prints.
//!
//! ```text
//! Connection   the network and the caller, as options        (this file)
//! agent        the way over a network
//! memory       the memory as commands read that of an image
//! ```
//! `graven_look::canister` has the calls, and reads the memory.

mod agent;
pub(crate) mod memory;

use std::path::PathBuf;

use candid::Principal;
use clap::Args;
use graven_look::canister::Explorer;

use crate::failure::Failure;
use agent::Network;

/// The network of canisters, and the caller.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options for canisters")]
pub(crate) struct Connection {
    /// The network; otherwise the main one. One of http:// is asked for its root key.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) network: Option<String>,
    /// The private key of the caller, in a PEM file; otherwise the call is anonymous.
    #[arg(long, global = true, value_name = "PEM")]
    pub(crate) identity: Option<PathBuf>,
    /// Accept answers to queries without the signatures of nodes, for test networks.
    #[arg(long, global = true)]
    pub(crate) unverified: bool,
}

impl Connection {
    /// Returns the explorer of a canister, by the text of its id.
    pub(crate) fn explorer(&self, canister: &str) -> Result<Explorer<Network>, Failure> {
        let id = Principal::from_text(canister)
            .map_err(|error| Failure::Canister(format!("`{canister}` is no canister: {error}")))?;
        Ok(Explorer::new(Network::connect(id, self)?))
    }
}
