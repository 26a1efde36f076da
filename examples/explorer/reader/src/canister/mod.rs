//! A live canister that was built with `graven::canister!(…, explorer)`, asked by queries over
//! HTTP.
//!
//! ```text
//! open       the memory of a canister           (this file)
//! Identity   the key that signs the queries    (identity)
//! Network    a canister on a network          (network)
//! ```
//! `graven_look::canister` knows what is asked, and checks that the answers fit together. The
//! signatures of nodes below the answers are not verified: that needs the keys of the subnet, which
//! the network certifies with BLS signatures.

mod identity;
mod network;

use candid::Principal;
use graven_look::canister::{CanisterError, Explorer, LiveSlices, Parts};

use crate::browser::Browser;
use identity::Identity;
pub(crate) use network::Network;

/// Opens the memory of a canister, whose first slice it reads. `pem` is the caller's private key;
/// without one, the caller is anonymous.
///
/// # Errors
/// A line that says what is wrong with the arguments, or why the canister did not answer.
pub(crate) fn open<B: Browser>(
    browser: B,
    canister: &str,
    network: &str,
    pem: Option<&str>,
) -> Result<LiveSlices<Network<B>>, CanisterError> {
    let id = canister.trim();
    let id = Principal::from_text(id)
        .map_err(|error| CanisterError::other(&format!("`{id}` is no canister: {error}")))?;
    let identity = pem.map_or(Ok(Identity::Anonymous), Identity::from_pem)?;
    let caller = identity.sender();
    let network = Network::new(browser, id, network, identity)?;
    LiveSlices::open(Parts::new(Explorer::new(network))).map_err(|error| match error {
        CanisterError::Refused(why) if caller == Principal::anonymous() => {
            CanisterError::Refused(format!("{why} (the caller is anonymous: choose the key of a controller)"))
        }
        CanisterError::Refused(why) => CanisterError::Refused(format!("{why} (the caller is {caller})")),
        error => error,
    })
}

#[cfg(test)]
mod tests;
