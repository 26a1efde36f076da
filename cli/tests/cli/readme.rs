//! The examples of the README are what the commands print. `GRAVEN_BLESS=1` writes them anew.

use graven::{DefaultMemoryImpl, Memory, Schema};

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

/// Damages the first leaf of the people: slots that lead beyond the cells.
fn damaged(mut memory: Vec<u8>) -> Vec<u8> {
    let at = memory.windows(15).position(|bytes| bytes == b"340@example.com").unwrap();
    let page = at / 4096 * 4096;
    memory[page + 6] ^= 0x40;
    memory
}

/// Runs the command of a line and returns what it prints.
fn run(folder: &Folder, command: &str) -> String {
    let words = command.strip_prefix("$ cargo graven ").unwrap();
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

#[test]
fn the_examples_are_what_is_printed() {
    let (text, folder) = (std::fs::read_to_string(README).unwrap(), folder());
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
        written.push_str(run(&folder, line).trim_end());
        written.push('\n');
    }
    assert!(count >= 7, "{count} examples");
    if std::env::var_os("GRAVEN_BLESS").is_some() {
        std::fs::write(README, written).unwrap();
        return;
    }
    assert_eq!(written, text, "cli/README.md shows what the commands print: see GRAVEN_BLESS");
}
