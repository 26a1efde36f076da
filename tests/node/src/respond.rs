//! Answers to requests, as a node behind a boundary gives them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use candid::Principal;
use ciborium::Value as Cbor;
use graven_testkit::{Canister, Reject};
use ic_transport_types::{EnvelopeContent, QueryResponse, RejectResponse, ReplyResponse};
use k256::ecdsa::signature::Verifier as _;
use k256::pkcs8::DecodePublicKey as _;

use crate::network::Network;

/// The time until the latest expiry that nodes accept.
const MAX_EXPIRY: Duration = Duration::from_secs(5 * 60 + 30);

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status of HTTP.
    pub status: u16,
    /// The body: CBOR, or a text after an error.
    pub body: Vec<u8>,
}

impl Response {
    fn error(status: u16, text: &str) -> Response {
        Response { status, body: text.into() }
    }

    fn cbor(value: &impl serde::Serialize) -> Response {
        let mut body = Vec::new();
        ciborium::into_writer(value, &mut body).expect("a vector takes all bytes");
        Response { status: 200, body }
    }
}

/// Answers a request with a path and a body.
pub fn respond(path: &str, body: &[u8], canister: &mut Canister, network: &Network) -> Response {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "api", "v2", "status"] => {
            Response::cbor(&map([("root_key", Cbor::Bytes(network.root().root_key()))]))
        }
        ["", "api", _, "canister" | "subnet", _, "read_state"] => {
            Response::cbor(&map([("certificate", Cbor::Bytes(network.root().certificate(None)))]))
        }
        ["", "api", _, "canister", id, "query"] if *id == canister.id().to_text() => {
            query(body, canister, network)
                .map_or_else(|why| Response::error(400, &why), |answer| Response::cbor(&answer))
        }
        ["", "api", _, "canister", id, "call"] if *id == canister.id().to_text() => {
            call(body, canister, network)
                .map_or_else(|why| Response::error(400, &why), |answer| Response::cbor(&answer))
        }
        ["", "api", _, "canister", _, "query" | "call"] => Response::error(
            400,
            "error: canister_not_found\ndetails: The specified canister does not exist.\n",
        ),
        _ => Response::error(404, "there is no such page"),
    }
}

/// Runs a query if its sender is who signed it, and signs the answer.
fn query(body: &[u8], canister: &mut Canister, network: &Network) -> Result<QueryResponse, String> {
    let content = content(body, canister)?;
    let id = content.to_request_id();
    let EnvelopeContent::Query { sender, method_name, arg, .. } = content else {
        return Err("this is no query".to_owned());
    };
    let signatures = Vec::new();
    let answer = match canister.query_raw_as(sender, &method_name, &arg).result {
        Ok(arg) => QueryResponse::Replied { reply: ReplyResponse { arg }, signatures },
        Err(Reject { code, message, .. }) => {
            let reject_code = u64::from(code.reject_code()).try_into().map_err(|_| "no such code")?;
            let reject = RejectResponse { reject_code, reject_message: message, error_code: None };
            QueryResponse::Rejected { reject, signatures }
        }
    };
    Ok(network.signer().sign(id, answer))
}

/// Runs an update if its sender is who signed it, and certifies the outcome.
fn call(body: &[u8], canister: &mut Canister, network: &Network) -> Result<Cbor, String> {
    let content = content(body, canister)?;
    let id = content.to_request_id();
    let EnvelopeContent::Call { sender, method_name, arg, .. } = content else {
        return Err("this is no call".to_owned());
    };
    let result = canister.update_raw_as(sender, &method_name, &arg).result;
    let certificate = Cbor::Bytes(network.signer().certificate(Some((id, &result))));
    Ok(map([("status", Cbor::Text("replied".into())), ("certificate", certificate)]))
}

/// Reads the content of a request to this canister. Its sender must have signed it.
fn content(body: &[u8], canister: &Canister) -> Result<EnvelopeContent, String> {
    let envelope: Cbor = ciborium::from_reader(body).map_err(|error| format!("no CBOR: {error}"))?;
    let envelope = envelope.as_tag().map_or(&envelope, |(_, inner)| inner);
    let content = fields(field(envelope, "content").ok_or("no content")?).ok_or("this is no request")?;
    check(&content, bytes(envelope, "sender_pubkey"), bytes(envelope, "sender_sig"))?;
    let (EnvelopeContent::Query { canister_id, .. } | EnvelopeContent::Call { canister_id, .. }) = &content
    else {
        return Err("this is no request to a canister".to_owned());
    };
    if *canister_id == canister.id() {
        Ok(content)
    } else {
        Err("the path names another canister".to_owned())
    }
}

/// Reads the content of a query or a call. The library's type cannot be read from CBOR.
fn fields(map: &Cbor) -> Option<EnvelopeContent> {
    let principal = |name| Principal::try_from_slice(bytes(map, name)?).ok();
    let text = |name| field(map, name)?.as_text();
    let ingress_expiry = field(map, "ingress_expiry")?.as_integer()?.try_into().ok()?;
    let (sender, canister_id) = (principal("sender")?, principal("canister_id")?);
    let (method_name, arg) = (text("method_name")?.to_owned(), bytes(map, "arg")?.to_vec());
    let (nonce, sender_info) = (bytes(map, "nonce").map(<[u8]>::to_vec), None);
    match text("request_type")? {
        "query" => Some(EnvelopeContent::Query {
            ingress_expiry,
            sender,
            canister_id,
            method_name,
            arg,
            nonce,
            sender_info,
        }),
        "call" => Some(EnvelopeContent::Call {
            nonce,
            ingress_expiry,
            sender,
            canister_id,
            method_name,
            arg,
            sender_info,
        }),
        _ => None,
    }
}

fn map<const N: usize>(fields: [(&str, Cbor); N]) -> Cbor {
    Cbor::Map(fields.into_iter().map(|(name, value)| (Cbor::Text(name.into()), value)).collect())
}

fn field<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    let found = map.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name));
    found.map(|(_, value)| value)
}

fn bytes<'a>(map: &'a Cbor, name: &str) -> Option<&'a [u8]> {
    field(map, name)?.as_bytes().map(Vec::as_slice)
}

/// Checks that the sender has signed the content, which has not expired.
fn check(content: &EnvelopeContent, key: Option<&[u8]>, signature: Option<&[u8]>) -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?;
    let left = u128::from(content.ingress_expiry()).checked_sub(now.as_nanos());
    if left.is_none_or(|left| left > MAX_EXPIRY.as_nanos()) {
        return Err("Invalid request expiry".to_owned());
    }
    let (Some(key), Some(signature)) = (key, signature) else {
        let is_anonymous = *content.sender() == Principal::anonymous();
        return if is_anonymous { Ok(()) } else { Err("Missing signature from user".to_owned()) };
    };
    if *content.sender() != Principal::self_authenticating(key) {
        return Err("Invalid public key: it is not the sender's".to_owned());
    }
    let signed = content.to_request_id().signable();
    let is_signed = if let Ok(key) = ed25519_dalek::VerifyingKey::from_public_key_der(key) {
        ed25519_dalek::Signature::from_slice(signature).is_ok_and(|one| key.verify(&signed, &one).is_ok())
    } else {
        let key = k256::ecdsa::VerifyingKey::from_public_key_der(key)
            .map_err(|error| format!("Invalid public key: {error}"))?;
        k256::ecdsa::Signature::from_slice(signature).is_ok_and(|one| key.verify(&signed, &one).is_ok())
    };
    if is_signed { Ok(()) } else { Err("Invalid basic signature".to_owned()) }
}
