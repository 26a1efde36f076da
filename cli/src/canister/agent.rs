//! The way to a canister over a network of the Internet Computer.

use std::fs;
use std::path::Path;

use candid::Principal;
use graven_look::canister::{CanisterError, Transport, Updates};
use ic_agent::agent::route_provider::RoundRobinRouteProvider;
use ic_agent::identity::{AnonymousIdentity, BasicIdentity, Prime256v1Identity, Secp256k1Identity};
use ic_agent::{Agent, Identity};
use tokio::runtime::{Builder, Runtime};

use super::Connection;
use crate::failure::Failure;

/// The network whose root key agents know.
const MAINNET: &str = "https://icp-api.io";

/// The most bytes of a response. The network's replies have 3 MiB at most.
const MAX_RESPONSE_LEN: usize = 4 << 20;

/// A canister on a network.
pub(crate) struct Network {
    canister: Principal,
    agent: Agent,
    runtime: Runtime,
}

impl Network {
    /// Returns the canister. A network other than the main one is asked for its root key.
    pub(super) fn connect(canister: Principal, connection: &Connection) -> Result<Network, Failure> {
        let url = connection.network.as_deref().unwrap_or(MAINNET);
        let failed = |why: String| Failure::Canister(format!("{url}: {why}"));
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| failed(error.to_string()))?;
        let identity = connection.identity.as_deref().map_or_else(|| Ok(anonymous()), identity)?;
        let route = RoundRobinRouteProvider::new(vec![url]).map_err(|error| failed(line(&error)))?;
        let agent = Agent::builder()
            .with_route_provider(route)
            .with_boxed_identity(identity)
            .with_max_response_body_size(MAX_RESPONSE_LEN)
            .with_verify_query_signatures(!connection.unverified)
            .build()
            .map_err(|error| failed(line(&error)))?;
        if url.starts_with("http://") {
            runtime.block_on(agent.fetch_root_key()).map_err(|error| failed(line(&error)))?;
        }
        Ok(Network { canister, agent, runtime })
    }
}

impl Transport for Network {
    fn query(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, CanisterError> {
        let call = self.agent.query(&self.canister, method).with_arg(arg);
        self.runtime.block_on(call.call()).map_err(|error| CanisterError::Other(line(&error)))
    }
}

impl Updates for Network {
    fn update(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, CanisterError> {
        let call = self.agent.update(&self.canister, method).with_arg(arg);
        self.runtime.block_on(call.call_and_wait()).map_err(|error| CanisterError::Other(line(&error)))
    }
}

fn anonymous() -> Box<dyn Identity> {
    Box::new(AnonymousIdentity)
}

/// Reads a private key in PEM, of any of the three kinds that canisters' tools make.
fn identity(path: &Path) -> Result<Box<dyn Identity>, Failure> {
    let pem = fs::read(path).map_err(Failure::read(path))?;
    if let Ok(identity) = Secp256k1Identity::from_pem(&pem) {
        return Ok(Box::new(identity));
    }
    if let Ok(identity) = Prime256v1Identity::from_pem(&pem) {
        return Ok(Box::new(identity));
    }
    let identity = BasicIdentity::from_pem(&pem);
    let why = "it has no private key in PEM that is not encrypted";
    identity
        .map(|identity| Box::new(identity) as Box<dyn Identity>)
        .map_err(|_| Failure::Canister(format!("{}: {why}", path.display())))
}

/// Returns an error in one line.
fn line(error: &impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
