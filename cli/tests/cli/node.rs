//! A node of a network with one canister of the testkit, which answers over HTTP as a boundary node
//! does: queries with a signature, and updates with a certificate.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};

use candid::Principal;
use ciborium::Value as Cbor;
use graven_testkit::{Canister, Reject};
use ic_transport_types::{EnvelopeContent, QueryResponse, RejectResponse, ReplyResponse, RequestId};
use serde_json::Value;
use tiny_http::{Response, Server};

use crate::certificates::Subnet;
use crate::rehearse::{canister, filled};
use crate::support::{Folder, Said};

pub const CANISTER: &str = "rrkah-fqaaa-aaaaa-aaaaq-cai";
/// A key made for this test, and its public half in DER.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa+w4KNIN9D7i/W3\n-----END PRIVATE KEY-----\n";
const PUBLIC: [u8; 44] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0x2d, 0xb3, 0x0a, 0x82, 0x68,
    0xf9, 0x96, 0xeb, 0x89, 0x3b, 0xc3, 0xa5, 0xf7, 0xf5, 0x24, 0x42, 0xbf, 0xe5, 0x67, 0xf0, 0x78, 0x42,
    0x80, 0x17, 0xde, 0x15, 0xfe, 0xa6, 0xff, 0x0a, 0xad, 0x17,
];

/// Another key, which no node has.
const FORGED_KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa+w4KNIN9D7i/W4\n-----END PRIVATE KEY-----\n";

/// A node with one canister.
pub struct Node {
    server: Arc<Server>,
    pub canister: Arc<Mutex<Canister>>,
    thread: Option<JoinHandle<()>>,
    pub folder: Folder,
    /// The bytes of all answers.
    pub sent: Arc<AtomicU64>,
    /// The number of queries after which the canister does something.
    quiet: Arc<AtomicU64>,
    is_forged: Arc<AtomicBool>,
}

impl Node {
    /// Serves the second version of the explored canister, whose controller has [`KEY`].
    pub fn new(count: u64) -> Node {
        let mut canister = Canister::builder()
            .controllers([Principal::self_authenticating(PUBLIC)])
            .install(&std::fs::read(canister("explored-v2")).unwrap(), ())
            .unwrap();
        canister.set_stable_image(&filled(count, None).stable_image());
        canister.upgrade(&std::fs::read(self::canister("explored-v2")).unwrap(), ()).unwrap();
        Node::of(canister)
    }

    pub fn of(canister: Canister) -> Node {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let canister = Arc::new(Mutex::new(canister));
        let (serving, shared) = (server.clone(), canister.clone());
        let (sent, quiet) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(u64::MAX)));
        let (counted, left) = (sent.clone(), quiet.clone());
        let is_forged = Arc::new(AtomicBool::new(false));
        let (real, forged) = (Subnet::new(1, KEY, &PUBLIC), Subnet::new(2, FORGED_KEY, &PUBLIC));
        let network = Network { canister: shared.clone(), real, forged, is_forged: is_forged.clone() };
        let serve = move || {
            serving.incoming_requests().for_each(|request| {
                counted.fetch_add(network.answer(request), Ordering::Relaxed);
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    let written = candid::encode_args((1_u64, "somebody")).unwrap();
                    shared.lock().unwrap().update_raw("write", &written).result.unwrap();
                }
            });
        };
        let thread = Some(spawn(serve));
        let folder = Folder::new();
        folder.write("key.pem", KEY.as_bytes());
        Node { server, canister, thread, folder, sent, quiet, is_forged }
    }

    /// Lets the canister execute an update after so many requests more.
    pub fn work_after_requests(&self, count: u64) {
        self.quiet.store(count, Ordering::Relaxed);
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.server.server_addr())
    }

    /// Lets the node sign with keys that are not those of its network.
    pub fn forge(&mut self) {
        self.is_forged.store(true, Ordering::Relaxed);
    }

    /// Explores without a look at the signatures of queries, which takes time.
    pub fn run(&self, words: &[&str]) -> Said {
        self.run_verified(&[&["--unverified"], words].concat())
    }

    pub fn run_verified(&self, words: &[&str]) -> Said {
        self.folder.run(&[&["explore", CANISTER, "--network", &self.url()], words].concat())
    }

    /// Runs a command that reads images on this canister, as the controller.
    pub fn look(&self, command: &str, words: &[&str]) -> Said {
        let (url, input) = (self.url(), format!("ic:{CANISTER}"));
        let way = ["--network", &url, "--unverified", "--identity", "key.pem"];
        self.folder.run(&[&[command, &input], words, &way].concat())
    }

    /// Runs as the controller. Returns the answer.
    pub fn ask(&self, words: &[&str]) -> Value {
        let said = self.run(&[&["--identity", "key.pem", "--json"], words].concat());
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.unblock();
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(std::thread::panicking() || ended.is_some_and(|ended| ended.is_ok()));
    }
}

/// The network as its node has it.
struct Network {
    canister: Arc<Mutex<Canister>>,
    real: Subnet,
    forged: Subnet,
    is_forged: Arc<AtomicBool>,
}

impl Network {
    /// Answers a request. Returns the number of bytes.
    fn answer(&self, mut request: tiny_http::Request) -> u64 {
        let mut body = Vec::new();
        request.as_reader().read_to_end(&mut body).unwrap();
        let subnet = if self.is_forged.load(Ordering::Relaxed) { &self.forged } else { &self.real };
        let certified = |certificate| map([("status", text("replied")), ("certificate", certificate)]);
        let reply = match request.url() {
            "/api/v2/status" => map([("root_key", Cbor::Bytes(self.real.root_key()))]),
            url if url.ends_with("/query") => self.query(&body, subnet),
            url if url.ends_with("/call") => {
                let (id, result) = self.call(&body);
                certified(Cbor::Bytes(subnet.certificate(Some((id, &result)))))
            }
            url if url.ends_with("/read_state") => certified(Cbor::Bytes(self.real.certificate(None))),
            url => panic!("{url}"),
        };
        let mut bytes = Vec::new();
        ciborium::into_writer(&reply, &mut bytes).unwrap();
        let len = bytes.len() as u64;
        let header = tiny_http::Header::from_bytes("content-type", "application/cbor").unwrap();
        request.respond(Response::from_data(bytes).with_header(header)).unwrap();
        len
    }

    fn query(&self, body: &[u8], subnet: &Subnet) -> Cbor {
        let Asked { sender, canister_id, method_name, arg, ingress_expiry, nonce } = Asked::read(body);
        let result = self.canister.lock().unwrap().query_raw_as(sender, &method_name, &arg).result;
        let answer = match result {
            Ok(arg) => QueryResponse::Replied { reply: ReplyResponse { arg }, signatures: vec![] },
            Err(reject) => QueryResponse::Rejected { reject: response(reject), signatures: vec![] },
        };
        let content = EnvelopeContent::Query {
            ingress_expiry,
            sender,
            canister_id,
            method_name,
            arg,
            nonce,
            sender_info: None,
        };
        Cbor::serialized(&subnet.sign(content.to_request_id(), answer)).unwrap()
    }

    fn call(&self, body: &[u8]) -> (RequestId, Result<Vec<u8>, Reject>) {
        let Asked { sender, canister_id, method_name, arg, ingress_expiry, nonce } = Asked::read(body);
        let result = self.canister.lock().unwrap().update_raw_as(sender, &method_name, &arg).result;
        let content = EnvelopeContent::Call {
            nonce,
            ingress_expiry,
            sender,
            canister_id,
            method_name,
            arg,
            sender_info: None,
        };
        (content.to_request_id(), result)
    }
}

/// The content of a request.
struct Asked {
    sender: Principal,
    canister_id: Principal,
    method_name: String,
    arg: Vec<u8>,
    ingress_expiry: u64,
    nonce: Option<Vec<u8>>,
}

impl Asked {
    fn read(body: &[u8]) -> Asked {
        let envelope: Cbor = ciborium::from_reader(body).unwrap();
        let envelope = envelope.as_tag().map_or(&envelope, |(_, inner)| inner);
        let content = field(envelope, "content").unwrap();
        let bytes = |name: &str| field(content, name)?.as_bytes().cloned();
        let principal = |name: &str| Principal::from_slice(&bytes(name).unwrap());
        Asked {
            sender: principal("sender"),
            canister_id: principal("canister_id"),
            method_name: field(content, "method_name").unwrap().as_text().unwrap().to_owned(),
            arg: bytes("arg").unwrap(),
            ingress_expiry: field(content, "ingress_expiry")
                .and_then(Cbor::as_integer)
                .unwrap()
                .try_into()
                .unwrap(),
            nonce: bytes("nonce"),
        }
    }
}

fn field<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    let fields = map.as_map().unwrap();
    fields.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn response(Reject { code, message, .. }: Reject) -> RejectResponse {
    let reject_code = u64::from(code.reject_code()).try_into().unwrap();
    RejectResponse { reject_code, reject_message: message, error_code: None }
}

fn map<const N: usize>(fields: [(&str, Cbor); N]) -> Cbor {
    Cbor::Map(fields.into_iter().map(|(name, value)| (text(name), value)).collect())
}

fn text(text: &str) -> Cbor {
    Cbor::Text(text.into())
}
