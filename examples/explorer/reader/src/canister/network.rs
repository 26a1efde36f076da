//! Queries of a canister over a network of the Internet Computer.

use std::borrow::Cow;

use candid::Principal;
use ciborium::Value as Cbor;
use graven_look::canister::{CanisterError, Transport};
use ic_transport_types::{Envelope, EnvelopeContent};

use super::identity::Identity;
use crate::browser::{Browser, Response};

/// The nanoseconds after which a node may no longer accept a query. Clocks may differ by one of the
/// five minutes that nodes allow.
const EXPIRY: u64 = 4 * 60 * 1_000_000_000;

/// The error code of networks for a canister that does not exist.
const CANISTER_NOT_FOUND: &str = "IC0301";

/// A canister on a network, and the caller.
pub(crate) struct Network<B> {
    browser: B,
    canister: Principal,
    url: String,
    identity: Identity,
}

impl<B: Browser> Network<B> {
    /// Returns the canister on the network at a URL, which is not asked anything.
    ///
    /// # Errors
    /// A line if the URL is not one of a network.
    pub(crate) fn new(
        browser: B,
        canister: Principal,
        url: &str,
        identity: Identity,
    ) -> Result<Network<B>, CanisterError> {
        let url = url.trim();
        if !is_allowed(url) {
            return Err(CanisterError::other(&format!(
                "`{url}` is no network: a URL begins with https://, or with http:// and localhost or 127.0.0.1"
            )));
        }
        Ok(Network { browser, canister, url: url.trim_end_matches('/').to_owned(), identity })
    }

    fn missing(&self) -> CanisterError {
        CanisterError::other(&format!("there is no canister {} on {}", self.canister, self.url))
    }

    /// Returns an error of a server that did not answer as networks do.
    fn strange(&self, response: &Response) -> CanisterError {
        let text = response.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        if text.contains("canister_not_found") {
            return self.missing();
        }
        CanisterError::other(&format!("{} answers with status {}: {text}", self.url, response.status))
    }

    fn rejected(&self, message: &str, code: Option<&str>) -> CanisterError {
        match code {
            Some(CANISTER_NOT_FOUND) => self.missing(),
            _ => CanisterError::other(message),
        }
    }
}

impl<B: Browser> Transport for Network<B> {
    fn query(&self, method: &str, arg: Vec<u8>) -> Result<Vec<u8>, CanisterError> {
        let content = EnvelopeContent::Query {
            ingress_expiry: self.browser.now().saturating_add(EXPIRY),
            sender: self.identity.sender(),
            canister_id: self.canister,
            method_name: method.to_owned(),
            arg,
            nonce: None,
            sender_info: None,
        };
        let (sender_pubkey, sender_sig) =
            self.identity.sign(&content).map(|signed| (signed.public_key, signed.signature)).unzip();
        let envelope =
            Envelope { content: Cow::Owned(content), sender_pubkey, sender_sig, sender_delegation: None };
        let url = format!("{}/api/v3/canister/{}/query", self.url, self.canister);
        let Some(response) = self.browser.post(&url, &envelope.encode_bytes()) else {
            return Err(CanisterError::Unreachable(format!("{} does not answer this page", self.url)));
        };
        if !(200..300).contains(&response.status) {
            return Err(self.strange(&response));
        }
        let Some(body) = response.body else {
            return Err(CanisterError::other(&format!("{} answers with too many bytes", self.url)));
        };
        match Answer::read(&body) {
            Some(Answer::Replied(arg)) => Ok(arg),
            Some(Answer::Rejected { message, code }) => Err(self.rejected(&message, code.as_deref())),
            None => Err(CanisterError::other(&format!(
                "{} does not answer as a network of the Internet Computer: its answer is no CBOR of a query",
                self.url
            ))),
        }
    }
}

/// The answer to a query, without the signatures of nodes.
enum Answer {
    Replied(Vec<u8>),
    Rejected { message: String, code: Option<String> },
}

impl Answer {
    /// Reads an answer in CBOR. The type of `ic-transport-types` cannot be read by `ciborium` if it
    /// has signatures.
    fn read(body: &[u8]) -> Option<Answer> {
        let answer: Cbor = ciborium::from_reader(body).ok()?;
        // Networks may put a tag before an answer.
        let answer = answer.as_tag().map_or(&answer, |(_, inner)| inner);
        let text = |name| Some(field(answer, name)?.as_text()?.to_owned());
        match field(answer, "status")?.as_text()? {
            "replied" => Some(Answer::Replied(field(field(answer, "reply")?, "arg")?.as_bytes()?.clone())),
            "rejected" => {
                Some(Answer::Rejected { message: text("reject_message")?, code: text("error_code") })
            }
            _ => None,
        }
    }
}

fn field<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    let found = map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name));
    found.map(|(_, value)| value)
}

/// Returns `true` for URLs that the page's security policy allows as well. All others would send
/// what a canister holds over the net without encryption.
fn is_allowed(url: &str) -> bool {
    // These could hide the host, or end the path.
    if url.chars().any(|one| one.is_whitespace() || one.is_control() || "@?#\\".contains(one)) {
        return false;
    }
    let host = |rest: &str| rest.split([':', '/']).next().unwrap_or_default().to_ascii_lowercase();
    match url.split_once("://") {
        Some(("https", rest)) => !host(rest).is_empty(),
        Some(("http", rest)) => {
            let host = host(rest);
            host == "127.0.0.1" || host == "localhost" || host.ends_with(".localhost")
        }
        _ => false,
    }
}
