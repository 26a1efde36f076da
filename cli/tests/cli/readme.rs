//! The examples of the README are what the commands print. `GRAVEN_BLESS=1` writes them anew.
//!
//! Those of `rehearse` and `explore` are of canisters of the tests. Numbers of instructions and of
//! pages of the heap depend on the compiler, so they are not compared. The network of `explore` is
//! the node of the tests.

use graven::{DefaultMemoryImpl, Memory, Schema};

use crate::node::Node;
use crate::rehearse::{canister, filled};
use crate::support::Folder;
use crate::town;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Returns a folder with the images that the examples name.
fn folder() -> Folder {
    let (folder, intact) = (Folder::new(), town::memory());
    folder.write("stable_memory.bin", &intact);
    let memory = DefaultMemoryImpl::default();
    memory.grow((intact.len() / 65_536) as u64);
    memory.write(0, &intact);
    let mut town = town::Town::open(memory.clone()).unwrap();
    town.users.remove(&7);
    town.users.insert(3, town::User { name: "Eve".into(), age: 3, karma: 10 });
    town.ages.insert(3, 22);
    drop(town);
    folder.write("today.bin", &memory.borrow());
    folder.write("damaged.bin", &damaged(intact));
    folder.wasm("town.wasm", town::Town::ROOTS);
    folder.write("ages.jsonl", folder.run(&["dump", "stable_memory.bin", "ages"]).out.as_bytes());
    folder
}

/// Returns a folder with the files that the example of `rehearse` names.
fn rehearsal() -> Folder {
    let folder = Folder::new();
    folder.write("stable_memory.bin", &filled(2_000, None).stable_image());
    folder.write("new.wasm", &std::fs::read(canister("explored-v2")).unwrap());
    folder.write("calls.txt", b"update write (7, \"seven\")\nquery look (7)\n");
    folder.write(
        "new.did",
        b"service : { write : (nat64, text) -> (variant { Ok : nat64; Err : text }); \
        look : (nat64) -> (opt nat64, opt nat32) query }",
    );
    folder
}

/// Replaces the numbers of instructions and of pages of the heap.
fn without_instructions(text: &str) -> String {
    let mut words: Vec<&str> = text.split(' ').collect();
    for at in 0..words.len() {
        let is_number = words[at].starts_with(|first: char| first.is_ascii_digit());
        let is_before = words.get(at + 1).is_some_and(|next| next.starts_with("instructions"))
            || words[at + 1..].get(1..4) == Some(&["of", "the", "heap"]);
        if is_number && (is_before || at > 0 && words[at - 1] == "most") {
            words[at] = "N";
        }
    }
    words.join(" ")
}

/// Damages the first leaf of the people: slots that lead beyond the cells.
fn damaged(mut memory: Vec<u8>) -> Vec<u8> {
    let at = memory.windows(15).position(|bytes| bytes == b"340@example.com").unwrap();
    let page = at / 4096 * 4096;
    memory[page + 6] ^= 0x40;
    memory
}

/// The places where the examples run.
struct Places {
    images: Folder,
    rehearsal: Folder,
    node: Node,
}

impl Places {
    /// Runs the command of a line and returns what it prints.
    fn run(&self, command: &str) -> String {
        let words = command.strip_prefix("$ cargo graven ").unwrap();
        let url = self.node.url();
        let (words, folder) = match words.split(' ').next() {
            Some("rehearse") => (words.to_owned(), &self.rehearsal),
            Some("explore") => (words.replace("http://localhost:8000", &url), &self.node.folder),
            _ => (words.to_owned(), &self.images),
        };
        // Words in single quotes may have spaces.
        let mut parts = words.split('\'');
        let mut arguments: Vec<String> = Vec::new();
        while let Some(plain) = parts.next() {
            arguments.extend(plain.split_whitespace().map(str::to_owned));
            arguments.extend(parts.next().map(str::to_owned));
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = folder.run(&arguments);
        assert!(said.code < 2, "{command}: {said:?}");
        said.out
    }
}

#[test]
fn the_examples_are_what_is_printed() {
    let text = std::fs::read_to_string(README).unwrap();
    let places = Places { images: folder(), rehearsal: rehearsal(), node: Node::new(500) };
    let (mut written, mut lines, mut count) = (String::new(), text.lines().peekable(), 0);
    let mut is_example = false;
    while let Some(line) = lines.next() {
        written.push_str(line);
        written.push('\n');
        is_example = line == "```console" || is_example && line != "```";
        if !(is_example && line.starts_with("$ cargo graven")) {
            continue;
        }
        count += 1;
        while lines.peek().is_some_and(|next| *next != "```" && !next.starts_with('$')) {
            lines.next();
        }
        // The end of a block needs no empty line before it.
        written.push_str(places.run(line).trim_end());
        written.push('\n');
    }
    assert!(count >= 14, "{count} examples");
    if std::env::var_os("GRAVEN_BLESS").is_some() {
        std::fs::write(README, written).unwrap();
        return;
    }
    let (written, text) = (without_instructions(&written), without_instructions(&text));
    assert_eq!(written, text, "cli/README.md shows what the commands print: see GRAVEN_BLESS");
}
