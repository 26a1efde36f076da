//! Serves canisters for the test of the explorer's page, until its input ends. The first line that
//! it prints says in JSON where they are. After a line `write`, one of them writes.

use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;

use graven_node::{ID, KEY, Node, OTHER_KEY, controlled, open, unexplored, write};

/// The users of a canister.
const USERS: u64 = 20_000;

fn main() {
    let wasms: PathBuf = std::env::args_os().nth(1).expect("usage: explorer-node CANISTERS").into();
    let [open, controlled, unexplored] =
        [open(&wasms, USERS), controlled(&wasms, USERS), unexplored(&wasms)].map(Node::of);
    let places = serde_json::json!({
        "id": ID, "users": USERS, "keys": [KEY, OTHER_KEY],
        "open": open.url(), "controlled": controlled.url(), "unexplored": unexplored.url(),
    });
    say(&places.to_string());
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        if line == "write" {
            write(&mut controlled.canister());
            say("written");
        }
    }
}

fn say(line: &str) {
    println!("{line}");
    io::stdout().flush().expect("the test reads");
}
