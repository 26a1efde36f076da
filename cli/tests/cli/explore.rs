//! `explore CANISTER`, over HTTP, with a canister of the testkit that answers as a boundary node
//! does. It signs nothing, so the tests pass `--unverified`; calls of updates need certificates,
//! and are not tested here.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, spawn};

use candid::Principal;
use ciborium::Value as Cbor;
use graven_testkit::{Canister, Reject};
use serde_json::{Value, json};
use tiny_http::{Response, Server};

use crate::rehearse::{canister, filled};
use crate::support::{Folder, Said};

const CANISTER: &str = "rrkah-fqaaa-aaaaa-aaaaq-cai";
/// A key made for this test, and its public half in DER.
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa+w4KNIN9D7i/W3\n-----END PRIVATE KEY-----\n";
const PUBLIC: [u8; 44] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0x2d, 0xb3, 0x0a, 0x82, 0x68,
    0xf9, 0x96, 0xeb, 0x89, 0x3b, 0xc3, 0xa5, 0xf7, 0xf5, 0x24, 0x42, 0xbf, 0xe5, 0x67, 0xf0, 0x78, 0x42,
    0x80, 0x17, 0xde, 0x15, 0xfe, 0xa6, 0xff, 0x0a, 0xad, 0x17,
];

/// A node with one canister.
struct Node {
    server: Arc<Server>,
    canister: Arc<Mutex<Canister>>,
    thread: Option<JoinHandle<()>>,
    folder: Folder,
    /// The bytes of all answers.
    sent: Arc<AtomicU64>,
    /// The number of queries after which the canister does something.
    quiet: Arc<AtomicU64>,
}

impl Node {
    /// Serves the second version of the explored canister, whose controller has [`KEY`].
    fn new(count: u64) -> Node {
        let mut canister = Canister::builder()
            .controllers([Principal::self_authenticating(PUBLIC)])
            .install(&std::fs::read(self::canister("explored-v2")).unwrap(), ())
            .unwrap();
        canister.set_stable_image(&filled(count, None).stable_image());
        canister.upgrade(&std::fs::read(self::canister("explored-v2")).unwrap(), ()).unwrap();
        Node::of(canister)
    }

    fn of(canister: Canister) -> Node {
        let server = Arc::new(Server::http("127.0.0.1:0").unwrap());
        let canister = Arc::new(Mutex::new(canister));
        let (serving, shared) = (server.clone(), canister.clone());
        let (sent, quiet) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(u64::MAX)));
        let (counted, left) = (sent.clone(), quiet.clone());
        let serve = move || {
            serving.incoming_requests().for_each(|request| {
                counted.fetch_add(answer(request, &shared), Ordering::Relaxed);
                if left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    let written = candid::encode_args((1_u64, "somebody")).unwrap();
                    shared.lock().unwrap().update_raw("write", &written).result.unwrap();
                }
            });
        };
        let thread = Some(spawn(serve));
        let folder = Folder::new();
        folder.write("key.pem", KEY.as_bytes());
        Node { server, canister, thread, folder, sent, quiet }
    }

    /// Lets the canister execute an update after so many requests more.
    fn work_after_requests(&self, count: u64) {
        self.quiet.store(count, Ordering::Relaxed);
    }

    fn run(&self, words: &[&str]) -> Said {
        let url = format!("http://{}", self.server.server_addr());
        self.folder.run(&[&["explore", CANISTER, "--network", &url, "--unverified"], words].concat())
    }

    /// Runs a command that reads images on this canister, as the controller.
    fn look(&self, command: &str, words: &[&str]) -> Said {
        let (url, input) = (format!("http://{}", self.server.server_addr()), format!("ic:{CANISTER}"));
        let way = ["--network", &url, "--unverified", "--identity", "key.pem"];
        self.folder.run(&[&[command, &input], words, &way].concat())
    }

    /// Runs as the controller. Returns the answer.
    fn ask(&self, words: &[&str]) -> Value {
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

/// Answers a request. Returns the number of bytes.
fn answer(mut request: tiny_http::Request, canister: &Mutex<Canister>) -> u64 {
    let mut body = Vec::new();
    request.as_reader().read_to_end(&mut body).unwrap();
    let reply = match request.url() {
        "/api/v2/status" => map([("root_key", Cbor::Bytes(vec![7; 96]))]),
        url if url.ends_with("/query") => query(&body, &mut canister.lock().unwrap()),
        url => panic!("{url}"),
    };
    let mut bytes = Vec::new();
    ciborium::into_writer(&reply, &mut bytes).unwrap();
    let len = bytes.len() as u64;
    let header = tiny_http::Header::from_bytes("content-type", "application/cbor").unwrap();
    request.respond(Response::from_data(bytes).with_header(header)).unwrap();
    len
}

fn query(body: &[u8], canister: &mut Canister) -> Cbor {
    let envelope: Cbor = ciborium::from_reader(body).unwrap();
    let envelope = envelope.as_tag().map_or(&envelope, |(_, inner)| inner);
    let content = field(envelope, "content");
    let sender = Principal::from_slice(field(content, "sender").as_bytes().unwrap());
    let method = field(content, "method_name").as_text().unwrap();
    match canister.query_raw_as(sender, method, field(content, "arg").as_bytes().unwrap()).result {
        Ok(reply) => {
            let reply = map([("arg", Cbor::Bytes(reply))]);
            map([
                ("status", Cbor::Text("replied".into())),
                ("reply", reply),
                ("signatures", Cbor::Array(vec![])),
            ])
        }
        Err(Reject { code, message, .. }) => map([
            ("status", Cbor::Text("rejected".into())),
            ("reject_code", Cbor::Integer(code.reject_code().into())),
            ("reject_message", Cbor::Text(message)),
            ("signatures", Cbor::Array(vec![])),
        ]),
    }
}

fn map<const N: usize>(fields: [(&str, Cbor); N]) -> Cbor {
    Cbor::Map(fields.into_iter().map(|(name, value)| (Cbor::Text(name.into()), value)).collect())
}

fn field<'a>(map: &'a Cbor, name: &str) -> &'a Cbor {
    let fields = map.as_map().unwrap();
    let found = fields.iter().find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no {name} in {map:?}")).1
}

#[test]
fn sizes_and_schema_of_a_live_canister() {
    let node = Node::new(500);
    let stats = node.ask(&[]);
    assert_eq!((&stats["roots"][0]["name"], &stats["roots"][0]["entries"]), (&json!("users"), &json!(500)));
    assert_eq!(stats["sweep"]["state"], "running");
    let schema = node.ask(&["schema"]);
    assert_eq!(schema[0]["declaration"], "users: Table<User>");
    assert_eq!(schema[2]["layouts"][1]["version"], 2);
    let said = node.run(&["--identity", "key.pem", "stats"]);
    for line in ["users  500 entries, ", ", 1 incomplete index\n", "\nsweep running: "] {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
    let said = node.run(&["--identity", "key.pem", "schema"]);
    assert!(said.out.contains("\n    User v2  0 pages, the current layout\n"), "{}", said.out);
    // Options may come after the subcommand, too.
    let said = node.run(&["sweep", "--json", "--identity", "key.pem"]);
    let status: Value = serde_json::from_str(&said.out).unwrap();
    assert!(status["old_pages"].as_u64() > Some(0), "{status}");
}

#[test]
fn rows_come_from_as_many_answers_as_it_takes() {
    let node = Node::new(2_500);
    let found = node.ask(&["records", "users", "--limit", "2200", "--field", "id", "--descending"]);
    let ids: Vec<u64> =
        found["rows"].as_array().unwrap().iter().map(|row| row["id"].as_u64().unwrap()).collect();
    assert!(ids.iter().copied().eq((300..2_500).rev()), "{ids:?}");
    let said = node.run(&["--identity", "key.pem", "records", "users", "--limit", "1", "--order", "name"]);
    assert_eq!(said.out, "{\"id\":0,\"karma\":3,\"name\":\"user 0\"}\n");
    let said = node.run(&["--identity", "key.pem", "records", "nothing"]);
    assert!(said.code == 2 && said.err.contains("there is no table `nothing`"), "{said:?}");
}

#[test]
fn a_downloaded_memory_is_the_canisters() {
    let node = Node::new(3_000);
    let image = node.canister.lock().unwrap().stable_image();
    assert_eq!(node.ask(&["download", "live.bin"])["bytes"], image.len());
    assert!(std::fs::read(node.folder.path("live.bin")).unwrap() == image);
    let said = node.folder.run(&["check", "--image", "live.bin", &canister("explored-v2")]);
    assert!(said.code == 0 && said.out.contains("notes: BTreeMap<u64, Note>  (3000 entries"), "{said:?}");
    let said = node.run(&["--identity", "key.pem", "download", "live.bin"]);
    assert!(said.code == 2 && said.err.contains("live.bin"), "a file is not overwritten: {said:?}");
}

/// The commands say the same about a live canister as about its downloaded memory.
#[test]
fn a_live_canister_is_an_input_like_an_image() {
    let node = Node::new(3_000);
    node.ask(&["download", "live.bin"]);
    for (command, words) in [
        ("inspect", &["--json"][..]),
        ("verify", &["--json"]),
        ("dump", &["notes", "--format", "csv"]),
        ("dump", &["users", "--prefix", "12"]),
        ("get", &["users", "299"]),
        ("get", &["users", "99999"]),
    ] {
        let (live, file) =
            (node.look(command, words), node.folder.run(&[&[command, "live.bin"], words].concat()));
        assert_eq!((live.code, &live.out, &live.err), (file.code, &file.out, &file.err), "{command}");
    }
    let said = node.look("diff", &["live.bin"]);
    assert_eq!((said.code, said.out.as_str()), (0, "equal\n"), "{said:?}");
    let said = node.look("inspect", &["--memory-id", "3"]);
    assert!(said.code == 2 && said.err.contains("a canister knows its memory"), "{said:?}");
    let said = node.folder.run(&["rehearse", &format!("ic:{CANISTER}"), &canister("explored-v2")]);
    assert!(said.code == 2 && said.err.contains("a rehearsal takes a file"), "{said:?}");
}

/// A look at a few entries asks for a few slices, not for the memory.
#[test]
fn a_look_at_a_live_canister_reads_slices() {
    let node = Node::new(20_000);
    let size = node.canister.lock().unwrap().stable_image().len() as u64;
    let before = node.sent.load(Ordering::Relaxed);
    assert_eq!(node.look("get", &["users", "19999"]).code, 0);
    let sent = node.sent.load(Ordering::Relaxed) - before;
    assert!(sent * 4 < size, "{sent} bytes of {size}");
}

#[test]
fn a_canister_that_works_meanwhile_is_one_clear_line() {
    let node = Node::new(20_000);
    node.work_after_requests(3);
    let said = node.look("verify", &[]);
    assert_eq!((said.code, said.out.as_str()), (2, ""), "{said:?}");
    assert!(said.err.starts_with("error: the canister worked while its memory was read"), "{said:?}");
    assert_eq!(said.err.lines().count(), 1, "{said:?}");
}

#[test]
fn records_of_roots_that_are_no_tables() {
    let node = Node::new(50);
    let found = node.ask(&["records", "notes", "--limit", "2"]);
    assert_eq!(found["rows"].as_array().map(Vec::len), Some(2), "{found}");
    assert_eq!(
        (&found["rows"][1]["key"], &found["read"], &found["is_complete"]),
        (&json!(1), &json!(2), &json!(false))
    );
    let found = node.ask(&["records", "notes", "--limit", "99", "--field", "key"]);
    assert_eq!((&found["rows"][49], &found["is_complete"]), (&json!({"key": 49}), &json!(true)));
    for (words, why) in [
        (&["records", "notes", "--descending"][..], "only the rows of a table have other orders"),
        (&["records", "notes", "--field", "none"], "`notes` has no field `none`"),
    ] {
        let said = node.run(&[&["--identity", "key.pem"], words].concat());
        assert!(said.code == 2 && said.err.contains(why), "{said:?}");
    }
}

#[test]
fn verify_finds_damage_in_a_live_canister() {
    let node = Node::new(500);
    assert_eq!(node.ask(&["verify"]), json!({ "checked": 3, "damage": [] }));
    {
        let mut canister = node.canister.lock().unwrap();
        let mut image = canister.stable_image();
        let at = image.windows(8).position(|bytes| bytes == b"user 300").unwrap();
        image[at] = b'U';
        canister.set_stable_image(&image);
    }
    let said = node.run(&["--identity", "key.pem", "verify"]);
    assert!(said.code == 1 && said.out.starts_with("damaged: ") && said.out.contains("users"), "{said:?}");
    assert!(said.out.ends_with("3 collections checked, 1 fault\n"), "{said:?}");
}

#[test]
fn those_who_may_not_and_canisters_that_cannot_are_told_in_one_line() {
    let node = Node::new(1);
    let refused = |node: &Node, words: &[&str], word: &str| {
        let said = node.run(words);
        assert!(said.code == 2 && said.out.is_empty() && said.err.contains(word), "{word}: {said:?}");
        assert_eq!(said.err.trim_end().lines().count(), 1, "{said:?}");
    };
    refused(&node, &[], "only a controller may explore");
    refused(&node, &["download", "part.bin"], "only a controller may explore");
    assert!(!node.folder.path("part.bin").exists());
    refused(&node, &["--identity", "none.pem"], "none.pem");
    refused(&node, &["--identity", "Cargo.toml"], "no private key");
    let other = std::fs::read(canister("sessions")).unwrap();
    let other = Node::of(Canister::install(&other, ()).unwrap());
    refused(&other, &[], "build it with `graven::canister!(…, explorer)`");
    let said = node.folder.run(&["explore", "no canister"]);
    assert!(said.code == 2 && said.err.contains("`no canister` is no canister"), "{said:?}");
    let said = node.folder.run(&["explore", CANISTER, "--network", "http://127.0.0.1:1"]);
    assert!(said.code == 2 && said.err.lines().count() == 1, "{said:?}");
    let said = node.folder.run(&["explore", CANISTER, "--network", "nonsense"]);
    assert!(said.code == 2 && said.err.lines().count() == 1, "{said:?}");
}
