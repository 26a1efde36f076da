use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use ciborium::Value as Cbor;
use ed25519_dalek::SigningKey;
use graven_look::Slices;
use graven_node::{ID, KEY, Network, OTHER_KEY, controlled, open, respond, unexplored, write};
use graven_testkit::Canister;
use serde_json::{Value, json};

use crate::browser::{Browser, MAX_RESPONSE_LEN, Response};
use crate::explorer::Explorer;

const URL: &str = "http://localhost:8000";

/// A key on the curve P-256, which was made for this test.
const P256: &str = "-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIMgqQRR287QnVypw7MToaUBVay9ww5oOXO6Vroumphi0oAoGCCqGSM49
AwEHoUQDQgAEPxmqJ9iU9ZiTL55cyt2C1jCqdWbgle133rTCHPA65V5mzNo3zw2M
3duHsGoPv84Mc7ZSuihP/3Fehg33Ejpo2A==
-----END EC PRIVATE KEY-----
";

/// The key [`OTHER_KEY`] in PKCS #8.
const OTHER_PKCS8: &str = "-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgGQvqNgpeuME2BWqygPbx
t5em41z3EJnCXJ6bqBql5x2hRANCAAQJ3civph7+1ksIf0tfholw45qis44xv20y
/opbKpf9EdQ/ZGQ7kaFDsUL6sYZLeIFPP9pwYbAckd1rgWqwi0wa
-----END PRIVATE KEY-----
";

/// Answers the requests of a browser.
type Respond = Rc<dyn Fn(&str, &[u8]) -> Option<Response>>;

/// A browser whose requests are answered here, with a file of its own.
#[derive(Clone)]
struct Wire {
    respond: Respond,
    file: Rc<Vec<u8>>,
    received: Rc<Cell<usize>>,
}

impl Slices for Wire {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.file.get(offset as usize..).and_then(|bytes| bytes.get(..out.len()));
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl Browser for Wire {
    fn post(&self, url: &str, body: &[u8]) -> Option<Response> {
        let response = (self.respond)(url, body)?;
        self.received.set(self.received.get() + response.body.as_ref().map_or(0, Vec::len));
        Some(response)
    }

    fn now(&self) -> u64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_nanos() as u64
    }
}

struct Page(Explorer<Wire>, Wire);

impl Page {
    fn new(respond: impl Fn(&str, &[u8]) -> Option<Response> + 'static) -> Page {
        let wire = Wire { respond: Rc::new(respond), file: Rc::default(), received: Rc::default() };
        Page(Explorer::default(), wire)
    }

    /// Returns a page and the canister that answers it.
    fn of(canister: Canister) -> (Page, Rc<RefCell<Canister>>) {
        let canister = Rc::new(RefCell::new(canister));
        let asked = canister.clone();
        let respond = move |url: &str, body: &[u8]| Some(answer(url, body, &mut asked.borrow_mut()));
        (Page::new(respond), canister)
    }

    fn ask(&mut self, request: Value) -> Value {
        let answer = self.0.answer(request.to_string().as_bytes(), || self.1.clone());
        serde_json::from_str(&answer).unwrap()
    }

    fn open(&mut self, identity: Option<&str>) -> Value {
        self.ask(json!({ "ask": "open_canister", "canister": ID, "network": URL, "identity": identity }))
    }

    /// Opens the canister, which fails. Returns the reason.
    fn refused(&mut self, identity: Option<&str>) -> String {
        let answer = self.open(identity);
        let error = answer["error"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        assert!(!error.contains('\n') && error.len() < 2_000, "{error}");
        error
    }
}

fn wasms() -> PathBuf {
    let folder = std::env::var_os("GRAVEN_WASM_DIR");
    folder
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it")
        .into()
}

/// Answers a request as a node does.
fn answer(url: &str, body: &[u8], canister: &mut Canister) -> Response {
    let path = url.strip_prefix(URL).unwrap_or_else(|| panic!("{url}"));
    let response = respond(path, body, canister, &Network::new());
    Response { status: response.status, body: Some(response.body) }
}

/// Returns the response with a reply.
fn reply(arg: Vec<u8>) -> Response {
    let text = |text: &str| Cbor::Text(text.into());
    let reply = Cbor::Map(vec![(text("arg"), Cbor::Bytes(arg))]);
    let map = Cbor::Map(vec![(text("status"), text("replied")), (text("reply"), reply)]);
    let mut body = Vec::new();
    ciborium::into_writer(&map, &mut body).unwrap();
    Response { status: 200, body: Some(body) }
}

/// Returns a part of a memory in candid.
fn part(bytes: Vec<u8>, memory_bytes: u64) -> Vec<u8> {
    let part = graven_core::explore::MemoryPart { bytes, memory_bytes, version: 1 };
    candid::encode_one(Ok::<_, String>(part)).unwrap()
}

#[test]
fn a_live_canister_is_shown_as_its_image() {
    let (mut page, canister) = Page::of(open(&wasms(), 2_000));
    let live = page.open(None);
    let names: Vec<_> = live["facts"]["roots"].as_array().unwrap().iter().map(|root| &root["name"]).collect();
    assert_eq!(names[..3], ["users", "users.name", "notes"]);
    let image = canister.borrow().stable_image();
    let (bytes, file) = (image.len(), Rc::new(image));
    let mut file = Page(Explorer::default(), Wire { file, ..page.1.clone() });
    assert_eq!(live, file.ask(json!({ "ask": "open", "bytes": bytes })));
    for request in [
        json!({ "ask": "entries", "root": "users.name", "by": "prefix", "text": "user 19" }),
        json!({ "ask": "next" }),
        json!({ "ask": "entries", "root": "notes", "by": "key", "text": "7" }),
        json!({ "ask": "picture" }),
        json!({ "ask": "verify" }),
    ] {
        let shown = page.ask(request.clone());
        assert_eq!(shown, file.ask(request));
        assert!(shown["error"].is_null(), "{shown}");
    }
}

#[test]
fn a_look_at_a_few_entries_reads_slices() {
    let (mut page, canister) = Page::of(open(&wasms(), 20_000));
    page.open(None);
    let rows = page.ask(json!({ "ask": "entries", "root": "users", "by": "key", "text": "19999" }));
    assert_eq!(rows["rows"][0]["parts"]["value"]["name"], "user 19999", "{rows}");
    let (received, size) = (page.1.received.get(), canister.borrow().stable_image().len());
    assert!(received * 4 < size, "{received} bytes of {size}");
}

/// The node checks each signature.
#[test]
fn controllers_sign_with_keys_of_all_forms() {
    let (mut page, _) = Page::of(controlled(&wasms(), 10));
    let with_parameters =
        format!("-----BEGIN EC PARAMETERS-----\nBgUrgQQACg==\n-----END EC PARAMETERS-----\n{OTHER_KEY}");
    // An old `dfx` has written the public key with another tag.
    let seed: [u8; 32] = pem::parse(KEY).unwrap().contents()[16..].try_into().unwrap();
    let public = SigningKey::from_bytes(&seed).verifying_key();
    let old =
        [&super::identity::OLD_DFX[..], &seed, &[0xa1, 0x23, 0x03, 0x21, 0], public.as_bytes()].concat();
    let old = pem::encode(&pem::Pem::new("PRIVATE KEY", old));
    for key in [KEY, OTHER_KEY, OTHER_PKCS8, &with_parameters, &old] {
        let opened = page.open(Some(key));
        assert_eq!(opened["facts"]["roots"].as_array().map(Vec::len), Some(5), "{key} {opened}");
    }
}

#[test]
fn a_key_that_cannot_be_read_is_told_in_a_line() {
    let mut page = Page::new(|url, _| panic!("{url}"));
    let secret = "MC4CAQAwBQYDK2VwBCIEIDiHqMXDZR4XAFaOgIFtEMKQUel6xa";
    let encrypted = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
    let certificate = KEY.replace("PRIVATE KEY", "CERTIFICATE");
    let cut = KEY.replace("w4KNIN9D7i/W3", "");
    for (key, why) in [
        ("", "the file of the key has no private key in PEM"),
        ("not a key", "the file of the key has no private key in PEM"),
        ("-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n", "the file of the key is no PEM: "),
        (&encrypted, "the file of the key is encrypted: decrypt it first"),
        (&certificate, "the file of the key has no private key in PEM"),
        (&cut, "the file of the key "),
        (P256, "the file of the key has a damaged key, or one of another kind than Ed25519 and secp256k1"),
    ] {
        let error = page.refused(Some(key));
        assert!(error.starts_with(why), "{error}");
        assert!(!error.contains(&secret[20..]), "{error}");
    }
}

#[test]
fn ids_and_networks_that_are_none_are_told_in_a_line() {
    let mut page = Page::new(|url, _| panic!("{url}"));
    let mut open = |canister: &str, network: &str| {
        let answer = page.ask(json!({ "ask": "open_canister", "canister": canister, "network": network }));
        answer["error"].as_str().unwrap().to_owned()
    };
    for id in ["", "nobody", "rrkah-fqaaa-aaaaa-aaaaq-caj"] {
        let error = open(id, URL);
        assert!(error.starts_with(&format!("`{id}` is no canister: ")) && !error.contains('\n'), "{error}");
    }
    for network in [
        "",
        "icp-api.io",
        "https://",
        "http://icp-api.io",
        "http://localhost.example.com",
        "http://localhost:1@example.com",
        "https://example.com/?path=",
        "https://example.com/#",
        "file:///tmp",
        "https://exa mple.com",
    ] {
        let error = open(ID, network);
        assert!(error.starts_with(&format!("`{network}` is no network")), "{network}: {error}");
    }
}

#[test]
fn networks_on_this_machine_and_encrypted_ones_are_asked() {
    for (network, asked) in [
        ("https://icp-api.io/", "https://icp-api.io"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        (" http://LOCALHOST:8000/ ", "http://LOCALHOST:8000"),
        ("http://node.localhost", "http://node.localhost"),
        ("https://example.com:4943/replica", "https://example.com:4943/replica"),
    ] {
        let urls = Rc::new(RefCell::new(Vec::new()));
        let seen = urls.clone();
        let mut page = Page::new(move |url, _| {
            seen.borrow_mut().push(url.to_owned());
            None
        });
        let answer = page.ask(json!({ "ask": "open_canister", "canister": ID, "network": network }));
        assert_eq!(
            answer,
            json!({ "error": format!("{asked} does not answer this page"), "kind": "unreachable" })
        );
        assert_eq!(*urls.borrow(), [format!("{asked}/api/v3/canister/{ID}/query")]);
    }
}

#[test]
fn canisters_that_may_not_or_cannot_be_explored_say_why() {
    let (mut page, _) = Page::of(controlled(&wasms(), 1));
    assert_eq!(
        page.refused(None),
        "the canister refuses: only a controller may explore (the caller is anonymous: choose the key of a controller)"
    );
    let stranger = pem::encode(&pem::Pem::new(
        "PRIVATE KEY",
        [&pem::parse(KEY).unwrap().contents()[..16], &[7; 32]].concat(),
    ));
    let error = page.refused(Some(&stranger));
    assert!(
        error.starts_with("the canister refuses: only a controller may explore (the caller is "),
        "{error}"
    );
    assert!(error.ends_with("e)"), "{error}");

    let (mut page, _) = Page::of(unexplored(&wasms()));
    let error = page.refused(None);
    assert!(error.contains("build it with `graven::canister!(…, explorer)`"), "{error}");

    let other = "bkyz2-fmaaa-aaaaa-qaaaq-cai";
    let answer = page.ask(json!({ "ask": "open_canister", "canister": other, "network": URL }));
    assert_eq!(answer["error"], format!("there is no canister {other} on {URL}"));
}

#[test]
fn what_is_no_network_gets_a_sentence() {
    let long = "x".repeat(MAX_RESPONSE_LEN);
    let ok = |body: &[u8]| Response { status: 200, body: Some(body.to_vec()) };
    let failed = |status, body: &str| Response { status, body: Some(body.into()) };
    let no_cbor = "does not answer as a network of the Internet Computer: its answer is no CBOR of a query";
    let other_version = "the canister's answer to `graven_memory` is of another version: ";
    for (response, why) in [
        (ok(b""), no_cbor),
        (ok(b"<html>It works!</html>"), no_cbor),
        (ok(&[0xbf; 1_000]), no_cbor),
        // A text and an array that are longer than the answer.
        (ok(&[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), no_cbor),
        (ok(&[0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), no_cbor),
        (Response { status: 200, body: None }, "answers with too many bytes"),
        (failed(500, "broken\nin\tmany lines"), "answers with status 500: broken in many lines"),
        (failed(503, &long), "answers with status 503: xxx"),
        (reply(b"no candid".to_vec()), other_version),
        (reply(candid::encode_one("text").unwrap()), other_version),
        (reply(candid::encode_one(Err::<u8, _>(&long[..1 << 20])).unwrap()), "the canister refuses: xxx"),
        (reply(part(vec![0; 9], 1 << 20)), "more or fewer bytes of its memory than were asked for"),
        (reply(part(vec![0; 1 << 17], 1 << 20)), "more or fewer bytes of its memory than were asked for"),
        (reply(part(vec![], 0)), "it has no bytes"),
        (reply(part(vec![7; 1 << 16], 1 << 16)), "unknown data beginning with [07, 07"),
    ] {
        let mut page = Page::new(move |_, _| Some(response.clone()));
        let error = page.refused(None);
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn a_canister_that_works_while_it_is_read_is_read_again() {
    let (mut page, canister) = Page::of(controlled(&wasms(), 20_000));
    page.open(Some(KEY));
    let request = json!({ "ask": "entries", "root": "users", "by": "key", "text": "15000" });
    write(&mut canister.borrow_mut());
    let refused = page.ask(request.clone());
    assert_eq!(refused["kind"], "changed", "{refused}");
    assert!(refused["error"].as_str().unwrap().starts_with("the canister worked while its memory was read"));
    // It stays so until it is opened again.
    assert_eq!(page.ask(json!({ "ask": "verify" })), refused);
    assert!(page.open(Some(KEY))["error"].is_null());
    assert_eq!(page.ask(request)["rows"][0]["parts"]["key"], 15_000);
}

/// No answer of a node or a canister does more than end in a sentence.
#[test]
fn damaged_answers_get_answers() {
    let canister = Rc::new(RefCell::new(open(&wasms(), 200)));
    // A generator of Lehmer's: the damage is the same in every run.
    let state = Rc::new(Cell::new(7_u64));
    let random = move |below: usize| {
        state.set(state.get() * 48_271 % 0x7fff_ffff);
        state.get() as usize % below
    };
    let mut refused = 0;
    for round in 0..300 {
        let (canister, random) = (canister.clone(), random.clone());
        let mut page = Page::new(move |url, body| {
            let mut response = answer(url, body, &mut canister.borrow_mut());
            let bytes = response.body.as_mut()?;
            for _ in 0..1 + random(4) {
                // Mostly at the beginning, where the types of CBOR and candid are.
                let end = if round % 3 == 0 { bytes.len() } else { bytes.len().min(300) };
                bytes[random(end)] = random(256) as u8;
            }
            if round % 5 == 0 {
                bytes.truncate(random(bytes.len()));
            }
            Some(response)
        });
        let opened = page.open(None);
        refused += usize::from(opened["error"].is_string());
        page.ask(json!({ "ask": "entries", "root": "users", "by": "all", "text": "" }));
        page.ask(json!({ "ask": "verify" }));
    }
    assert!(refused > 100, "{refused}");
}
