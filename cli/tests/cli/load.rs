//! `load` makes images from what `dump` prints.

use candid::{CandidType, Deserialize};
use graven::{Budget, DefaultMemoryImpl, Memory, Schema};
use graven_testkit::Canister;

use crate::rehearse::{canister, filled};
use crate::support::{Folder, Said};
use crate::town::{self, Town};

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
const LOADABLE: [&str; 12] = [
    "limit", "names", "ages", "words", "seen", "numbers", "lines", "events", "tickets", "scores", "people",
    "users",
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
    for (root, text, why) in [
        ("posts", "", "`posts`: entries of a Nested cannot be loaded"),
        ("walls", "", "entries of a Records cannot be loaded"),
        ("jobs", "", "entries of a PriorityQueue cannot be loaded"),
        ("files", "", "entries of a Blobs cannot be loaded"),
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
