//! `rehearse` names the records whose conversion traps.

use graven_testkit::Canister;
use serde_json::{Value, json};

use crate::rehearse::canister;
use crate::support::Folder;

/// Fills a collection of `breaking-v1`. Returns the answer of a rehearsal of `breaking-v2`, and its
/// text.
fn rehearsed(collection: &str, count: u64, broken: &[u64], len: u64) -> (Value, String) {
    let old = std::fs::read(canister("breaking-v1")).unwrap();
    let mut old = Canister::install(&old, ()).unwrap();
    old.update::<_, ()>("fill", (collection, count, broken, len)).unwrap();
    let (folder, image) = (Folder::new(), old.stable_image());
    folder.write("memory.bin", &image);
    let words = ["rehearse", "memory.bin", &canister("breaking-v2"), "--sweep"];
    let (text, said) = (folder.run(&words), folder.run(&[&words[..], &["--json"]].concat()));
    assert!(std::fs::read(folder.path("memory.bin")).unwrap() == image, "the memory was written");
    assert_eq!((text.code, said.code), (1, 1), "{collection}: {said:?}");
    let answer: Value = serde_json::from_str(&said.out).unwrap();
    let sweep = answer["sweep"].clone();
    assert_eq!(sweep["ending"], "trapped", "{sweep:#}");
    assert_eq!(sweep["trapped"].as_array().unwrap().len(), 1, "{sweep:#}");
    (sweep["trapped"][0].clone(), text.out)
}

/// Returns the parts that name records.
fn parts(records: &Value) -> Vec<Value> {
    records.as_array().unwrap().iter().map(|record| record["parts"].clone()).collect()
}

/// Of 600 records, the one in the middle of a page is named, whatever the collection is.
#[test]
fn a_record_that_traps_is_named_in_each_collection() {
    for (collection, root, expected) in [
        ("texts", "texts", json!({"key": 333})),
        ("points", "points", json!({"key": [1, "point 0333"]})),
        ("hashed", "hashed", json!({"key": "key 333"})),
        ("buckets", "buckets", json!({"key": 333})),
        ("array", "array", json!({"index": 333})),
        ("lines", "lines", json!({"index": 333})),
        ("log", "log", json!({"number": 338})),
        ("slab", "slab", json!({"id": 333})),
        ("ranked", "ranked", json!({"key": 333})),
        ("nested", "nested", json!({"key": 0, "item": 333})),
        ("lists", "lists", json!({"key": 0, "index": 111})),
        ("records", "records", json!({"key": 333})),
        ("items", "records", json!({"key": 9, "index": 333})),
        ("rows", "rows", json!({"key": 333})),
    ] {
        let (trapped, text) = rehearsed(collection, 600, &[333], 6);
        assert_eq!(trapped["is_certain"], true, "{collection}: {trapped:#}");
        assert_eq!(trapped["records"][0]["root"], root, "{trapped:#}");
        assert_eq!(parts(&trapped["records"]), [expected], "{trapped:#}");
        assert_eq!(trapped["further"], json!([]), "{trapped:#}");
        assert!(text.contains("cannot be converted\n"), "{text}");
    }
    let (trapped, text) = rehearsed("cell", 334, &[333], 6);
    assert_eq!(parts(&trapped["records"]), [json!({})], "{trapped:#}");
    assert!(text.contains("\n    cell cannot be converted\n"), "{text}");
}

/// Neighbours in one page, the first and the last record of all, and one in another page.
#[test]
fn all_records_that_trap_are_named() {
    let broken = [0, 1, 2, 4, 300, 301, 599];
    for collection in ["texts", "points", "array", "slab"] {
        let (trapped, text) = rehearsed(collection, 600, &broken, 6);
        let named = [parts(&trapped["records"]), parts(&trapped["further"])].concat();
        let numbers = named.iter().map(|parts| match parts.as_object().unwrap().values().next() {
            Some(Value::Array(key)) => key[1].as_str().unwrap()[6..].parse().unwrap(),
            Some(number) => number.as_u64().unwrap(),
            None => panic!("{named:?}"),
        });
        // A sweep continues where the last one stopped, so it may meet them in another order.
        let mut numbers: Vec<u64> = numbers.collect();
        numbers.sort_unstable();
        assert_eq!(numbers, broken, "{collection}: {trapped:#}");
        let lines = text.lines().filter(|line| line.contains(" cannot be converted"));
        let lines = lines.filter(|line| line.starts_with(&format!("    {collection}: ")));
        assert_eq!(lines.count(), broken.len(), "{text}");
        assert_eq!(trapped["may_be_more"], false, "{trapped:#}");
    }
}

/// A value in overflow pages, between others in the same leaf.
#[test]
fn a_large_record_that_traps_is_named() {
    for collection in ["texts", "hashed", "lines", "nested"] {
        let (trapped, _) = rehearsed(collection, 200, &[77], 20_000);
        assert_eq!(trapped["is_certain"], true, "{collection}: {trapped:#}");
        let named = parts(&trapped["records"]);
        let expected = match collection {
            "hashed" => json!({"key": "key 77"}),
            "lines" => json!({"index": 77}),
            "nested" => json!({"key": 2, "item": 77}),
            _ => json!({"key": 77}),
        };
        assert_eq!(named, [expected], "{trapped:#}");
    }
}

/// If all records trap, a few are named.
#[test]
fn no_more_than_a_few_records_are_named() {
    let all: Vec<u64> = (0..600).collect();
    for collection in ["texts", "array"] {
        let (trapped, text) = rehearsed(collection, 600, &all, 6);
        let (records, further) = (parts(&trapped["records"]), parts(&trapped["further"]));
        assert!((20..=40).contains(&(records.len() + further.len())), "{collection}: {trapped:#}");
        assert_eq!(trapped["may_be_more"], true, "{trapped:#}");
        assert!(text.contains("\n    there may be more of them\n"), "{text}");
    }
}
