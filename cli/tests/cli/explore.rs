//! `explore CANISTER`, over HTTP, with a canister of the testkit and a node that answers for it.

use graven_node::unexplored;
use serde_json::{Value, json};

use crate::node::{CANISTER, Node};
use crate::rehearse::{canister, wasms};

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

/// The node's answers to updates have certificates.
#[test]
fn a_sweep_is_started_and_held_over_the_network() {
    let node = Node::new(3_000);
    let said = node.run(&["--identity", "key.pem", "sweep", "hold"]);
    assert!(said.code == 0 && said.out.starts_with("held: "), "{said:?}");
    assert_eq!(node.ask(&["sweep"])["state"], "held");
    let sweep = |node: &Node| {
        let fired = node.canister().fire_due_timers();
        fired.into_iter().for_each(|outcome| outcome.unwrap());
        node.ask(&["sweep"])
    };
    let old = sweep(&node)["old_pages"].as_u64().unwrap();
    assert!(old > 0);
    assert_eq!(
        node.ask(&["sweep", "start"]),
        json!({
            "state": "running", "old_pages": old, "incomplete_indexes": 1
        })
    );
    assert_eq!(sweep(&node), json!({ "state": "idle", "old_pages": 0, "incomplete_indexes": 0 }));
    let status = node.canister().query::<_, (Option<u64>, Option<u32>)>("look", (7_u64,));
    assert_eq!(status.unwrap().0, Some(3));
}

#[test]
fn a_sweep_is_controlled_only_by_those_who_may() {
    let node = Node::new(3);
    for control in ["start", "hold"] {
        let said = node.run(&["sweep", control]);
        assert!(said.code == 2 && said.err.contains("only a controller may explore"), "{said:?}");
        assert!(said.out.is_empty() && said.err.lines().count() == 1, "{said:?}");
    }
    assert_eq!(node.ask(&["sweep"])["state"], "running");
    // A canister without these calls rejects them.
    let other = Node::of(unexplored(&wasms()));
    let said = other.run(&["--identity", "key.pem", "sweep", "start"]);
    assert!(said.code == 2 && said.err.contains("build it with"), "{said:?}");
}

/// Answers whose signatures are not those of the network are not believed.
#[test]
fn signatures_are_checked() {
    let node = Node::new(500);
    let said = node.run_verified(&["--identity", "key.pem"]);
    assert!(said.code == 0 && said.out.contains("users  500 entries"), "{said:?}");
    let said = node.run_verified(&["--identity", "key.pem", "sweep", "hold"]);
    assert!(said.code == 0 && said.out.starts_with("held: "), "{said:?}");
    node.forge();
    for words in [&["sweep", "start"][..], &["sweep"]] {
        let said = node.run_verified(&[&["--identity", "key.pem"], words].concat());
        assert!(said.code == 2 && said.out.is_empty() && said.err.lines().count() == 1, "{said:?}");
        assert!(said.err.to_lowercase().contains("verification failed"), "{said:?}");
    }
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
    let image = node.canister().stable_image();
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
    let size = node.canister().stable_image().len() as u64;
    let before = node.sent();
    assert_eq!(node.look("get", &["users", "19999"]).code, 0);
    let sent = node.sent() - before;
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
    assert_eq!(node.ask(&["verify"]), json!({ "checked": 3, "damage": [], "uncounted": 0 }));
    {
        let mut canister = node.canister();
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
    let other = Node::of(unexplored(&wasms()));
    refused(&other, &[], "build it with `graven::canister!(…, explorer)`");
    let said = node.folder.run(&["explore", "no canister"]);
    assert!(said.code == 2 && said.err.contains("`no canister` is no canister"), "{said:?}");
    let said = node.folder.run(&["explore", CANISTER, "--network", "http://127.0.0.1:1"]);
    assert!(said.code == 2 && said.err.lines().count() == 1, "{said:?}");
    let said = node.folder.run(&["explore", CANISTER, "--network", "nonsense"]);
    assert!(said.code == 2 && said.err.lines().count() == 1, "{said:?}");
}
