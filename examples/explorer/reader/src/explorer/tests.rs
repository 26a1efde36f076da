use std::cell::Cell;
use std::io;
use std::rc::Rc;

use graven::{BTreeMap, DefaultMemoryImpl, HashMap, Nested, StableLayout, StableVec, Table};
use graven_look::Slices;
use ic_stable_structures::Memory;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager};
use serde_json::{Value, json};

use super::Explorer;
use crate::browser::{Browser, Response};

/// An image in the heap that counts what is read.
#[derive(Clone)]
struct Bytes(Rc<Vec<u8>>, Rc<Cell<usize>>);

impl Slices for Bytes {
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.1.set(self.1.get() + out.len());
        let bytes = self.0.get(offset as usize..).and_then(|bytes| bytes.get(..out.len()));
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

impl Browser for Bytes {
    fn post(&self, url: &str, _: &[u8]) -> Option<Response> {
        panic!("a file asks {url}")
    }

    fn now(&self) -> u64 {
        0
    }
}

struct Page(Explorer<Bytes>, Bytes);

impl Page {
    fn of(memory: &DefaultMemoryImpl) -> Page {
        Page::of_bytes(memory.borrow().clone())
    }

    fn of_bytes(bytes: Vec<u8>) -> Page {
        Page(Explorer::default(), Bytes(Rc::new(bytes), Rc::default()))
    }

    fn ask(&mut self, request: Value) -> Value {
        let answer = self.0.answer(request.to_string().as_bytes(), || self.1.clone());
        serde_json::from_str(&answer).unwrap()
    }

    fn open(&mut self) -> Value {
        self.ask(json!({ "ask": "open", "bytes": self.1.0.len() }))
    }

    /// Returns the keys of all entries that are listed, and the number of pages that they take.
    fn keys(&mut self, root: &str, by: &str, text: &str) -> (Vec<Value>, usize) {
        let (mut keys, mut pages) = (Vec::new(), 1);
        let mut answer = self.ask(json!({ "ask": "entries", "root": root, "by": by, "text": text }));
        loop {
            assert_eq!(answer["error"], Value::Null);
            keys.extend(answer["rows"].as_array().unwrap().iter().map(|row| row["parts"]["key"].clone()));
            if answer["more"] == false {
                return (keys, pages);
            }
            answer = self.ask(json!({ "ask": "next" }));
            pages += 1;
        }
    }
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct Place {
    #[table(key)]
    id: u64,
    #[table(index)]
    name: String,
}

#[graven::store]
struct Town {
    counts: BTreeMap<String, u64>,
    hash: HashMap<u32, String>,
    lists: Nested<String, StableVec<u8>>,
    places: Table<Place>,
}

fn town() -> DefaultMemoryImpl {
    let memory = DefaultMemoryImpl::default();
    let mut town = Town::open(memory.clone()).unwrap();
    for number in 0..250 {
        town.counts.insert(format!("{number:03}"), u64::MAX - number);
    }
    for number in 0..300 {
        town.hash.insert(number, "x".repeat(number as usize));
        town.lists.or_create("many").push(number as u8);
    }
    town.places.insert(Place { id: 7, name: "Bern".into() }).unwrap();
    memory
}

#[test]
fn an_image_is_opened_with_its_facts_and_layouts() {
    let mut page = Page::of(&town());
    let opened = page.open();
    let names: Vec<_> =
        opened["facts"]["roots"].as_array().unwrap().iter().map(|root| &root["name"]).collect();
    assert_eq!(names, ["counts", "hash", "lists", "places", "places.name"]);
    assert_eq!(opened["schema"][3]["layouts"][0]["name"], "Place v1");
    assert_eq!(opened["schema"][3]["layouts"][0]["fields"][1], json!(["name", "String"]));
}

#[test]
fn entries_come_in_pages() {
    let mut page = Page::of(&town());
    page.open();
    let (keys, pages) = page.keys("counts", "all", "");
    assert_eq!((keys.len(), pages), (250, 3));
    assert_eq!((&keys[0], &keys[249]), (&json!("000"), &json!("249")));
    assert_eq!(page.keys("counts", "prefix", "24").0.len(), 10);
    assert_eq!(page.keys("counts", "range", "100..=102").0, ["100", "101", "102"]);
    assert_eq!(page.keys("counts", "key", "007").0, ["007"]);
    assert_eq!(page.keys("hash", "key", "17").0, [17]);
    assert_eq!(page.keys("hash", "all", "").0.len(), 300);
    assert_eq!(page.keys("lists", "key", "many").0.len(), 300);
    assert_eq!(page.keys("counts", "key", "none").0.len(), 0);
}

#[test]
fn numbers_that_javascript_would_round_are_texts() {
    let mut page = Page::of(&town());
    page.open();
    let rows = page.ask(json!({ "ask": "entries", "root": "counts", "by": "key", "text": "000" }));
    assert_eq!(rows["rows"][0]["parts"]["value"], "18446744073709551615");
    let rows = page.ask(json!({ "ask": "entries", "root": "places.name", "by": "prefix", "text": "B" }));
    assert_eq!(rows["rows"][0]["parts"], json!({ "value": "Bern", "row": 7 }));
}

#[test]
fn a_request_that_makes_no_sense_gets_a_sentence() {
    let mut page = Page::of(&town());
    assert_eq!(page.ask(json!({ "ask": "next" })), json!({ "error": "no image is open" }));
    page.open();
    let answer = page.ask(json!({ "ask": "entries", "root": "no", "by": "all", "text": "" }));
    assert_eq!(answer["error"], "it has no root `no`");
    let answer = page.ask(json!({ "ask": "entries", "root": "hash", "by": "key", "text": "x" }));
    assert_eq!(answer["error"], "`x` is no u32");
    let answer = page.ask(json!({ "ask": "dance" }));
    assert!(answer["error"].as_str().unwrap().starts_with("the request cannot be read: unknown variant"));
}

#[test]
fn what_is_no_image_gets_a_sentence() {
    for (bytes, why) in [
        (vec![], "it has no bytes"),
        (vec![1; 500], "it is shorter than a page of stable memory, so it was cut off"),
        (vec![1; 1 << 16], "this memory holds unknown data beginning with [01, 01"),
    ] {
        let answer = Page::of_bytes(bytes).open();
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with(why), "{error}");
    }
}

#[test]
fn a_store_in_a_manager_is_found_or_chosen() {
    let memory = DefaultMemoryImpl::default();
    let manager = MemoryManager::init(memory.clone());
    manager.get(MemoryId::new(3)).grow(1);
    let mut first: BTreeMap<u8, u8, _> = graven::open("first", manager.get(MemoryId::new(7))).unwrap();
    first.insert(1, 1);
    assert_eq!(Page::of(&memory).open()["facts"]["roots"][0]["name"], "first");
    let mut second: BTreeMap<u8, u8, _> = graven::open("second", manager.get(MemoryId::new(9))).unwrap();
    second.insert(2, 2);
    let mut page = Page::of(&memory);
    assert_eq!(page.open(), json!({ "memories": [7, 9] }));
    let opened = page.ask(json!({ "ask": "open", "bytes": page.1.0.len(), "memory": 9 }));
    assert_eq!(opened["facts"]["roots"][0]["name"], "second");
    assert_eq!(page.keys("second", "all", "").0, [2]);
}

#[test]
fn the_picture_and_the_check_have_all_pages() {
    let mut page = Page::of(&town());
    let pages = page.open()["facts"]["pages"].as_u64().unwrap();
    let picture = page.ask(json!({ "ask": "picture" }));
    assert_eq!(picture["cells"].as_array().unwrap().len() as u64, pages);
    let found = page.ask(json!({ "ask": "verify" }));
    assert_eq!((&found["count"], &found["accounted"]), (&json!(0), &json!(pages)));
}

#[test]
fn a_long_memory_is_read_in_slices() {
    let mut bytes = town().borrow().clone();
    bytes.resize(64 << 20, 0);
    let mut page = Page::of_bytes(bytes);
    page.open();
    page.keys("places.name", "prefix", "B");
    assert!(page.1.1.get() < 4 << 20, "{}", page.1.1.get());
}

#[test]
fn a_value_that_is_too_long_is_not_shown() {
    let memory = DefaultMemoryImpl::default();
    let mut long: BTreeMap<u8, String> = graven::open("long", memory.clone()).unwrap();
    long.insert(1, "x".repeat(300 << 10));
    let mut page = Page::of(&memory);
    page.open();
    let rows = page.ask(json!({ "ask": "entries", "root": "long", "by": "all", "text": "" }));
    assert_eq!(rows["rows"][0]["parts"]["value"], "307200 bytes, which are too many to show");
}

#[test]
fn a_damaged_image_gets_answers() {
    let bytes = town().borrow().clone();
    // A generator of Lehmer's: the damage is the same in every run.
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state * 48_271 % 0x7fff_ffff;
        state as usize % below
    };
    let mut damaged = 0;
    for _ in 0..400 {
        let mut bytes = bytes.clone();
        for _ in 0..1 + random(8) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        let mut page = Page::of_bytes(bytes);
        let roots = page.open()["facts"]["roots"].as_array().cloned().unwrap_or_default();
        for root in roots {
            let mut answer =
                page.ask(json!({ "ask": "entries", "root": root["name"], "by": "all", "text": "" }));
            // Damage does not make a list longer than the memory.
            let mut pages = 0;
            while answer["more"] == true && pages < 1_000 {
                answer = page.ask(json!({ "ask": "next" }));
                pages += 1;
            }
            assert!(pages < 1_000);
        }
        page.ask(json!({ "ask": "picture" }));
        damaged += usize::from(page.ask(json!({ "ask": "verify" }))["count"] != 0);
    }
    assert!(damaged > 100, "{damaged}");
}
