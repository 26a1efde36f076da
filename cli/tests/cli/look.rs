//! `inspect`, `dump`, `get` and `diff` on the image of a town.

use serde_json::{Value, json};

use crate::support::{Folder, Said};
use crate::town;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("memory.bin", &town::memory());
    folder
}

fn lines(said: &Said) -> Vec<Value> {
    assert_eq!(said.code, 0, "{said:?}");
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn inspect_says_what_is_there() {
    let folder = folder();
    let said = folder.run(&["inspect", "memory.bin"]);
    assert_eq!(said.code, 0, "{said:?}");
    for part in [
        "users: BTreeMap<u64, User>",
        "posts: Nested<(String, u16), BTreeMap<u32, String>>",
        "people.email",
        "complete",
        "a sweep would convert ",
        "User v1",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains('\u{1b}'), "no styles in a pipe");
    let said = folder.run(&["inspect", "memory.bin", "--json"]);
    let facts: Value = serde_json::from_str(&said.out).unwrap();
    let users = &facts["roots"][0];
    assert_eq!((&users["name"], &users["entries"]), (&json!("users"), &json!(950)));
    assert_eq!(users["layouts"][1]["version"], 2);
    assert!(users["sweep_pages"].as_u64().unwrap() > 0);
    let index =
        facts["roots"].as_array().unwrap().iter().find(|root| root["name"] == "people.city_age").unwrap();
    assert_eq!(index["index"], json!({"definition": "city, age", "state": "complete"}));
}

#[test]
fn dump_selects_by_key_prefix_range_and_condition() {
    let folder = folder();
    let dump = |words: &[&str]| lines(&folder.run(&[&["dump", "memory.bin"], words].concat()));
    assert_eq!(dump(&["users", "--key", "7"]), [json!({"key": 7, "value": {"name": "user 7", "age": 7}})]);
    let keys = |words: &[&str]| dump(words).iter().map(|line| line["key"].clone()).collect::<Vec<_>>();
    assert_eq!(keys(&["users", "--range", "5..8"]), [5, 6, 7]);
    assert_eq!(keys(&["users", "--range", "5..=8", "--limit", "2"]), [5, 6]);
    assert_eq!(keys(&["users", "--range", "948.."]), [948, 949]);
    assert_eq!(keys(&["names", "--prefix", "name 0130"]).len(), 10);
    assert_eq!(keys(&["scores", "--prefix", "[7]"]).len(), 15);
    assert_eq!(
        keys(&["scores", "--prefix", "[7, \"player 10\"]"]),
        [json!([7, "player 1007"]), json!([7, "player 107"])]
    );
    assert_eq!(keys(&["scores", "--key", "[7, \"player 107\"]"]), [json!([7, "player 107"])]);
    assert_eq!(
        dump(&["users", "--where", "karma>=947", "--field", "key", "--field", "karma"]),
        [
            json!({"key": 947, "karma": 947}),
            json!({"key": 948, "karma": 948}),
            json!({"key": 949, "karma": 949}),
        ]
    );
    assert_eq!(dump(&["users", "--where", "name^=user 10", "--where", "age<12"]).len(), 3);
    assert_eq!(dump(&["people", "--where", "city=Zug", "--where", "age!=2", "--limit", "1"])[0]["key"], 5);
    assert_eq!(
        dump(&["people.city_age", "--key", "[\"Zug\", 2]", "--limit", "1"]),
        [json!({"value": ["Zug", 2], "row": 2})]
    );
    assert_eq!(
        dump(&["people.email", "--key", "17@example.com"]),
        [json!({"value": "17@example.com", "row": 17})]
    );
    assert_eq!(
        dump(&["posts", "--key", "[\"bob\", 1]", "--limit", "1"]),
        [json!({"key": ["bob", 1], "item": 0, "value": "bob wrote 0"}),]
    );
    assert_eq!(
        dump(&["walls", "--key", "3", "--limit", "2"]),
        [
            json!({"key": 3, "record": {"name": "wall 3", "age": 1, "karma": 3}}),
            json!({"key": 3, "index": 0, "value": "item 0 of 3"}),
        ]
    );
    assert_eq!(dump(&["events", "--range", "..11"]), [json!({"number": 10, "value": [10, "event 10"]})]);
    assert_eq!(dump(&["ages", "--key", "3"]), [json!({"key": 3, "value": 21})]);
    assert_eq!(dump(&["ages", "--range", "3..5"]).len(), 2);
    assert_eq!(dump(&["lines", "--range", "298.."]), [json!({"index": 298, "value": "line 299"})]);
    let versions = dump(&["users", "--versions", "--range", "..1"]);
    assert_eq!(versions[0]["layout"], "User v1");
}

#[test]
fn dump_writes_csv_and_candid() {
    let folder = folder();
    let said = folder.run(&["dump", "memory.bin", "users", "--format", "csv", "--key", "949"]);
    assert_eq!(said.out, "key,name,age,karma\n949,user 949,30,949\n");
    let said = folder.run(&["dump", "memory.bin", "scores", "--format", "csv", "--limit", "1"]);
    assert_eq!(said.out, "key,value\n\"[0,\"\"player 0\"\"]\",0\n");
    let said = folder.run(&["dump", "memory.bin", "users", "--format", "candid", "--key", "949"]);
    let record = "record { key = 949 : nat64; value = record { age = 30 : nat8; name = \"user 949\"; karma = 949 : nat64;};}";
    assert_eq!(said.out.trim(), record);
}

#[test]
fn get_finds_one_record() {
    let folder = folder();
    let said = folder.run(&["get", "memory.bin", "users", "949"]);
    assert_eq!(said.out, "{\"key\":949,\"value\":{\"name\":\"user 949\",\"age\":30,\"karma\":949}}\n");
    assert_eq!(folder.run(&["get", "memory.bin", "users", "5000"]).code, 1);
    assert_eq!(
        folder.run(&["get", "memory.bin", "words", "word 3"]).out,
        "{\"key\":\"word 3\",\"value\":\"www\"}\n"
    );
    assert_eq!(folder.run(&["get", "memory.bin", "tickets", "3"]).out, "{\"id\":3,\"value\":\"ticket 3\"}\n");
    assert!(folder.run(&["get", "memory.bin", "limit"]).out.starts_with("{\"value\":\"the limitthe limit"));
}

#[test]
fn bad_words_are_one_clear_line() {
    let folder = folder();
    for (words, why) in [
        (&["dump", "memory.bin", "user"][..], "it has no root `user`: it has users, limit, "),
        (&["dump", "memory.bin", "users", "--key", "x"], "`x` is no u64"),
        (&["dump", "memory.bin", "scores", "--key", "7"], "`7` is no (u32, String): write its parts as JSON"),
        (&["dump", "memory.bin", "scores", "--key", "[7]"], "that is no key of `scores`"),
        (&["dump", "memory.bin", "users", "--range", "7"], "`7` is no range"),
        (&["dump", "memory.bin", "users", "--where", "karma"], "`karma` is no condition"),
        (
            &["dump", "memory.bin", "users", "--where", "carma=1"],
            "has no field `carma`: it has key, name, age, karma",
        ),
        (&["dump", "memory.bin", "users", "--where", "age=x"], "`x` is no u8"),
        (&["dump", "memory.bin", "users", "--where", "age^=1"], "`age` is u8, which begins with nothing"),
        (&["dump", "memory.bin", "users", "--field", "karm"], "has no field `karm`"),
        (&["dump", "memory.bin", "limit", "--key", "1"], "`limit` has no keys"),
        (&["get", "memory.bin", "users"], "give a key: those of `users` are u64"),
        (&["get", "missing.bin", "users", "1"], "cannot read missing.bin"),
        (&["diff", "memory.bin", "memory.bin", "--root", "x"], "neither image has a root `x`"),
        (&["salvage", "memory.bin", "-o", "memory.bin"], "the output is the image itself"),
        (&["dump", "memory.bin", "users", "--memory-id", "3"], "it is not the memory of a MemoryManager"),
    ] {
        let said = folder.run(words);
        assert_eq!(said.code, 2, "{words:?}: {said:?}");
        assert!(said.err.starts_with("error: ") && said.err.contains(why), "{words:?}: {}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    }
}

#[test]
fn diff_shows_what_changed() {
    use graven::{DefaultMemoryImpl, Memory};

    let (folder, memory) = (folder(), DefaultMemoryImpl::default());
    assert_eq!(folder.run(&["diff", "memory.bin", "memory.bin"]).out, "equal\n");
    let bytes = std::fs::read(folder.path("memory.bin")).unwrap();
    memory.grow((bytes.len() / 65_536) as u64);
    memory.write(0, &bytes);
    let mut town = town::Town::open(memory.clone()).unwrap();
    town.users.remove(&7);
    town.users.insert(3, town::User { name: "Eve".into(), age: 3, karma: 10 });
    town.users.insert(2_000, town::User { name: "Ada".into(), age: 1, karma: 5 });
    town.ages.insert(3, 22);
    town.ages.remove(&4);
    town.jobs.pop();
    drop(town);
    folder.write("new.bin", &memory.borrow());
    let said = folder.run(&["diff", "memory.bin", "new.bin"]);
    assert_eq!(said.code, 1, "{said:?}");
    for part in [
        "\n  ~ 3: name \"user 3\" → \"Eve\", karma nothing → 10\n",
        "\n  - 7\n",
        "\n  + 2000: name \"Ada\", age 1, karma 5\n",
        "ages: 1 removed, 1 changed\n",
        "  ~ 3: value 21 → 22\n",
        "jobs: 1 removed\n",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    let said = folder.run(&["diff", "memory.bin", "new.bin", "--json", "--root", "ages"]);
    let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.contains(&json!({
        "change": "changed", "root": "ages", "key": {"key": 3}, "fields": [{"field": "value", "old": 21, "new": 22}],
    })));
    let summary =
        json!({"change": "summary", "root": "ages", "added": 0, "removed": 1, "changed": 1, "migrated": 0});
    assert!(lines.contains(&summary), "{}", said.out);
}

/// A reader that has seen enough is no error.
#[test]
fn a_broken_pipe_is_no_error() {
    use std::io::Read;
    use std::process::{Command, Stdio};

    let folder = folder();
    let mut dump = Command::new(env!("CARGO_BIN_EXE_cargo-graven"))
        .args(["graven", "dump", "memory.bin", "names"])
        .current_dir(folder.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    dump.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = dump.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn shells_and_manuals_know_the_commands() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let said = folder.run(&["completions", shell]);
        assert!(said.code == 0 && said.out.contains("inspect"), "{shell}");
    }
    let said = folder.run(&["man"]);
    assert!(said.code == 0 && said.out.contains(".TH cargo-graven"), "{}", said.out);
    assert!(folder.run(&["dump", "--help"]).out.contains("Examples:"));
}
