//! A node of a network with one canister, and a folder with the key of its controller.

use std::sync::MutexGuard;

pub use graven_node::ID as CANISTER;
use graven_node::{KEY, controlled, write};
use graven_testkit::Canister;
use serde_json::Value;

use crate::rehearse::wasms;
use crate::support::{Folder, Said};

pub struct Node {
    node: graven_node::Node,
    pub folder: Folder,
}

impl Node {
    /// Serves the second version of the explored canister.
    pub fn new(count: u64) -> Node {
        Node::of(controlled(&wasms(), count))
    }

    pub fn of(canister: Canister) -> Node {
        let folder = Folder::new();
        folder.write("key.pem", KEY.as_bytes());
        Node { node: graven_node::Node::of(canister), folder }
    }

    pub fn canister(&self) -> MutexGuard<'_, Canister> {
        self.node.canister()
    }

    pub fn sent(&self) -> u64 {
        self.node.sent()
    }

    /// Lets the canister execute an update after so many requests more.
    pub fn work_after_requests(&self, count: u64) {
        self.node.work_after(count, write);
    }

    pub fn url(&self) -> String {
        self.node.url()
    }

    /// Lets the node sign with keys that are not those of its network.
    pub fn forge(&self) {
        self.node.forge();
    }

    /// Explores without a look at the signatures of queries, which takes time.
    pub fn run(&self, words: &[&str]) -> Said {
        self.run_verified(&[&["--unverified"], words].concat())
    }

    pub fn run_verified(&self, words: &[&str]) -> Said {
        self.folder.run(&[&["explore", CANISTER, "--network", &self.url()], words].concat())
    }

    /// Runs a command that reads images on this canister, as the controller.
    pub fn look(&self, command: &str, words: &[&str]) -> Said {
        let (url, input) = (self.url(), format!("ic:{CANISTER}"));
        let way = ["--network", &url, "--unverified", "--identity", "key.pem"];
        self.folder.run(&[&[command, &input], words, &way].concat())
    }

    /// Runs as the controller. Returns the answer.
    pub fn ask(&self, words: &[&str]) -> Value {
        let said = self.run(&[&["--identity", "key.pem", "--json"], words].concat());
        assert_eq!(said.code, 0, "{said:?}");
        serde_json::from_str(&said.out).unwrap()
    }
}
