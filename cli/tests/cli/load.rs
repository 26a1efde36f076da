//! `load` makes images from what `dump` prints.

use std::cmp::Reverse;

use candid::{CandidType, Deserialize};
use graven::{
    BTreeMap, BTreeSet, Blobs, Budget, DefaultMemoryImpl, Deque, Memory, Nested, PriorityQueue, Records,
    Schema, StableVec,
};
use graven_testkit::Canister;
use serde_json::json;

use crate::rehearse::{canister, filled};
use crate::support::{Folder, Said};
use crate::town::{self, Town, User};

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("memory.bin", &town::memory());
    folder.wasm("town.wasm", Town::ROOTS);
    folder
}

/// Writes the entries of a root in an image to a file. Returns them.
fn dump(folder: &Folder, image: &str, root: &str) -> String {
    let said = folder.run(&["dump", image, root]);
    assert_eq!(said.code, 0, "{root}: {said:?}");
    folder.write("dump.jsonl", said.out.as_bytes());
    said.out
}

fn load(folder: &Folder, image: &str, root: &str, wasm: &str) -> Said {
    let _ = std::fs::remove_file(folder.path("out.bin"));
    folder.run(&["load", image, root, "dump.jsonl", "--wasm", wasm, "-o", "out.bin"])
}

/// All kinds that can be loaded, and values with keys, bounds and overflow pages.
const LOADABLE: [&str; 16] = [
    "limit", "names", "ages", "words", "seen", "numbers", "lines", "events", "tickets", "scores", "people",
    "users", "posts", "walls", "jobs", "files",
];

#[test]
fn what_was_dumped_and_loaded_is_dumped_again() {
    let folder = folder();
    // A part of the users have the layout of version 1, and only their code can convert them.
    let memory = opened(&folder, "memory.bin");
    let mut town = Town::open(memory.clone()).unwrap();
    while !town.sweep(&mut Budget::pages(1_000)).unwrap().is_done() {}
    drop(town);
    folder.write("memory.bin", &memory.borrow());
    for root in LOADABLE {
        let entries = dump(&folder, "memory.bin", root);
        for image in ["-", "memory.bin"] {
            let said = load(&folder, image, root, "town.wasm");
            let count = entries.lines().count();
            let shown = said.out.replace(',', "");
            assert!(said.code == 0 && shown.starts_with(&format!("out.bin: {count} ")), "{root}: {said:?}");
            let again = folder.run(&["dump", "out.bin", root]).out;
            // Entries that have one bucket are in the order in which they came.
            let sorted = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort();
                lines
            };
            assert!(again == entries || sorted(&again) == sorted(&entries), "{root} after {image}");
            let verified = folder.run(&["verify", "out.bin"]);
            assert_eq!(verified.code, 0, "{root} after {image}: {verified:?}");
        }
        // The other collections are as they were.
        let said = folder.run(&["diff", "memory.bin", "out.bin"]);
        assert_eq!((said.code, said.out.as_str()), (0, "equal\n"), "{root}: {said:?}");
    }
}

fn opened(folder: &Folder, image: &str) -> DefaultMemoryImpl {
    let (memory, bytes) = (DefaultMemoryImpl::default(), std::fs::read(folder.path(image)).unwrap());
    memory.grow((bytes.len() / 65_536) as u64);
    memory.write(0, &bytes);
    memory
}

/// The code makes the indexes of a table from its rows, and numbers continue.
#[test]
fn the_program_continues_with_a_loaded_image() {
    let folder = folder();
    dump(&folder, "memory.bin", "people");
    assert_eq!(load(&folder, "-", "people", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    while !town.sweep(&mut Budget::pages(1_000)).unwrap().is_done() {}
    town.people.verify().unwrap();
    assert_eq!(town.people.len(), 700);
    dump(&folder, "memory.bin", "tickets");
    assert_eq!(load(&folder, "-", "tickets", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    assert_eq!(town.tickets.insert("the next".into()), 300);
    town.tickets.verify().unwrap();
    dump(&folder, "memory.bin", "events");
    assert_eq!(load(&folder, "-", "events", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    assert_eq!((town.events.numbers(), town.events.append((1, "x".into()))), (10..300, 300));
}

#[graven::store]
struct Kinds {
    sets: Nested<u8, BTreeSet<String>>,
    arrays: Nested<String, StableVec<u32>>,
    deques: Nested<(u8, u8), Deque<String>>,
    maps: Records<u64, String, BTreeMap<u16, u64>>,
    tags: Records<String, u32, BTreeSet<u16>>,
    lists: Records<u8, (u8, String), StableVec<u64>>,
    numbers: PriorityQueue<u64>,
    pages: Blobs<u64>,
}

/// Collections of collections, keys and values of one size and of several, and lists that lost
/// their first values.
#[test]
fn other_collections_of_collections_are_loaded_as_they_were() {
    let folder = Folder::new();
    folder.wasm("kinds.wasm", Kinds::ROOTS);
    let memory = DefaultMemoryImpl::default();
    let mut kinds = Kinds::open(memory.clone()).unwrap();
    for number in 0..300_u64 {
        let (one, text) = ((number % 7) as u8, format!("text {number}"));
        kinds.sets.or_create(&one).insert(text.clone());
        kinds.arrays.or_create(&format!("{one}")).push(number as u32);
        kinds.deques.or_create(&(one, 1)).push_back(text.clone());
        kinds.deques.or_create(&(one, 1)).push_front("t".repeat(number as usize * 10));
        kinds.maps.insert(number, text.clone());
        kinds.maps.items_mut(&(number / 2)).unwrap().insert(number as u16, number);
        kinds.tags.insert(text.clone(), number as u32);
        kinds.tags.items_mut(&text).unwrap().insert(7);
        kinds.lists.insert(one, (one, text));
        kinds.lists.items_mut(&one).unwrap().push(number);
        kinds.numbers.push(number * 7 % 100);
        kinds.pages.append(&(number % 3), &vec![one; 900]);
    }
    kinds.pages.put(&9, &[]);
    kinds.deques.or_create(&(3, 1)).pop_front();
    kinds.tags.remove("text 5");
    (0..20).for_each(|_| _ = kinds.numbers.pop());
    drop(kinds);
    folder.write("memory.bin", &memory.borrow());
    for spec in Kinds::ROOTS {
        let entries = dump(&folder, "memory.bin", spec.name);
        let said = load(&folder, "memory.bin", spec.name, "kinds.wasm");
        assert_eq!(said.code, 0, "{}: {said:?}", spec.name);
        assert!(folder.run(&["dump", "out.bin", spec.name]).out == entries, "{}", spec.name);
        let said = folder.run(&["verify", "out.bin"]);
        assert_eq!(said.code, 0, "{}: {said:?}", spec.name);
        let said = folder.run(&["diff", "memory.bin", "out.bin"]);
        assert_eq!((said.code, said.out.as_str()), (0, "equal\n"), "{}: {said:?}", spec.name);
    }
}

/// Handles from before refer to the same values. New ones are new.
#[test]
fn a_loaded_queue_keeps_its_handles() {
    let folder = folder();
    let mut before = Town::open(opened(&folder, "memory.bin")).unwrap();
    for _ in 0..40 {
        before.jobs.pop();
    }
    let (values, gone): (Vec<_>, _) =
        (before.jobs.iter().collect(), before.jobs.push(Reverse((1, "x".into()))));
    before.jobs.remove(gone);
    drop(before);
    let lines = values.iter().map(|(handle, Reverse((number, text)))| {
        json!({ "value": [number, text], "handle": handle.to_u64() }).to_string() + "\n"
    });
    // In another order, too, the values become a heap.
    let lines: Vec<String> = lines.collect();
    for is_reversed in [false, true] {
        let mut lines = lines.clone();
        if is_reversed {
            lines.reverse();
        }
        folder.write("dump.jsonl", lines.concat().as_bytes());
        assert_eq!(load(&folder, "-", "jobs", "town.wasm").code, 0);
        let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
        town.jobs.verify().unwrap();
        for (handle, value) in &values {
            assert_eq!(town.jobs.get(*handle).as_ref(), Some(value));
        }
        assert!(!town.jobs.contains(gone));
        let added = town.jobs.push(Reverse((9, "new".into())));
        assert!(added != gone && values.iter().all(|(handle, _)| *handle != added));
        let mut expected: Vec<_> = values.iter().map(|(_, value)| value.clone()).collect();
        expected.push(Reverse((9, "new".into())));
        expected.sort();
        let popped: Vec<_> = std::iter::from_fn(|| town.jobs.pop()).collect();
        assert!(popped.into_iter().rev().eq(expected));
        town.jobs.verify().unwrap();
    }
}

/// The program changes collections that were loaded.
#[test]
fn loaded_collections_of_collections_can_be_changed() {
    let folder = folder();
    dump(&folder, "memory.bin", "posts");
    assert_eq!(load(&folder, "-", "posts", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    let before = Town::open(opened(&folder, "memory.bin")).unwrap();
    assert_eq!(town.posts.len(), before.posts.len());
    town.posts.or_create(&("new".to_owned(), 1)).insert(1, "one".into());
    town.posts.verify().unwrap();
    dump(&folder, "memory.bin", "walls");
    assert_eq!(load(&folder, "-", "walls", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    assert_eq!(town.walls.len(), before.walls.len());
    let id = before.walls.iter().next().unwrap().0;
    let mut items = town.walls.items_mut(&id).unwrap();
    items.push_front("first".into());
    items.push_back("last".into());
    assert_eq!(items.len(), before.walls.items(&id).unwrap().len() + 2);
    town.walls.insert(10_000, User { name: "wall".into(), age: 1, karma: 2 });
    town.walls.verify().unwrap();
    dump(&folder, "memory.bin", "files");
    assert_eq!(load(&folder, "-", "files", "town.wasm").code, 0);
    let mut town = Town::open(opened(&folder, "out.bin")).unwrap();
    town.files.append(&"large".to_owned(), b"more");
    assert_eq!(town.files.len(&"large".to_owned()), Some(30_004));
    town.files.verify().unwrap();
}

#[derive(CandidType, Deserialize, Debug, PartialEq)]
struct Counts {
    users: u64,
    notes: u64,
}

/// A canister opens the image of its own code by an upgrade.
#[test]
fn a_canister_opens_a_loaded_image() {
    let (folder, wasm) = (Folder::new(), canister("explored-v1"));
    let mut explored = filled(1_000, None);
    folder.write("memory.bin", &explored.stable_image());
    dump(&folder, "memory.bin", "users");
    assert_eq!(load(&folder, "-", "users", &wasm).code, 0);
    explored.set_stable_image(&std::fs::read(folder.path("out.bin")).unwrap());
    explored.upgrade(&std::fs::read(&wasm).unwrap(), ()).result.unwrap();
    let counts = |canister: &mut Canister| canister.query::<_, (Counts,)>("counts", ()).result.unwrap().0;
    assert_eq!(counts(&mut explored), Counts { users: 1_000, notes: 0 });
    // The notes of a file replace those that the image had.
    folder.write("dump.jsonl", b"{\"key\": 5, \"value\": {\"text\": \"five\", \"is_broken\": false}}\n");
    assert_eq!(load(&folder, "memory.bin", "notes", &wasm).code, 0);
    explored.set_stable_image(&std::fs::read(folder.path("out.bin")).unwrap());
    explored.upgrade(&std::fs::read(&wasm).unwrap(), ()).result.unwrap();
    assert_eq!(counts(&mut explored), Counts { users: 1_000, notes: 1 });
}

#[test]
fn what_cannot_be_loaded_is_one_clear_line_and_no_file() {
    let folder = folder();
    let users = r#"{"key": 1, "value": {"name": "a", "age": 1, "karma": 2}}"#;
    let post = r#"{"key": ["a", 1], "item": 1, "value": "x"}"#;
    let wall = r#"{"key": 1, "record": {"name": "a", "age": 1, "karma": 2}}"#;
    let job = r#"{"value": [1, "a"], "handle": 4294967296}"#;
    let file = r#"{"key": "a", "offset": 0, "bytes": "0x00"}"#;
    let other = r#"{"key": "b", "offset": 0, "bytes": "0x"}"#;
    for (root, text, why) in [
        ("posts", r#"{"key": ["a", 1], "value": "x"}"#, "it has no `item`"),
        ("posts", &format!("{post}\n{post}"), "line 2: there was an entry with its key before"),
        ("posts", r#"{"key": ["a", 1], "item": -1, "value": "x"}"#, "its `item` is no u32"),
        ("walls", r#"{"key": 1, "index": 0, "value": "x"}"#, "the record with its `key` has to come before"),
        ("walls", &format!("{wall}\n{wall}"), "line 2: there was an entry with its key before"),
        (
            "walls",
            &format!("{wall}\n{{\"key\": 1, \"index\": 1, \"value\": \"x\"}}"),
            "line 2: the number of the next entry is 0",
        ),
        ("walls", r#"{"key": 1, "record": 5, "value": "x"}"#, "entries of this collection have no `record`"),
        ("jobs", &format!("{job}\n{job}"), "line 2: its `handle` is that of another value"),
        ("jobs", r#"{"value": [1, "a"], "handle": 7}"#, "its `handle` is that of another value, or none"),
        ("jobs", r#"{"value": [1, "a"], "handle": 4611686018427387904}"#, "or none that a PriorityQueue"),
        (
            "jobs",
            r#"{"value": [1], "handle": 4294967296}"#,
            "line 1: it has no `value` of the collection's type",
        ),
        ("files", r#"{"key": "a", "offset": 5, "bytes": "0x00"}"#, "the number of the next entry is 0"),
        ("files", &format!("{file}\n{file}"), "line 2: the number of the next entry is 1"),
        ("files", &format!("{file}\n{other}\n{file}"), "line 3: there was an entry with its key before"),
        (
            "files",
            r#"{"key": "a", "offset": 0, "bytes": "0x00"}
            {"key": "a", "offset": 1, "bytes": "0x"}"#,
            "line 2: its `value` is not of the current layout: a chunk of a blob has 1 byte",
        ),
        ("people.email", "", "entries of a UniqueIndex cannot be loaded"),
        ("nobody", "", "the wasm has no root `nobody`: it has users, "),
        ("users", "x", "dump.jsonl, line 1: it is no object of JSON"),
        ("users", "{}", "line 1: it has no `key`"),
        ("users", r#"{"key": 1, "value": {"name": "a", "age": 1}}"#, "its `value` is no User v2; entries of"),
        ("users", r#"{"key": -1, "value": {}}"#, "its `key` is no u64"),
        ("users", r#"{"key": 1, "value": ["a", 1]}"#, "its `value` is not of the current layout"),
        ("users", r#"{"key": 1, "kay": 1}"#, "entries of this collection have no `kay`"),
        ("users", &format!("{users}\n{users}"), "line 2: there was an entry with its key before"),
        ("limit", "{\"value\": \"a\"}\n{\"value\": \"b\"}", "line 2: there was an entry"),
        ("numbers", r#"{"index": 1, "value": 5}"#, "line 1: the number of the next entry is 0"),
        (
            "scores",
            "{\"key\": [2, \"a\"], \"value\": 1}\n{\"key\": [1, \"a\"], \"value\": 1}",
            "line 2: its `key` is not after",
        ),
        (
            "people",
            r#"{"key": 1, "value": {"id": 2, "email": "a", "city": "b", "age": 1, "tags": 1}}"#,
            "its `key` is not that of the fields in its `value`",
        ),
        ("names", &format!("{{\"key\": \"{}\"}}", "n".repeat(1_000)), "line 1: "),
    ] {
        folder.write("dump.jsonl", text.as_bytes());
        for image in ["-", "memory.bin"] {
            let said = load(&folder, image, root, "town.wasm");
            assert!(said.code == 2 && said.err.contains(why), "{root} {text}: {said:?}");
            assert_eq!(said.err.lines().count(), 1, "{said:?}");
            assert!(!folder.path("out.bin").exists(), "{root} {text}");
        }
    }
    folder.write("dump.jsonl", users.as_bytes());
    folder.write("kept.bin", b"something");
    let said = folder.run(&["load", "-", "users", "dump.jsonl", "--wasm", "town.wasm", "-o", "kept.bin"]);
    assert!(said.code == 2 && said.err.contains("kept.bin"), "{said:?}");
    assert_eq!(folder.read("kept.bin"), "something");
    folder.write("text.bin", "no image ".repeat(10_000).as_bytes());
    let said = load(&folder, "text.bin", "users", "town.wasm");
    assert!(said.code == 2 && said.err.starts_with("error: text.bin: "), "{said:?}");
}
