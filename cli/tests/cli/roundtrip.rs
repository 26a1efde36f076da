//! The command reads back exactly what the derive writes into a wasm.

use graven::{BTreeMap, Cell, Schema, StableLayout};
use graven_core::store::section::{parse, to_vec};

use crate::schemas::{first, forgetful, names, second, third};

#[test]
fn derived_histories_are_read_back() {
    let schemas = [
        first::Forum::ROOTS,
        second::Forum::ROOTS,
        third::Forum::ROOTS,
        forgetful::Forum::ROOTS,
        names::Generic::ROOTS,
    ];
    for roots in schemas {
        let bytes = to_vec(roots, &[]);
        let read = parse(&bytes).unwrap();
        assert_eq!(format!("{:?}", read.roots), format!("{roots:?}"));
        assert_eq!(to_vec(&read.roots, &read.dropped), bytes);
    }
}

#[derive(StableLayout)]
#[layout(version = 1)]
#[allow(dead_code)]
struct Place {
    name: String,
    zip: u16,
    tags: Vec<String>,
}

#[graven::store]
struct Towns {
    limit: Cell<u64>,
    places: BTreeMap<u32, Place>,
}

/// The example in section 16 is what is written.
#[test]
fn the_example_of_the_document() {
    let document = include_str!("../../../docs/format.md");
    let section = document.split("## 16. ").nth(1).unwrap().split("```text\n").nth(1).unwrap();
    let example = section.split("```").next().unwrap();
    let is_byte = |word: &&str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = example.lines().flat_map(|line| line.split_whitespace().take_while(is_byte));
    let bytes: Vec<u8> = words.map(|word| u8::from_str_radix(word, 16).unwrap()).collect();
    assert_eq!(to_vec(Towns::ROOTS, &[]), bytes);
}
