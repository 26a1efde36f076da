//! `rehearse IMAGE NEW.wasm`, on memories that canisters of the tests have written.

use std::fs::File;
use std::path::PathBuf;

use graven_testkit::Canister;
use serde_json::{Value, json};

use crate::support::{Folder, Said};

/// Returns the folder of the canisters of the tests.
pub fn wasms() -> PathBuf {
    let folder = std::env::var_os("GRAVEN_WASM_DIR");
    folder
        .expect("GRAVEN_WASM_DIR is not set: run `cargo xtask test`, which builds the canisters and sets it")
        .into()
}

/// Returns the path of a canister of the tests.
pub fn canister(name: &str) -> String {
    wasms().join(format!("{name}.wasm")).display().to_string()
}

fn wasm(name: &str) -> Vec<u8> {
    let path = canister(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the first version with some records.
pub fn filled(count: u64, broken: Option<u64>) -> Canister {
    let mut canister = Canister::install(&wasm("explored-v1"), ()).unwrap();
    canister.update::<_, ()>("fill", (count,)).unwrap();
    if let Some(id) = broken {
        canister.update::<_, ()>("write_broken", (id,)).unwrap();
    }
    canister
}

/// Runs a rehearsal of the second version, with JSON, and checks that it did not touch the memory.
fn rehearsed(folder: &Folder, words: &[&str]) -> (i32, Value) {
    let before = std::fs::read(folder.path("memory.bin")).unwrap();
    let new = canister("explored-v2");
    let words = [&["rehearse", "memory.bin", &new, "--json"], words].concat();
    let said = folder.run(&words);
    assert!(std::fs::read(folder.path("memory.bin")).unwrap() == before, "the memory was written");
    let answer = serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {said:?}"));
    (said.code, answer)
}

#[test]
fn figures_are_those_of_an_upgrade_in_the_testkit() {
    let mut canister = filled(3_000, None);
    let folder = Folder::new();
    folder.write("memory.bin", &canister.stable_image());
    let (code, answer) = rehearsed(&folder, &["--sweep"]);
    assert_eq!(code, 0, "{answer:#}");

    let upgrade = canister.upgrade(&wasm("explored-v2"), ());
    assert!(upgrade.is_ok() && upgrade.instructions() > 0 && upgrade.usage.stable_pages > 0);
    let figures = &answer["upgrade"];
    assert_eq!(figures["instructions"], upgrade.instructions());
    assert_eq!(figures["compilation"], upgrade.compilation);
    assert_eq!(figures["stable_pages"], upgrade.usage.stable_pages);
    assert_eq!(figures["heap_pages"], upgrade.usage.heap_pages);
    assert_eq!(figures["stable_bytes_read"], upgrade.usage.stable.bytes_read);

    let (mut messages, mut instructions) = (0, 0);
    while let Some(outcome) = canister.fire_timer() {
        for phase in outcome.phases.iter().filter(|phase| phase.name.contains("timer_executor")) {
            (messages, instructions) = (messages + 1, instructions + phase.usage.instructions);
        }
    }
    assert!(messages > 2, "{messages}");
    assert_eq!(answer["sweep"]["messages"], messages);
    assert_eq!(answer["sweep"]["instructions"], instructions);
    assert_eq!(answer["sweep"]["ending"], "done");
}

#[test]
fn says_what_each_root_becomes() {
    let folder = Folder::new();
    folder.write("memory.bin", &filled(2_000, None).stable_image());
    let notes = |answer: &Value| {
        let roots = answer["roots"].as_array().unwrap();
        roots.iter().find(|root| root["name"] == "notes").unwrap().clone()
    };
    let (_, answer) = rehearsed(&folder, &[]);
    let (old, new) = (&notes(&answer)["layouts"][0], &notes(&answer)["layouts"][1]);
    let before = old["pages_before"].as_u64().unwrap();
    assert!(before > 10 && old["pages_after"] == before, "an upgrade moves nothing: {old}");
    assert_eq!(notes(&answer)["converted"], Value::Null);
    assert_eq!((&new["version"], &new["pages_after"]), (&json!(2), &json!(0)));

    let (_, answer) = rehearsed(&folder, &["--sweep"]);
    let (old, new) = (&notes(&answer)["layouts"][0], &notes(&answer)["layouts"][1]);
    assert_eq!((&old["pages_before"], &old["pages_after"]), (&json!(before), &json!(0)));
    assert!(new["pages_after"].as_u64().unwrap() > 10, "{new}");
    assert_eq!(notes(&answer)["converted"], 2_000);
    let index = answer["roots"].as_array().unwrap().iter().find(|root| root["name"] == "users.karma");
    assert_eq!(index.unwrap()["before"], Value::Null);
    assert_eq!(index.unwrap()["after"]["entries"], 2_000);

    let said = folder.run(&["rehearse", "memory.bin", &canister("explored-v2"), "--sweep"]);
    assert_eq!(said.code, 0);
    for line in [
        "accepted: ",
        "notes: BTreeMap<u64, Note>  (2,000 entries, ",
        "pages, 2,000 records converted)\n",
        "\nsweep done: ",
    ] {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
    // The name of a root may have characters that a terminal would obey.
    assert!(said.out.contains("odd \"name\" \\ of two lines: HashMap<String, u32>"), "{}", said.out);
}

#[test]
fn a_snapshot_is_a_folder() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("snapshot")).unwrap();
    folder.write("snapshot/stable_memory.bin", &filled(10, None).stable_image());
    let said = folder.run(&["rehearse", "snapshot", &canister("explored-v2")]);
    assert!(said.code == 0 && said.out.starts_with("accepted: "), "{said:?}");
}

#[test]
fn a_refusal_has_the_words_of_the_canister() {
    let mut canister = filled(500, None);
    canister.upgrade(&wasm("explored-v2"), ()).unwrap();
    canister.fire_due_timers().into_iter().for_each(|outcome| outcome.unwrap());
    let folder = Folder::new();
    folder.write("memory.bin", &canister.stable_image());
    let said = folder.run(&["rehearse", "memory.bin", &self::canister("explored-v1"), "--sweep"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.starts_with("refused: "), "{}", said.out);
    let reject = canister.upgrade(&wasm("explored-v1"), ()).unwrap_err();
    assert!(said.out.contains(reject.to_string().trim_end()), "{}\n{reject}", said.out);
    // A memory of something else is refused by the code, not by the tool.
    folder.write("memory.bin", &[7; 65_536]);
    let (code, answer) = rehearsed(&folder, &[]);
    assert!(code == 1 && answer["upgrade"]["refused"].is_string(), "{answer:#}");
}

#[test]
fn calls_of_a_script_have_types_and_costs() {
    let folder = Folder::new();
    folder.write("memory.bin", &filled(100, None).stable_image());
    folder.write(
        "forum.did",
        b"service : (text) -> { write : (nat64, text) -> (variant { Ok : nat64; Err : text }); \
        look : (nat64) -> (opt nat64, opt nat32) query; greeting : () -> (text) query }",
    );
    let script =
        "# calls\n\nquery greeting\nupdate write (7, \"seven\")\nquery look(7)\nquery look (1_000)\n";
    folder.write("calls.txt", script.as_bytes());
    let words = ["--script", "calls.txt", "--candid", "forum.did", "--arg", "(\"good morning\")"];
    let (code, answer) = rehearsed(&folder, &words);
    assert_eq!(code, 0, "{answer:#}");
    let calls = answer["calls"].as_array().unwrap();
    let replies: Vec<_> = calls.iter().map(|call| call["reply"].as_str().unwrap()).collect();
    let expected = [
        "(\"good morning\")",
        "(variant { Ok = 100 : nat64 })",
        "(opt (9 : nat64), opt (5 : nat32))",
        "(null, null)",
    ];
    assert_eq!(replies, expected);
    assert_eq!(calls[1]["line"], 4);
    assert!(calls[1]["stable_pages"].as_u64() > Some(0) && calls[2]["stable_pages"] == 0, "{calls:?}");
    // Without an interface, numbers have the types that the script gives them.
    folder.write("calls.txt", b"query look (7 : nat64)\nquery look (7)\nquery nothing");
    let (code, answer) = rehearsed(&folder, &["--script", "calls.txt"]);
    let calls = answer["calls"].as_array().unwrap();
    assert_eq!((code, &calls[0]["error"], &calls[1]["reply"]), (1, &Value::Null, &Value::Null));
    assert!(calls[2]["error"].as_str().unwrap().contains("no query method 'nothing'"), "{calls:?}");
}

#[test]
fn a_sweep_that_traps_or_skips_is_told() {
    let folder = Folder::new();
    folder.write("memory.bin", &filled(500, Some(77)).stable_image());
    let (code, answer) = rehearsed(&folder, &["--sweep"]);
    assert_eq!((code, &answer["sweep"]["ending"]), (1, &json!("trapped")));
    let trapped = &answer["sweep"]["trapped"][0];
    let why = trapped["why"].as_str().unwrap();
    assert!(why.contains("this note cannot be converted"), "{why}");
    // The page has the record.
    assert_eq!(trapped["place"]["root"], "notes");
    let page = trapped["place"]["page"].as_u64().unwrap() as usize;
    let image = std::fs::read(folder.path("memory.bin")).unwrap();
    let page = &image[4_096 * page..4_096 * (page + 1)];
    assert!(page.windows(6).any(|bytes| bytes == b"broken"));
    let said = folder.run(&["rehearse", "memory.bin", &canister("explored-v2"), "--sweep"]);
    assert!(
        said.out.contains(" of notes:\n    CanisterCalledTrap: Canister called `ic0.trap` with message: "),
        "{}",
        said.out
    );
    // A text that is damaged is skipped, and told by its key.
    let mut image = filled(500, None).stable_image();
    let at = image.windows(8).position(|bytes| bytes == b"note 300").unwrap();
    image[at] = 0xff;
    folder.write("memory.bin", &image);
    let (code, answer) = rehearsed(&folder, &["--sweep"]);
    assert_eq!((code, &answer["sweep"]["ending"]), (1, &json!("done")));
    let skipped = &answer["sweep"]["skipped"];
    assert_eq!((&skipped[0]["root"], &skipped[0]["key"]), (&json!("notes"), &json!("000000000000012c")));
    assert_eq!(skipped.as_array().unwrap().len(), 1, "{skipped}");
    let said = folder.run(&["rehearse", "memory.bin", &canister("explored-v2"), "--sweep"]);
    assert!(said.out.contains("    skipped notes: key 0x000000000000012c: "), "{}", said.out);
}

/// A sparse memory of many gigabytes is not copied.
#[test]
fn a_large_memory_is_read_in_place() {
    let folder = Folder::new();
    folder.write("memory.bin", &filled(100, None).stable_image());
    File::options().write(true).open(folder.path("memory.bin")).unwrap().set_len(100 << 30).unwrap();
    let said = folder.run(&["rehearse", "memory.bin", &canister("explored-v2"), "--sweep"]);
    assert!(said.code == 0 && said.out.contains("sweep done: "), "{said:?}");
}

#[track_caller]
fn assert_usage(said: &Said, word: &str) {
    assert!(said.code == 2 && said.out.is_empty() && said.err.contains(word), "{word}: {said:?}");
    assert_eq!(said.err.trim_end().lines().count(), 1, "{said:?}");
}

#[test]
fn what_cannot_be_rehearsed_is_told_in_one_line() {
    let folder = Folder::new();
    let image = filled(10, None).stable_image();
    folder.write("memory.bin", &image);
    folder.write("cut.bin", &image[..40_000]);
    folder.write("empty.bin", &[]);
    folder.write("text.wasm", b"no wasm");
    folder.write("packed.wasm", &[0x1f, 0x8b, 8, 0]);
    let new = canister("explored-v2");
    let run = |words: &[&str]| folder.run(&[&["rehearse"], words].concat());
    assert_usage(&run(&["none.bin", &new]), "none.bin");
    assert_usage(&run(&["cut.bin", &new]), "whole pages of 64 KiB");
    assert_usage(&run(&["empty.bin", &new]), "whole pages of 64 KiB");
    assert_usage(&run(&[".", &new]), "stable_memory.bin");
    assert_usage(&run(&["memory.bin", "text.wasm"]), "is not a wasm module");
    assert_usage(&run(&["memory.bin", "packed.wasm"]), "gunzip");
    assert_usage(&run(&["memory.bin", &new, "--arg", "(7"]), "--arg");
    folder.write("interface.did", b"service : {");
    assert_usage(&run(&["memory.bin", &new, "--candid", "interface.did"]), "interface.did");
    for (script, word) in [
        ("\nqeury look", "line 2"),
        ("query", "without a method"),
        ("query look (", "line 1"),
        ("query look \"\u{fffd}", "line 1"),
    ] {
        folder.write("calls.txt", script.as_bytes());
        assert_usage(&run(&["memory.bin", &new, "--script", "calls.txt"]), word);
    }
    folder.write("calls.txt", &[0xff]);
    assert_usage(&run(&["memory.bin", &new, "--script", "calls.txt"]), "not text");
    // A module that is cut off is refused by the replica, as any module that does not work.
    let wasm = wasm("explored-v2");
    folder.write("cut.wasm", &wasm[..wasm.len() / 2]);
    let said = run(&["memory.bin", "cut.wasm"]);
    assert!(said.code == 1 && said.out.starts_with("refused: "), "{said:?}");
}
