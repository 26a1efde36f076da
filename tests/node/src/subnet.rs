//! Certificates and signatures as the root subnet of a network makes them. They are under
//! "Certification" in the [specification].
//!
//! [specification]: https://internetcomputer.org/docs/references/ic-interface-spec

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use candid::Principal;
use graven_testkit::Reject;
use ic_agent::Identity;
use ic_agent::identity::BasicIdentity;
use ic_certification::hash_tree::{HashTree, empty, fork, label, leaf};
use ic_certification::{Certificate, hash_tree::Label};
use ic_transport_types::{NodeSignature, QueryResponse, RequestId};
use ic_verify_bls_signature::PrivateKey;

/// The bytes before a public key of BLS12-381 in DER.
const DER: &[u8; 37] = b"\x30\x81\x82\x30\x1d\x06\x0d\x2b\x06\x01\x04\x01\x82\xdc\x7c\x05\x03\x01\x02\x01\x06\x0c\x2b\x06\x01\x04\x01\x82\xdc\x7c\x05\x03\x02\x01\x03\x61\x00";

/// The keys of a subnet with one node.
pub struct Subnet {
    key: PrivateKey,
    node: BasicIdentity,
    node_key: Vec<u8>,
}

/// A part of the state of a subnet.
enum State {
    Value(Vec<u8>),
    Parts(BTreeMap<Vec<u8>, State>),
}

impl Subnet {
    /// Returns a subnet with a key from a number, and the key of its node in PEM and in DER.
    pub fn new(number: u8, node: &str, node_key: &[u8]) -> Subnet {
        let key = PrivateKey::deserialize(&[number; 32]).unwrap();
        let node = BasicIdentity::from_pem(node.as_bytes()).unwrap();
        Subnet { key, node, node_key: node_key.to_vec() }
    }

    /// Returns the public key in DER.
    pub fn root_key(&self) -> Vec<u8> {
        [&DER[..], &self.key.public_key().serialize()].concat()
    }

    /// Returns the certificate of the status of a request, if one is given, and of the keys of the
    /// nodes.
    pub fn certificate(&self, request: Option<(RequestId, &Result<Vec<u8>, Reject>)>) -> Vec<u8> {
        let tree = self.state(request).tree();
        let message = [&b"\x0dic-state-root"[..], &tree.digest()].concat();
        let signature = self.key.sign(&message).serialize().to_vec();
        let mut bytes = Vec::new();
        ciborium::into_writer(&Certificate { tree, signature, delegation: None }, &mut bytes).unwrap();
        bytes
    }

    fn state(&self, request: Option<(RequestId, &Result<Vec<u8>, Reject>)>) -> State {
        let mut ranges = Vec::new();
        let all = [(Principal::from_slice(&[0; 10]), Principal::from_slice(&[0xff; 10]))];
        ciborium::into_writer(&all, &mut ranges).unwrap();
        let id = Principal::self_authenticating(self.root_key());
        let nodes = parts([(self.node_id().as_slice(), parts([(b"public_key", value(&self.node_key))]))]);
        let subnet = parts([
            (&b"canister_ranges"[..], value(&ranges)),
            (b"node", nodes),
            (b"public_key", value(&self.root_key())),
        ]);
        let mut state = BTreeMap::from([
            (b"subnet".to_vec(), parts([(id.as_slice(), subnet)])),
            (b"time".to_vec(), value(&leb128(now()))),
        ]);
        if let Some((request, result)) = request {
            let status = parts([(request.as_slice(), status(result))]);
            state.insert(b"request_status".to_vec(), status);
        }
        State::Parts(state)
    }

    fn node_id(&self) -> Principal {
        Principal::self_authenticating(&self.node_key)
    }

    /// Adds the signature of the node to an answer to a query.
    pub fn sign(&self, request: RequestId, mut answer: QueryResponse) -> QueryResponse {
        let timestamp = now();
        let signature = self.node.sign_arbitrary(&answer.signable(request, timestamp)).unwrap().signature;
        let (QueryResponse::Replied { signatures, .. } | QueryResponse::Rejected { signatures, .. }) =
            &mut answer;
        signatures.push(NodeSignature { timestamp, signature: signature.unwrap(), identity: self.node_id() });
        answer
    }
}

fn status(result: &Result<Vec<u8>, Reject>) -> State {
    match result {
        Ok(reply) => parts([(&b"reply"[..], value(reply)), (b"status", value(b"replied"))]),
        Err(Reject { code, message, .. }) => parts([
            (&b"reject_code"[..], value(&leb128(code.reject_code().into()))),
            (b"reject_message", value(message.as_bytes())),
            (b"status", value(b"rejected")),
        ]),
    }
}

impl State {
    fn tree(&self) -> HashTree<Vec<u8>> {
        match self {
            State::Value(bytes) => leaf(bytes.clone()),
            State::Parts(parts) => {
                let labelled = parts.iter().map(|(name, part)| label(Label::from_bytes(name), part.tree()));
                labelled.rev().reduce(|right, left| fork(left, right)).unwrap_or_else(empty)
            }
        }
    }
}

fn value(bytes: &[u8]) -> State {
    State::Value(bytes.to_vec())
}

fn parts<const N: usize>(parts: [(&[u8], State); N]) -> State {
    State::Parts(parts.into_iter().map(|(name, part)| (name.to_vec(), part)).collect())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

/// Encodes a number in LEB128.
pub fn leb128(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}
